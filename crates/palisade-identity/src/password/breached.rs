//! A list of passwords known from breaches, searched where it lies on disk.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
};

use aws_lc_rs::digest;
use palisade::secret::SecretString;

/// The length of a SHA-1 hash in hexadecimal.
const HEX: usize = 40;
/// Longer than any line: a hash, a colon, a count and a line end.
const LINE: usize = 80;

/// A file of SHA-1 hashes in upper-case hexadecimal, one to a line and sorted, each with a colon and a count behind
/// it or without: the form in which Have I Been Pwned gives its list to download.
///
/// A look-up reads some forty short pieces of the file and keeps nothing in memory. The file is opened for each,
/// so a new version may be moved into its place while the server runs.
#[derive(Clone, Debug)]
pub struct BreachedList {
    path: PathBuf,
}

/// The file cannot serve as a list of breached passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAList {
    /// It could not be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Its first line does not begin with a SHA-1 hash in upper-case hexadecimal.
    #[error("{path}: not a list of SHA-1 hashes in upper-case hexadecimal, one to a line")]
    Format {
        /// The file.
        path: PathBuf,
    },
}

impl BreachedList {
    /// Takes the file at `path`, and looks at its first line.
    ///
    /// # Errors
    ///
    /// [`NotAList`] when it cannot be read or is something else.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, NotAList> {
        let path = path.into();
        match File::open(&path).and_then(|mut file| line_at(&mut file, 0)) {
            Ok(Some(line)) if hash_of(&line).is_some() => Ok(Self { path }),
            Ok(_) => Err(NotAList::Format { path }),
            Err(error) => Err(NotAList::Unreadable { path, error }),
        }
    }

    /// Whether a password is on the list.
    ///
    /// # Errors
    ///
    /// When the file cannot be read any more, or is not sorted lines of hashes.
    pub fn contains(&self, password: &SecretString) -> io::Result<bool> {
        let wanted = sha1_hex(password);
        let mut file = File::open(&self.path)?;
        // The lines that begin in `low..high` are those not yet ruled out.
        let (mut low, mut high) = (0, file.metadata()?.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(start) = line_start(&mut file, low, middle)?.filter(|start| *start < high) else {
                high = middle;
                continue;
            };
            let line = line_at(&mut file, start)?.unwrap_or_default();
            let hash = hash_of(&line).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
            match hash.cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = start + line.len() as u64,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }
}

/// Where the first line begins that begins at `from` or later; a line is known to begin at `low`.
fn line_start(file: &mut File, low: u64, from: u64) -> io::Result<Option<u64>> {
    if from == low {
        return Ok(Some(low));
    }
    // The byte before `from` decides whether a line begins right there.
    let rest = line_at(file, from - 1)?;
    Ok(rest.map(|rest| from - 1 + rest.len() as u64))
}

/// What lies between `offset` and the end of its line, with the line end; `None` at the end of the file.
fn line_at(file: &mut File, offset: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::with_capacity(LINE);
    file.seek(SeekFrom::Start(offset))?;
    file.take(LINE as u64).read_to_end(&mut line)?;
    if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
        line.truncate(end + 1);
    }
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// The hash a line begins with.
fn hash_of(line: &[u8]) -> Option<[u8; HEX]> {
    let hash: [u8; HEX] = line.first_chunk().copied()?;
    let whole = line.get(HEX).is_none_or(|next| b":\r\n".contains(next));
    let upper_hex = hash.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    (whole && upper_hex).then_some(hash)
}

fn sha1_hex(password: &SecretString) -> [u8; HEX] {
    // SHA-1 is what the list is made of; nothing here rests on its strength.
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes());
    let mut hex = [0; HEX];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(hash.as_ref()) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    hex
}

const fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'A' + (nibble - 10),
    }
}
