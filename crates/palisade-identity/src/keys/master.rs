//! The master key: what everything secret in a store is encrypted under. It is not in the store.

use std::{
    fmt, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use palisade::{
    random::{Random, RandomUnavailable},
    secret::{SecretBytes, SecretString},
};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

/// Longer than the written form with its line break; what is longer is not read to its end.
const LONGEST_FILE: u64 = 64;

/// 256 random bits, wiped when dropped; `Debug` prints the type's name alone. Written as base64 (RFC 4648, section 4).
#[derive(ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// The file is not there.
    #[error("there is no master key in {}", .0.display())]
    Missing(PathBuf),
    /// Others than the owner may read or write the file.
    #[error("others can read the master key {} (mode {mode:04o}): run `chmod 600 {}`", .path.display(), .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not the base64 of 32 bytes. What it is instead is not told: it may be another secret.
    #[error("a master key is 32 bytes in base64, as `openssl rand -base64 32` prints them")]
    Malformed,
    /// The file cannot be read or written.
    #[error("the master key {} cannot be used: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// None could be drawn.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
}

impl MasterKey {
    /// Reads the key from the value of an environment variable, for instance.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError::Malformed`].
    pub fn from_base64(text: &SecretString) -> Result<Self, MasterKeyError> {
        let decoded = STANDARD.decode(text.expose().trim()).map_err(|_| MasterKeyError::Malformed)?;
        let decoded = Zeroizing::new(decoded);
        let mut bytes = [0; 32];
        if decoded.len() != bytes.len() {
            return Err(MasterKeyError::Malformed);
        }
        bytes.copy_from_slice(&decoded);
        let key = Self(bytes);
        bytes.zeroize();
        Ok(key)
    }

    /// Reads the key from a file that only its owner may read.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`]: all but `Random`.
    pub fn from_file(path: &Path) -> Result<Self, MasterKeyError> {
        let cannot = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
            _ => MasterKeyError::Io { path: path.to_owned(), error },
        };
        let file = fs::File::open(path).map_err(cannot)?;
        refuse_exposed(path, &file.metadata().map_err(cannot)?)?;
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST_FILE).read_to_string(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => MasterKeyError::Malformed,
            _ => cannot(error),
        })?;
        Self::from_base64(&SecretString::new(text.as_str()))
    }

    /// Draws a key and writes it into a new file with mode 0600. If there is a file already, its key is read: of two
    /// that start at once, both have the key of the first.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`].
    pub fn create_file(path: &Path, random: &dyn Random) -> Result<Self, MasterKeyError> {
        let key = Self::draw(random)?;
        let mut number = [0; 8];
        random.fill(&mut number)?;
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{:016x}.new", u64::from_le_bytes(number)));
        match key.write_file(path, Path::new(&name)) {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::from_file(path),
            Err(error) => Err(MasterKeyError::Io { path: path.to_owned(), error }),
        }
    }

    fn draw(random: &dyn Random) -> Result<Self, MasterKeyError> {
        let mut key = Self([0; 32]);
        random.fill(&mut key.0)?;
        Ok(key)
    }

    /// Writes beside `path` first: under its name the file is whole from the first moment, also after a power cut.
    fn write_file(&self, path: &Path, beside: &Path) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(beside)?;
        let text = Zeroizing::new(format!("{}\n", STANDARD.encode(self.0)));
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        // Unlike a renaming, a link does not replace what is there.
        let linked = written.and_then(|()| fs::hard_link(beside, path));
        fs::remove_file(beside)?;
        linked?;
        sync_folder(path)
    }

    /// A key for the purpose `purpose` (HKDF, RFC 5869): nothing can be told of it from a key for another purpose, nor of
    /// the master key from it.
    pub(crate) fn derive(&self, purpose: &[u8]) -> SecretBytes {
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, &[])
            .extract(&self.0)
            .expand(&[purpose], HKDF_SHA256)
            .and_then(|key| key.fill(&mut *bytes))
            .expect("as many bytes as one SHA-256 has can always be derived");
        SecretBytes::new(*bytes)
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), MasterKeyError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(MasterKeyError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), MasterKeyError> {
    Ok(())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sealed and hashed under derived keys is kept for years.
    #[test]
    fn a_derived_key_is_that_of_rfc_5869() {
        let derived = MasterKey([1; 32]).derive(b"palisade signing keys 1");
        let hex: String = derived.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "f89b22aeca34b5deb2d46b385b8981895c44e01b94eb2e0cceb3a39fce361b55");
        assert_ne!(derived, MasterKey([1; 32]).derive(b"palisade api keys 1"));
    }
}
