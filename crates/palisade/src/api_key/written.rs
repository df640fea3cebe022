//! The frame all written keys share: `<prefix>_<id>_<content><checksum>`. The checksum is CRC-32 (that of IEEE 802.3) of
//! all characters before it, as four bytes.

use zeroize::Zeroizing;

use super::{KeyId, Refused, base62};

/// The longest text that is looked at: the longest key a credential reads.
const LONGEST: usize = 4096;

const ID: usize = base62::length(16);
const CHECKSUM: usize = base62::length(4);

/// How a key whose secret can be presented begins.
pub(super) const WHOLE: &str = "pal_";
/// How a derived key begins.
pub(super) const DERIVED: &str = "pald_";
/// How the public part of a derived key begins.
pub(super) const PUBLIC: &str = "palc_";

/// Whether a text of `content` bytes would be too long to be read again.
pub(super) fn is_too_long(content: usize) -> bool {
    PUBLIC.len() + ID + 1 + base62::length(content) + CHECKSUM > LONGEST
}

/// Writes `content` of the key `id`.
pub(super) fn write(prefix: &str, id: KeyId, content: &[u8]) -> String {
    let length = prefix.len() + ID + 1 + base62::length(content.len()) + CHECKSUM;
    let mut text = String::with_capacity(length);
    text.push_str(prefix);
    base62::encode(id.as_bytes(), &mut text);
    text.push('_');
    base62::encode(content, &mut text);
    let checksum = crc32fast::hash(text.as_bytes());
    base62::encode(&checksum.to_be_bytes(), &mut text);
    text
}

/// Reads what was written under `prefix`.
pub(super) fn read(prefix: &str, text: &str) -> Result<(KeyId, Zeroizing<Vec<u8>>), Refused> {
    if text.len() > LONGEST {
        return Err(Refused::Malformed);
    }
    let rest = text.strip_prefix(prefix).ok_or(Refused::Malformed)?.as_bytes();
    let (id, rest) = rest.split_at_checked(ID).ok_or(Refused::Malformed)?;
    let rest = rest.strip_prefix(b"_").ok_or(Refused::Malformed)?;
    let content = rest.len().checked_sub(CHECKSUM).ok_or(Refused::Malformed)?;
    let (content, checksum) = rest.split_at(content);
    let covered = &text.as_bytes()[..text.len() - CHECKSUM];
    let checksum = base62::decode(checksum).map_err(|_| Refused::Malformed)?;
    if checksum[..] != crc32fast::hash(covered).to_be_bytes() {
        return Err(Refused::Mistyped);
    }
    let id = base62::decode(id).map_err(|_| Refused::Malformed)?;
    let id = id[..].try_into().map_err(|_| Refused::Malformed)?;
    let content = base62::decode(content).map_err(|_| Refused::Malformed)?;
    Ok((KeyId::from_bytes(id), content))
}
