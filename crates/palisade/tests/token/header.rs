//! The header: `alg`, `typ`, `crit`, `b64`, `kid`, and the members that must not matter.

use serde_json::{Value, json};

use crate::support::{
    KEYS, access_token, client_assertion, client_secret_jwt, dpop, every_kind, id_token, key_set_of,
};

#[test]
fn each_algorithm_is_accepted_where_its_profile_allows_it() {
    for key in [&KEYS.ed25519, &KEYS.p256, &KEYS.p384, &KEYS.rsa] {
        assert_eq!(access_token().signed_by(key).verdict(), "accept", "{}", key.kid);
        assert_eq!(id_token().signed_by(key).verdict(), "accept", "{}", key.kid);
    }
    assert_eq!(access_token().signed_by(&KEYS.rsa).alg("PS256").verdict(), "accept");
    assert_eq!(client_assertion().signed_by(&KEYS.rsa).alg("PS256").verdict(), "accept");
    for key in [&KEYS.ed25519, &KEYS.p384, &KEYS.rsa] {
        assert_eq!(client_assertion().signed_by(key).verdict(), "alg-not-allowed", "{}", key.kid);
    }
}

#[test]
fn alg_none_is_refused() {
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let draft = access_token().alg(none);
        let token = draft.token();
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(draft.verdict_of(&format!("{signed}.")), "alg-not-allowed", "{none:?}");
        assert_eq!(draft.verdict(), "alg-not-allowed", "{none:?}");
    }
}

#[test]
fn alg_is_compared_exactly() {
    for alg in ["eddsa", "EDDSA", "EdDSA ", " EdDSA", "Ed25519", "EdDSA\0", "ES256K", "RS1", "HS256"] {
        assert_eq!(access_token().alg(alg).verdict(), "alg-not-allowed", "{alg:?}");
    }
}

#[test]
fn alg_is_a_string_and_is_there() {
    for alg in [json!(null), json!(1), json!(["EdDSA"]), json!({"alg": "EdDSA"}), json!(true)] {
        assert_eq!(access_token().header("alg", alg).verdict(), "header-malformed");
    }
    assert_eq!(access_token().without_header("alg").verdict(), "alg-missing");
}

#[test]
fn hs256_with_the_public_key_as_the_secret_is_refused() {
    use aws_lc_rs::{encoding::AsDer, hmac, signature::KeyPair};
    let crate::support::Private::Rsa(pair) = &KEYS.rsa.private else { unreachable!() };
    let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let jwk = KEYS.rsa.jwk().to_string();
    for secret in [der.as_ref(), jwk.as_bytes(), pair.public_key().as_ref()] {
        let draft = access_token().without_header("typ").signed_by(&KEYS.rsa).alg("HS256");
        let token = draft.token();
        let (signed, _) = token.rsplit_once('.').unwrap();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        let forged = format!("{signed}.{}", crate::support::b64(tag));
        assert_eq!(draft.verdict_of(&forged), "alg-not-allowed");
        let with_secret_profile = client_secret_jwt().keys(key_set_of(&[&KEYS.rsa]));
        assert_eq!(with_secret_profile.verdict_of(&forged), "key-unfit");
    }
}

#[test]
fn typ_is_the_one_of_its_kind() {
    let right = ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt", "APPLICATION/at+jwt"];
    for typ in right {
        assert_eq!(access_token().header("typ", typ).verdict(), "accept", "{typ}");
    }
    let wrong = [
        "JWT",
        "",
        "at+jw",
        "at+jwt ",
        "application/",
        "application/application/at+jwt",
        "text/at+jwt",
        "x/at+jwt",
        "at+jwt; charset=utf-8",
        "logout+jwt",
        "application/JWT",
        "\u{212A}",
    ];
    for typ in wrong {
        assert_eq!(access_token().header("typ", typ).verdict(), "typ", "{typ:?}");
    }
    assert_eq!(access_token().without_header("typ").verdict(), "typ");
}

#[test]
fn typ_may_be_absent_only_where_the_profile_says_so() {
    for draft in every_kind() {
        let may =
            ["id_token", "client_assertion", "client_secret_jwt", "request_object"].contains(&draft.profile);
        let expected = if may { "accept" } else { "typ" };
        assert_eq!(draft.clone().without_header("typ").verdict(), expected, "{}", draft.profile);
        assert_eq!(draft.clone().header("typ", "jwt").verdict(), expected, "{}", draft.profile);
        assert_eq!(draft.clone().header("typ", "").verdict(), "typ", "{}", draft.profile);
    }
}

#[test]
fn typ_is_a_string() {
    for typ in [json!(null), json!(7), json!(["at+jwt"])] {
        assert_eq!(access_token().header("typ", typ.clone()).verdict(), "header-malformed");
        assert_eq!(id_token().header("typ", typ).verdict(), "header-malformed");
    }
}

#[test]
fn a_token_of_one_kind_is_none_of_another() {
    let kinds = every_kind();
    for draft in &kinds {
        for other in &kinds {
            let own = draft.profile == other.profile;
            let verdict = draft.verdict_of(&other.token());
            assert_eq!(verdict == "accept", own, "{} as {}: {verdict}", other.profile, draft.profile);
        }
    }
}

