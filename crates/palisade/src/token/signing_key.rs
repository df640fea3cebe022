//! The private key an issuer signs with: Ed25519 (RFC 8037), parsed once.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::{KeySet, base64url, jwk::thumbprint_of, public_key::ed25519_members};
use crate::{
    random::{Random, RandomUnavailable},
    secret::SecretBytes,
};

/// A private key that signs with `EdDSA`. Its name (`kid`) is its thumbprint (RFC 7638).
pub struct SigningKey {
    pair: Ed25519KeyPair,
    key_id: String,
}

/// The bytes are not an Ed25519 key in PKCS#8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 private key in PKCS#8")]
pub struct InvalidSigningKey;

impl SigningKey {
    /// A new key, drawn from `random`.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when `random` does not answer.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut *seed)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| RandomUnavailable)?;
        Ok(Self::of(pair))
    }

    /// Reads a key from PKCS#8 (RFC 5208, RFC 8410), DER.
    ///
    /// # Errors
    ///
    /// [`InvalidSigningKey`] when it is anything else.
    pub fn from_pkcs8(bytes: &SecretBytes) -> Result<Self, InvalidSigningKey> {
        Ed25519KeyPair::from_pkcs8(bytes.expose()).map(Self::of).map_err(|_| InvalidSigningKey)
    }

    /// The key in PKCS#8, DER. To be stored encrypted.
    ///
    /// # Errors
    ///
    /// [`InvalidSigningKey`] when the key cannot be written, which needs memory to run out.
    pub fn to_pkcs8(&self) -> Result<SecretBytes, InvalidSigningKey> {
        self.pair
            .to_pkcs8v1()
            .map(|document| SecretBytes::new(document.as_ref()))
            .map_err(|_| InvalidSigningKey)
    }

    /// The key's name in headers and key sets.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public key as RFC 7517 writes it, to be published.
    pub fn public_jwk(&self) -> serde_json::Value {
        serde_json::json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": base64url::encode(self.pair.public_key().as_ref()),
            "kid": self.key_id,
            "alg": "EdDSA",
            "use": "sig",
        })
    }

    /// The key set of just this key's public half.
    pub fn key_set(&self) -> KeySet {
        let set = serde_json::json!({ "keys": [self.public_jwk()] });
        KeySet::from_json(&set.to_string()).unwrap_or_default()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    fn of(pair: Ed25519KeyPair) -> Self {
        let key_id = thumbprint_of(&ed25519_members(pair.public_key().as_ref()));
        Self { pair, key_id }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.key_id).finish_non_exhaustive()
    }
}
