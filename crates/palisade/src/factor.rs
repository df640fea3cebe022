//! What somebody proved themselves with when they signed in: authentication factors, as RFC 8176 names them.

use std::{fmt, str::FromStr};

/// One way to prove oneself. Its name is an Authentication Method Reference (RFC 8176, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Factor {
    /// `pwd`: a password.
    Password,
    /// `otp`: a one-time password, from an app or a device (RFC 4226, RFC 6238).
    OneTimePassword,
    /// `hwk`: a key that a device keeps, such as a security key.
    HardwareKey,
    /// `swk`: a key that software keeps, such as a passkey that is synchronised.
    SoftwareKey,
    /// `mfa`: more than one factor, whichever they were.
    Several,
}

/// No factor has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a factor is `pwd`, `otp`, `hwk`, `swk` or `mfa`")]
pub struct UnknownFactor;

impl Factor {
    /// Every factor there is.
    pub const ALL: [Self; 5] =
        [Self::Password, Self::OneTimePassword, Self::HardwareKey, Self::SoftwareKey, Self::Several];

    /// The factor's name in RFC 8176, section 2.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimePassword => "otp",
            Self::HardwareKey => "hwk",
            Self::SoftwareKey => "swk",
            Self::Several => "mfa",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Factor {
    type Err = UnknownFactor;

    fn from_str(name: &str) -> Result<Self, UnknownFactor> {
        Self::ALL.into_iter().find(|factor| factor.name() == name).ok_or(UnknownFactor)
    }
}

/// The factors of one sign-in. Two different ones of those with a name of their own are `mfa` as well.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FactorSet(u8);

impl FactorSet {
    /// Whether `factor` was used.
    pub fn contains(self, factor: Factor) -> bool {
        self.0 & factor.bit() != 0
    }

    /// The factors, in the order of [`Factor::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Factor> {
        Factor::ALL.into_iter().filter(move |factor| self.contains(*factor))
    }
}

impl FromIterator<Factor> for FactorSet {
    fn from_iter<I: IntoIterator<Item = Factor>>(factors: I) -> Self {
        let bits = factors.into_iter().fold(0, |bits, factor| bits | factor.bit());
        let several = (bits & !Factor::Several.bit()).count_ones() > 1;
        Self(if several { bits | Factor::Several.bit() } else { bits })
    }
}

impl fmt::Debug for FactorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Factor::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_factors_are_several_and_one_is_not() {
        let one: FactorSet = [Factor::Password].into_iter().collect();
        assert!(!one.contains(Factor::Several));
        let two: FactorSet = [Factor::Password, Factor::OneTimePassword].into_iter().collect();
        assert_eq!(two.iter().map(Factor::name).collect::<Vec<_>>(), ["pwd", "otp", "mfa"]);
    }

    #[test]
    fn a_factor_is_read_by_its_registered_name_and_no_other() {
        for factor in Factor::ALL {
            assert_eq!(factor.name().parse(), Ok(factor));
        }
        assert_eq!("PWD".parse::<Factor>(), Err(UnknownFactor));
    }
}
