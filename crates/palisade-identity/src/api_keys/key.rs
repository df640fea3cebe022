//! A key as it is kept, and what is asked for when one is made.

use std::{fmt, str::FromStr};

use palisade::{
    api_key::{ApiKeyText, KeyHash, KeyId, LinkId, PublicKey},
    clock::Timestamp,
    scope::ScopeSet,
};
use serde::Serialize;

use super::Quota;
use crate::{
    account::AccountId,
    id::{ApiKeyId, InvalidId},
};

/// A key. Its secret is not in it: the server keeps a keyed hash, and no hash of a key that only signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Which key; part of its text.
    pub id: ApiKeyId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: KeyName,
    /// What it may at most; less when its account may less by now.
    pub scopes: ScopeSet,
    /// The keyed hash of its secret; `None` if the key is never presented, but signs requests.
    pub hash: Option<KeyHash>,
    /// What its signatures are checked with.
    pub public_key: PublicKey,
    /// How often it may be used.
    pub quota: Option<Quota>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is dead.
    pub expires_at: Timestamp,
    /// When it was last used, some minutes ahead or behind.
    pub last_used_at: Option<Timestamp>,
    /// The key that was made in its place.
    pub replaced_by: Option<ApiKeyId>,
    /// The links of derived keys that have been revoked, sorted.
    pub revoked_links: Vec<LinkId>,
}

impl ApiKey {
    /// Whether presenting it is refused: it only signs requests (RFC 9421), so that whoever sees one cannot send another.
    pub fn is_sender_constrained(&self) -> bool {
        self.hash.is_none()
    }

    /// Whether it is alive as of `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// What a key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: KeyName,
    /// What it may; at least one scope, and none its owner does not hold, everywhere or in a tenant.
    pub scopes: ScopeSet,
    /// From when on it is dead; `None` is as long as is usual.
    pub expires_at: Option<Timestamp>,
    /// How often it may be used; `None` is as often as it likes.
    pub quota: Option<Quota>,
    /// How its holder proves to have it.
    pub proof: Proof,
}

/// How the holder of a key proves to have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By presenting it, or by signing with it.
    Presenting,
    /// By signing with it only.
    Signing,
    /// By signing with a key pair of the holder's own; the server never knows its secret.
    SigningWith(PublicKey),
}

/// A key that was made.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The key.
    pub key: ApiKey,
    /// The key with its secret, to be shown once; `None` if its holder drew the secret.
    pub text: Option<ApiKeyText>,
}

/// What its owner calls a key: one line of 1 to 64 characters that can all be seen.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct KeyName(Box<str>);

/// The text is no name of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key's name has 1 to {} characters that can be seen", KeyName::MAX_CHARACTERS)]
pub struct InvalidKeyName;

impl KeyName {
    /// The longest name, in characters.
    pub const MAX_CHARACTERS: usize = 64;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = InvalidKeyName;

    /// Spaces around it do not count.
    fn from_str(text: &str) -> Result<Self, InvalidKeyName> {
        let name = text.trim();
        let fits =
            !name.is_empty() && name.chars().take(Self::MAX_CHARACTERS + 1).count() <= Self::MAX_CHARACTERS;
        if fits && name.chars().all(can_be_seen) { Ok(Self(name.into())) } else { Err(InvalidKeyName) }
    }
}

/// Neither a control character nor one that changes how its neighbours look: a list of keys shows each as it is.
fn can_be_seen(character: char) -> bool {
    let hidden = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    !character.is_control() && !hidden
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl From<ApiKeyId> for KeyId {
    fn from(id: ApiKeyId) -> Self {
        Self::from_bytes(*id.as_bytes())
    }
}

impl TryFrom<KeyId> for ApiKeyId {
    type Error = InvalidId;

    /// # Errors
    ///
    /// [`InvalidId`]: no key of ours has such an id.
    fn try_from(id: KeyId) -> Result<Self, InvalidId> {
        Self::from_uuid(uuid::Uuid::from_bytes(*id.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_can_be_seen() {
        assert_eq!("  Bâtiment 7 – CI 🚀 ".parse::<KeyName>().unwrap().as_str(), "Bâtiment 7 – CI 🚀");
        assert!("x".repeat(64).parse::<KeyName>().is_ok());
        for text in ["", " ", "a\nb", "a\tb", "a\u{202e}b", "a\u{200b}b", "\u{feff}", "\0", &"x".repeat(65)] {
            assert_eq!(text.parse::<KeyName>(), Err(InvalidKeyName), "{text:?}");
        }
    }
}
