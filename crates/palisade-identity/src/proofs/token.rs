//! The token in a link.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    random::{Random, RandomUnavailable},
    secret::SecretString,
};
use zeroize::Zeroizing;

use crate::store::ProofHash;

/// The characters of a token: 32 bytes in base64url.
const CHARACTERS: usize = 43;

/// 256 random bits. What is kept is their SHA-256: whoever copies the store cannot make a link of it, and with so many
/// bits nothing slower is needed.
pub(crate) struct ProofToken(Zeroizing<[u8; 32]>);

impl ProofToken {
    pub(crate) fn draw(random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// Reads what a link carried; `None` for whatever no link of ours can have carried.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        if text.len() != CHARACTERS {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.expose()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    pub(crate) fn text(&self) -> SecretString {
        SecretString::new(URL_SAFE_NO_PAD.encode(*self.0))
    }

    pub(crate) fn hash(&self) -> ProofHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &*self.0).as_ref());
        ProofHash::from_bytes(hash)
    }
}
