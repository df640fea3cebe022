//! What the matrix found.

use std::fmt;

/// Something that was answered otherwise than the table says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Method and path, as the table has them.
    pub route: String,
    /// Who called, and with what.
    pub caller: String,
    /// What would have been right.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// What a [`Matrix`](super::Matrix) found. It prints as a table of what failed, and says what was not tried.
#[derive(Clone, Debug, Default)]
#[must_use = "`assert` fails the test where something was answered otherwise than the table says"]
pub struct Report {
    failures: Vec<Failure>,
    untried: Vec<String>,
    requests: usize,
}

impl Report {
    /// Everything that was answered otherwise than the table says.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What was not tried, and why, a sentence each.
    pub fn untried(&self) -> &[String] {
        &self.untried
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// Fails the test where something was answered otherwise than the table says.
    ///
    /// # Panics
    ///
    /// With the report, if it has a failure.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.failures.is_empty(), "the router does not do what its access table says\n\n{self}");
    }

    /// As [`assert`](Self::assert), and fails the test also where something was not tried.
    ///
    /// # Panics
    ///
    /// With the report, if it has a failure, or something was not tried.
    #[track_caller]
    pub fn assert_all_tried(&self) {
        self.assert();
        assert!(self.untried.is_empty(), "not everything was tried\n\n{self}");
    }

    /// What was found by calling in each of these ways. What failed in all of them is one failure; what did not says in which way
    /// it did.
    pub(super) fn of_ways(reports: &[(&str, Self)]) -> Self {
        let mut all = Self::default();
        for (way, report) in reports {
            all.requests += report.requests;
            for failure in &report.failures {
                if reports.iter().any(|(_, other)| !other.failures.contains(failure)) {
                    let caller = format!("{}, {way}", failure.caller);
                    all.failed(Failure { caller, ..failure.clone() });
                } else if !all.failures.contains(failure) {
                    all.failed(failure.clone());
                }
            }
            for why in &report.untried {
                all.not_tried(why.clone());
            }
        }
        all
    }

    pub(super) fn request_sent(&mut self) {
        self.requests += 1;
    }

    pub(super) fn failed(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// Notes `why` once.
    pub(super) fn not_tried(&mut self, why: String) {
        if !self.untried.contains(&why) {
            self.untried.push(why);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} requests, {} of them answered wrongly", self.requests, self.failures.len())?;
        let columns: [fn(&Failure) -> &str; 3] =
            [|failure| &failure.route, |failure| &failure.caller, |failure| &failure.expected];
        let widths = columns.map(|column| {
            self.failures.iter().map(|failure| column(failure).chars().count()).max().unwrap_or(0)
        });
        for failure in &self.failures {
            for (column, width) in columns.iter().zip(widths) {
                write!(f, "{:width$}  ", column(failure))?;
            }
            writeln!(f, "got {}", failure.got)?;
        }
        for why in &self.untried {
            writeln!(f, "not tried: {why}")?;
        }
        Ok(())
    }
}
