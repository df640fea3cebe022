//! What a link allows at most. Every caveat is critical: who does not know one refuses the whole chain.
//!
//! Encoded: the number of caveats, then for each its type, its length (two bytes, big-endian) and its value; by ascending
//! type, each type once.
//!
//! | type | value |
//! |---|---|
//! | 1 | scopes: sorted by their bytes, separated by single spaces |
//! | 2 | the moment from which on the key is dead: eight bytes, big-endian, seconds since 1970 |
//! | 3 | a route: method, one space, template |

use super::{Refused, Route, link::Bytes};
use crate::{clock::Timestamp, scope::ScopeSet};

/// The longest list of scopes, in bytes.
const LONGEST_SCOPES: usize = 1024;

const SCOPES: u8 = 1;
const EXPIRES: u8 = 2;
const ROUTE: u8 = 3;

/// What a derived key may at most. Nothing said is nothing taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caveats {
    scopes: Option<ScopeSet>,
    expires: Option<Timestamp>,
    route: Option<Route>,
}

impl Caveats {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// Allows no scopes but these; those of them that the key does not have it does not get.
    #[must_use]
    pub fn scopes(mut self, scopes: ScopeSet) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// Dead from `moment` on.
    #[must_use]
    pub fn expires(mut self, moment: Timestamp) -> Self {
        self.expires = Some(moment);
        self
    }

    /// Allows no route but this one.
    #[must_use]
    pub fn route(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }

    /// What both allow; `None` if that is no route at all.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let route = match (&self.route, &other.route) {
            (Some(one), Some(another)) if one != another => return None,
            (one, another) => one.as_ref().or(another.as_ref()).cloned(),
        };
        let scopes = match (&self.scopes, &other.scopes) {
            (Some(one), Some(another)) => Some(one.intersection(another)),
            (one, another) => one.as_ref().or(another.as_ref()).cloned(),
        };
        let expires = self.expires.into_iter().chain(other.expires).min();
        Some(Self { scopes, expires, route })
    }

    /// Whether they can be encoded.
    pub(super) fn fit(&self) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.to_string().len() <= LONGEST_SCOPES)
    }

    pub(super) fn encode(&self, to: &mut Vec<u8>) {
        let scopes = self.scopes.as_ref().map(|scopes| (SCOPES, scopes.to_string().into_bytes()));
        let expires = self.expires.map(|moment| (EXPIRES, moment.as_unix().to_be_bytes().to_vec()));
        let route = self.route.as_ref().map(|route| (ROUTE, route.as_str().as_bytes().to_vec()));
        let all: Vec<_> = [scopes, expires, route].into_iter().flatten().collect();
        to.extend(u8::try_from(all.len()));
        for (kind, value) in all {
            to.push(kind);
            to.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
            to.extend_from_slice(&value);
        }
    }

    pub(super) fn decode(from: &mut Bytes<'_>) -> Result<Self, Refused> {
        let mut caveats = Self::none();
        let mut last = 0;
        for _ in 0..from.byte()? {
            let kind = from.byte()?;
            let length = usize::from(u16::from_be_bytes(from.array()?));
            let value = from.take(length)?;
            if kind <= last {
                return Err(Refused::Malformed);
            }
            last = kind;
            match kind {
                SCOPES => caveats.scopes = Some(scopes(value)?),
                EXPIRES => caveats.expires = Some(moment(value)?),
                ROUTE => caveats.route = Some(text(value)?.parse().map_err(|_| Refused::Malformed)?),
                unknown => return Err(Refused::UnknownCaveat(unknown)),
            }
        }
        Ok(caveats)
    }

    pub(super) fn allowed_scopes(&self) -> Option<&ScopeSet> {
        self.scopes.as_ref()
    }

    pub(super) fn dead_from(&self) -> Option<Timestamp> {
        self.expires
    }

    pub(super) fn allowed_route(&self) -> Option<&Route> {
        self.route.as_ref()
    }
}

fn scopes(value: &[u8]) -> Result<ScopeSet, Refused> {
    let text = text(value)?;
    let scopes: ScopeSet = text.parse().map_err(|_| Refused::Malformed)?;
    // Another order, or a scope twice, would be a second way to write the same.
    if scopes.to_string() == text && text.len() <= LONGEST_SCOPES {
        Ok(scopes)
    } else {
        Err(Refused::Malformed)
    }
}

fn moment(value: &[u8]) -> Result<Timestamp, Refused> {
    let bytes = value.try_into().map_err(|_| Refused::Malformed)?;
    Ok(Timestamp::from_unix(i64::from_be_bytes(bytes)))
}

fn text(value: &[u8]) -> Result<&str, Refused> {
    std::str::from_utf8(value).map_err(|_| Refused::Malformed)
}
