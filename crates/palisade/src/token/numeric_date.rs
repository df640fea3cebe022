//! Moments as tokens write them: `NumericDate` of RFC 7519, section 2.

use super::json::Value;
use crate::clock::Timestamp;

/// The largest number below which each whole second has its own `f64`.
const LIMIT: f64 = 9_007_199_254_740_992.0; // 2^53

/// Seconds since 1970, possibly with a fraction; finite, from 0 to less than 2^53.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct NumericDate(f64);

impl NumericDate {
    /// Reads a JSON number, in any form JSON allows.
    pub(crate) fn read(value: &Value<'_>) -> Option<Self> {
        // check: numeric-date-type, instead: let (Value::Number(text) | Value::String(std::borrow::Cow::Borrowed(text))) = value else { return None };
        let Value::Number(text) = value else { return None };
        let seconds = text.parse().ok()?;
        // check: numeric-date-range
        let in_range = (0.0..LIMIT).contains(&seconds);
        in_range.then_some(Self(seconds))
    }

    /// The seconds, for comparing: `exp + 60` may exceed what a token may write.
    pub(crate) fn seconds(self) -> f64 {
        self.0
    }

    /// The last whole second that is not after this moment.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than 2^53 fits, and the fraction is to be dropped"
    )]
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_unix(self.0 as i64)
    }
}

impl From<Timestamp> for NumericDate {
    #[expect(clippy::cast_precision_loss, reason = "moments beyond 2^53 seconds are all equally far away")]
    fn from(moment: Timestamp) -> Self {
        Self(moment.as_unix() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<f64> {
        NumericDate::read(&Value::read(text.as_bytes()).unwrap()).map(NumericDate::seconds)
    }

    #[test]
    fn every_form_of_a_number_is_read() {
        assert_eq!(read("0"), Some(0.0));
        assert_eq!(read("1e9"), Some(1e9));
        assert_eq!(read("1.5"), Some(1.5));
        assert_eq!(read("18E+8"), Some(1.8e9));
        assert_eq!(read("9007199254740991"), Some(LIMIT - 1.0));
    }

    #[test]
    fn numbers_that_are_no_moment_are_refused() {
        for text in [
            "-1",
            "-0.5",
            "9007199254740992",
            "1e16",
            "1e400",
            "-1e400",
            "\"1\"",
            "null",
            "true",
            "[1]",
            "{}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
