//! Claims that are moments, and the edges of the time in which a token is good.

use serde_json::{Value, json};

use crate::support::{LEEWAY, NOW, access_token, every_kind, id_token};

/// The claims of an access token with `name` written exactly as `value`.
fn written(name: &str, value: &str) -> String {
    access_token().without(name).verdict_with(&format!("\"{name}\":{value}"))
}

#[test]
fn a_token_ends_with_exp_and_the_leeway() {
    for draft in every_kind() {
        let at = |exp: Value| draft.clone().claim("exp", exp).verdict();
        assert_eq!(at(json!(NOW - LEEWAY + 1)), "accept", "{}", draft.profile);
        assert_eq!(at(json!(NOW - LEEWAY)), "expired", "{}", draft.profile);
        assert_eq!(at(json!(0)), "expired", "{}", draft.profile);
    }
    assert_eq!(written("exp", "1799999940.5"), "accept");
    assert_eq!(written("exp", "1799999940.0"), "expired");
}

#[test]
fn a_token_begins_with_nbf_less_the_leeway() {
    for draft in every_kind() {
        let at = |nbf: Value| draft.clone().claim("nbf", nbf).verdict();
        assert_eq!(at(json!(NOW + LEEWAY)), "accept", "{}", draft.profile);
        assert_eq!(at(json!(NOW + LEEWAY + 1)), "not-yet-valid", "{}", draft.profile);
        assert_eq!(at(json!(0)), "accept", "{}", draft.profile);
    }
    assert_eq!(written("nbf", "1800000060.5"), "not-yet-valid");
}

#[test]
fn a_token_from_the_future_is_refused() {
    for draft in every_kind() {
        let at = |iat: Value| draft.clone().claim("iat", iat).verdict();
        assert_eq!(at(json!(NOW + LEEWAY)), "accept", "{}", draft.profile);
        assert_eq!(at(json!(NOW + LEEWAY + 1)), "issued-in-future", "{}", draft.profile);
    }
}

#[test]
fn a_moment_is_a_finite_number_from_0_to_less_than_2_to_the_53() {
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for wrong in [
            "\"1800000300\"",
            "null",
            "true",
            "[1800000300]",
            "{}",
            "-1",
            "-1e-9",
            "9007199254740992",
            "9007199254740993",
            "1e16",
            "1e308",
            "1e309",
            "-1e309",
            "1e999999",
            "\"\"",
            "\"Infinity\"",
        ] {
            assert_eq!(written(name, wrong), "claim-malformed", "{name} {wrong}");
        }
    }
}

#[test]
fn a_moment_may_be_written_in_any_form_of_a_number() {
    for exp in
        ["1.8000003e9", "1800000300.0", "18000003E2", "1800000300.999999999", "9007199254740991", "1e15"]
    {
        assert_eq!(written("exp", exp), "accept", "{exp}");
    }
    for iat in ["0", "-0", "0.0", "0e9", "1e-999", "1.5", "1e9"] {
        assert_eq!(written("iat", iat), "accept", "{iat}");
        assert_eq!(written("nbf", iat), "accept", "{iat}");
    }
    assert_eq!(written("exp", "1e9"), "expired");
    assert_eq!(written("exp", "-0"), "expired");
}

#[test]
fn a_long_number_is_read_as_quickly_as_a_short_one() {
    assert_eq!(written("exp", &format!("1800000300.{}", "1".repeat(10_000))), "accept");
    assert_eq!(written("exp", &"9".repeat(10_000)), "claim-malformed");
    assert_eq!(written("x", &format!("1e{}", "9".repeat(10_000))), "accept", "nobody asks what it means");
}

#[test]
fn the_moment_may_have_a_fraction_too() {
    let mut draft = id_token().claim("exp", NOW);
    draft.at = json!(NOW as f64 + 59.5);
    assert_eq!(draft.verdict(), "accept");
    draft.at = json!(NOW as f64 + 60.0);
    assert_eq!(draft.verdict(), "expired");
}
