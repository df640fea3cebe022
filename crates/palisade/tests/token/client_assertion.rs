//! Client assertions (RFC 7523), by key and by secret.

use serde_json::json;

use crate::support::{NOW, client_assertion, client_secret_jwt, run};

#[test]
fn the_audience_is_the_issuer_as_a_string() {
    for draft in [client_assertion(), client_secret_jwt()] {
        assert_eq!(draft.clone().claim("aud", json!(["https://op.test"])).verdict(), "claim-malformed");
        assert_eq!(draft.clone().claim("aud", "https://op.test/token").verdict(), "claim-mismatch");
        assert_eq!(draft.claim("aud", json!(["https://op.test", "x"])).verdict(), "claim-malformed");
    }
}

#[test]
fn issuer_and_subject_are_the_client() {
    for draft in [client_assertion(), client_secret_jwt()] {
        assert_eq!(draft.clone().claim("iss", "client-2").verdict(), "claim-mismatch");
        assert_eq!(draft.claim("sub", "client-2").verdict(), "claim-mismatch");
    }
}

#[test]
fn an_assertion_lives_at_most_an_hour() {
    for draft in [client_assertion(), client_secret_jwt()] {
        assert_eq!(draft.clone().claim("exp", NOW + 3600).verdict(), "accept");
        assert_eq!(draft.clone().claim("exp", NOW + 3601).verdict(), "too-long-lived");
        assert_eq!(draft.claim("exp", NOW as f64 + 3600.5).verdict(), "too-long-lived");
    }
}

#[test]
fn an_assertion_is_used_once() {
    for draft in [client_assertion(), client_secret_jwt()] {
        let another = draft.clone().claim("jti", "assertion-2");
        let verdicts =
            run(&[draft.line(), draft.line(), another.line(), draft.claim("exp", NOW + 90).line()]);
        assert_eq!(verdicts, ["accept", "replayed", "accept", "replayed"]);
    }
}

#[test]
fn a_refused_assertion_does_not_use_up_its_name() {
    let draft = client_assertion();
    let forged = draft.line_of(&format!("{}AAAA", &draft.token()[..draft.token().len() - 4]));
    let expired = draft.clone().claim("exp", NOW - 600).line();
    assert_eq!(run(&[forged, expired, draft.line()]), ["signature", "expired", "accept"]);
}

#[test]
fn single_use_counts_for_one_profile_and_one_issuer() {
    let draft = client_assertion();
    let other = draft.clone().claim("iss", "client-2").context("iss", "client-2");
    assert_eq!(
        run(&[draft.line(), other.line(), client_secret_jwt().line()]),
        ["accept", "accept", "accept"]
    );
}

#[test]
fn an_assertion_that_was_seen_elsewhere_is_refused() {
    assert_eq!(client_assertion().context("jti_seen", json!(["x", "assertion-1"])).verdict(), "replayed");
    assert_eq!(client_assertion().context("jti_seen", json!(["x"])).verdict(), "accept");
}

#[test]
fn an_empty_name_cannot_be_used_once() {
    assert_eq!(client_assertion().claim("jti", "").verdict(), "claim-malformed");
}
