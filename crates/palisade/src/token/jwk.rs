//! One key, as RFC 7517 writes it, checked when it is read: what is left is usable or not there.

use std::fmt;

use aws_lc_rs::{digest, hmac};

use super::{
    Algorithm, base64url,
    json::{Object, Value},
    public_key::PublicKey,
};
use crate::secret::SecretBytes;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKey {
    /// Not of the form RFC 7517, RFC 7518 or RFC 8037 gives, or not a point or modulus at all.
    #[error("is malformed")]
    Malformed,
    /// A `kty` or `crv` that is not understood.
    #[error("is of a kind that is not understood")]
    Unknown,
    /// RSA under 2048 bits, an HMAC secret under 32 bytes, or a point of small order.
    #[error("is too weak")]
    Weak,
    /// RSA over 8192 bits, which takes too long.
    #[error("is too large")]
    TooLarge,
    /// A private or symmetric key where only a public one may stand.
    #[error("is not a public key")]
    NotPublic,
}

/// The shortest secret for HS256: as long as the hash (RFC 7518, section 3.2).
pub(crate) const MIN_SECRET_LENGTH: usize = 32;

/// A key that verifies signatures, with what it may be used for.
#[derive(Clone)]
pub(crate) struct Jwk {
    key_id: Option<String>,
    algorithm: Option<String>,
    for_signatures: bool,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Public(PublicKey),
    /// Boxed: a prepared key is ten times as large as a public one.
    Secret(Box<hmac::Key>),
}

impl Jwk {
    /// Reads a key of a key set. Private members of an asymmetric key are not even looked at.
    pub(crate) fn read(value: &Value<'_>) -> Result<Self, UnusableKey> {
        let object = value.as_object().ok_or(UnusableKey::Malformed)?;
        // check: jwk-member-twice
        if value.repeats() {
            return Err(UnusableKey::Malformed);
        }
        let material = match text(object, "kty")?.ok_or(UnusableKey::Malformed)? {
            "oct" => Material::Secret(secret(object)?),
            _ => Material::Public(PublicKey::read(object)?),
        };
        Ok(Self {
            key_id: text(object, "kid")?.map(str::to_owned),
            algorithm: text(object, "alg")?.map(str::to_owned),
            for_signatures: may_verify(object)?,
            material,
        })
    }

    /// Reads a key that came with the token it verifies (RFC 9449, section 4.2): public and asymmetric.
    pub(crate) fn read_public(value: &Value<'_>) -> Result<Self, UnusableKey> {
        const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        let object = value.as_object().ok_or(UnusableKey::Malformed)?;
        let symmetric = object.member("kty").and_then(Value::as_str) == Some("oct");
        // check: dpop-public-only
        if symmetric || PRIVATE.iter().any(|name| object.member(name).is_some()) {
            return Err(UnusableKey::NotPublic);
        }
        Self::read(value)
    }

    /// A shared secret without restrictions.
    pub(crate) fn secret(secret: &SecretBytes) -> Result<Self, UnusableKey> {
        let material = Material::Secret(hmac_key(secret.expose())?);
        Ok(Self { key_id: None, algorithm: None, for_signatures: true, material })
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether `kty`, `crv`, `alg`, `use` and `key_ops` all allow this key to verify `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        let kind_fits = match &self.material {
            Material::Public(key) => key.fits(algorithm),
            Material::Secret(_) => algorithm == Algorithm::Hs256,
        };
        // check: jwk-alg
        let algorithm_fits = self.algorithm.as_deref().is_none_or(|only| only == algorithm.name());
        kind_fits && algorithm_fits && self.for_signatures
    }

    /// Whether `signature` is one by this key over `message`; never if the key does not fit.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Public(key) => key.verifies(algorithm, message, signature),
            Material::Secret(key) => {
                algorithm == Algorithm::Hs256 && hmac::verify(key, message, signature).is_ok()
            }
        }
    }

    /// The JWK thumbprint (RFC 7638) of a public key.
    pub(crate) fn thumbprint(&self) -> Option<String> {
        match &self.material {
            Material::Public(key) => Some(thumbprint_of(&key.required_members())),
            Material::Secret(_) => None,
        }
    }

    /// Whether both are the same public key with the same name and restrictions.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let (Material::Public(key), Material::Public(other_key)) = (&self.material, &other.material) else {
            return false;
        };
        key.is(other_key)
            && self.key_id == other.key_id
            && self.algorithm == other.algorithm
            && self.for_signatures == other.for_signatures
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = match &self.material {
            Material::Public(key) => key.kind(),
            Material::Secret(_) => "secret",
        };
        f.debug_struct("Jwk").field("kid", &self.key_id).field("material", &material).finish_non_exhaustive()
    }
}

/// SHA-256 of the required members in lexical order without white space (RFC 7638, section 3).
pub(crate) fn thumbprint_of(required_members: &str) -> String {
    base64url::encode(digest::digest(&digest::SHA256, required_members.as_bytes()).as_ref())
}

fn secret(object: &Object<'_>) -> Result<Box<hmac::Key>, UnusableKey> {
    let bytes = SecretBytes::new(bytes(object, "k")?);
    hmac_key(bytes.expose())
}

fn hmac_key(bytes: &[u8]) -> Result<Box<hmac::Key>, UnusableKey> {
    // check: hmac-length
    if bytes.len() < MIN_SECRET_LENGTH {
        return Err(UnusableKey::Weak);
    }
    Ok(Box::new(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
}

/// `use` (RFC 7517, section 4.2) and `key_ops` (section 4.3), where they are there.
fn may_verify(object: &Object<'_>) -> Result<bool, UnusableKey> {
    // check: jwk-use
    let by_use = text(object, "use")?.is_none_or(|usage| usage == "sig");
    // check: jwk-key-ops
    let by_operations = operations(object)?.is_none_or(|operations| operations.contains(&"verify"));
    Ok(by_use && by_operations)
}

fn operations<'o>(object: &'o Object<'_>) -> Result<Option<Vec<&'o str>>, UnusableKey> {
    let Some(operations) = object.member("key_ops") else { return Ok(None) };
    let names = operations.as_array().and_then(|names| names.iter().map(Value::as_str).collect());
    names.map(Some).ok_or(UnusableKey::Malformed)
}

/// A member that is a string or not there.
pub(super) fn text<'o>(object: &'o Object<'_>, name: &str) -> Result<Option<&'o str>, UnusableKey> {
    match object.member(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(UnusableKey::Malformed),
    }
}

/// A member that is base64url and must be there.
pub(super) fn bytes(object: &Object<'_>, name: &str) -> Result<Vec<u8>, UnusableKey> {
    let text = text(object, name)?.ok_or(UnusableKey::Malformed)?;
    base64url::decode(text).map_err(|_| UnusableKey::Malformed)
}
