//! The example of `docs/api-keys.md`, which another implementation has made.

use palisade::api_key::{Chain, DerivedKey, SECRET_PATTERN};

use super::*;

const PAGE: &str = include_str!("../../../../docs/api-keys.md");

/// The key on the page that begins like this.
fn example(prefix: &str) -> &'static str {
    PAGE.split_whitespace().find(|word| word.starts_with(prefix) && word.len() > 70).unwrap()
}

/// Bytes that count up.
fn counting<const N: usize>(from: u8) -> [u8; N] {
    std::array::from_fn(|position| from + u8::try_from(position).unwrap())
}

#[test]
fn the_key_is_the_one_the_page_describes() {
    let key = ApiKeyText::from_secret(KeyId::from_bytes(counting(0)), counting(0x20));
    assert_eq!(key.to_text().expose(), example("pal_"));
    let public: String = key.public_key().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(PAGE.contains(&public));
}

#[test]
fn the_derived_key_is_the_one_the_page_describes() {
    let key = ApiKeyText::parse(example("pal_")).unwrap();
    let derived = DerivedKey::parse(example("pald_")).unwrap();
    let narrowed = derived.verify(key.public_key(), key.id(), NOW).unwrap();
    assert_eq!(narrowed.scopes(), Some(&scopes("items:read")));
    assert_eq!(narrowed.expires(), Some(Timestamp::from_unix(4_102_444_800)));
    assert_eq!(narrowed.route().unwrap().as_str(), "GET /items/{id}");
    assert_eq!(narrowed.links(), [LinkId::from_bytes(counting(0x60))]);
    assert_eq!(narrowed.public_key(), by_hand::public_key(counting(0x40)));
    assert_eq!(derived.to_text().expose(), example("pald_"));
    assert!(Chain::parse(&derived.chain().to_text()).is_ok());
}

#[test]
fn the_pattern_is_the_published_one() {
    assert!(PAGE.contains(&format!("`{SECRET_PATTERN}`")));
}
