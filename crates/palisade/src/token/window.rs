//! The time in which a token is accepted, as the clock counts it: in whole seconds.

use super::{Refused, refused::ensure};
use crate::clock::Timestamp;

/// The moments at which something is accepted: from one on, and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: Timestamp,
    before: Timestamp,
}

impl Window {
    /// From `begins` seconds after 1970 on and, if it ends, before `ends`; either may have a fraction.
    pub(crate) fn new(begins: f64, ends: Option<f64>) -> Self {
        Self { from: next_second(begins), before: ends.map_or(Timestamp::from_unix(i64::MAX), next_second) }
    }

    /// From `from` on, and before `before`.
    pub const fn between(from: Timestamp, before: Timestamp) -> Self {
        Self { from, before }
    }

    /// Its first moment.
    pub const fn from(self) -> Timestamp {
        self.from
    }

    /// The first moment after it.
    pub const fn before(self) -> Timestamp {
        self.before
    }

    /// Whether `now` is in it.
    pub fn contains(self, now: Timestamp) -> bool {
        self.from <= now && now < self.before
    }

    /// The part of it that is before `end`.
    #[must_use]
    pub fn ending(self, end: Timestamp) -> Self {
        Self { before: self.before.min(end), ..self }
    }

    pub(crate) fn check(self, now: Timestamp) -> Result<(), Refused> {
        ensure(now < self.before, Refused::Expired)?;
        ensure(self.from <= now, Refused::NotYetValid)
    }
}

/// The first whole second that is not before `seconds`. A clock of whole seconds is at or after the one when it is at or after
/// the other.
#[expect(clippy::cast_possible_truncation, reason = "whole, and far below 2^63: dates are below 2^53")]
fn next_second(seconds: f64) -> Timestamp {
    Timestamp::from_unix(seconds.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::token::{numeric_date::NumericDate, profile::Validity};

    fn dates() -> impl Strategy<Value = Option<NumericDate>> {
        prop_oneof![
            Just(None),
            (0_u32..2_000, 0_u32..4).prop_map(|(seconds, quarters)| {
                let text = (f64::from(seconds) + f64::from(quarters) / 4.0).to_string();
                NumericDate::read(&crate::token::json::Value::read(text.as_bytes()).unwrap())
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_cached_token_is_accepted_exactly_when_a_full_check_of_its_times_accepts_it(
            expires_at in dates(), not_before in dates(), issued_at in dates(), now in 0_i64..2_200, leeway in 0_u32..240,
        ) {
            let (validity, leeway) = (Validity { expires_at, not_before, issued_at }, f64::from(leeway) / 2.0);
            let now = Timestamp::from_unix(now);
            let in_full = validity.check(NumericDate::from(now).seconds(), leeway).is_ok();
            prop_assert_eq!(validity.window(leeway).contains(now), in_full);
            prop_assert_eq!(validity.window(leeway).check(now).is_ok(), in_full);
        }
    }
}
