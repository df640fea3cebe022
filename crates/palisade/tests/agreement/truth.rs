//! Three values, worse first: "all" is the worst of its parts, "any" the best.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    No,
    Open,
    Yes,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Open => Self::Open,
        }
    }
}

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    /// 401
    Nobody,
    /// 403
    Forbidden,
    /// 503
    Undecided,
}

impl From<Truth> for Answer {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Self::Allowed,
            Truth::No => Self::Forbidden,
            Truth::Open => Self::Undecided,
        }
    }
}
