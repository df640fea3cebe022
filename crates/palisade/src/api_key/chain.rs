//! The chain of links of a derived key, without its secret: what its verifier needs.
//!
//! Encoded: the version (one byte, 1), the number of links (one byte, 1 to 8), the links. Written, the encoded chain
//! follows the id: `palc_<id>_<chain><checksum>`.

use std::{collections::BTreeSet, fmt};

use http::request::Parts;

use super::{
    Caveats, KeyId, LinkId, MOST_LINKS, PublicKey, Refused, Route,
    link::{Bytes, Link, Place, VERSION},
    written::{self, PUBLIC},
};
use crate::{clock::Timestamp, scope::ScopeSet};

/// The links from a key to one derived from it. It says nothing until it is [verified](Self::verify).
#[derive(Clone)]
pub struct Chain {
    pub(super) id: KeyId,
    pub(super) links: Vec<Link>,
}

/// What a verified chain leaves of the authority of the key it begins with. Only [`Chain::verify`] and
/// [`DerivedKey::verify`](super::DerivedKey::verify) make one.
#[derive(Clone, Debug)]
#[must_use = "what a derived key may is what its chain leaves"]
pub struct Narrowed {
    caveats: Caveats,
    links: Vec<LinkId>,
    public_key: PublicKey,
}

impl Chain {
    /// Reads a written chain. Nothing is verified.
    ///
    /// # Errors
    ///
    /// [`Refused`]: malformed, mistyped, an unknown caveat, too many links, or two of one id.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let (id, encoded) = written::read(PUBLIC, text)?;
        Self::decode(id, &encoded)
    }

    /// The chain, written.
    pub fn to_text(&self) -> String {
        written::write(PUBLIC, self.id, &self.encode())
    }

    /// The key it begins with.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Verifies that the key `id` with the public key `root` has, link by link, allowed what the chain says, and that it is
    /// not dead at `now`. That none of the [links](Narrowed::links) is revoked, that the request is of the
    /// [route](Narrowed::allows_route), and that the key itself is alive is for the caller to check.
    ///
    /// # Errors
    ///
    /// [`Refused`]: of another key, a bad signature, expired, or no route left.
    pub fn verify(&self, root: PublicKey, id: KeyId, now: Timestamp) -> Result<Narrowed, Refused> {
        if self.id != id {
            return Err(Refused::OtherKey);
        }
        let mut signer = root;
        let mut place = Place::first(id, root);
        let mut caveats = Caveats::none();
        for link in &self.links {
            if !link.is_signed_by(signer, place) {
                return Err(Refused::BadSignature);
            }
            place = place.after(link);
            signer = link.next;
            caveats = caveats.and(&link.caveats).ok_or(Refused::NoRouteLeft)?;
        }
        if caveats.dead_from().is_some_and(|dead_from| now >= dead_from) {
            return Err(Refused::Expired);
        }
        let links = self.links.iter().map(|link| link.id).collect();
        Ok(Narrowed { caveats, links, public_key: signer })
    }

    /// The chain without links, to which others are appended. It is never written.
    pub(super) fn root(id: KeyId) -> Self {
        Self { id, links: Vec::new() }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoded = vec![VERSION];
        encoded.extend(u8::try_from(self.links.len()));
        for link in &self.links {
            link.encode(&mut encoded);
        }
        encoded
    }

    pub(super) fn decode(id: KeyId, encoded: &[u8]) -> Result<Self, Refused> {
        let mut bytes = Bytes(encoded);
        if bytes.byte()? != VERSION {
            return Err(Refused::Malformed);
        }
        let count = usize::from(bytes.byte()?);
        if count == 0 {
            return Err(Refused::Malformed);
        }
        if count > MOST_LINKS {
            return Err(Refused::TooManyLinks);
        }
        let links = (0..count).map(|_| Link::decode(&mut bytes)).collect::<Result<Vec<_>, _>>()?;
        if !bytes.0.is_empty() {
            return Err(Refused::Malformed);
        }
        let ids: BTreeSet<_> = links.iter().map(|link| link.id).collect();
        if ids.len() < links.len() {
            return Err(Refused::RepeatedLink);
        }
        Ok(Self { id, links })
    }
}

impl Narrowed {
    /// The scopes that are left, of those the key has; `None` if all are.
    pub fn scopes(&self) -> Option<&ScopeSet> {
        self.caveats.allowed_scopes()
    }

    /// What is left of the `scopes` the key has.
    pub fn narrow(&self, scopes: &ScopeSet) -> ScopeSet {
        self.scopes().map_or_else(|| scopes.clone(), |left| scopes.intersection(left))
    }

    /// When the derived key is dead, if its links say so.
    pub fn expires(&self) -> Option<Timestamp> {
        self.caveats.dead_from()
    }

    /// The one route that is left; `None` if all are.
    pub fn route(&self) -> Option<&Route> {
        self.caveats.allowed_route()
    }

    /// Whether the request was matched to a route that is left ([`Route::is_of`]).
    pub fn allows_route(&self, head: &Parts) -> bool {
        self.route().is_none_or(|route| route.is_of(head))
    }

    /// The links, first to last: when one of them is revoked, so is the derived key.
    pub fn links(&self) -> &[LinkId] {
        &self.links
    }

    /// The public key of the derived key.
    pub fn public_key(&self) -> PublicKey {
        self.public_key
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links: Vec<_> = self.links.iter().map(|link| (link.id, &link.caveats)).collect();
        f.debug_struct("Chain").field("id", &self.id).field("links", &links).finish()
    }
}
