//! A signed request as its head says it is: read, and not verified.

use http::{HeaderMap, header, request::Parts};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Key, List, ListEntry};

use super::{
    CONTENT_DIGEST, KEY_CHAIN, SIGNATURE, SIGNATURE_INPUT, TAG,
    component::Component,
    content_digest::{self, Digest},
    fields::{bytes, dictionary},
};
use crate::{
    api_key::{self, Chain, KeyId},
    clock::Timestamp,
    credential::Reading,
};

/// The most components that are looked at.
const MOST_COMPONENTS: usize = 64;

/// The length of a nonce, in characters. 16 random bytes, however written, have it.
const NONCE: std::ops::RangeInclusive<usize> = 16..=128;

/// The signature of a request: read from its head, not verified. What it says may be anybody's invention until a
/// [`Verifier`](super::Verifier) has seen it.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    pub(super) key_id: KeyId,
    pub(super) chain: Option<Chain>,
    pub(super) components: Vec<Component>,
    /// The list of components and what follows it, as it is signed.
    pub(super) parameters: String,
    pub(super) created: Timestamp,
    pub(super) expires: Option<Timestamp>,
    pub(super) nonce: String,
    pub(super) digest: Option<Digest>,
    pub(super) signature: [u8; api_key::SIGNATURE],
}

impl SignedRequest {
    /// Looks for a signature with the tag `palisade`. Without one the credential is absent, whatever else is signed; two of
    /// them are malformed, for which was meant nobody can know.
    pub fn read(head: &Parts) -> Reading<Self> {
        let input = match dictionary(&head.headers, &SIGNATURE_INPUT) {
            Ok(Some(input)) => input,
            Ok(None) => return Reading::Absent,
            Err(_) => {
                return Reading::Malformed("Signature-Input is not as structured fields are serialised");
            }
        };
        let mut ours = input.iter().filter(|(_, member)| is_ours(member));
        match (ours.next(), ours.next()) {
            (None, _) => Reading::Absent,
            (Some((label, ListEntry::InnerList(list))), None) => match Self::of(&head.headers, label, list) {
                Ok(request) => Reading::Present(request),
                Err(why) => Reading::Malformed(why),
            },
            _ => Reading::Malformed("more than one signature with the tag `palisade`"),
        }
    }

    /// The key that is said to have signed, or to be the one the signing key is derived from: what to look up.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The chain of the derived key that is said to have signed.
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    fn of(headers: &HeaderMap, label: &Key, list: &InnerList) -> Result<Self, &'static str> {
        let components = components(list)?;
        let said = Said::of(list)?;
        let chain = chain(headers, &components, said.key_id)?;
        let digest = content_digest::read(headers)?;
        if digest.is_some() && !components.contains(&Component::Field(CONTENT_DIGEST)) {
            return Err("`content-digest` is not covered");
        }
        let signatures: Dictionary = dictionary(headers, &SIGNATURE)
            .map_err(|_| "Signature is not as structured fields are serialised")?
            .unwrap_or_default();
        let signature =
            bytes(signatures.get(label)).ok_or("there are no 64 bytes of signature under its label")?;
        let parameters = List::from([ListEntry::InnerList(list.clone())]).serialize().unwrap_or_default();
        Ok(Self {
            key_id: said.key_id,
            chain,
            components,
            parameters,
            created: said.created,
            expires: said.expires,
            nonce: said.nonce,
            digest,
            signature,
        })
    }

    /// Whether everything of a body that decides what it means is covered.
    pub(super) fn covers_body(&self, headers: &HeaderMap) -> bool {
        let covers_type = self.components.contains(&Component::Field(header::CONTENT_TYPE));
        self.digest.is_some() && (covers_type || !headers.contains_key(header::CONTENT_TYPE))
    }
}

fn is_ours(member: &ListEntry) -> bool {
    let parameters = match member {
        ListEntry::Item(item) => &item.params,
        ListEntry::InnerList(list) => &list.params,
    };
    matches!(parameters.get("tag"), Some(BareItem::String(tag)) if tag.as_str() == TAG)
}

/// The components, each without parameters and once, and enough of them.
fn components(list: &InnerList) -> Result<Vec<Component>, &'static str> {
    let mut components = Vec::new();
    for item in list.items.iter().take(MOST_COMPONENTS + 1) {
        let BareItem::String(name) = &item.bare_item else { return Err("a component is no string") };
        if !item.params.is_empty() {
            return Err("a component has parameters");
        }
        let component = Component::parse(name.as_str()).ok_or("a component is unknown")?;
        if components.contains(&component) {
            return Err("a component is covered twice");
        }
        components.push(component);
    }
    let covers = |wanted: &[Component]| wanted.iter().all(|component| components.contains(component));
    if components.len() > MOST_COMPONENTS {
        return Err("too many components are covered");
    }
    if !covers(&[Component::Method]) {
        return Err("`@method` is not covered");
    }
    let target = [Component::Authority, Component::Path, Component::Query];
    if !covers(&[Component::TargetUri]) && !covers(&target) {
        return Err("neither `@target-uri` nor `@authority`, `@path` and `@query` are covered");
    }
    Ok(components)
}

/// What the parameters of a signature say (RFC 9421, section 2.3).
struct Said {
    key_id: KeyId,
    created: Timestamp,
    expires: Option<Timestamp>,
    nonce: String,
}

impl Said {
    fn of(list: &InnerList) -> Result<Self, &'static str> {
        let (mut key_id, mut created, mut expires, mut nonce) = (None, None, None, None);
        let moment = |seconds: &sfv::Integer| Some(Timestamp::from_unix((*seconds).into()));
        for (name, value) in &list.params {
            match (name.as_str(), value) {
                ("created", BareItem::Integer(seconds)) => created = moment(seconds),
                ("expires", BareItem::Integer(seconds)) => expires = moment(seconds),
                ("nonce", BareItem::String(text)) if NONCE.contains(&text.as_str().len()) => {
                    nonce = Some(text.as_str().to_owned());
                }
                ("keyid", BareItem::String(id)) => key_id = KeyId::parse(id.as_str()).ok(),
                ("alg", BareItem::String(algorithm)) if algorithm.as_str() == "ed25519" => {}
                ("tag", _) => {}
                _ => return Err("a parameter of the signature is unknown or has no value that is possible"),
            }
        }
        Ok(Self {
            key_id: key_id.ok_or("`keyid` is missing or no id of a key")?,
            created: created.ok_or("`created` is missing")?,
            expires,
            nonce: nonce.ok_or("`nonce` is missing")?,
        })
    }
}

/// The chain, if one is sent: covered, in one line, and of the key that is named.
fn chain(headers: &HeaderMap, components: &[Component], id: KeyId) -> Result<Option<Chain>, &'static str> {
    let mut lines = headers.get_all(KEY_CHAIN).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err("more than one Palisade-Key-Chain");
    }
    if !components.contains(&Component::Field(KEY_CHAIN)) {
        return Err("`palisade-key-chain` is not covered");
    }
    let chain =
        line.to_str().ok().and_then(|text| Chain::parse(text).ok()).ok_or("the chain is malformed")?;
    if chain.id() == id { Ok(Some(chain)) } else { Err("the chain is of another key than `keyid` names") }
}
