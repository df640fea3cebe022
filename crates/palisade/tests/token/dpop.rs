//! DPoP proofs (RFC 9449, section 4.3).

use serde_json::{Value, json};

use crate::support::{Draft, KEYS, LEEWAY, NOW, b64, dpop, run, sha256};

/// RFC 7638, written once more, by other means.
fn thumbprint(jwk: &Value) -> String {
    let members = ["crv", "e", "kty", "n", "x", "y"];
    let members = members.iter().filter_map(|name| jwk.get(*name).map(|value| format!("\"{name}\":{value}")));
    b64(sha256(format!("{{{}}}", members.collect::<Vec<_>>().join(","))))
}

#[test]
fn the_key_is_the_headers() {
    for key in [&KEYS.p256, &KEYS.ed25519, &KEYS.rsa, &KEYS.other_p256] {
        let draft = dpop().signed_by(key).header("jwk", key.bare_jwk());
        assert_eq!(draft.verdict(), "accept", "{}", key.kid);
    }
    let draft = dpop().signed_by(&KEYS.rsa).alg("PS256").header("jwk", KEYS.rsa.bare_jwk());
    assert_eq!(draft.verdict(), "accept");
    assert_eq!(Draft { key: &KEYS.other_p256, ..dpop() }.verdict(), "signature");
    assert_eq!(dpop().without_header("jwk").verdict(), "jwk");
    let configured = dpop().without_header("jwk").header("kid", "p256").keys(crate::support::key_set());
    assert_eq!(configured.verdict(), "jwk");
}

#[test]
fn an_algorithm_the_profile_does_not_list_is_refused() {
    let draft = dpop().signed_by(&KEYS.p384).header("jwk", KEYS.p384.bare_jwk());
    assert_eq!(draft.verdict(), "alg-not-allowed");
    let draft = dpop().signed_by(&KEYS.secret).header("jwk", KEYS.secret.bare_jwk());
    assert_eq!(draft.verdict(), "alg-not-allowed");
}

#[test]
fn the_key_is_public() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let mut jwk = KEYS.p256.bare_jwk();
        jwk[name] = json!(b64([1; 32]));
        assert_eq!(dpop().header("jwk", jwk.clone()).verdict(), "jwk", "{name}");
        jwk[name] = json!(null);
        assert_eq!(dpop().header("jwk", jwk).verdict(), "jwk", "{name}");
    }
    assert_eq!(dpop().header("jwk", KEYS.secret.bare_jwk()).verdict(), "jwk");
}

#[test]
fn the_key_is_well_formed_and_fits() {
    for jwk in [json!(null), json!("x"), json!([]), json!({}), json!({"kty": "EC"}), json!({"kty": "none"})] {
        assert_eq!(dpop().header("jwk", jwk.clone()).verdict(), "jwk", "{jwk}");
    }
    assert_eq!(dpop().header("jwk", KEYS.rsa.bare_jwk()).verdict(), "key-unfit");
    for (name, value) in [("alg", json!("RS256")), ("use", json!("enc")), ("key_ops", json!(["sign"]))] {
        let mut jwk = KEYS.p256.bare_jwk();
        jwk[name] = value;
        assert_eq!(dpop().header("jwk", jwk).verdict(), "key-unfit", "{name}");
    }
}

#[test]
fn a_proof_is_made_for_one_method() {
    for method in ["post", "GET", "", "POST "] {
        assert_eq!(dpop().claim("htm", method).verdict(), "claim-mismatch", "{method}");
    }
}

