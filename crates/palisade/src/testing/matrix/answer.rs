//! What a request may be answered with, what it was answered with, and whether the two agree.

use std::fmt;

use http::{HeaderMap, header};

use crate::credential::Scheme;

/// An answer that would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The guard lets the request through to the handler.
    Admitted,
    /// Nothing runs; one of these lists of challenges is sent, each sorted.
    Refused { status: u16, challenges: Vec<Vec<String>> },
    /// Nothing runs; whatever else is answered is a layer's own.
    NothingRuns,
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) challenges: Vec<String>,
    /// How many handlers ran, or would have.
    pub(super) ran: usize,
}

impl Got {
    pub(super) fn of(status: u16, headers: &HeaderMap, ran: usize) -> Self {
        let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
        let mut challenges: Vec<String> =
            challenges.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        challenges.sort();
        Self { status, challenges, ran }
    }

    pub(super) fn is(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Admitted => self.ran > 0 || (200..400).contains(&self.status),
            Answer::NothingRuns => self.ran == 0,
            Answer::Refused { status, challenges } => {
                self.ran == 0 && self.status == *status && challenges.contains(&self.challenges)
            }
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admitted => f.write_str("admitted"),
            Self::NothingRuns => f.write_str("nothing runs"),
            Self::Refused { status, challenges } => {
                write!(f, "{status}")?;
                let said: Vec<String> = challenges.iter().map(|all| all.join(", ")).collect();
                match said.join(" or ") {
                    none if none.is_empty() => Ok(()),
                    said => write!(f, " `{said}`"),
                }
            }
        }
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if !self.challenges.is_empty() {
            write!(f, " `{}`", self.challenges.join(", "))?;
        }
        if self.ran > 0 { f.write_str(", the handler ran") } else { Ok(()) }
    }
}

/// The challenges of `schemes`, each once.
pub(super) fn bases(schemes: &[Scheme]) -> Vec<&str> {
    let mut bases: Vec<&str> = schemes.iter().filter_map(Scheme::challenge).collect();
    bases.sort_unstable();
    bases.dedup();
    bases
}

pub(super) fn bearer_bases(schemes: &[Scheme]) -> Vec<&str> {
    let mut bases = bases(schemes);
    bases.retain(|base| is_bearer(base));
    bases
}

fn is_bearer(base: &str) -> bool {
    base.split(' ').next() == Some("Bearer")
}

/// 401 to whoever sent no credential: every challenge, and no error (RFC 6750, section 3.1).
pub(super) fn not_authenticated(schemes: &[Scheme]) -> Answer {
    let challenges = vec![bases(schemes).into_iter().map(str::to_owned).collect()];
    Answer::Refused { status: 401, challenges }
}

/// 401 to whoever sent an invalid credential of the scheme `sent`: the error stands in its own challenge only.
pub(super) fn invalid(schemes: &[Scheme], sent: &Scheme) -> Answer {
    let with_error = |concerned: &dyn Fn(&str) -> bool| {
        let each = |base: &str| match concerned(base) && is_bearer(base) {
            true if base.contains(' ') => format!("{base}, error=\"invalid_token\""),
            true => format!("{base} error=\"invalid_token\""),
            false => base.to_owned(),
        };
        let mut all: Vec<String> = bases(schemes).into_iter().map(each).collect();
        all.sort();
        all
    };
    let challenges = match sent.challenge() {
        Some(own) => vec![with_error(&|base| base == own)],
        // Nobody can be told which of the others it was not.
        None => vec![with_error(&|_| true), with_error(&|_| false)],
    };
    Answer::Refused { status: 401, challenges }
}
