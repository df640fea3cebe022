//! What our own issuer signs, our own verifier accepts.

use std::{sync::Arc, time::Duration};

use palisade::{
    Factor,
    clock::{ManualClock, Timestamp},
    random::SeededRandom,
    token::{AccessTokenClaims, Issuer, Refused, Revocations, SigningKey, Verifier, VerifierBuilder},
};

const ISSUER: &str = "https://issuer.test";
const NOW: i64 = 1_800_000_000;

fn issuer(clock: &Arc<ManualClock>) -> Issuer {
    let random = SeededRandom::shared(1);
    let key = SigningKey::generate(&*random).unwrap();
    Issuer::new(ISSUER, key, clock.clone(), random)
}

fn verifier(issuer: &Issuer, clock: &Arc<ManualClock>) -> VerifierBuilder {
    Verifier::access_tokens(ISSUER, ISSUER).own_issuer().keys(issuer.key().key_set()).clock(clock.clone())
}

fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        scopes: "me:read me:write".parse().unwrap(),
        authenticated_at: Some(Timestamp::from_unix(NOW - 10)),
        factors: [Factor::Password, Factor::OneTimePassword].into_iter().collect(),
        generation: Some(7),
        undelegated: true,
        ..AccessTokenClaims::new("account-1", ISSUER, "palisade")
    }
}

#[test]
fn an_issued_token_says_what_it_was_issued_with() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let token = issuer.issue(&claims()).unwrap();
    let token = verifier(&issuer, &clock).build().verify(token.expose()).unwrap();
    assert_eq!(token.subject(), "account-1");
    assert_eq!(token.client_id(), "palisade");
    assert_eq!(token.scopes().to_string(), "me:read me:write");
    assert_eq!(token.issued_at(), Timestamp::from_unix(NOW));
    assert_eq!(token.expires_at(), Timestamp::from_unix(NOW + 300));
    assert_eq!(token.authenticated_at(), Some(Timestamp::from_unix(NOW - 10)));
    assert_eq!(token.factors().iter().map(Factor::name).collect::<Vec<_>>(), ["pwd", "otp", "mfa"]);
    assert_eq!(token.generation(), Some(7));
    assert!(token.is_undelegated());
    assert_eq!(token.id().len(), 22);
}

#[test]
fn each_token_has_its_own_name() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).build();
    let ids: Vec<_> = (0..3)
        .map(|_| verifier.verify(issuer.issue(&claims()).unwrap().expose()).unwrap().id().to_owned())
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}

#[test]
fn undelegated_is_believed_of_nobody_else() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let third_party = AccessTokenClaims { client_id: "other".to_owned(), ..claims() };
    let third_party = issuer.issue(&third_party).unwrap();
    assert!(!verifier(&issuer, &clock).build().verify(third_party.expose()).unwrap().is_undelegated());

    let foreign =
        Verifier::access_tokens(ISSUER, ISSUER).keys(issuer.key().key_set()).clock(clock.clone()).build();
    let token = foreign.verify(issuer.issue(&claims()).unwrap().expose()).unwrap();
    assert!(!token.is_undelegated());
    assert_eq!(token.generation(), None);
}

#[test]
fn a_key_survives_being_stored() {
    let random = SeededRandom::shared(2);
    let key = SigningKey::generate(&*random).unwrap();
    let stored = key.to_pkcs8().unwrap();
    let read = SigningKey::from_pkcs8(&stored).unwrap();
    assert_eq!(read.key_id(), key.key_id());
    assert_eq!(read.public_jwk(), key.public_jwk());
    assert!(SigningKey::from_pkcs8(&palisade::secret::SecretBytes::new(*b"nonsense")).is_err());
}

#[test]
fn a_signing_key_does_not_print_itself() {
    let key = SigningKey::generate(&*SeededRandom::shared(3)).unwrap();
    assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.key_id()));
}

