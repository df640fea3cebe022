//! The compact serialization (RFC 7515, section 7.1), in two steps: a token is taken apart into [`Compact`], of which
//! only the header can be read, and a valid signature turns it into [`Authentic`], whose claims can be read.

use super::{
    Algorithm, MAX_LENGTH, Part, Refused, base64url,
    json::{Object, Value},
    jwk::Jwk,
    refused::{CriticalFault, ensure},
};

/// The three parts of a token nobody has vouched for.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'t> {
    header: &'t str,
    claims: &'t str,
    signature: &'t str,
    /// Header and claims as they were signed.
    signed: &'t str,
}

impl<'t> Compact<'t> {
    /// Takes `token` apart.
    pub(crate) fn split(token: &'t str) -> Result<Self, Refused> {
        // check: length
        ensure(token.len() <= MAX_LENGTH, Refused::TooLong)?;
        let dots = token.bytes().filter(|byte| *byte == b'.').count();
        // check: five-parts
        ensure(dots != 4, Refused::Encrypted)?;
        // check: three-parts
        ensure(dots == 2, Refused::NotCompact)?;
        let (signed, signature) = token.rsplit_once('.').ok_or(Refused::NotCompact)?;
        let (header, claims) = signed.split_once('.').ok_or(Refused::NotCompact)?;
        Ok(Self { header, claims, signature, signed })
    }

    /// The bytes of the header, for [`Header::read`].
    pub(crate) fn header(&self) -> Result<Vec<u8>, Refused> {
        decode(self.header, Part::Header)
    }

    /// The claims of a token nobody has vouched for. Only for showing them to a person.
    pub(crate) fn unverified_claims(&self) -> Result<Vec<u8>, Refused> {
        decode(self.claims, Part::Claims)
    }

    /// Checks the signature, and only then looks at the claims.
    pub(crate) fn authenticate(self, algorithm: Algorithm, key: &Jwk) -> Result<Authentic, Refused> {
        let signature = decode(self.signature, Part::Signature)?;
        // check: signature
        ensure(key.verifies(algorithm, self.signed.as_bytes(), &signature), Refused::Signature)?;
        Ok(Authentic {
            claims: decode(self.claims, Part::Claims)?,
            algorithm,
            sender: None,
            _signature: SignatureValid(()),
        })
    }
}

fn decode(text: &str, part: Part) -> Result<Vec<u8>, Refused> {
    base64url::decode(text).map_err(|_| Refused::Base64(part))
}

/// The claims part of a token whose signature is valid.
pub(crate) struct Authentic {
    claims: Vec<u8>,
    algorithm: Algorithm,
    /// The thumbprint of the key, if it came with the token and so proves only that the sender holds it.
    sender: Option<String>,
    _signature: SignatureValid,
}

/// Made nowhere but where a signature was checked.
struct SignatureValid(());

impl Authentic {
    pub(crate) fn claims(&self) -> &[u8] {
        &self.claims
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Says that the signature is by a key that came with the token.
    pub(crate) fn by_sender(self, key: &Jwk) -> Self {
        Self { sender: key.thumbprint(), ..self }
    }

    /// The thumbprint of the key that came with the token, if it did.
    pub(crate) fn sender(&self) -> Option<&str> {
        self.sender.as_deref()
    }
}

/// A token's header. Members that nobody here knows may be of any type.
pub(crate) struct Header<'h>(Object<'h>);

impl<'h> Header<'h> {
    /// Reads a header, and refuses what no profile allows: extensions that must be understood, since none is.
    pub(crate) fn read(bytes: &'h [u8]) -> Result<Self, Refused> {
        let malformed = |fault| Refused::Json(Part::Header, fault);
        let header = Self(Value::read(bytes).and_then(Value::into_object).map_err(malformed)?);
        // check: crit
        header.refuse_critical()?;
        // check: b64
        ensure(
            header.0.member("b64").is_none_or(|b64| *b64 == Value::Bool(true)),
            Refused::UnencodedPayload,
        )?;
        Ok(header)
    }

    /// Which algorithm the token claims, if it is one of `allowed`.
    pub(crate) fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, Refused> {
        let name = self.text("alg")?.ok_or(Refused::AlgorithmMissing)?;
        let algorithm = Algorithm::from_name(name).ok_or(Refused::AlgorithmNotAllowed)?;
        // check: alg-allowed
        ensure(allowed.contains(&algorithm), Refused::AlgorithmNotAllowed)?;
        Ok(algorithm)
    }

    /// `kid`, if it is there.
    pub(crate) fn key_id(&self) -> Result<Option<&str>, Refused> {
        self.text("kid")
    }

    /// `typ` without the `application/` that may be left out (RFC 7515, section 4.1.9).
    pub(crate) fn media_type(&self) -> Result<Option<&str>, Refused> {
        const PREFIX: &str = "application/";
        Ok(self.text("typ")?.map(|typ| match typ.get(..PREFIX.len()) {
            // check: typ-prefix, instead: Some(_) if false => typ,
            Some(start) if start.eq_ignore_ascii_case(PREFIX) => &typ[PREFIX.len()..],
            _ => typ,
        }))
    }

    /// The key that came with the token. It proves nothing but that the sender holds it.
    pub(crate) fn embedded_key(&self) -> Result<Jwk, Refused> {
        let key = self.0.member("jwk").ok_or(Refused::EmbeddedKey(super::UnusableKey::Malformed))?;
        Jwk::read_public(key).map_err(Refused::EmbeddedKey)
    }

    fn refuse_critical(&self) -> Result<(), Refused> {
        let Some(critical) = self.0.member("crit") else { return Ok(()) };
        let names = critical.as_array().filter(|names| !names.is_empty());
        let well_formed = names.is_some_and(|names| names.iter().all(|name| name.as_str().is_some()));
        let fault = if well_formed { CriticalFault::NotUnderstood } else { CriticalFault::Malformed };
        Err(Refused::Critical(fault))
    }

    fn text(&self, name: &'static str) -> Result<Option<&str>, Refused> {
        match self.0.member(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(Refused::HeaderMember(name)),
        }
    }
}
