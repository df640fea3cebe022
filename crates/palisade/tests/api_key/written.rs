//! The written form of a key: one text for each key, and a text that is none is refused without a look-up.

use palisade::{
    api_key::{Chain, DerivedKey, HashKey, HeldKey, Refused, SECRET_PATTERN},
    secret::SecretBytes,
};
use proptest::prelude::*;

use super::*;

#[test]
fn a_key_reads_back() {
    let key = key(1);
    let text = key.to_text();
    assert_eq!(text.len(), 76);
    let read = ApiKeyText::parse(text.expose()).unwrap();
    assert_eq!((read.id(), read.to_text() == text), (ID, true));
    assert_eq!(KeyId::parse(&ID.to_string()), Ok(ID));
    assert!(matches!(HeldKey::parse(text.expose()), Ok(HeldKey::Whole(_))));
}

#[test]
fn one_pattern_finds_every_key_and_nothing_public() {
    let pattern = regex::Regex::new(SECRET_PATTERN).unwrap();
    for number in 0..200 {
        let key = key(number);
        let derived = key.derive(Default::default(), &*SeededRandom::shared(number)).unwrap();
        for secret in [key.to_text(), derived.to_text()] {
            let leaked = format!("API_KEY=\"{}\"\n", secret.expose());
            assert_eq!(pattern.find(&leaked).map(|found| found.as_str()), Some(secret.expose()));
        }
        assert!(!pattern.is_match(&derived.chain().to_text()));
        assert!(!pattern.is_match(&key.id().to_string()));
    }
}

#[test]
fn every_single_typing_error_is_refused_without_a_look_up() {
    let key = key(1);
    let text = key.to_text();
    for position in 0..text.len() {
        for replacement in ["0", "A", "a", "z", "_", "-", " ", "é"] {
            let mut typed = text.expose().to_owned();
            typed.replace_range(position..=position, replacement);
            if typed != text.expose() {
                assert!(ApiKeyText::parse(&typed).is_err(), "{replacement} at {position}");
            }
        }
        assert!(ApiKeyText::parse(&text.expose()[..position]).is_err(), "cut off at {position}");
        let mut doubled = text.expose().to_owned();
        doubled.insert(position, char::from(text.expose().as_bytes()[position]));
        assert!(ApiKeyText::parse(&doubled).is_err(), "doubled at {position}");
    }
}

#[test]
fn two_characters_exchanged_are_refused() {
    let text = key(1).to_text();
    for position in 4..text.len() - 1 {
        let mut typed = text.expose().as_bytes().to_vec();
        typed.swap(position, position + 1);
        let typed = String::from_utf8(typed).unwrap();
        assert!(typed == text.expose() || ApiKeyText::parse(&typed).is_err());
    }
}

#[test]
fn a_wrong_checksum_is_told_from_a_wrong_form() {
    let text = key(1).to_text();
    let typed = text.expose().replacen('A', "B", 1);
    assert_ne!(typed, text.expose());
    assert_eq!(ApiKeyText::parse(&typed).unwrap_err(), Refused::Mistyped);
    for text in ["", "pal_", "pal__", "PAL_", "pal", "pald_", &"pal_".repeat(20), &"pal_0".repeat(1 << 20)] {
        assert_eq!(ApiKeyText::parse(text).unwrap_err(), Refused::Malformed);
        assert!(HeldKey::parse(text).is_err());
    }
}

#[test]
fn a_key_is_no_derived_key_and_no_chain() {
    let key = key(1);
    let derived = key.derive(Default::default(), &*SeededRandom::shared(2)).unwrap();
    assert!(DerivedKey::parse(key.to_text().expose()).is_err());
    assert!(Chain::parse(key.to_text().expose()).is_err());
    assert!(ApiKeyText::parse(derived.to_text().expose()).is_err());
    assert!(Chain::parse(derived.to_text().expose()).is_err());
    assert!(DerivedKey::parse(&derived.chain().to_text()).is_err());
    // Not even with the prefix of the other and a checksum that is right.
    let id = *ID.as_bytes();
    assert!(ApiKeyText::parse(&by_hand::written("pal", id, &[1; 31])).is_err());
    assert!(ApiKeyText::parse(&by_hand::written("pal", id, &[1; 33])).is_err());
    assert!(DerivedKey::parse(&by_hand::written("pald", id, &[1; 32])).is_err());
}

#[test]
fn debug_prints_no_secret() {
    let key = key(1);
    let derived = key.derive(Default::default(), &*SeededRandom::shared(2)).unwrap();
    let text = key.to_text();
    let secret = &text.expose()[27..70];
    let printed = format!("{key:?} {derived:?} {:?}", HeldKey::parse(text.expose()));
    assert!(printed.contains(&ID.to_string()) && !printed.contains(secret));
    let printed = format!("{:?}", HashKey::new(&SecretBytes::new([1; 32])).hash(&key));
    assert_eq!(printed, "KeyHash");
}

#[test]
fn a_keyed_hash_recognises_one_secret_of_one_key_under_one_hash_key() {
    let hash_key = HashKey::new(&SecretBytes::new([1; 32]));
    let hash = hash_key.hash(&key(1));
    assert_eq!(hash, hash_key.hash(&key(1)));
    assert_ne!(hash, hash_key.hash(&key(2)), "another secret");
    assert_ne!(hash, HashKey::new(&SecretBytes::new([2; 32])).hash(&key(1)), "another hash key");
    let renamed = by_hand::written("pal", [8; 16], &[9; 32]);
    let original = by_hand::written("pal", [7; 16], &[9; 32]);
    let [renamed, original] =
        [renamed, original].map(|text| hash_key.hash(&ApiKeyText::parse(&text).unwrap()));
    assert_ne!(renamed, original, "the same secret under another id");
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_the_same_again(text in "pal[dc]?_[0-9A-Za-z_]{0,300}|\\PC{0,100}") {
        if let Ok(key) = HeldKey::parse(&text) {
            let written = match key {
                HeldKey::Whole(key) => key.to_text(),
                HeldKey::Derived(key) => key.to_text(),
            };
            prop_assert_eq!(written.expose(), text);
        }
    }

    #[test]
    fn all_bytes_make_a_key(id: [u8; 16], secret: [u8; 32]) {
        let text = by_hand::written("pal", id, &secret);
        let key = ApiKeyText::parse(&text).unwrap();
        prop_assert_eq!(key.id(), KeyId::from_bytes(id));
        let written = key.to_text();
        prop_assert_eq!(written.expose(), text);
    }

    #[test]
    fn any_content_behind_a_right_checksum_is_read_as_it_is_or_refused(content: Vec<u8>) {
        let id = *ID.as_bytes();
        for prefix in ["pald", "palc"] {
            let text = by_hand::written(prefix, id, &content);
            if let Ok(key) = DerivedKey::parse(&text) {
                let written = key.to_text();
                prop_assert_eq!(written.expose(), &text);
            }
            if let Ok(chain) = Chain::parse(&text) {
                prop_assert_eq!(chain.to_text(), text);
            }
        }
    }
}
