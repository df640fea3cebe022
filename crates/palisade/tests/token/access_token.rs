//! Access tokens (RFC 9068): the rules of this kind, and what the library's verifier adds.

use std::sync::Arc;

use palisade::{
    clock::ManualClock,
    secret::SecretBytes,
    token::{AccessToken, Algorithm, KeySet, Refused, UnusableKey, Verifier, VerifierBuilder},
};
use serde_json::json;

use crate::support::{Draft, KEYS, NOW, access_token, key_set};

fn builder() -> VerifierBuilder {
    Verifier::access_tokens("https://op.test", "https://api.test")
        .keys(KeySet::from_json(&key_set().to_string()).unwrap())
        .clock(ManualClock::at(NOW))
}

fn verify(draft: &Draft) -> Result<Arc<AccessToken>, Refused> {
    builder().build().verify(&draft.token())
}

#[test]
fn a_foreign_issuers_token_is_read() {
    let draft = access_token().claim("auth_time", NOW - 5).claim("scope", "b a");
    let token = verify(&draft).unwrap();
    assert_eq!((token.subject(), token.client_id(), token.id()), ("account-1", "client-1", "token-1"));
    assert_eq!(token.scopes().to_string(), "a b");
    assert_eq!(token.authenticated_at().unwrap().as_unix(), NOW - 5);
    assert_eq!(token.expires_at().as_unix(), NOW + 300);
}

#[test]
fn a_fraction_of_a_second_is_dropped_when_read() {
    let token = verify(&access_token().claim("exp", NOW as f64 + 0.75)).unwrap();
    assert_eq!(token.expires_at().as_unix(), NOW);
}

#[test]
fn scope_is_a_string_of_scopes() {
    assert!(verify(&access_token().without("scope")).unwrap().scopes().is_empty());
    assert!(verify(&access_token().claim("scope", "")).unwrap().scopes().is_empty());
    for scope in
        [json!(["me:read"]), json!(1), json!(null), json!("a  b"), json!(" a"), json!("a\nb"), json!("é")]
    {
        assert_eq!(access_token().claim("scope", scope.clone()).verdict(), "claim-malformed", "{scope}");
    }
}

#[test]
fn an_empty_name_is_nobodys() {
    for name in ["sub", "jti", "client_id"] {
        assert_eq!(access_token().claim(name, "").verdict(), "claim-malformed", "{name}");
    }
}

#[test]
fn a_token_bound_to_a_key_is_no_bearer_token() {
    for cnf in [json!({"jkt": "abc"}), json!({}), json!(null), json!({"x5t#S256": "abc"})] {
        assert_eq!(verify(&access_token().claim("cnf", cnf)).unwrap_err(), Refused::SenderConstrained);
    }
}

#[test]
fn private_claims_of_our_own_issuer_have_their_types() {
    let own = |draft: &Draft| builder().own_issuer().build().verify(&draft.token());
    assert_eq!(own(&access_token().claim("gen", 4)).unwrap().generation(), Some(4));
    for generation in [json!("4"), json!(-1), json!(1.5), json!(null), json!(1e30)] {
        assert!(own(&access_token().claim("gen", generation.clone())).is_err(), "{generation}");
        assert_eq!(
            verify(&access_token().claim("gen", generation)).unwrap().generation(),
            None,
            "not looked at"
        );
    }
    let undelegated = access_token().claim("client_id", "palisade").claim("undelegated", true);
    assert!(own(&undelegated).unwrap().is_undelegated());
    assert!(!own(&undelegated.clone().claim("undelegated", false)).unwrap().is_undelegated());
    assert!(own(&undelegated.claim("undelegated", "true")).is_err());
}

#[test]
fn only_the_allowed_algorithms_verify() {
    let verifier = builder().algorithms(&[Algorithm::Es256, Algorithm::Hs256]).build();
    assert!(verifier.verify(&access_token().signed_by(&KEYS.p256).token()).is_ok());
    assert_eq!(verifier.verify(&access_token().token()).unwrap_err(), Refused::AlgorithmNotAllowed);
    let secret = access_token().signed_by(&KEYS.secret);
    assert_eq!(verifier.verify(&secret.token()).unwrap_err(), Refused::AlgorithmNotAllowed);
}

#[test]
fn a_secret_in_the_key_set_does_not_allow_hs256() {
    let keys = crate::support::key_set_of(&[&KEYS.secret]);
    let verifier = builder().keys(KeySet::from_json(&keys.to_string()).unwrap()).build();
    let token = access_token().signed_by(&KEYS.secret).token();
    assert_eq!(verifier.verify(&token).unwrap_err(), Refused::AlgorithmNotAllowed);
}

#[test]
fn a_shared_secret_is_a_profile_of_its_own() {
    let secret = SecretBytes::new((0..32).collect::<Vec<u8>>());
    let verifier = builder().dangerous().shared_secret(&secret).unwrap().build();
    let token = access_token().signed_by(&KEYS.secret).without_header("kid").token();
    assert_eq!(verifier.verify(&token).unwrap().subject(), "account-1");
    assert_eq!(verifier.verify(&access_token().token()).unwrap_err(), Refused::AlgorithmNotAllowed);
    let short = SecretBytes::new(vec![7; 31]);
    assert_eq!(builder().dangerous().shared_secret(&short).unwrap_err(), UnusableKey::Weak);
}

#[test]
fn no_keys_no_tokens() {
    let verifier =
        Verifier::access_tokens("https://op.test", "https://api.test").clock(ManualClock::at(NOW)).build();
    assert_eq!(verifier.verify(&access_token().token()).unwrap_err(), Refused::KeyUnknown);
}

#[test]
fn an_oversize_token_is_not_even_hashed() {
    assert_eq!(builder().build().verify(&"a".repeat(20_000)).unwrap_err(), Refused::TooLong);
    assert_eq!(builder().cache(0).build().verify(&"a".repeat(20_000)).unwrap_err(), Refused::TooLong);
}

#[test]
fn a_cached_token_is_refused_when_the_clock_is_set_back() {
    let clock = ManualClock::at(NOW);
    let draft = access_token().claim("nbf", NOW);
    let verifier = builder().clock(clock.clone()).build();
    assert!(verifier.verify(&draft.token()).is_ok());
    let token = draft.token();
    let earlier = ManualClock::at(NOW - 61);
    let verifier = builder().clock(earlier).build();
    assert_eq!(verifier.verify(&token).unwrap_err(), Refused::NotYetValid);
}

#[test]
fn a_refusal_says_nothing_of_the_token() {
    let canary = "canary-7f3a";
    let drafts = [
        access_token().claim("iss", canary),
        access_token().claim("aud", canary),
        access_token().header("kid", canary),
        access_token().header("typ", canary),
        access_token().header("alg", canary),
        access_token().header("crit", json!([canary])),
        access_token().claim("scope", format!("  {canary}")),
    ];
    for draft in drafts {
        let refused = verify(&draft).unwrap_err();
        let words = format!("{refused} {refused:?} {}", refused.code());
        assert!(!words.contains(canary), "{words}");
    }
}
