//! A derived key as its holder has it: the chain of links, and the secret of the last key of it. Written, the secret's 32
//! bytes and the encoded chain follow the id: `pald_<id>_<secret and chain><checksum>`.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    ApiKeyText, Caveats, Chain, KeyId, LinkId, MOST_LINKS, Narrowed, NotDerived, PublicKey, Refused, Seed,
    link::{Link, Place},
    written::{self, DERIVED, WHOLE},
};
use crate::{clock::Timestamp, random::Random, secret::SecretString};

/// A derived key with its secret. `Debug` prints no secret, which is wiped when it is dropped.
#[derive(Clone)]
pub struct DerivedKey {
    chain: Chain,
    seed: Seed,
}

/// A key as its holder has it: whole, or derived.
#[derive(Clone, Debug)]
pub enum HeldKey {
    /// A key as it was issued.
    Whole(ApiKeyText),
    /// A key derived from one.
    Derived(DerivedKey),
}

impl DerivedKey {
    /// Reads a written derived key. Nothing is verified.
    ///
    /// # Errors
    ///
    /// [`Refused`]: malformed, mistyped, an unknown caveat, too many links, or two of one id.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let (id, content) = written::read(DERIVED, text)?;
        let (seed, chain) = content.split_at_checked(32).ok_or(Refused::Malformed)?;
        let seed = Seed::from_slice(seed).ok_or(Refused::Malformed)?;
        Ok(Self { chain: Chain::decode(id, chain)?, seed })
    }

    /// The derived key, written.
    pub fn to_text(&self) -> SecretString {
        let chain = self.chain.encode();
        let mut content = Zeroizing::new(Vec::with_capacity(32 + chain.len()));
        content.extend_from_slice(self.seed.expose());
        content.extend_from_slice(&chain);
        SecretString::new(written::write(DERIVED, self.chain.id, &content))
    }

    /// The link that was made for it: what it is revoked by, with all keys derived from it.
    #[expect(clippy::missing_panics_doc, reason = "neither parsing nor deriving makes one without a link")]
    pub fn link(&self) -> LinkId {
        self.chain.links.last().expect("a derived key was derived by a link").id
    }

    /// Its public part.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The key it is derived from in the end.
    pub fn id(&self) -> KeyId {
        self.chain.id
    }

    /// A key that may at most what this one may and `caveats` allow. This key cannot be found from it.
    ///
    /// # Errors
    ///
    /// [`NotDerived`], which says why.
    pub fn derive(&self, caveats: Caveats, random: &dyn Random) -> Result<Self, NotDerived> {
        // Only the first link's place depends on the whole key's public key, and there is a first link.
        Self::append(&self.chain, PublicKey::from_bytes([0; 32]), &self.seed, caveats, random)
    }

    /// Verifies the chain as [`Chain::verify`] does, and that the secret presented is that of its last key. What the
    /// caller must check besides is said there.
    ///
    /// # Errors
    ///
    /// [`Refused`], as [`Chain::verify`], and [`Refused::OtherSecret`].
    pub fn verify(&self, root: PublicKey, id: KeyId, now: Timestamp) -> Result<Narrowed, Refused> {
        let narrowed = self.chain.verify(root, id, now)?;
        let same = self.seed.public_key().as_bytes().ct_eq(narrowed.public_key().as_bytes());
        if bool::from(same) { Ok(narrowed) } else { Err(Refused::OtherSecret) }
    }

    /// The key `seed`, at the end of `chain`, hands on to a new one.
    pub(super) fn append(
        chain: &Chain,
        root: PublicKey,
        seed: &Seed,
        caveats: Caveats,
        random: &dyn Random,
    ) -> Result<Self, NotDerived> {
        if chain.links.len() >= MOST_LINKS {
            return Err(NotDerived::TooManyLinks);
        }
        if !caveats.fit() {
            return Err(NotDerived::TooLong);
        }
        let mut so_far = Caveats::none();
        let mut place = Place::first(chain.id, root);
        for link in &chain.links {
            so_far = so_far.and(&link.caveats).ok_or(NotDerived::NoRouteLeft)?;
            place = place.after(link);
        }
        so_far.and(&caveats).ok_or(NotDerived::NoRouteLeft)?;
        let next = Seed::generate(random)?;
        let mut id = [0; 16];
        random.fill(&mut id)?;
        let link = Link::sign(LinkId::from_bytes(id), next.public_key(), caveats, place, seed);
        let mut chain = chain.clone();
        chain.links.push(link);
        if written::is_too_long(32 + chain.encode().len()) {
            return Err(NotDerived::TooLong);
        }
        Ok(Self { chain, seed: next })
    }
}

impl HeldKey {
    /// Reads a written key of either kind. Nothing is looked up, nothing is verified.
    ///
    /// # Errors
    ///
    /// [`Refused`], as [`ApiKeyText::parse`] and [`DerivedKey::parse`].
    pub fn parse(text: &str) -> Result<Self, Refused> {
        if text.starts_with(WHOLE) {
            ApiKeyText::parse(text).map(Self::Whole)
        } else {
            DerivedKey::parse(text).map(Self::Derived)
        }
    }

    /// The key, written.
    pub fn to_text(&self) -> SecretString {
        match self {
            Self::Whole(key) => key.to_text(),
            Self::Derived(key) => key.to_text(),
        }
    }

    /// A key that may at most what this one may and `caveats` allow. This key cannot be found from it.
    ///
    /// # Errors
    ///
    /// [`NotDerived`], which says why.
    pub fn derive(&self, caveats: Caveats, random: &dyn Random) -> Result<DerivedKey, NotDerived> {
        match self {
            Self::Whole(key) => key.derive(caveats, random),
            Self::Derived(key) => key.derive(caveats, random),
        }
    }

    /// Its public part, if it is derived.
    pub fn chain(&self) -> Option<&Chain> {
        match self {
            Self::Whole(_) => None,
            Self::Derived(key) => Some(&key.chain),
        }
    }

    pub(crate) fn seed(&self) -> &Seed {
        match self {
            Self::Whole(key) => key.seed(),
            Self::Derived(key) => &key.seed,
        }
    }

    /// The id of the whole key: what to look up.
    pub fn id(&self) -> KeyId {
        match self {
            Self::Whole(key) => key.id(),
            Self::Derived(key) => key.id(),
        }
    }
}

impl From<ApiKeyText> for HeldKey {
    fn from(key: ApiKeyText) -> Self {
        Self::Whole(key)
    }
}

impl From<DerivedKey> for HeldKey {
    fn from(key: DerivedKey) -> Self {
        Self::Derived(key)
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedKey").field("chain", &self.chain).finish_non_exhaustive()
    }
}
