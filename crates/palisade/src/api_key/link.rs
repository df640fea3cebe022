//! One link of a chain: what the next key may at most, signed by the key before it.
//!
//! Encoded: the link's id (16 bytes), the next public key (32), the [caveats](super::Caveats), the signature (64). Signed
//! is, without any separators: `palisade api key link`, the version (one byte, 1), the key's id (16), the link's position
//! (one byte, 0 for the first), what comes before it (32: for the first link the public key of the whole key, for another
//! the SHA-256 of the encoded link before it), and the encoded link up to its signature. So a link is of one key, of one
//! place in one chain.

use std::fmt;

use aws_lc_rs::digest;

use super::{Caveats, KeyId, PublicKey, Refused, Seed, base62, key_pair::SIGNATURE};

const DOMAIN: &[u8] = b"palisade api key link";

/// The version of the encoding, of links and chains.
pub(super) const VERSION: u8 = 1;

/// What a link is revoked by: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId([u8; 16]);

/// A link.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) id: LinkId,
    pub(super) next: PublicKey,
    pub(super) caveats: Caveats,
    signature: [u8; SIGNATURE],
}

/// Where a link stands: what its signature covers besides itself.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) key: KeyId,
    position: u8,
    before: [u8; 32],
}

/// Bytes that are read from the front.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl LinkId {
    /// Takes 16 bytes.
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
        // The same form as a key's.
        KeyId::parse(text).map(|id| Self(*id.as_bytes()))
    }
}

impl Place {
    /// The first in a chain of the key `key`.
    pub(super) fn first(key: KeyId, root: PublicKey) -> Self {
        Self { key, position: 0, before: *root.as_bytes() }
    }

    /// The one after `link`, which stands here.
    pub(super) fn after(self, link: &Link) -> Self {
        let mut encoded = Vec::new();
        link.encode(&mut encoded);
        let mut before = [0; 32];
        before.copy_from_slice(digest::digest(&digest::SHA256, &encoded).as_ref());
        Self { key: self.key, position: self.position.saturating_add(1), before }
    }
}

impl Link {
    /// A link to `next`, signed by `signer`.
    pub(super) fn sign(id: LinkId, next: PublicKey, caveats: Caveats, place: Place, signer: &Seed) -> Self {
        let mut link = Self { id, next, caveats, signature: [0; SIGNATURE] };
        link.signature = signer.sign(&link.signed(place));
        link
    }

    /// Whether `signer` has signed it for this place.
    pub(super) fn is_signed_by(&self, signer: PublicKey, place: Place) -> bool {
        signer.verifies(&self.signed(place), &self.signature)
    }

    pub(super) fn encode(&self, to: &mut Vec<u8>) {
        self.encode_body(to);
        to.extend_from_slice(&self.signature);
    }

    pub(super) fn decode(from: &mut Bytes<'_>) -> Result<Self, Refused> {
        let id = LinkId(from.array()?);
        let next = PublicKey::from_bytes(from.array()?);
        let caveats = Caveats::decode(from)?;
        Ok(Self { id, next, caveats, signature: from.array()? })
    }

    fn encode_body(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.id.0);
        to.extend_from_slice(self.next.as_bytes());
        self.caveats.encode(to);
    }

    fn signed(&self, place: Place) -> Vec<u8> {
        let mut message = DOMAIN.to_vec();
        message.push(VERSION);
        message.extend_from_slice(place.key.as_bytes());
        message.push(place.position);
        message.extend_from_slice(&place.before);
        self.encode_body(&mut message);
        message
    }
}

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Refused> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Refused::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Refused::Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refused> {
        self.array().map(|[byte]| byte)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(base62::length(self.0.len()));
        base62::encode(&self.0, &mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkId({self})")
    }
}