#[test]
fn crit_is_refused_whatever_it_names() {
    for name in ["exp", "b64", "urn:example:unknown", "alg", ""] {
        let draft = access_token().header("crit", json!([name])).header(name, true);
        assert_ne!(draft.verdict(), "accept", "{name}");
        let draft = access_token().header("crit", json!([name]));
        assert_eq!(draft.verdict(), "crit", "{name}");
    }
    assert_eq!(access_token().header("crit", json!(["exp"])).header("exp", 1).verdict(), "crit");
}

#[test]
fn crit_that_is_no_list_of_names_is_refused() {
    for critical in
        [json!([]), json!(null), json!("exp"), json!({}), json!(true), json!([1]), json!([["x"]]), json!(0)]
    {
        assert_eq!(access_token().header("crit", critical.clone()).verdict(), "crit", "{critical}");
    }
}

#[test]
fn b64_false_is_refused_with_and_without_crit() {
    for b64 in [json!(false), json!(null), json!("true"), json!(0), json!([])] {
        assert_eq!(access_token().header("b64", b64.clone()).verdict(), "b64", "{b64}");
    }
    assert_eq!(access_token().header("b64", false).header("crit", json!(["b64"])).verdict(), "crit");
    assert_eq!(access_token().header("b64", true).verdict(), "accept");
    let draft = access_token().header("b64", false).header("crit", json!(["b64"]));
    let signed = format!("{}.{}", crate::support::b64(json!(draft.header).to_string()), json!(draft.claims));
    let signature = crate::support::b64(draft.key.sign("EdDSA", signed.as_bytes()));
    assert_ne!(draft.verdict_of(&format!("{signed}.{signature}")), "accept");
}

#[test]
fn members_nobody_knows_are_ignored_whatever_their_type() {
    for value in
        [json!(null), json!(1.5), json!(true), json!([{"a": []}]), json!({"b": {"c": null}}), json!("")]
    {
        let mut draft = access_token();
        for name in ["x", "zip", "cty", "enc", "iss", "exp", "x5t#S256", "ppt", "nonce"] {
            draft = draft.header(name, value.clone());
        }
        assert_eq!(draft.verdict(), "accept", "{value}");
    }
}

#[test]
fn an_injected_jwk_is_not_believed() {
    let forged = access_token().header("jwk", KEYS.other_ed25519.jwk());
    let forged = crate::support::Draft { key: &KEYS.other_ed25519, ..forged };
    assert_eq!(forged.verdict(), "signature");
    assert_eq!(forged.clone().without_header("kid").verdict(), "signature");
    assert_eq!(forged.header("kid", KEYS.other_ed25519.kid).verdict(), "key-unknown");
}

#[test]
fn keys_named_by_url_or_certificate_are_not_believed_and_not_minded() {
    let references = [
        ("jwk", KEYS.other_ed25519.jwk()),
        ("jku", json!("https://attacker.test/keys")),
        ("jku", json!("file:///etc/passwd")),
        ("x5u", json!("https://attacker.test/cert")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("abc")),
        ("x5c", json!(17)),
        ("jwk", json!("no key")),
    ];
    for (name, value) in references {
        assert_eq!(access_token().header(name, value.clone()).verdict(), "accept", "{name}");
        let forged = crate::support::Draft { key: &KEYS.other_ed25519, ..access_token().header(name, value) };
        assert_eq!(forged.verdict(), "signature", "{name}");
    }
}

#[test]
fn kid_names_the_key() {
    assert_eq!(access_token().header("kid", "p256").verdict(), "key-unfit");
    assert_eq!(access_token().header("kid", "ED").verdict(), "key-unknown");
    assert_eq!(access_token().header("kid", "").verdict(), "key-unknown");
    let two = key_set_of(&[&KEYS.ed25519, &KEYS.other_ed25519]);
    assert_eq!(access_token().keys(two.clone()).verdict(), "accept");
    assert_eq!(access_token().keys(two).header("kid", KEYS.other_ed25519.kid).verdict(), "signature");
}

#[test]
fn kid_is_only_a_name() {
    for kid in [
        "../../../../etc/passwd",
        "/dev/null",
        "' OR 1=1 --",
        "ed\0",
        "https://attacker.test/",
        "ed|id",
        "ed ",
    ] {
        assert_eq!(access_token().header("kid", kid).verdict(), "key-unknown", "{kid:?}");
    }
}

#[test]
fn kid_is_a_string() {
    for kid in [json!(null), json!(0), json!(["ed"]), json!({}), json!(false)] {
        assert_eq!(access_token().header("kid", kid.clone()).verdict(), "header-malformed", "{kid}");
        assert_eq!(dpop().header("kid", kid.clone()).verdict(), "header-malformed", "{kid}");
    }
}

#[test]
fn without_kid_exactly_one_key_must_fit() {
    assert_eq!(access_token().without_header("kid").verdict(), "accept");
    let two = key_set_of(&[&KEYS.ed25519, &KEYS.other_ed25519]);
    assert_eq!(access_token().without_header("kid").keys(two.clone()).verdict(), "key-ambiguous");
    let mut restricted = two;
    restricted["keys"][1]["use"] = Value::from("enc");
    assert_eq!(access_token().without_header("kid").keys(restricted).verdict(), "accept");
    assert_eq!(access_token().without_header("kid").keys(key_set_of(&[&KEYS.p256])).verdict(), "key-unfit");
    assert_eq!(access_token().without_header("kid").keys(key_set_of(&[])).verdict(), "key-unknown");
}
