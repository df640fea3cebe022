//! The signature algorithms that are understood (RFC 7518, section 3.1 and RFC 8037).

use std::fmt;

use aws_lc_rs::digest;

/// A signature algorithm, named as in a header's `alg`.
///
/// `none` is not among them, and nothing in this library stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `EdDSA` with Ed25519 (RFC 8037).
    EdDsa,
    /// `ES256`: ECDSA on P-256 with SHA-256.
    Es256,
    /// `ES384`: ECDSA on P-384 with SHA-384.
    Es384,
    /// `PS256`: RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// `RS256`: RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// `HS256`: HMAC with SHA-256. Whoever can verify can also sign, so it is never allowed by default.
    Hs256,
}

impl Algorithm {
    /// Those with a public key, which are allowed unless something else is said.
    pub const ASYMMETRIC: [Self; 5] = [Self::EdDsa, Self::Es256, Self::Es384, Self::Ps256, Self::Rs256];

    /// The algorithm called exactly `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ASYMMETRIC.into_iter().chain([Self::Hs256]).find(|algorithm| algorithm.name() == name)
    }

    /// The name in a header's `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::Hs256 => "HS256",
        }
    }

    /// The hash of `at_hash` (OpenID Connect Core, section 3.1.3.6); Ed25519 hashes with SHA-512 inside.
    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::EdDsa => &digest::SHA512,
            Self::Es384 => &digest::SHA384,
            Self::Es256 | Self::Ps256 | Self::Rs256 | Self::Hs256 => &digest::SHA256,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
