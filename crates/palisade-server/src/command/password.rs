//! Reading a password: from the terminal without echo, from a file, or from standard input.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, IsTerminal as _, Read},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use console::Term;
use palisade::secret::SecretString;

use crate::cli::PasswordSource;

/// Longer than any password may be.
const LONGEST: u64 = 4096;

/// Reads a new password.
pub(super) fn read(source: &PasswordSource) -> Result<SecretString> {
    match source.password_file.as_deref() {
        Some(path) if path == Path::new("-") => first_line(io::stdin().lock()).context("standard input"),
        Some(path) => File::open(path).and_then(first_line_io).with_context(|| {
            format!(
                "the password file {} cannot be read: check the path given with --password-file",
                path.display()
            )
        }),
        None if io::stdin().is_terminal() => prompt(),
        None => first_line(io::stdin().lock()).context("standard input"),
    }
    .and_then(|password| {
        ensure!(
            !password.is_empty(),
            "no password was given: type it, or write it into a file for --password-file"
        );
        Ok(password)
    })
}

/// Reads something that may be seen, if there is a terminal to ask on.
pub(super) fn ask(what: &str, instead: &str) -> Result<String> {
    let terminal = Term::stderr();
    if !io::stdin().is_terminal() || !terminal.is_term() {
        bail!("{what} is missing: give it with {instead}");
    }
    terminal.write_str(&format!("{what}: "))?;
    Ok(terminal.read_line()?)
}

fn prompt() -> Result<SecretString> {
    let terminal = Term::stderr();
    if !terminal.is_term() {
        bail!("there is no terminal to ask on: give the password with --password-file FILE");
    }
    let asked = |prompt: &str| -> Result<SecretString> {
        terminal.write_str(prompt)?;
        Ok(SecretString::new(terminal.read_secure_line()?))
    };
    let password = asked("Password: ")?;
    ensure!(password == asked("Once more: ")?, "the two are not the same: try again");
    Ok(password)
}

fn first_line_io(source: impl Read) -> io::Result<SecretString> {
    let mut line = String::new();
    BufReader::new(source.take(LONGEST)).read_line(&mut line)?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(SecretString::new(line))
}

fn first_line(source: impl Read) -> Result<SecretString> {
    Ok(first_line_io(source)?)
}
