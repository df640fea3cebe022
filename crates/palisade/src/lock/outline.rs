//! The lines of a lock's text: sections, items and their facts. What they mean is for `read.rs`.

use std::fmt;

use crate::requirement::{is_seen, quoted};

/// The version of the text that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// A text is no lock, and why: the line says where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct InvalidLock {
    line: usize,
    wrong: String,
}

impl InvalidLock {
    pub(super) fn at(line: usize, wrong: impl Into<String>) -> Self {
        Self { line, wrong: wrong.into() }
    }

    /// The number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// `[name]`, and what stands below it.
pub(super) struct Section<'a> {
    pub(super) line: usize,
    pub(super) name: &'a str,
    pub(super) items: Vec<Item<'a>>,
}

/// A line that is not indented, and its facts.
pub(super) struct Item<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
    pub(super) facts: Vec<Fact<'a>>,
}

/// `    key: value`
pub(super) struct Fact<'a> {
    pub(super) line: usize,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// The sections of a text of the version that is known.
pub(super) fn sections(text: &str) -> Result<Vec<Section<'_>>, InvalidLock> {
    let mut lines =
        (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    version(lines.next())?;
    let mut sections: Vec<Section<'_>> = Vec::new();
    for (line, text) in lines {
        if let Some(marker) =
            ["<<<<<<<", "=======", ">>>>>>>"].iter().find(|marker| text.starts_with(**marker))
        {
            let wrong = format!("`{marker}` is left of a merge: take either side, and write the lock anew");
            return Err(InvalidLock::at(line, wrong));
        }
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push(Section { line, name, items: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return Err(InvalidLock::at(line, "a section such as `[routes]` comes first"));
        };
        match text.strip_prefix("    ") {
            Some(indented) => {
                let item = section.items.last_mut();
                let item = item.ok_or_else(|| InvalidLock::at(line, "it is indented, and below nothing"))?;
                item.facts.push(fact(line, indented)?);
            }
            None => section.items.push(Item { line, text, facts: Vec::new() }),
        }
    }
    Ok(sections)
}

fn version(first: Option<(usize, &str)>) -> Result<(), InvalidLock> {
    let (line, text) = first.unwrap_or((1, ""));
    let version = text.strip_prefix("version ").and_then(|version| version.parse::<u32>().ok());
    match version {
        Some(VERSION) => Ok(()),
        Some(other) => Err(InvalidLock::at(
            line,
            format!(
                "the lock is of version {other}, and this Palisade knows version {VERSION}: use the Palisade that wrote it, or \
                 write the lock anew"
            ),
        )),
        None => {
            Err(InvalidLock::at(line, "a lock begins with `version 1`, after comments: is it another file?"))
        }
    }
}

fn fact(line: usize, text: &str) -> Result<Fact<'_>, InvalidLock> {
    let (key, value) = text
        .split_once(": ")
        .filter(|(key, _)| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase()))
        .ok_or_else(|| {
            InvalidLock::at(line, "what is indented is written as `key: value`, after four spaces")
        })?;
    Ok(Fact { line, key, value })
}

/// Any text on one line: as it is where a reader sees what it is, or else in quotes.
pub(crate) struct Words<'a>(pub(crate) &'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = !self.0.is_empty() && self.0.trim() == self.0 && !self.0.starts_with('"');
        if plain && self.0.chars().all(is_seen) { f.write_str(self.0) } else { f.write_str(&quoted(self.0)) }
    }
}

/// Reads what [`Words`] writes.
pub(super) fn words(line: usize, text: &str) -> Result<String, InvalidLock> {
    if !text.starts_with('"') {
        return Ok(text.to_owned());
    }
    serde_json::from_str(text).map_err(|_| InvalidLock::at(line, "a text in quotes is written as in JSON"))
}
