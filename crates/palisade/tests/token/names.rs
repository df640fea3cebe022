//! Claims that are names: strings, compared by code points.

use serde_json::{Value, json};

use crate::support::{access_token, every_kind, id_token};

#[test]
fn a_required_claim_must_be_there() {
    for draft in every_kind() {
        let required: &[&str] = match draft.profile {
            "id_token" => &["iss", "sub", "aud", "exp", "iat", "nonce"],
            "access_token" => &["iss", "sub", "aud", "exp", "iat", "jti", "client_id"],
            "client_assertion" | "client_secret_jwt" => &["iss", "sub", "aud", "exp", "jti"],
            "logout_token" => &["iss", "aud", "iat", "exp", "jti", "events"],
            "request_object" => &["iss", "aud", "client_id", "exp"],
            _ => &["jti", "htm", "htu", "iat"],
        };
        for name in required {
            assert_eq!(draft.clone().without(name).verdict(), "claim-missing", "{} {name}", draft.profile);
            let null = draft.clone().claim(name, Value::Null).verdict();
            assert_eq!(null, "claim-malformed", "{} {name}", draft.profile);
        }
    }
}

#[test]
fn names_are_strings() {
    for draft in every_kind() {
        let names = ["iss", "sub", "jti", "client_id", "nonce", "htm", "htu"];
        for name in names.into_iter().filter(|name| draft.claims.contains_key(*name)) {
            for wrong in
                [json!(1), json!(true), json!([draft.claims[name]]), json!({"a": draft.claims[name]})]
            {
                let verdict = draft.clone().claim(name, wrong.clone()).verdict();
                assert_eq!(verdict, "claim-malformed", "{} {name} {wrong}", draft.profile);
            }
        }
    }
}

#[test]
fn registered_names_are_strings_even_where_nothing_is_expected() {
    assert_eq!(id_token().claim("jti", 1).verdict(), "claim-malformed");
    assert_eq!(crate::support::dpop().claim("iss", 1).verdict(), "claim-malformed");
    assert_eq!(crate::support::dpop().claim("sub", json!({})).verdict(), "claim-malformed");
    assert_eq!(crate::support::dpop().claim("aud", 1).verdict(), "claim-malformed");
    assert_eq!(crate::support::request_object().claim("sub", 1).verdict(), "claim-malformed");
}

#[test]
fn the_issuer_is_compared_by_code_points() {
    for issuer in [
        "https://op.test/",
        "https://OP.test",
        "HTTPS://op.test",
        "https://op.test ",
        "https://op.test\0",
        "https://op.test:443",
        "https://оp.test", // a Cyrillic letter
        "https://op.test.attacker.test",
        "https://op.tes",
        "",
    ] {
        assert_eq!(access_token().claim("iss", issuer).verdict(), "claim-mismatch", "{issuer:?}");
    }
    let draft = access_token().without("iss");
    assert_eq!(
        draft.verdict_with(r#""iss":"https:\/\/op\u002etest""#),
        "accept",
        "another spelling of the same text"
    );
}

#[test]
fn the_audience_must_hold_ours() {
    for audience in [
        json!("https://api.test/"),
        json!("https://other.test"),
        json!(["https://other.test"]),
        json!([]),
        json!(""),
        json!(["https://api.test/", "https://API.test"]),
        json!("https://api.test https://other.test"),
    ] {
        assert_eq!(access_token().claim("aud", audience.clone()).verdict(), "claim-mismatch", "{audience}");
    }
    for audience in [json!(["https://api.test"]), json!(["https://other.test", "https://api.test"])] {
        assert_eq!(access_token().claim("aud", audience.clone()).verdict(), "accept", "{audience}");
    }
}

#[test]
fn the_audience_is_a_string_or_a_list_of_strings() {
    for audience in [
        json!(1),
        json!({"https://api.test": true}),
        json!(["https://api.test", 1]),
        json!([["https://api.test"]]),
        json!(["https://api.test", null]),
        json!(true),
    ] {
        assert_eq!(access_token().claim("aud", audience.clone()).verdict(), "claim-malformed", "{audience}");
    }
}
