//! Tokens that the verifier has accepted before: which ones it keeps, and that no flood evicts them.

use palisade::{
    clock::ManualClock,
    random::SeededRandom,
    token::{KeySet, Verifier},
};

use crate::support::{NOW, access_token, b64, key_set};

fn verifier(cached: usize) -> Verifier {
    Verifier::access_tokens("https://op.test", "https://api.test")
        .keys(KeySet::from_json(&key_set().to_string()).unwrap())
        .clock(ManualClock::at(NOW))
        .cache(cached)
        .build()
}

/// A token that is right, and differs from others by its number.
fn good(number: usize) -> String {
    access_token().claim("jti", format!("token-{number}")).token()
}

#[test]
fn a_token_is_known_once_it_was_verified() {
    let (verifier, token) = (verifier(16), good(1));
    assert!(verifier.verified_before(token.as_bytes()).unwrap().is_none());
    verifier.verify(&token).unwrap();
    let known = verifier.verified_before(token.as_bytes()).unwrap().unwrap();
    assert_eq!(known.id(), "token-1");
    assert!(verifier.verified_before(good(2).as_bytes()).unwrap().is_none());
}

#[test]
fn attack_a_flood_of_forged_tokens_evicts_none_that_was_verified() {
    let verifier = verifier(1_024);
    let tokens: Vec<_> = (0..256).map(good).collect();
    for token in &tokens {
        verifier.verify(token).unwrap();
    }
    let kept = verifier.cached_tokens();
    assert_eq!(kept, tokens.len());
    // Two threads, each with signatures of its own below claims that are good.
    std::thread::scope(|scope| {
        for seed in 0..2 {
            let (verifier, tokens) = (&verifier, &tokens);
            scope.spawn(move || {
                let random = SeededRandom::shared(seed);
                for number in 0..25_000 {
                    let (signed, _) = tokens[number % tokens.len()].rsplit_once('.').unwrap();
                    let mut signature = [0; 64];
                    random.fill(&mut signature).unwrap();
                    let forged = format!("{signed}.{}", b64(signature));
                    assert!(verifier.verify(&forged).is_err());
                }
            });
        }
    });
    assert_eq!(verifier.cached_tokens(), kept);
    for token in &tokens {
        assert!(verifier.verified_before(token.as_bytes()).unwrap().is_some());
    }
}

#[test]
fn attack_a_flood_of_good_tokens_takes_no_more_room_than_there_is() {
    let verifier = verifier(100);
    assert_eq!(verifier.cache_capacity(), 100);
    for number in 0..2_000 {
        verifier.verify(&good(number)).unwrap();
        assert!(verifier.cached_tokens() <= 100, "{} are kept", verifier.cached_tokens());
    }
    assert!(verifier.cached_tokens() > 0);
}

#[test]
fn attack_a_token_that_was_verified_with_a_byte_changed_is_not_known() {
    let (verifier, token) = (verifier(16), good(1));
    verifier.verify(&token).unwrap();
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone().into_bytes();
            changed[at] ^= 1 << bit;
            assert!(verifier.verified_before(&changed).unwrap().is_none(), "bit {bit} of byte {at}");
        }
        assert!(verifier.verified_before(&token.as_bytes()[..at]).unwrap().is_none());
        assert!(verifier.verified_before(&token.as_bytes()[at + 1..]).unwrap().is_none());
    }
}
