//! A set of keys (RFC 7517, section 5), and which of them a token means.

use super::{
    Algorithm, Refused, UnusableKey,
    json::{Object, Value},
    jwk::Jwk,
    refused::JsonFault,
};

/// More keys than this are not looked at: a set is read in bounded time.
pub(crate) const MAX_KEYS: usize = 256;

/// The keys a verifier believes.
///
/// A key that is malformed, weak or of an unknown kind does not spoil the set: it is skipped, and the rest is kept.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<Jwk>,
    skipped: Vec<SkippedKey>,
}

/// A key of a set that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Its `kid`, if it has one.
    pub key_id: Option<String>,
    /// Why it cannot be used.
    pub reason: UnusableKey,
}

/// A text is not a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeySet {
    /// Not strict JSON.
    #[error("the key set {0}")]
    Json(JsonFault),
    /// No `keys`, or not a list.
    #[error("the key set has no list `keys`")]
    NoKeys,
    /// More than 256 keys.
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooMany,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    ///
    /// # Errors
    ///
    /// [`InvalidKeySet`] when it is not one at all, or has more than 256 keys.
    pub fn from_json(text: &str) -> Result<Self, InvalidKeySet> {
        let value = Value::read_marking_repetitions(text.as_bytes()).map_err(InvalidKeySet::Json)?;
        Self::read(&value.into_object().map_err(InvalidKeySet::Json)?)
    }

    pub(crate) fn read(set: &Object<'_>) -> Result<Self, InvalidKeySet> {
        // check: key-set-member-twice
        if set.repeats_itself() {
            return Err(InvalidKeySet::Json(JsonFault::Repeated));
        }
        let keys = set.member("keys").and_then(Value::as_array).ok_or(InvalidKeySet::NoKeys)?;
        // check: key-count
        if keys.len() > MAX_KEYS {
            return Err(InvalidKeySet::TooMany);
        }
        let mut read = Self::default();
        for key in keys {
            match Jwk::read(key) {
                Ok(key) => read.insert(key),
                Err(reason) => read.skipped.push(SkippedKey { key_id: key_id(key), reason }),
            }
        }
        Ok(read)
    }

    /// The set of just this key.
    pub(crate) fn of(key: Jwk) -> Self {
        Self { keys: vec![key], skipped: Vec::new() }
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used: every token is then refused.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that were skipped, for the log.
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The one key that a token with `algorithm` and `key_id` means.
    ///
    /// Two keys may share a `kid` if only one of them fits (RFC 7517, section 4.5); if both fit, neither is tried.
    pub(crate) fn select(&self, algorithm: Algorithm, key_id: Option<&str>) -> Result<&Jwk, Refused> {
        // check: kid, instead: let is_named = |_: &&Jwk| true;
        let is_named = |key: &&Jwk| key_id.is_none() || key.key_id() == key_id;
        let mut named = self.keys.iter().filter(is_named).peekable();
        if named.peek().is_none() {
            return Err(self.why_unknown(key_id));
        }
        // check: key-fits, instead: let mut fitting = named;
        let mut fitting = named.filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(Refused::KeyUnfit),
            // check: key-ambiguous, instead: (Some(key), Some(_)) => Ok(key),
            (Some(_), Some(_)) => Err(Refused::KeyAmbiguous),
        }
    }

    fn why_unknown(&self, key_id: Option<&str>) -> Refused {
        let skipped = self.skipped.iter().find(|key| key_id.is_some() && key.key_id.as_deref() == key_id);
        skipped.map_or(Refused::KeyUnknown, |key| Refused::KeyUnusable(key.reason))
    }

    /// A key that is listed twice is one key.
    fn insert(&mut self, key: Jwk) {
        // check: key-listed-twice, instead: if true {
        if !self.keys.iter().any(|known| known.says_the_same(&key)) {
            self.keys.push(key);
        }
    }
}

fn key_id(key: &Value<'_>) -> Option<String> {
    key.as_object()?.member("kid")?.as_str().map(str::to_owned)
}
