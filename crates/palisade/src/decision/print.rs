//! Decisions as text for people.

use std::fmt;

use super::{Decision, Ruling, Stage};
use crate::requirement::Plain;

impl fmt::Display for Decision {
    /// Which, who, what and when, then the requirement as a tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, method, path, subject, facts, .. } = self;
        writeln!(f, "Decision {id}, {}", facts.at)?;
        let delegated =
            if facts.delegated { ", with a credential that was given a part of its authority" } else { "" };
        writeln!(f, "{} {} by {}{delegated}", Plain(method), Plain(path), Plain(&subject.to_string()))?;
        writeln!(f, "{}", self.in_words())?;
        for (name, value) in &facts.parameters {
            writeln!(f, "with {} = {value:?}", Plain(name))?;
        }
        match &self.explanation {
            Some(explanation) => explanation.fmt(f),
            None => writeln!(f, "(what was required is too large to be kept)"),
        }
    }
}

impl Decision {
    /// What came of it, as a sentence.
    fn in_words(&self) -> String {
        let ruling = match self.ruling {
            Ruling::Allowed => "Allowed".to_owned(),
            Ruling::Refused(status) => format!("Refused ({status})"),
            Ruling::Undecided => "Could not be decided (503)".to_owned(),
        };
        match &self.stage {
            Stage::Route => format!("{ruling} by what the route requires:"),
            Stage::Policy { action, resource } => {
                let (action, resource) = (Plain(action), Plain(resource));
                if self.verdict.is_none() {
                    return format!(
                        "{ruling}: there is no such {resource} to {action}; for one, this would be asked:"
                    );
                }
                format!("{ruling} by the policy of {action} {resource}:")
            }
            Stage::Handler => {
                format!(
                    "{ruling} by the handler or a dependency, for reasons of its own; what the route requires held:"
                )
            }
        }
    }
}