#[test]
fn a_proof_is_made_for_one_uri() {
    for uri in [
        "https://api.test/items",
        "https://api.test/items?a=b",
        "https://api.test/items#f",
        "HTTPS://API.TEST:443/items",
        "https://api.test/x/../items",
        "https://api.test/%69tems",
    ] {
        assert_eq!(dpop().claim("htu", uri).verdict(), "accept", "{uri}");
        assert_eq!(dpop().context("htu", uri).verdict(), "accept", "{uri}");
    }
    for uri in
        ["https://api.test/Items", "http://api.test/items", "https://api.test/items/", "https://api.test"]
    {
        assert_eq!(dpop().claim("htu", uri).verdict(), "claim-mismatch", "{uri}");
    }
    for uri in ["", "/items", "api.test/items", "https://u@api.test/items", "https://api.test/%"] {
        assert_eq!(dpop().claim("htu", uri).verdict(), "claim-malformed", "{uri}");
    }
}

#[test]
fn without_the_request_a_proof_proves_nothing() {
    for name in ["htm", "htu"] {
        let mut draft = dpop();
        draft.context.as_object_mut().unwrap().remove(name);
        assert_eq!(draft.verdict(), "context-missing", "{name}");
    }
    assert_eq!(dpop().context("htu", "not a uri").verdict(), "context-missing");
}

#[test]
fn a_proof_is_fresh() {
    assert_eq!(dpop().claim("iat", NOW - 300).verdict(), "accept");
    assert_eq!(dpop().claim("iat", NOW - 301).verdict(), "too-old");
    assert_eq!(dpop().claim("iat", NOW as f64 - 300.5).verdict(), "too-old");
    assert_eq!(dpop().claim("iat", NOW + LEEWAY).verdict(), "accept");
    assert_eq!(dpop().claim("iat", NOW + LEEWAY + 1).verdict(), "issued-in-future");
}

#[test]
fn ath_is_the_hash_of_the_access_token() {
    let draft = dpop().context("access_token", "the-token");
    assert_eq!(draft.verdict(), "claim-missing");
    assert_eq!(draft.clone().claim("ath", b64(sha256("the-token"))).verdict(), "accept");
    assert_eq!(draft.clone().claim("ath", b64(sha256("another"))).verdict(), "claim-mismatch");
    assert_eq!(draft.claim("ath", format!("{}=", b64(sha256("the-token")))).verdict(), "claim-mismatch");
    assert_eq!(
        dpop().claim("ath", b64(sha256("any"))).verdict(),
        "accept",
        "no access token, nothing to compare"
    );
    assert_eq!(dpop().claim("ath", 1).verdict(), "claim-malformed");
}

#[test]
fn the_key_is_the_one_the_access_token_is_bound_to() {
    for key in [&KEYS.p256, &KEYS.ed25519, &KEYS.rsa] {
        let draft = dpop().signed_by(key).header("jwk", key.bare_jwk());
        assert_eq!(
            draft.clone().context("jkt", thumbprint(&key.bare_jwk())).verdict(),
            "accept",
            "{}",
            key.kid
        );
        let other = thumbprint(&KEYS.other_p256.bare_jwk());
        assert_eq!(draft.context("jkt", other).verdict(), "claim-mismatch", "{}", key.kid);
    }
}

#[test]
fn nonce_is_the_one_that_was_handed_out() {
    let draft = dpop().context("nonce", "n1");
    assert_eq!(draft.verdict(), "claim-missing");
    assert_eq!(draft.clone().claim("nonce", "n1").verdict(), "accept");
    assert_eq!(draft.claim("nonce", "n2").verdict(), "claim-mismatch");
    assert_eq!(dpop().claim("nonce", "n2").verdict(), "accept", "none was handed out");
}

#[test]
fn a_proof_is_used_once_for_one_uri() {
    let elsewhere = dpop().claim("htu", "https://api.test/other").context("htu", "https://api.test/other");
    let same = dpop().claim("htu", "https://api.test/items?again");
    let verdicts = run(&[dpop().line(), dpop().line(), same.line(), elsewhere.line()]);
    assert_eq!(verdicts, ["accept", "replayed", "replayed", "accept"]);
    assert_eq!(dpop().claim("jti", "").verdict(), "claim-malformed");
}
