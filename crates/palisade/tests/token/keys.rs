//! Key sets: which keys are usable, which one a token means, and that one odd key does not spoil the others.

use palisade::token::{InvalidKeySet, KeySet, UnusableKey};
use serde_json::{Value, json};

use crate::support::{Draft, KEYS, access_token, b64, client_secret_jwt, id_token, key_set_of, unb64};

/// A key of `access_token()` with one member changed, and what becomes of the token.
fn with(member: &str, value: Value) -> String {
    with_key(access_token(), KEYS.ed25519.jwk(), member, value)
}

fn with_key(draft: Draft, mut jwk: Value, member: &str, value: Value) -> String {
    jwk[member] = value;
    draft.keys(json!({"keys": [jwk]})).verdict()
}

#[test]
fn the_keys_own_alg_must_be_the_tokens() {
    assert_eq!(with("alg", json!("EdDSA")), "accept");
    for alg in ["ES256", "RS256", "eddsa", "Ed25519", "none", ""] {
        assert_eq!(with("alg", json!(alg)), "key-unfit", "{alg}");
    }
    let rsa = || access_token().signed_by(&KEYS.rsa);
    assert_eq!(with_key(rsa(), KEYS.rsa.jwk(), "alg", json!("PS256")), "key-unfit");
    assert_eq!(with_key(rsa().alg("PS256"), KEYS.rsa.jwk(), "alg", json!("PS256")), "accept");
}

#[test]
fn a_key_for_encryption_verifies_nothing() {
    assert_eq!(with("use", json!("sig")), "accept");
    for usage in ["enc", "SIG", "", "signature"] {
        assert_eq!(with("use", json!(usage)), "key-unfit", "{usage}");
    }
}

#[test]
fn key_ops_must_hold_verify() {
    assert_eq!(with("key_ops", json!(["verify"])), "accept");
    assert_eq!(with("key_ops", json!(["sign", "verify"])), "accept");
    for operations in [json!([]), json!(["sign"]), json!(["encrypt", "decrypt"]), json!(["VERIFY"])] {
        assert_eq!(with("key_ops", operations.clone()), "key-unfit", "{operations}");
    }
}

#[test]
fn the_kind_of_key_must_be_the_algorithms() {
    let keys = [&KEYS.ed25519, &KEYS.p256, &KEYS.p384, &KEYS.rsa];
    for (key, named) in keys.iter().flat_map(|key| keys.iter().map(move |named| (key, named))) {
        let verdict = access_token().signed_by(key).header("kid", named.kid).verdict();
        assert_eq!(
            verdict,
            if key.kid == named.kid { "accept" } else { "key-unfit" },
            "{} {}",
            key.kid,
            named.kid
        );
    }
}

#[test]
fn a_secret_does_not_fit_where_a_public_key_is_meant() {
    let draft = access_token().keys(json!({"keys": [{"kty": "oct", "k": b64([7; 32]), "kid": "ed"}]}));
    assert_eq!(draft.verdict(), "key-unfit");
}

