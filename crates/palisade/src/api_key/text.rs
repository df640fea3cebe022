//! A whole key as its holder has it: its id and its secret, `pal_<id>_<secret><checksum>`.

use std::fmt;

use super::{
    Caveats, Chain, DerivedKey, NotDerived, PublicKey, Refused, Seed, base62,
    written::{self, WHOLE},
};
use crate::{
    random::{Random, RandomUnavailable},
    secret::SecretString,
};

/// What a key is found by: 16 bytes, which are no secret. Written with 22 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

/// A key with its secret. `Debug` prints the id only; the secret is wiped when it is dropped.
#[derive(Clone)]
pub struct ApiKeyText {
    id: KeyId,
    seed: Seed,
}

impl KeyId {
    /// Takes 16 bytes, those of a UUID for example.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads an id as [`Display`](fmt::Display) writes it.
    ///
    /// # Errors
    ///
    /// [`Refused::Malformed`] for everything else.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let bytes = base62::decode(text.as_bytes()).map_err(|_| Refused::Malformed)?;
        bytes[..].try_into().map(Self).map_err(|_| Refused::Malformed)
    }
}

impl ApiKeyText {
    /// A new key of the id `id`.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when `random` does not answer.
    pub fn generate(id: KeyId, random: &dyn Random) -> Result<Self, RandomUnavailable> {
        Ok(Self { id, seed: Seed::generate(random)? })
    }

    /// The key of the id `id` whose secret is `secret`: for holders who make their key pair themselves and hand out its
    /// public key only.
    pub fn from_secret(id: KeyId, secret: [u8; 32]) -> Self {
        Self { id, seed: Seed::from(secret) }
    }

    /// Reads a written key. Nothing is looked up: whether there is such a key, its id and its secret tell.
    ///
    /// # Errors
    ///
    /// [`Refused::Malformed`] when it is not of the form; [`Refused::Mistyped`] when its checksum is another.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let (id, secret) = written::read(WHOLE, text)?;
        let seed = Seed::from_slice(&secret).ok_or(Refused::Malformed)?;
        Ok(Self { id, seed })
    }

    /// The key, written: what its holder is shown once.
    pub fn to_text(&self) -> SecretString {
        SecretString::new(written::write(WHOLE, self.id, self.seed.expose()))
    }

    /// Which key this is.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What its signatures are checked with.
    pub fn public_key(&self) -> PublicKey {
        self.seed.public_key()
    }

    /// A new key that may at most what this one may and `caveats` allow. It can be derived from further. This key cannot
    /// be found from it.
    ///
    /// # Errors
    ///
    /// [`NotDerived`], which says why.
    pub fn derive(&self, caveats: Caveats, random: &dyn Random) -> Result<DerivedKey, NotDerived> {
        DerivedKey::append(&Chain::root(self.id), self.public_key(), &self.seed, caveats, random)
    }

    pub(crate) fn seed(&self) -> &Seed {
        &self.seed
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(base62::length(self.0.len()));
        base62::encode(&self.0, &mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl fmt::Debug for ApiKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyText").field("id", &self.id).finish_non_exhaustive()
    }
}
