//! What a browser keeps of a session: which one it is, and the secret that proves it.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    clock::Clock,
    random::{Random, RandomUnavailable},
    secret::SecretString,
};
use uuid::Uuid;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::{id::SessionId, store::SessionSecretHash};

/// Sixteen bytes of the session's id, and 32 random ones.
const LENGTH: usize = 16 + 32;

/// A session's id and its secret of 256 bits, as a cookie holds them: 64 characters of base64url (RFC 4648, section 5).
///
/// The id is no secret; it is what a session is looked for by, so that the secret itself is compared, in constant time,
/// and never searched for.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret {
    id: SessionId,
    secret: Secret,
}

#[derive(Clone, PartialEq, Eq)]
struct Secret([u8; 32]);

impl SessionSecret {
    /// A secret for a session that is yet to begin.
    pub(super) fn draw(clock: &dyn Clock, random: &dyn Random) -> Result<Self, RandomUnavailable> {
        Self::draw_for(SessionId::draw(clock, random)?, random)
    }

    /// Another secret for the session `id`.
    pub(super) fn draw_for(id: SessionId, random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let mut secret = Secret([0; 32]);
        random.fill(&mut secret.0)?;
        Ok(Self { id, secret })
    }

    /// Reads what [`to_text`](Self::to_text) writes, and nothing else. Whether such a session exists is another question.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        // 48 bytes fill 64 characters, so there is one way to write them.
        if text.len() != LENGTH / 3 * 4 || URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes).ok()? != LENGTH {
            return None;
        }
        let (id, secret) = bytes.split_first_chunk::<16>()?;
        let id = SessionId::from_uuid(Uuid::from_bytes(*id)).ok()?;
        Some(Self { id, secret: Secret(secret.try_into().ok()?) })
    }

    /// The cookie's value.
    pub fn to_text(&self) -> SecretString {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        bytes[..16].copy_from_slice(self.id.as_bytes());
        bytes[16..].copy_from_slice(&self.secret.0);
        SecretString::new(URL_SAFE_NO_PAD.encode(*bytes))
    }

    /// Which session it is of.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// What a store keeps of it.
    pub(super) fn hash(&self) -> SessionSecretHash {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, &self.secret.0).as_ref());
        SessionSecretHash::from_bytes(bytes)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret")
    }
}

#[cfg(test)]
mod tests {
    use palisade::{clock::ManualClock, random::SeededRandom};

    use super::*;

    fn secret() -> SessionSecret {
        SessionSecret::draw(&*ManualClock::at(1_700_000_000), &*SeededRandom::shared(1)).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_is_not_printed() {
        let (secret, text) = (secret(), secret().to_text());
        assert_eq!(text.len(), 64);
        assert_eq!(SessionSecret::parse(text.expose().as_bytes()), Some(secret.clone()));
        assert_eq!(format!("{secret:?} {:?}", secret.hash()), "SessionSecret SessionSecretHash");
    }

    #[test]
    fn attack_a_cookie_that_is_almost_one() {
        let text = secret().to_text();
        let text = text.expose();
        for almost in [
            String::new(),
            text[..63].to_owned(),
            text[4..].to_owned(),
            format!("{text}A"),
            format!("{text}===="),
            format!("{}====", &text[..60]),
            format!(" {}", &text[1..]),
            format!("{}+", &text[..63]),
            format!("{}\u{e9}", &text[..62]),
            "A".repeat(64),
            "_".repeat(64),
            "A".repeat(100_000),
        ] {
            assert_eq!(SessionSecret::parse(almost.as_bytes()), None, "{almost}");
        }
    }
}
