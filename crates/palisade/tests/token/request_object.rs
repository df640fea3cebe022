//! Request objects (RFC 9101).

use serde_json::json;

use crate::support::{request_object, run};

#[test]
fn a_request_in_a_request_is_forbidden() {
    for name in ["request", "request_uri"] {
        for value in [json!("x"), json!(null), json!("")] {
            assert_eq!(request_object().claim(name, value).verdict(), "claim-forbidden", "{name}");
        }
    }
}

#[test]
fn sub_does_not_name_the_client() {
    // A client assertion must not pass as a request (RFC 9101, section 10.8).
    assert_eq!(request_object().claim("sub", "client-1").verdict(), "claim-mismatch");
    assert_eq!(request_object().claim("sub", "account-1").verdict(), "accept");
}

#[test]
fn the_client_is_the_one_that_asks() {
    assert_eq!(request_object().claim("client_id", "client-2").verdict(), "claim-mismatch");
    assert_eq!(request_object().claim("iss", "client-2").verdict(), "claim-mismatch");
    let other = request_object().claim("client_id", "client-2").claim("iss", "client-2");
    assert_eq!(other.context("iss", "client-2").context("client_id", "client-2").verdict(), "accept");
}

#[test]
fn a_request_object_may_be_used_again() {
    let line = request_object().claim("jti", "same").line();
    assert_eq!(run(&[&line, &line]), ["accept", "accept"]);
}
