//! Why a token was refused: for the log and for `palisade token verify`, never for the caller who sent it.

use std::{borrow::Cow, fmt};

/// Why a token was refused.
///
/// Whoever sent the token must not see this: an answer that tells which check failed helps only an attacker. The
/// texts hold nothing of the token itself, so they can be logged as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Longer than [`MAX_LENGTH`](super::MAX_LENGTH).
    #[error("the token is longer than 16384 bytes")]
    TooLong,
    /// Not three parts (RFC 7515, section 7.1).
    #[error("the token is not three parts separated by dots")]
    NotCompact,
    /// Five parts: a JWE (RFC 7516), which is not supported.
    #[error("the token is encrypted (five parts), which is not supported")]
    Encrypted,
    /// A part is not strict base64url (RFC 7515, section 2).
    #[error("the {0} is not base64url without padding, white space or unused bits")]
    Base64(Part),
    /// A part is not one strict JSON object (RFC 8259).
    #[error("the {0} {1}")]
    Json(Part, JsonFault),
    /// A member of the header that matters is not a string.
    #[error("the header's `{0}` is not a string")]
    HeaderMember(&'static str),
    /// `alg` is not there (RFC 7515, section 4.1.1).
    #[error("the header has no `alg`")]
    AlgorithmMissing,
    /// `alg` is not one that is allowed here.
    #[error("the header's `alg` is not allowed here")]
    AlgorithmNotAllowed,
    /// `typ` is not one that is allowed here (RFC 8725, section 3.11).
    #[error("the header's `typ` is not the one for this kind of token")]
    Type,
    /// `crit` is there: no extension is understood (RFC 7515, section 4.1.11).
    #[error("the header's `crit` {0}")]
    Critical(CriticalFault),
    /// `b64` is anything but `true` (RFC 7797, section 7 forbids it in a JWT).
    #[error("the header's `b64` is not `true`")]
    UnencodedPayload,
    /// No usable key has the token's `kid`.
    #[error("no key of the key set has the header's `kid`")]
    KeyUnknown,
    /// The key with the token's `kid` is one nobody may rely on.
    #[error("the key with the header's `kid` {0}")]
    KeyUnusable(super::UnusableKey),
    /// The key's `kty`, `crv`, `alg`, `use` or `key_ops` does not fit the token's `alg`.
    #[error("no key fits the header's `alg` by its kty, crv, alg, use and key_ops")]
    KeyUnfit,
    /// More than one key fits, and guessing is not verifying.
    #[error("more than one key fits, and the header's `kid` does not decide between them")]
    KeyAmbiguous,
    /// The header's `jwk` (DPoP, RFC 9449) is not a public, asymmetric, usable key.
    #[error("the header's `jwk` {0}")]
    EmbeddedKey(super::UnusableKey),
    /// The signature is not one by this key over this header and these claims.
    #[error("the signature is not valid")]
    Signature,
    /// A claim that must be there is not.
    #[error("the claim `{0}` is missing")]
    Missing(Claim),
    /// A claim has the wrong JSON type, or is not of its form.
    #[error("the claim `{0}` is malformed")]
    Malformed(Claim),
    /// A claim is there that must not be.
    #[error("the claim `{0}` is forbidden here")]
    Forbidden(Claim),
    /// A claim does not say what is expected.
    #[error("the claim `{0}` is not the expected one")]
    Mismatch(Claim),
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `iat` lies in the future.
    #[error("the token says it was issued in the future")]
    IssuedInFuture,
    /// `exp` lies further ahead than allowed.
    #[error("the token lives longer than allowed")]
    TooLongLived,
    /// `iat` (of a proof) or `auth_time` lies too far back.
    #[error("the claim `{0}` lies too far back")]
    TooOld(Claim),
    /// A single-use token was used before.
    #[error("the token was used before")]
    Replayed,
    /// Too many single-use tokens are remembered to take another.
    #[error("no more single-use tokens can be remembered")]
    ReplayMemoryFull,
    /// The token was revoked.
    #[error("the token was revoked")]
    Revoked,
    /// The token is bound to a key (`cnf`, RFC 7800) whose possession was not proved.
    #[error("the token is bound to a key (`cnf`) and cannot be used as a plain bearer token")]
    SenderConstrained,
    /// What the request must be compared with was not given.
    #[error("`{0}` of the request was not given, so the token cannot be checked against it")]
    ContextMissing(&'static str),
    /// The profile has a rule this program does not know.
    #[error("the profile has a rule that is not known here, so nothing can satisfy it")]
    UnknownRule,
}

impl Refused {
    /// A short name that stays the same from version to version, for logs and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::NotCompact => "not-compact",
            Self::Encrypted => "encrypted",
            Self::Base64(_) => "base64url",
            Self::Json(_, fault) => fault.code(),
            Self::HeaderMember(_) => "header-malformed",
            Self::AlgorithmMissing => "alg-missing",
            Self::AlgorithmNotAllowed => "alg-not-allowed",
            Self::Type => "typ",
            Self::Critical(_) => "crit",
            Self::UnencodedPayload => "b64",
            Self::KeyUnknown => "key-unknown",
            Self::KeyUnusable(_) => "key-unusable",
            Self::KeyUnfit => "key-unfit",
            Self::KeyAmbiguous => "key-ambiguous",
            Self::EmbeddedKey(_) => "jwk",
            Self::Signature => "signature",
            Self::Missing(_) => "claim-missing",
            Self::Malformed(_) => "claim-malformed",
            Self::Forbidden(_) => "claim-forbidden",
            Self::Mismatch(_) => "claim-mismatch",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::IssuedInFuture => "issued-in-future",
            Self::TooLongLived => "too-long-lived",
            Self::TooOld(_) => "too-old",
            Self::Replayed => "replayed",
            Self::ReplayMemoryFull => "replay-memory-full",
            Self::Revoked => "revoked",
            Self::SenderConstrained => "sender-constrained",
            Self::ContextMissing(_) => "context-missing",
            Self::UnknownRule => "unknown-rule",
        }
    }
}

/// `Ok` if `holds`; each check of a token is one such line, so that taking one away can be tried.
pub(crate) fn ensure(holds: bool, otherwise: Refused) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// A part of a compact token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The first part.
    Header,
    /// The second part.
    Claims,
    /// The third part.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Claims => "claims part",
            Self::Signature => "signature",
        })
    }
}

/// What is wrong with a part's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// Not UTF-8.
    #[error("is not UTF-8")]
    Encoding,
    /// Not JSON (RFC 8259), or more than one value.
    #[error("is not one JSON value")]
    Syntax,
    /// A member name appears twice in one object, at some depth.
    #[error("has a member twice")]
    Repeated,
    /// Nested too deeply.
    #[error("is nested too deeply")]
    Depth,
    /// JSON, but not an object.
    #[error("is not a JSON object")]
    NotAnObject,
}

impl JsonFault {
    const fn code(self) -> &'static str {
        match self {
            Self::Encoding => "not-utf8",
            Self::Syntax => "not-json",
            Self::Repeated => "duplicate-member",
            Self::Depth => "too-deep",
            Self::NotAnObject => "not-an-object",
        }
    }
}

/// What is wrong with a header's `crit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CriticalFault {
    /// Not an array of strings, or empty.
    #[error("is not a list of names")]
    Malformed,
    /// Names an extension; none is understood.
    #[error("names an extension that is not understood")]
    NotUnderstood,
}

/// The name of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim(Cow<'static, str>);

impl Claim {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Claim {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for Claim {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl fmt::Display for Claim {
    /// The name, with anything that could disturb a terminal or a log escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_debug())
    }
}
