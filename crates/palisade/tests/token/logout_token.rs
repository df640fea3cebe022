//! Logout tokens (OpenID Connect Back-Channel Logout, section 2.6).

use serde_json::json;

use crate::support::{logout_token, run};

#[test]
fn sub_or_sid_must_be_there() {
    assert_eq!(logout_token().claim("sid", "s").verdict(), "accept");
    assert_eq!(logout_token().without("sub").claim("sid", "s").verdict(), "accept");
    assert_eq!(logout_token().without("sub").verdict(), "claim-missing");
    assert_eq!(logout_token().claim("sid", 5).verdict(), "claim-malformed");
    assert_eq!(logout_token().without("sub").claim("sid", json!(null)).verdict(), "claim-malformed");
}

#[test]
fn events_holds_the_logout_event() {
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
    for events in [
        json!({}),
        json!([]),
        json!([EVENT]),
        json!(EVENT),
        json!({EVENT: null}),
        json!({EVENT: true}),
        json!({EVENT: []}),
        json!({EVENT: "{}"}),
        json!({"https://schemas.openid.net/event/backchannel-logout": {}}),
        json!({"http://schemas.openid.net/event/backchannel-logout/": {}}),
        json!({"x": {EVENT: {}}}),
    ] {
        assert_eq!(logout_token().claim("events", events.clone()).verdict(), "claim-malformed", "{events}");
    }
    for events in [json!({EVENT: {"x": 1}}), json!({"other": 1, EVENT: {}})] {
        assert_eq!(logout_token().claim("events", events.clone()).verdict(), "accept", "{events}");
    }
}

#[test]
fn nonce_is_forbidden() {
    for nonce in [json!("n"), json!(""), json!(null), json!(0)] {
        assert_eq!(logout_token().claim("nonce", nonce).verdict(), "claim-forbidden");
    }
}

#[test]
fn a_logout_token_is_used_once() {
    assert_eq!(run(&[logout_token().line(), logout_token().line()]), ["accept", "replayed"]);
}

#[test]
fn a_further_audience_is_accepted() {
    assert_eq!(logout_token().claim("aud", json!(["other", "client-1"])).verdict(), "accept");
}
