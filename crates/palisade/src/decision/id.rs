//! The name of a decision: what a refused caller is told, and what the log and the audit trail call it by.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::random::{Random, RandomUnavailable};

/// The digits, without letters that are taken for others: no `i`, `l`, `o`, `u`.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many digits of five bits hold 128 bits.
const LENGTH: usize = 26;

/// The id of a decision: 128 random bits, written as 26 digits and lower-case letters. It tells nothing and is no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecisionId(u128);

/// A text is not the id of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a decision is 26 digits and lower-case letters, none of them i, l, o or u")]
pub struct InvalidDecisionId;

impl DecisionId {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when nothing could be drawn.
    pub fn draw(random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for position in (0..LENGTH).rev() {
            let digit = (self.0 >> (position * 5)) & 31;
            let digit = usize::try_from(digit).unwrap_or_default();
            fmt::Write::write_char(f, char::from(DIGITS[digit]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DecisionId {
    type Err = InvalidDecisionId;

    /// Reads the one form there is.
    fn from_str(text: &str) -> Result<Self, InvalidDecisionId> {
        // The first digit has three bits: 26 of five would hold more than 128.
        if text.len() != LENGTH || !matches!(text.as_bytes()[0], b'0'..=b'7') {
            return Err(InvalidDecisionId);
        }
        let digit = |byte: u8| DIGITS.iter().position(|known| *known == byte).ok_or(InvalidDecisionId);
        let push = |bits: u128, byte: u8| Ok(bits << 5 | digit(byte)? as u128);
        text.bytes().try_fold(0, push).map(Self)
    }
}

impl Serialize for DecisionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DecisionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for DecisionId {
    fn schema_name() -> Cow<'static, str> {
        "DecisionId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-7][0-9a-hjkmnp-tv-z]{25}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_its_one_form_only() {
        for bits in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let text = DecisionId(bits).to_string();
            assert_eq!((text.len(), text.parse()), (26, Ok(DecisionId(bits))), "{text}");
            assert_eq!(text.replace('z', "Z").parse::<DecisionId>().is_err(), text.contains('z'));
        }
        for text in
            ["", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000i", "é000000000000000000000000"]
        {
            assert_eq!(text.parse::<DecisionId>(), Err(InvalidDecisionId), "{text}");
        }
    }
}
