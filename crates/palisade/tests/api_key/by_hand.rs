//! The encodings written a second time, from the documentation: what the library writes is what is documented, and what it
//! would never write can be put before it.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair},
};
use palisade::api_key::Chain;

use super::*;

/// One digit after the other, the slow way.
pub(super) fn base62(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = String::new();
    for block in bytes.chunks(32) {
        let width =
            (1..).find(|width| f64::from(*width) * 62_f64.log2() >= block.len() as f64 * 8.0).unwrap();
        let mut number = block.to_vec();
        let mut digits = Vec::new();
        for _ in 0..width {
            let mut remainder = 0;
            for byte in &mut number {
                let dividend = remainder * 256 + u32::from(*byte);
                *byte = u8::try_from(dividend / 62).unwrap();
                remainder = dividend % 62;
            }
            digits.push(DIGITS[remainder as usize]);
        }
        digits.reverse();
        text.push_str(&String::from_utf8(digits).unwrap());
    }
    text
}

/// The frame of every written key.
pub(super) fn written(prefix: &str, id: [u8; 16], content: &[u8]) -> String {
    let text = format!("{prefix}_{}_{}", base62(&id), base62(content));
    let checksum = crc32fast::hash(text.as_bytes()).to_be_bytes();
    text + &base62(&checksum)
}

/// A link, before it is signed.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) id: [u8; 16],
    pub(super) seed: [u8; 32],
    pub(super) caveats: Vec<u8>,
}

impl Link {
    pub(super) fn number(number: u8) -> Self {
        Self { id: [number; 16], seed: [number; 32], caveats: vec![0] }
    }

    pub(super) fn caveats(self, caveats: &[(u8, &[u8])]) -> Self {
        let mut encoded = vec![u8::try_from(caveats.len()).unwrap()];
        for (kind, value) in caveats {
            encoded.push(*kind);
            encoded.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            encoded.extend_from_slice(value);
        }
        Self { caveats: encoded, ..self }
    }
}

/// The links from the whole key of the seed `root`, each encoded with its signature.
pub(super) fn signed(root: [u8; 32], id: [u8; 16], links: &[Link]) -> Vec<Vec<u8>> {
    let mut signer = pair(root);
    let mut before = signer.public_key().as_ref().to_vec();
    let mut encoded = Vec::new();
    for (position, link) in links.iter().enumerate() {
        let next = pair(link.seed);
        let body = [&link.id[..], next.public_key().as_ref(), &link.caveats].concat();
        let place = [&[1], &id[..], &[u8::try_from(position).unwrap()], &before].concat();
        let message = [b"palisade api key link", &place[..], &body].concat();
        let link = [&body[..], signer.sign(&message).as_ref()].concat();
        before = digest(&SHA256, &link).as_ref().to_vec();
        signer = next;
        encoded.push(link);
    }
    encoded
}

/// An encoded chain.
pub(super) fn chain(links: &[Vec<u8>]) -> Vec<u8> {
    [&[1, u8::try_from(links.len()).unwrap()], &links.concat()[..]].concat()
}

/// A written chain of the key the tests use, signed as it must be.
pub(super) fn written_chain(root: [u8; 32], links: &[Link]) -> String {
    written("palc", *ID.as_bytes(), &chain(&signed(root, *ID.as_bytes(), links)))
}

pub(super) fn pair(seed: [u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

pub(super) fn public_key(seed: [u8; 32]) -> PublicKey {
    PublicKey::from_bytes(pair(seed).public_key().as_ref().try_into().unwrap())
}

#[test]
fn a_chain_made_from_the_documentation_is_accepted() {
    let root = [9; 32];
    let moment = 1_800_000_060_i64.to_be_bytes();
    let links = [
        Link::number(1).caveats(&[(1, b"items:read me:read"), (2, &moment)]),
        Link::number(2).caveats(&[(1, b"items:read"), (3, b"GET /items/{id}")]),
    ];
    let text = written_chain(root, &links);
    let chain = Chain::parse(&text).unwrap();
    let narrowed = chain.verify(public_key(root), ID, NOW).unwrap();

    assert_eq!(narrowed.scopes(), Some(&scopes("items:read")));
    assert_eq!(narrowed.expires(), Some(Timestamp::from_unix(1_800_000_060)));
    assert_eq!(narrowed.route().unwrap().as_str(), "GET /items/{id}");
    assert_eq!(narrowed.links(), [[1; 16], [2; 16]].map(LinkId::from_bytes));
    assert_eq!(narrowed.public_key(), public_key([2; 32]));
    assert_eq!(chain.to_text(), text, "and is written again as it was");
}

#[test]
fn a_whole_key_is_written_as_documented() {
    let text = written("pal", [7; 16], &[9; 32]);
    assert_eq!(ApiKeyText::parse(&text).unwrap().to_text().expose(), text);
    assert_eq!(ApiKeyText::parse(&text).unwrap().public_key(), public_key([9; 32]));
}
