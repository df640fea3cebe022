//! `palisade replay`: recorded decisions, decided by what this program requires.

use std::{path::Path, process::ExitCode};

use anyhow::Result;
use palisade::{
    decision::{Change, Decision, Replayed, replay},
    requirement::Verdict,
};

use super::{complain, decided, is_broken_pipe, say};
use crate::app;

/// Ends as `diff` does: 0 if nothing flips, 1 if something does, 2 if that could not be found out.
pub(super) fn run(file: &Path) -> ExitCode {
    match flips(file) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::from(1),
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

/// How many flip; each is printed, and all are counted.
fn flips(file: &Path) -> Result<usize> {
    let decisions = decided::read(file)?;
    let (table, _) = app::routes().describe()?;
    let replayed = replay(&decisions, &table);
    for one in &replayed {
        if let Change::Flips { from, to } = one.change {
            say(format_args!("{}: {}, now {}", asked(one.decision), said(from), said(to)))?;
            if let Some(explanation) = &one.explanation {
                say(explanation)?;
            }
        }
    }
    for one in &replayed {
        match &one.change {
            Change::Gone => say(format_args!("{}: there is no such route any more", asked(one.decision)))?,
            Change::Unknowable(leaf) => {
                say(format_args!("{}: it hangs on `{leaf}`, which was not recorded", asked(one.decision)))?;
            }
            _ => {}
        }
    }
    let count = |is: fn(&Replayed<'_>) -> bool| replayed.iter().filter(|one| is(one)).count();
    let flips = count(|one| matches!(one.change, Change::Flips { .. }));
    say(format_args!(
        "{} decisions: {flips} flip, {} stay, {} are of routes that are gone, {} cannot be known",
        replayed.len(),
        count(|one| one.change == Change::Same),
        count(|one| one.change == Change::Gone),
        count(|one| matches!(one.change, Change::Unknowable(_))),
    ))?;
    Ok(flips)
}

fn asked(decision: &Decision) -> String {
    let Decision { id, method, path, subject, .. } = decision;
    format!("{id} {method} {path} by {subject}").chars().filter(|character| !character.is_control()).collect()
}

fn said(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::True => "allowed",
        Verdict::False => "refused",
        Verdict::Unknown => "undecided",
    }
}
