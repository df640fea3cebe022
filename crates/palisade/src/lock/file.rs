//! A lock on disk.

use std::{
    ffi::OsString,
    fmt::{self, Write as _},
    fs, io,
    path::{Path, PathBuf},
};

use super::{Change, ChangeKind, InvalidLock, Lock};

/// A lock file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockFileError {
    /// There is none, which is how it begins.
    #[error("there is no lock file {0}")]
    Missing(String),
    /// The file system refused.
    #[error("the lock file {path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        error: io::Error,
    },
    /// What is in it is no lock.
    #[error("the lock file {path}, {error}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: InvalidLock,
    },
}

impl Lock {
    /// Reads the lock at `path`.
    ///
    /// # Errors
    ///
    /// When there is none, it cannot be read, or is no lock.
    pub fn read(path: &Path) -> Result<Self, LockFileError> {
        let shown = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => text.parse().map_err(|error| LockFileError::Invalid { path: shown, error }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(LockFileError::Missing(shown)),
            Err(error) => Err(LockFileError::Io { path: shown, error }),
        }
    }

    /// Writes the lock to `path`: wholly, or not at all. A file that says the same already is left alone.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn write(&self, path: &Path) -> Result<(), LockFileError> {
        let text = self.to_string();
        if fs::read_to_string(path).is_ok_and(|written| written == text) {
            return Ok(());
        }
        replace(path, text.as_bytes())
            .map_err(|error| LockFileError::Io { path: path.display().to_string(), error })
    }

    /// Whether the lock at `path` says what this one does.
    ///
    /// # Errors
    ///
    /// As [`Lock::read`].
    pub fn differs_from(&self, path: &Path) -> Result<Option<Differs>, LockFileError> {
        let changes = Self::read(path)?.changes(self);
        let path = path.display().to_string();
        Ok((!changes.is_empty()).then_some(Differs { path, changes }))
    }
}

/// Beside it first: whoever reads it meanwhile, or a crash, finds the old one or the new one.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(name);
    let written = fs::write(&beside, content).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It may not be there either.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A lock file does not say what the routes do. It prints as what to read before it is written anew.
#[derive(Clone, Debug)]
pub struct Differs {
    path: String,
    changes: Vec<Change>,
}

impl Differs {
    /// What changed; never empty.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the routes are not what {} says:\n", self.path)?;
        for change in &self.changes {
            writeln!(f, "  {change}")?;
        }
        let admits_more =
            |change: &&Change| matches!(change.kind(), ChangeKind::Weaker | ChangeKind::NewPublic);
        let (all, weaker) = (self.changes.len(), self.changes.iter().filter(admits_more).count());
        let mut sum = format!("{all} {}", if all == 1 { "change" } else { "changes" });
        if weaker > 0 {
            let admit = if weaker == 1 { "admits" } else { "admit" };
            write!(sum, "; {weaker} of them {admit} callers who were refused")?;
        }
        write!(f, "\n{sum}.")
    }
}
