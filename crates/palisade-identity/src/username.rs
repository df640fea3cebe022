//! Usernames: `UsernameCaseMapped` of RFC 8265, section 3.3, so that two names a reader or a keyboard would take
//! for one by case or width *are* one.

use std::{borrow::Cow, fmt, str::FromStr};

use precis_core::profile::PrecisFastInvocation as _;
use precis_profiles::UsernameCaseMapped;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// A username in its mapped form: width-folded, lower case, NFC. Two are equal when RFC 8265 says so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Username(String);

/// Why a text is not a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUsername {
    /// There is nothing in it, or more than [`Username::MAX_CHARACTERS`], as typed or after mapping.
    #[error("a username has 1 to {} characters", Username::MAX_CHARACTERS)]
    Length,
    /// It has a character or a sequence RFC 8265 does not allow: a space, a control character, a mix of
    /// writing directions, a code point with a compatible twin.
    #[error("a username is made of letters, digits and ASCII signs, without spaces (RFC 8265)")]
    Character,
}

/// What a schema can say of the rules, so that a name with a space is told beside the other fields' faults: no white
/// space, no control characters. Each of these is refused by RFC 8265 too, whatever stands around it.
const PATTERN: &str =
    r"^[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]*$";

impl Username {
    /// The longest username, in characters.
    pub const MAX_CHARACTERS: usize = 64;

    /// Reads a username as somebody typed it.
    ///
    /// # Errors
    ///
    /// [`InvalidUsername`] when it is too long or RFC 8265, section 3.3 does not allow it.
    pub fn new(typed: &str) -> Result<Self, InvalidUsername> {
        // Before any mapping: a megabyte is not worth normalising. No character has more than four bytes.
        if typed.len() > 4 * Self::MAX_CHARACTERS {
            return Err(InvalidUsername::Length);
        }
        check_length(typed)?;
        let mapped = enforce_until_stable(typed)?;
        check_length(&mapped)?;
        Ok(Self(mapped.into_owned()))
    }

    /// The mapped form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_length(text: &str) -> Result<(), InvalidUsername> {
    let length = text.chars().take(Username::MAX_CHARACTERS + 1).count();
    if (1..=Username::MAX_CHARACTERS).contains(&length) { Ok(()) } else { Err(InvalidUsername::Length) }
}

/// The rules may give a text that they would map again; RFC 8264, section 7 asks to repeat them up to three times
/// and to refuse what is still moving. Without that, reading a stored name back could give another name.
fn enforce_until_stable(typed: &str) -> Result<Cow<'_, str>, InvalidUsername> {
    let mut mapped = enforce(Cow::Borrowed(typed))?;
    for _ in 0..3 {
        let again = enforce(mapped.clone())?;
        if again == mapped {
            return Ok(mapped);
        }
        mapped = again;
    }
    Err(InvalidUsername::Character)
}

fn enforce(text: Cow<'_, str>) -> Result<Cow<'_, str>, InvalidUsername> {
    UsernameCaseMapped::enforce(text).map_err(|_| InvalidUsername::Character)
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(typed: &str) -> Result<Self, InvalidUsername> {
        Self::new(typed)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed = Cow::<str>::deserialize(deserializer)?;
        Self::new(&typed).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Username {
    fn schema_name() -> Cow<'static, str> {
        "Username".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            // JSON Schema has no such format; whoever knows the word can check more than the length.
            "format": "username",
            "description": "UsernameCaseMapped of RFC 8265: letters, digits and ASCII signs, without spaces; upper and lower case are one.",
            "minLength": 1,
            "maxLength": Self::MAX_CHARACTERS,
            "examples": ["ada"],
            "pattern": PATTERN,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> String {
        Username::new(text).unwrap().to_string()
    }

    #[test]
    fn the_pattern_refuses_nothing_that_the_rules_allow() {
        let refused = [
            '\u{0}'..='\u{20}',
            '\u{7f}'..='\u{a0}',
            '\u{1680}'..='\u{1680}',
            '\u{2000}'..='\u{200b}',
            '\u{200e}'..='\u{200f}',
            '\u{2028}'..='\u{202f}',
            '\u{205f}'..='\u{2064}',
            '\u{3000}'..='\u{3000}',
            '\u{feff}'..='\u{feff}',
        ];
        for character in refused.into_iter().flatten() {
            let text = format!("a{character}a");
            assert_eq!(Username::new(&text), Err(InvalidUsername::Character), "{text:?}");
        }
    }

    #[test]
    fn attack_case_confusable_username() {
        assert_eq!(name("Admin"), "admin");
        assert_eq!(name("ADMIN"), "admin");
        assert_eq!(name("ÅSE"), name("a\u{30a}se"));
    }

    #[test]
    fn attack_homoglyph_through_width_mapping() {
        assert_eq!(name("\u{ff41}\u{ff44}\u{ff4d}\u{ff49}\u{ff4e}"), "admin", "fullwidth letters");
        for twin in ["\u{212a}ate", "\u{1d41a}dmin", "\u{24d0}dmin", "o\u{fb03}ce", "paßwort\u{17f}"] {
            assert_eq!(Username::new(twin), Err(InvalidUsername::Character), "{twin:?}");
        }
    }

    #[test]
    fn attack_nul_and_other_invisible_characters_in_a_username() {
        for hidden in [
            "\0", "\u{7f}", "\u{85}", " ", "\t", "\n", "\u{a0}", "\u{200b}", "\u{200d}", "\u{202e}",
            "\u{feff}",
        ] {
            for text in [format!("{hidden}ada"), format!("a{hidden}da"), format!("ada{hidden}")] {
                assert_eq!(Username::new(&text), Err(InvalidUsername::Character), "{text:?}");
            }
        }
    }

    #[test]
    fn attack_a_name_that_reads_in_two_directions() {
        assert_eq!(Username::new("admin\u{5d0}"), Err(InvalidUsername::Character));
        assert_eq!(name("\u{5d0}\u{5d1}"), "\u{5d0}\u{5d1}");
    }

    #[test]
    fn length_is_counted_in_characters_before_and_after_mapping() {
        assert_eq!(Username::new(""), Err(InvalidUsername::Length));
        assert!(Username::new(&"é".repeat(64)).is_ok());
        assert_eq!(Username::new(&"é".repeat(65)), Err(InvalidUsername::Length));
        assert_eq!(Username::new(&"a".repeat(10_000_000)), Err(InvalidUsername::Length));
        // One character as typed, two when lower case.
        assert_eq!(Username::new(&"\u{130}".repeat(64)), Err(InvalidUsername::Length));
    }

    #[test]
    fn json_is_checked_like_anything_typed() {
        assert_eq!(serde_json::from_str::<Username>(r#""Ad\u0061""#).unwrap().as_str(), "ada");
        let refused = serde_json::from_str::<Username>(r#""a\u0000""#).unwrap_err();
        assert!(refused.to_string().contains("RFC 8265"), "{refused}");
    }

    #[test]
    fn attack_a_name_that_could_be_stored_and_not_read_back() {
        // A Cherokee letter whose lower case came to Unicode later; a sign that composes to one not allowed.
        for typed in ["\u{13a0}", "<\u{338}", "=\u{338}"] {
            assert!(enforce(Cow::Borrowed(typed)).is_ok(), "{typed:?}");
            assert_eq!(Username::new(typed), Err(InvalidUsername::Character), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_stored_name_reads_back_as_itself(typed in "\\PC{1,16}") {
            if let Ok(username) = Username::new(&typed) {
                prop_assert_eq!(Username::new(username.as_str()), Ok(username.clone()));
            }
        }
    }
}