#[test]
fn a_malformed_key_is_skipped_and_the_rest_is_kept() {
    let odd = [
        json!(null),
        json!(1),
        json!("key"),
        json!([]),
        json!({}),
        json!({"kty": null}),
        json!({"kty": 3}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        json!({"kty": "OKP", "crv": "Ed448", "x": b64([1; 57])}),
        json!({"kty": "OKP", "crv": "X25519", "x": b64([1; 32])}),
        json!({"kty": "OKP", "crv": "Ed25519"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": 5}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": "!!"}),
        json!({"kty": "OKP", "x": b64([1; 32])}),
        json!({"kty": "EC", "crv": "secp256k1", "x": b64([1; 32]), "y": b64([1; 32])}),
        json!({"kty": "EC", "crv": "P-256", "x": b64([1; 32]), "y": b64([1; 32])}),
        json!({"kty": "EC", "crv": "P-256", "x": b64([1; 32])}),
        json!({"kty": "RSA", "n": b64([0xff; 256])}),
        json!({"kty": "RSA", "n": "", "e": "AQAB"}),
        json!({"kty": "RSA", "n": b64([0xff; 256]), "e": ""}),
        json!({"kty": "oct"}),
        json!({"kty": "oct", "k": "a"}),
    ];
    for key in &odd {
        for keys in [[key.clone(), KEYS.ed25519.jwk()], [KEYS.ed25519.jwk(), key.clone()]] {
            let keys = json!({"keys": keys});
            let read = KeySet::from_json(&keys.to_string()).unwrap();
            assert_eq!((read.len(), read.skipped().len()), (1, 1), "{key}");
            assert_eq!(access_token().keys(keys.clone()).verdict(), "accept", "{key}");
            assert_eq!(access_token().without_header("kid").keys(keys).verdict(), "accept", "{key}");
        }
    }
    let keys = json!({"keys": odd});
    assert!(KeySet::from_json(&keys.to_string()).unwrap().is_empty());
}

#[test]
fn a_key_whose_restrictions_cannot_be_read_is_skipped() {
    for (member, value) in [
        ("kid", json!(1)),
        ("alg", json!(null)),
        ("use", json!(["sig"])),
        ("key_ops", json!("verify")),
        ("key_ops", json!(["verify", 1])),
    ] {
        let code = with(member, value.clone());
        assert_eq!(code, if member == "kid" { "key-unknown" } else { "key-unusable" }, "{member} {value}");
    }
}

#[test]
fn members_nobody_knows_do_not_spoil_a_key() {
    assert_eq!(with("x5c", json!(["MII"])), "accept");
    assert_eq!(with("exp", json!({"a": 1})), "accept");
    assert_eq!(with("d", json!(b64([1; 32]))), "accept");
}

#[test]
fn a_key_with_a_member_twice_is_skipped_and_the_rest_is_kept() {
    let (good, other) = (KEYS.ed25519.jwk().to_string(), KEYS.p256.jwk().to_string());
    let twice = format!("{},\"use\":\"sig\",\"use\":\"enc\"}}", &other[..other.len() - 1]);
    let set = KeySet::from_json(&format!("{{\"keys\":[{twice},{good}]}}")).unwrap();
    assert_eq!((set.len(), set.skipped()[0].reason), (1, UnusableKey::Malformed));
    assert!(KeySet::from_json(&format!("{{\"keys\":[{good}],\"keys\":[]}}")).is_err());
}

#[test]
fn what_is_no_key_set_at_all_is_refused() {
    assert!(matches!(KeySet::from_json(""), Err(InvalidKeySet::Json(_))));
    assert!(matches!(KeySet::from_json("[]"), Err(InvalidKeySet::Json(_))));
    assert_eq!(KeySet::from_json("{}").unwrap_err(), InvalidKeySet::NoKeys);
    assert_eq!(KeySet::from_json(r#"{"keys":{}}"#).unwrap_err(), InvalidKeySet::NoKeys);
}

#[test]
fn a_key_set_is_bounded() {
    let keys = |count: usize| json!({"keys": vec![json!({"kty": "?"}); count]}).to_string();
    assert!(KeySet::from_json(&keys(256)).is_ok());
    assert_eq!(KeySet::from_json(&keys(257)).unwrap_err(), InvalidKeySet::TooMany);
}

#[test]
fn a_small_rsa_key_is_refused() {
    // Made with a real key of 1024 bits: nothing but its size is wrong.
    let line = include_str!("data/rsa-1024.json");
    assert_eq!(crate::support::run(&[line]), ["key-unusable"]);
    let mut weak: Value = serde_json::from_str(line).unwrap();
    weak["keys"]["keys"][0].as_object_mut().unwrap().remove("kid");
    let set = KeySet::from_json(&weak["keys"].to_string()).unwrap();
    assert_eq!(set.skipped()[0].reason, UnusableKey::Weak);
}

#[test]
fn an_rsa_key_of_2047_bits_is_still_too_small() {
    let reason = |n: &[u8], e: &str| {
        let keys = json!({"keys": [{"kty": "RSA", "n": b64(n), "e": e}]});
        KeySet::from_json(&keys.to_string()).unwrap().skipped().first().map(|key| key.reason)
    };
    let modulus = |first: u8, length: usize| [&[first][..], &vec![0xff; length - 1]].concat();
    assert_eq!(reason(&modulus(0x7f, 256), "AQAB"), Some(UnusableKey::Weak));
    assert_eq!(reason(&modulus(0x80, 256), "AQAB"), None);
    assert_eq!(reason(&modulus(0xff, 1024), "AQAB"), None);
    assert_eq!(reason(&modulus(0x01, 1025), "AQAB"), Some(UnusableKey::TooLarge));
    assert_eq!(reason(&modulus(0x00, 257), "AQAB"), Some(UnusableKey::Malformed), "a leading zero");
    assert_eq!(reason(&modulus(0x80, 256), "AAEAAQ"), Some(UnusableKey::Malformed), "a leading zero");
    assert_eq!(
        reason(&modulus(0x80, 256), "AQ"),
        Some(UnusableKey::Weak),
        "an exponent of 1 signs everything"
    );
    assert_eq!(reason(&modulus(0x80, 256), "Ag"), Some(UnusableKey::Malformed), "an even exponent");
    assert_eq!(reason(&modulus(0x80, 256), &b64([1; 5])), Some(UnusableKey::Malformed), "a long exponent");
    let mut even = modulus(0x80, 256);
    *even.last_mut().unwrap() = 0xfe;
    assert_eq!(reason(&even, "AQAB"), Some(UnusableKey::Malformed), "an even modulus");
}

#[test]
fn a_short_hmac_secret_is_refused() {
    let draft = |length: usize| {
        let secret: Vec<u8> = vec![7; length];
        let draft = client_secret_jwt();
        let token = draft.token();
        let (signed, _) = token.rsplit_once('.').unwrap();
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let token = format!("{signed}.{}", b64(aws_lc_rs::hmac::sign(&key, signed.as_bytes())));
        draft.keys(json!({"keys": [{"kty": "oct", "k": b64(&secret), "kid": "secret"}]})).verdict_of(&token)
    };
    assert_eq!(draft(32), "accept");
    assert_eq!(draft(64), "accept");
    for length in [0, 1, 6, 16, 31] {
        assert_eq!(draft(length), "key-unusable", "{length}");
    }
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    let mut jwk = KEYS.p256.jwk();
    let mut y = unb64(jwk["y"].as_str().unwrap());
    y[31] ^= 1;
    jwk["y"] = json!(b64(&y));
    assert_eq!(id_token().keys(json!({"keys": [jwk]})).verdict(), "key-unusable");
    let zero = json!({"kty": "EC", "crv": "P-256", "kid": "p256", "x": b64([0; 32]), "y": b64([0; 32])});
    assert_eq!(id_token().keys(json!({"keys": [zero]})).verdict(), "key-unusable");
}

#[test]
fn coordinates_have_their_full_length() {
    let jwk = KEYS.p256.jwk();
    let (x, y) = (unb64(jwk["x"].as_str().unwrap()), unb64(jwk["y"].as_str().unwrap()));
    for (x, y) in [
        ([&[0], &x[..]].concat(), y.clone()),
        (x.clone(), [&[0], &y[..]].concat()),
        // As long together as they should be, but cut in another place.
        ([&x[..], &y[..1]].concat(), y[1..].to_vec()),
    ] {
        let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "p256", "x": b64(&x), "y": b64(&y)});
        assert_eq!(id_token().keys(json!({"keys": [jwk]})).verdict(), "key-unusable");
    }
}

#[test]
fn an_ed25519_key_is_32_bytes() {
    use aws_lc_rs::{encoding::AsDer, signature::KeyPair};
    let crate::support::Private::Ed25519(pair) = &KEYS.ed25519.private else { unreachable!() };
    let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    assert_eq!(with("x", json!(b64(der.as_ref()))), "key-unusable", "another encoding of the same key");
    assert_eq!(with("x", json!(b64([1; 31]))), "key-unusable");
}

#[test]
fn an_ed25519_key_of_small_order_is_refused() {
    let points = [
        ("01", "00"),
        ("00", "00"),
        ("00", "80"),
        ("ec", "7f"),
        ("ed", "7f"),
        ("ee", "ff"),
        ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03", "7a"),
        ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc", "85"),
    ];
    for (start, end) in points {
        let middle = if end == "7f" || end == "ff" { "ff" } else { "00" };
        let hex = format!("{start}{}{end}", middle.repeat(31 - start.len() / 2));
        let bytes: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": b64(bytes)}]});
        assert_eq!(
            KeySet::from_json(&keys.to_string()).unwrap().skipped()[0].reason,
            UnusableKey::Weak,
            "{hex}"
        );
    }
}

#[test]
fn two_keys_with_one_kid_must_differ_in_what_they_fit() {
    let renamed = |mut jwk: Value| {
        jwk["kid"] = json!("shared");
        jwk
    };
    let keys = |a: Value, b: Value| json!({"keys": [renamed(a), renamed(b)]});
    let token = || access_token().header("kid", "shared");
    let (ed, p256, other) = (KEYS.ed25519.jwk(), KEYS.p256.jwk(), KEYS.other_ed25519.jwk());
    assert_eq!(token().keys(keys(ed.clone(), p256.clone())).verdict(), "accept");
    assert_eq!(token().keys(keys(p256, ed.clone())).verdict(), "accept");
    assert_eq!(token().keys(keys(ed.clone(), other.clone())).verdict(), "key-ambiguous");
    assert_eq!(token().keys(keys(other, ed.clone())).verdict(), "key-ambiguous");
    assert_eq!(token().keys(keys(ed.clone(), ed)).verdict(), "accept", "a key listed twice is one key");
}

#[test]
fn a_key_without_kid_fits_only_a_token_without_kid() {
    let keys = json!({"keys": [KEYS.ed25519.bare_jwk()]});
    assert_eq!(access_token().keys(keys.clone()).verdict(), "key-unknown");
    assert_eq!(access_token().without_header("kid").keys(keys).verdict(), "accept");
}

#[test]
fn keys_do_not_print_themselves() {
    let mut set = key_set_of(&[&KEYS.secret, &KEYS.rsa]);
    set["keys"][1]["d"] = json!("private-canary");
    let debug = format!("{:?}", KeySet::from_json(&set.to_string()).unwrap());
    let secret = KEYS.secret.jwk()["k"].as_str().unwrap().to_owned();
    assert!(!debug.contains("private-canary") && !debug.contains(&secret), "{debug}");
    assert!(
        !debug.contains("00, 01, 02") && !debug.contains("000102") && !debug.contains("0, 1, 2"),
        "{debug}"
    );
}
