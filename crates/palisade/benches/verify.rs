//! What verifying an access token costs: in full, beside its signature alone, from the cache, and when it is refused.
//!
//! `cargo bench -p palisade --bench verify`

use std::{hint::black_box, sync::Arc};

use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    clock::{SystemClock, Timestamp},
    random::SystemRandom,
    token::{AccessTokenClaims, Issuer, Revocations, SigningKey, Verifier, VerifierBuilder},
};

/// As many live tokens as the cache is measured with.
const LIVE_TOKENS: usize = 10_000;

fn issuer() -> Issuer {
    let random = SystemRandom::shared();
    let key = SigningKey::generate(&*random).expect("the system has randomness");
    Issuer::new("http://127.0.0.1:8000", key, SystemClock::shared(), random)
}

fn verifier(issuer: &Issuer) -> VerifierBuilder {
    let address = "http://127.0.0.1:8000";
    Verifier::access_tokens(address, address).own_issuer().keys(issuer.key().key_set())
}

fn token(issuer: &Issuer, account: usize) -> String {
    let claims = AccessTokenClaims {
        scopes: "keys:write me:read me:write".parse().expect("these are scopes"),
        lifetime: std::time::Duration::from_secs(86_400),
        authenticated_at: Some(SystemClock::shared().now()),
        generation: Some(1),
        undelegated: true,
        ..AccessTokenClaims::new(
            &format!("0198c1de-0000-7000-8000-{account:012}"),
            "http://127.0.0.1:8000",
            "palisade",
        )
    };
    issuer.issue(&claims).expect("the system has randomness").expose().to_owned()
}

fn cold(criterion: &mut Criterion) {
    let issuer = issuer();
    let (verifier, token) = (verifier(&issuer).cache(0).build(), token(&issuer, 1));
    criterion.bench_function("verify/cold", |bench| bench.iter(|| verifier.verify(black_box(&token))));
}

/// The signature of the same token by itself: the key is parsed, the signature decoded.
fn signature_alone(criterion: &mut Criterion) {
    let issuer = issuer();
    let token = token(&issuer, 1);
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("it is base64url");
    let (signed, signature) = token.rsplit_once('.').expect("a token has three parts");
    let signature = decoded(signature);
    let jwk = issuer.key().public_jwk();
    let point = decoded(jwk["x"].as_str().expect("an Ed25519 key has a point"));
    let key = ParsedPublicKey::new(&ED25519, point).expect("it is a key");
    assert!(key.verify_sig(signed.as_bytes(), &signature).is_ok());
    criterion.bench_function("verify/signature alone", |bench| {
        bench.iter(|| key.verify_sig(black_box(signed.as_bytes()), black_box(&signature)));
    });
}

fn cached(criterion: &mut Criterion) {
    let issuer = issuer();
    let tokens: Vec<_> = (0..LIVE_TOKENS).map(|account| token(&issuer, account)).collect();
    let revocations = Revocations::with_capacity(1000, SystemClock::shared());
    let verifier = verifier(&issuer).revocations(Arc::clone(&revocations)).build();
    let accepted = tokens.iter().filter(|token| verifier.verify(token).is_ok()).count();
    assert_eq!((accepted, verifier.cached_tokens()), (LIVE_TOKENS, LIVE_TOKENS));
    let mut at = 0;
    let mut next = || {
        at = (at + 7919) % LIVE_TOKENS; // another token each time, in no order the processor could foresee
        &tokens[at]
    };
    criterion.bench_function("verify/cached", |bench| bench.iter(|| verifier.verify(black_box(next()))));
    for id in 0..1000 {
        let far_off = Timestamp::from_unix(i64::from(u32::MAX));
        revocations.revoke(&format!("revoked-{id}"), far_off).expect("there is room for as many");
    }
    criterion.bench_function("verify/cached, 1000 revoked", |bench| {
        bench.iter(|| verifier.verify(black_box(next())));
    });
}

fn refused(criterion: &mut Criterion) {
    let issuer = issuer();
    let verifier = verifier(&issuer).build();
    let token = token(&issuer, 1);
    let forged = format!("{}{}", &token[..token.len() - 86], "A".repeat(86));
    criterion.bench_function("refuse/forged signature", |bench| {
        bench.iter(|| verifier.verify(black_box(&forged)));
    });
    let nonsense = "a".repeat(16_384);
    criterion.bench_function("refuse/16 KiB of nonsense", |bench| {
        bench.iter(|| verifier.verify(black_box(&nonsense)));
    });
}

fn issue(criterion: &mut Criterion) {
    let issuer = issuer();
    criterion.bench_function("issue", |bench| bench.iter(|| token(&issuer, black_box(1))));
}

criterion_group!(benches, cold, signature_alone, cached, refused, issue);
criterion_main!(benches);
