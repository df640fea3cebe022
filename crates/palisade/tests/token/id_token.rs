//! ID tokens (OpenID Connect Core, section 3.1.3.7).

use aws_lc_rs::digest;
use serde_json::json;

use crate::support::{KEYS, NOW, b64, id_token};

#[test]
fn a_further_audience_is_refused() {
    assert_eq!(id_token().claim("aud", json!(["client-1"])).verdict(), "accept");
    for audience in
        [json!(["client-1", "other"]), json!(["other", "client-1"]), json!(["client-1", "client-1"])]
    {
        assert_eq!(id_token().claim("aud", audience.clone()).verdict(), "claim-mismatch", "{audience}");
    }
}

#[test]
fn azp_is_the_client() {
    assert_eq!(id_token().claim("azp", "client-1").verdict(), "accept");
    assert_eq!(id_token().claim("azp", "client-2").verdict(), "claim-mismatch");
    assert_eq!(id_token().claim("azp", "").verdict(), "claim-mismatch");
    assert_eq!(id_token().claim("azp", json!(["client-1"])).verdict(), "claim-malformed");
    assert_eq!(id_token().claim("azp", json!(null)).verdict(), "claim-malformed");
}

#[test]
fn sub_is_1_to_255_ascii_characters() {
    assert_eq!(id_token().claim("sub", "a".repeat(255)).verdict(), "accept");
    assert_eq!(id_token().claim("sub", "a".repeat(256)).verdict(), "claim-malformed");
    assert_eq!(id_token().claim("sub", "").verdict(), "claim-malformed");
    assert_eq!(id_token().claim("sub", "äccount").verdict(), "claim-malformed");
}

#[test]
fn nonce_is_the_one_that_was_sent() {
    assert_eq!(id_token().claim("nonce", "N-0S6_WzA2Mj").verdict(), "claim-mismatch");
    assert_eq!(id_token().claim("nonce", "").verdict(), "claim-mismatch");
    assert_eq!(id_token().claim("nonce", "x").context("nonce", "x").verdict(), "accept");
    assert_eq!(id_token().context("nonce", "x").verdict(), "claim-mismatch");
}

#[test]
fn at_hash_is_half_the_hash_of_the_access_token() {
    let half = |algorithm, token: &str| {
        let hash = digest::digest(algorithm, token.as_bytes());
        b64(&hash.as_ref()[..hash.as_ref().len() / 2])
    };
    let token = "the-access-token";
    for (key, algorithm) in [
        (&KEYS.rsa, &digest::SHA256),
        (&KEYS.p256, &digest::SHA256),
        (&KEYS.p384, &digest::SHA384),
        (&KEYS.ed25519, &digest::SHA512),
    ] {
        let draft = id_token().signed_by(key).context("access_token", token);
        assert_eq!(draft.clone().claim("at_hash", half(algorithm, token)).verdict(), "accept", "{}", key.kid);
        assert_eq!(
            draft.clone().claim("at_hash", half(algorithm, "x")).verdict(),
            "claim-mismatch",
            "{}",
            key.kid
        );
        assert_eq!(draft.claim("at_hash", "").verdict(), "claim-mismatch");
    }
    let draft = id_token().claim("at_hash", half(&digest::SHA256, token));
    assert_eq!(draft.verdict(), "context-missing", "what cannot be checked is refused");
    assert_eq!(id_token().context("access_token", token).verdict(), "accept", "the claim may be absent");
    assert_eq!(draft.context("access_token", token).claim("at_hash", 5).verdict(), "claim-malformed");
}

#[test]
fn max_age_needs_a_recent_auth_time() {
    let draft = id_token().context("max_age", 600);
    assert_eq!(draft.verdict(), "claim-missing");
    assert_eq!(draft.clone().claim("auth_time", NOW - 600 - 60).verdict(), "accept");
    assert_eq!(draft.clone().claim("auth_time", NOW - 600 - 61).verdict(), "too-old");
    assert_eq!(draft.clone().claim("auth_time", NOW.to_string()).verdict(), "claim-malformed");
    assert_eq!(id_token().context("max_age", 0).claim("auth_time", NOW - 60).verdict(), "accept");
    assert_eq!(id_token().context("max_age", 0).claim("auth_time", NOW - 61).verdict(), "too-old");
    assert_eq!(id_token().claim("auth_time", 1).verdict(), "accept", "nobody asked");
    assert_eq!(id_token().claim("auth_time", "1").verdict(), "claim-malformed");
}

#[test]
fn an_access_token_is_no_id_token() {
    assert_eq!(id_token().header("typ", "at+jwt").verdict(), "typ");
}
