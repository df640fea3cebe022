//! The digest of a body (`Content-Digest`, RFC 9530): SHA-256, and nothing else beside it.

use aws_lc_rs::digest::{self, SHA256};
use http::{HeaderMap, HeaderValue};
use sfv::BareItem;

use super::{
    CONTENT_DIGEST,
    fields::{bytes, dictionary, single},
};

/// A SHA-256.
pub(super) type Digest = [u8; 32];

const SHA_256: &str = "sha-256";

pub(super) fn of(body: &[u8]) -> Digest {
    finished(digest::digest(&SHA256, body))
}

pub(super) fn finished(digest: digest::Digest) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

/// The digest the header gives; an error if it is not exactly one SHA-256.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<Digest>, &'static str> {
    const WRONG: &str = "Content-Digest is not exactly one sha-256";
    let Some(digests) = dictionary(headers, &CONTENT_DIGEST).map_err(|_| WRONG)? else { return Ok(None) };
    let only = if digests.len() == 1 { bytes(digests.get(SHA_256)) } else { None };
    only.map(Some).ok_or(WRONG)
}

/// The header of a digest.
pub(super) fn header(digest: &Digest) -> Option<HeaderValue> {
    single(SHA_256, BareItem::ByteSequence(digest.to_vec()))
}
