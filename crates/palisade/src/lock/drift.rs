//! Which way something went.

use super::ChangeKind;

/// Whether more callers are admitted, or fewer, or whether it is another question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Drift {
    weaker: bool,
    stronger: bool,
    otherwise: bool,
}

impl Drift {
    pub(super) const OTHERWISE: Self = Self { weaker: false, stronger: false, otherwise: true };
    pub(super) const WEAKER: Self = Self { weaker: true, stronger: false, otherwise: false };
    pub(super) const STRONGER: Self = Self { weaker: false, stronger: true, otherwise: false };

    /// By whether all that passed still does, and whether all that passes now did.
    pub(super) const fn between(old_passes_new: bool, new_passed_old: bool) -> Self {
        match (old_passes_new, new_passed_old) {
            (true, true) => Self { weaker: false, stronger: false, otherwise: false },
            (true, false) => Self::WEAKER,
            (false, true) => Self::STRONGER,
            (false, false) => Self::OTHERWISE,
        }
    }

    pub(super) const fn is_none(self) -> bool {
        !(self.weaker || self.stronger || self.otherwise)
    }

    /// Both together.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            weaker: self.weaker || other.weaker,
            stronger: self.stronger || other.stronger,
            otherwise: self.otherwise || other.otherwise,
        }
    }

    /// None where nothing went anywhere.
    pub(super) const fn kind(self) -> Option<ChangeKind> {
        match (self.weaker, self.stronger, self.otherwise) {
            (false, false, false) => None,
            (true, false, false) => Some(ChangeKind::Weaker),
            (false, true, false) => Some(ChangeKind::Stronger),
            _ => Some(ChangeKind::Changed),
        }
    }
}
