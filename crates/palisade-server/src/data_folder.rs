//! The folder in which everything lies that must not be lost: database, master key, first-admin secret.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use palisade::secret::SecretString;

use crate::config::private;

/// The folder, which exists and is its owner's.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder(PathBuf);

/// Keeps a second server off the folder until it is dropped.
#[derive(Debug)]
pub(crate) struct ServerLock {
    _file: File,
}

impl DataFolder {
    /// Takes the folder at `path`, and makes it, for its owner alone, if it is not there.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).with_context(|| {
            format!(
                "the data folder {} cannot be made: choose one you may write to with --data FOLDER",
                path.display()
            )
        })?;
        Self::take(path)
    }

    /// Takes the folder at `path`, which a server has used.
    pub(crate) fn existing(path: &Path) -> Result<Self> {
        let folder = Self(path.to_owned());
        if !folder.database().is_file() {
            bail!(
                "there is no database in {}: start `palisade serve` once, or name the folder it uses with --data FOLDER",
                path.display()
            );
        }
        Self::take(path)
    }

    fn take(path: &Path) -> Result<Self> {
        let path = fs::canonicalize(path)
            .with_context(|| format!("the data folder {} cannot be entered", path.display()))?;
        refuse_writable_by_others(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("palisade.sqlite")
    }

    pub(crate) fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    pub(crate) fn first_admin(&self) -> PathBuf {
        self.0.join("first-admin")
    }

    /// Makes this process the folder's only server. Commands do without: they work beside it.
    pub(crate) fn lock(&self) -> Result<ServerLock> {
        let path = self.0.join("server.lock");
        let file = for_the_owner().create(true).open(&path).with_context(|| {
            format!(
                "nothing can be written into the data folder {}: check who owns it, or choose another with --data FOLDER",
                self.0.display()
            )
        })?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another server is using the data folder {}: stop it, or choose another folder with --data FOLDER",
                self.0.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }

    /// The first-admin secret an earlier start has left.
    pub(crate) fn read_first_admin(&self) -> Result<Option<SecretString>> {
        let path = self.first_admin();
        match fs::read_to_string(&path) {
            Ok(text) => {
                private(&path)?;
                Ok(Some(SecretString::new(text.trim())))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Leaves the first-admin secret for whoever may read the folder; without one, takes away what was left.
    pub(crate) fn write_first_admin(&self, secret: Option<&SecretString>) -> Result<()> {
        let path = self.first_admin();
        let written = match secret {
            Some(secret) => for_the_owner()
                .create(true)
                .truncate(true)
                .open(&path)
                .and_then(|mut file| writeln!(file, "{}", secret.expose())),
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        written.with_context(|| format!("{} cannot be written", path.display()))
    }
}

fn for_the_owner() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whoever may write into the folder can put their own database there.
#[cfg(unix)]
fn refuse_writable_by_others(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let metadata = fs::metadata(path).with_context(|| format!("{} cannot be looked at", path.display()))?;
    if !metadata.is_dir() {
        bail!("{} is not a folder: choose another with --data FOLDER", path.display());
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        bail!(
            "others can write into the data folder {} (mode {mode:04o}): run `chmod 700 {}`",
            path.display(),
            path.display()
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_writable_by_others(_: &Path) -> Result<()> {
    Ok(())
}