#[test]
fn a_cached_token_expires() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).build();
    let token = issuer.issue(&claims()).unwrap();
    assert!(verifier.verify(token.expose()).is_ok());
    assert_eq!(verifier.cached_tokens(), 1);
    clock.advance(Duration::from_secs(300 + 59));
    assert!(verifier.verify(token.expose()).is_ok());
    clock.advance(Duration::from_secs(1));
    assert_eq!(verifier.verify(token.expose()).unwrap_err(), Refused::Expired);
}

#[test]
fn a_cached_token_is_the_same_value() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).build();
    let token = issuer.issue(&claims()).unwrap();
    let (first, second) =
        (verifier.verify(token.expose()).unwrap(), verifier.verify(token.expose()).unwrap());
    assert!(Arc::ptr_eq(&first, &second));
}

#[test]
fn a_cached_token_can_be_revoked_and_is_forgotten_when_it_would_have_ended() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let revocations = Revocations::with_capacity(1, clock.clone());
    let verifier = verifier(&issuer, &clock).revocations(revocations.clone()).build();
    let token = issuer.issue(&claims()).unwrap();
    let verified = verifier.verify(token.expose()).unwrap();
    revocations.revoke(verified.id(), verified.expires_at()).unwrap();
    assert_eq!(verifier.verify(token.expose()).unwrap_err(), Refused::Revoked);
    assert!(
        revocations.revoke("another", verified.expires_at()).is_err(),
        "a revocation is not forgotten for another"
    );

    clock.advance(Duration::from_secs(300 + 121));
    assert!(revocations.revoke("another", clock_after(&clock, 300)).is_ok());
    assert!(!revocations.contains(verified.id()));
}

fn clock_after(clock: &ManualClock, seconds: u64) -> Timestamp {
    use palisade::clock::Clock as _;
    clock.now().after(Duration::from_secs(seconds))
}

#[test]
fn a_revoked_token_is_refused_when_it_was_never_seen_before() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let revocations = Revocations::with_capacity(9, clock.clone());
    revocations.revoke("this-one", Timestamp::from_unix(NOW + 300)).unwrap();
    let token = issuer.issue(&AccessTokenClaims { id: Some("this-one".to_owned()), ..claims() }).unwrap();
    for entries in [0, 9] {
        let verifier = verifier(&issuer, &clock).revocations(revocations.clone()).cache(entries).build();
        assert_eq!(verifier.verify(token.expose()).unwrap_err(), Refused::Revoked);
    }
}

#[test]
fn a_cached_token_dies_with_its_key() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).build();
    let token = issuer.issue(&claims()).unwrap();
    assert!(verifier.verify(token.expose()).is_ok());
    let other = SigningKey::generate(&*SeededRandom::shared(4)).unwrap();
    verifier.set_keys(other.key_set());
    assert_eq!(verifier.verify(token.expose()).unwrap_err(), Refused::KeyUnknown);
    verifier.set_keys(issuer.key().key_set());
    assert!(verifier.verify(token.expose()).is_ok());
}

#[test]
fn a_refusal_is_not_cached() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).build();
    let token = issuer.issue(&claims()).unwrap();
    verifier.set_keys(Default::default());
    assert_eq!(verifier.verify(token.expose()).unwrap_err(), Refused::KeyUnknown);
    assert_eq!(verifier.cached_tokens(), 0);
}

#[test]
fn a_token_with_another_signature_is_another_token() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).build();
    let token = issuer.issue(&claims()).unwrap();
    assert!(verifier.verify(token.expose()).is_ok());
    let (signed, _) = token.expose().rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", "A".repeat(86));
    assert_eq!(verifier.verify(&forged).unwrap_err(), Refused::Signature);
}

#[test]
fn the_cache_is_bounded() {
    let clock = ManualClock::at(NOW);
    let issuer = issuer(&clock);
    let verifier = verifier(&issuer, &clock).cache(8).build();
    for _ in 0..100 {
        verifier.verify(issuer.issue(&claims()).unwrap().expose()).unwrap();
    }
    assert!(verifier.cached_tokens() <= 8);
}
