//! A stored password: the one form in which a password may reach a database.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::Parameters;

/// The longest string that is looked at; every hash within the bounds is shorter.
const LONGEST: usize = 256;
/// Bytes of salt in new hashes (RFC 9106, section 3.1, recommends 16).
pub(super) const SALT: usize = 16;
/// Bytes of tag in new hashes.
pub(super) const TAG: usize = 32;

/// An Argon2id hash in the PHC string format, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
///
/// Parsing is strict: Argon2id of version 19 (RFC 9106) only, numbers and base64 in their one canonical form, a
/// salt of 8 to 48 and a tag of 16 to 64 bytes, and parameters within [`Parameters`]' bounds, so that no row of
/// a database can make the server take gigabytes of memory. `Debug` prints only the type's name.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    phc: String,
    parameters: Parameters,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

/// A stored hash that is none, or none that this server accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Argon2id hash (version 19, within bounds) in PHC string format")]
pub struct MalformedHash;

impl PasswordHash {
    /// The PHC string, to be stored.
    pub fn as_phc(&self) -> &str {
        &self.phc
    }

    /// What it cost, and costs again to verify.
    pub const fn parameters(&self) -> Parameters {
        self.parameters
    }

    pub(super) fn new(parameters: Parameters, salt: &[u8], tag: &[u8]) -> Self {
        let phc = format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            parameters.memory_kib(),
            parameters.iterations(),
            parameters.lanes(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(tag),
        );
        Self { phc, parameters, salt: salt.to_vec(), tag: tag.to_vec() }
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(super) fn tag(&self) -> &[u8] {
        &self.tag
    }

    /// Whether a hash made now would look the same.
    pub(super) fn is_made_with(&self, parameters: Parameters) -> bool {
        self.parameters == parameters && self.salt.len() == SALT && self.tag.len() == TAG
    }
}

impl FromStr for PasswordHash {
    type Err = MalformedHash;

    fn from_str(phc: &str) -> Result<Self, Self::Err> {
        let hash = read(phc).ok_or(MalformedHash)?;
        // Written again it must be the same text, so there is one text for each hash: no leading zeros, no signs.
        if hash.phc == phc { Ok(hash) } else { Err(MalformedHash) }
    }
}

fn read(phc: &str) -> Option<PasswordHash> {
    if phc.len() > LONGEST {
        return None;
    }
    let mut fields = phc.strip_prefix("$argon2id$v=19$")?.split('$');
    let (parameters, salt, tag) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let parameters = read_parameters(parameters)?;
    let salt = STANDARD_NO_PAD.decode(salt).ok().filter(|salt| (8..=48).contains(&salt.len()))?;
    let tag = STANDARD_NO_PAD.decode(tag).ok().filter(|tag| (16..=64).contains(&tag.len()))?;
    Some(PasswordHash::new(parameters, &salt, &tag))
}

fn read_parameters(text: &str) -> Option<Parameters> {
    let (memory, rest) = text.strip_prefix("m=")?.split_once(",t=")?;
    let (iterations, lanes) = rest.split_once(",p=")?;
    Parameters::weaker_than_recommended(memory.parse().ok()?, iterations.parse().ok()?, lanes.parse().ok()?)
        .ok()
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}
