//! Profiles read from a file, so that what a kind of token must be is data that can be looked at and changed.

use std::collections::BTreeMap;

use super::{
    Algorithm, JsonFault,
    json::{Object, Value},
    numeric_date::NumericDate,
    profile::{Expected, LEEWAY, Profile},
    rule::Rule,
    sentence,
};

/// The profiles `palisade token verify` knows, by name.
///
/// The file is a JSON object of profiles. Of each are read: `algs`; `typ`, where `(absent)` stands for a header
/// without it; `iss`, `aud`, `sub`, `client_id` and `nonce` as the expected values of these claims; `required` claims;
/// and `rules`, sentences of which each names something that must hold. A rule that is not known refuses every token
/// of its profile. `_common` may hold `leeway_s` and `now`. A profile without `algs` is one for encrypted tokens, which
/// are refused.
#[derive(Clone, Debug)]
pub struct Profiles {
    named: BTreeMap<String, Kind>,
    now: Option<NumericDate>,
}

/// A kind of token.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Signed(Box<Profile>),
    Encrypted,
}

/// A text does not hold profiles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProfiles {
    /// Not strict JSON.
    #[error("the file {0}")]
    Json(JsonFault),
    /// A profile is not an object, or a member of it does not have its type.
    #[error("`{member}` of the profile `{profile}` does not have its type")]
    Member {
        /// The profile's name.
        profile: String,
        /// The member's name.
        member: &'static str,
    },
    /// Profiles refer to each other in a circle, or to one that is not there.
    #[error("a rule of the profile `{0}` refers to no other profile")]
    Reference(String),
}

/// How far `as NAME` may lead.
const MAX_REFERENCES: usize = 8;

impl Profiles {
    /// The profiles that are built in: access token, ID token, client assertion (with a key or a secret), logout token,
    /// request object, DPoP proof, encrypted ID token.
    #[expect(clippy::missing_panics_doc, reason = "a test reads the built-in profiles")]
    pub fn builtin() -> Self {
        Self::from_json(include_str!("profiles.json")).expect("the built-in profiles are well-formed")
    }

    /// Reads a file of profiles.
    ///
    /// # Errors
    ///
    /// [`InvalidProfiles`] says which profile and member are at fault.
    pub fn from_json(text: &str) -> Result<Self, InvalidProfiles> {
        let file =
            Value::read(text.as_bytes()).and_then(Value::into_object).map_err(InvalidProfiles::Json)?;
        let common = Source { name: "_common", members: file.member("_common"), file: &file };
        let leeway = common.date("leeway_s")?.map_or(LEEWAY, NumericDate::seconds);
        let profiles = file.iter().filter(|(name, _)| *name != "_common").map(|(name, profile)| {
            let source = Source { name, members: Some(profile), file: &file };
            Ok((name.to_owned(), source.kind(leeway)?))
        });
        Ok(Self { named: profiles.collect::<Result<_, _>>()?, now: common.date("now")? })
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.named.get(name)
    }

    /// The moment the file says all its tokens are looked at.
    pub(crate) fn now(&self) -> Option<NumericDate> {
        self.now
    }
}

/// One profile as it stands in the file.
struct Source<'f> {
    name: &'f str,
    members: Option<&'f Value<'f>>,
    file: &'f Object<'f>,
}

impl<'f> Source<'f> {
    fn kind(&self, leeway: f64) -> Result<Kind, InvalidProfiles> {
        let Some(algorithms) = self.texts("algs")? else { return Ok(Kind::Encrypted) };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let types = self.texts("typ")?.unwrap_or_default();
        let required = self.texts("required")?.unwrap_or_default();
        Ok(Kind::Signed(Box::new(Profile {
            // An algorithm that is not understood allows nothing.
            algorithms: algorithms.into_iter().filter_map(Algorithm::from_name).collect(),
            types: types.into_iter().map(|typ| (typ != "(absent)").then(|| typ.to_owned())).collect(),
            expected: Expected {
                issuer: owned(self.text("iss")?),
                audience: owned(self.text("aud")?),
                subject: owned(self.text("sub")?),
                client_id: owned(self.text("client_id")?),
                nonce: owned(self.text("nonce")?),
            },
            required: required.into_iter().map(str::to_owned).collect(),
            rules: self.rules(MAX_REFERENCES)?,
            leeway: self.date("leeway_s")?.map_or(leeway, NumericDate::seconds),
        })))
    }

    fn rules(&self, references_left: usize) -> Result<Vec<Rule>, InvalidProfiles> {
        let mut rules = Vec::new();
        for text in self.texts("rules")?.unwrap_or_default() {
            let Some(name) = sentence::other_profile(text) else {
                rules.push(sentence::rule(text));
                continue;
            };
            let members = self.file.member(name).filter(|_| references_left > 0);
            let members = members.ok_or_else(|| InvalidProfiles::Reference(self.name.to_owned()))?;
            let other = Source { name, members: Some(members), file: self.file };
            rules.extend(other.rules(references_left - 1)?);
        }
        Ok(rules)
    }

    fn text(&self, name: &'static str) -> Result<Option<&'f str>, InvalidProfiles> {
        self.typed(name, Value::as_str)
    }

    fn texts(&self, name: &'static str) -> Result<Option<Vec<&'f str>>, InvalidProfiles> {
        self.typed(name, |value| value.as_array()?.iter().map(Value::as_str).collect())
    }

    fn date(&self, name: &'static str) -> Result<Option<NumericDate>, InvalidProfiles> {
        self.typed(name, NumericDate::read)
    }

    fn typed<T>(
        &self,
        member: &'static str,
        read: impl FnOnce(&'f Value<'f>) -> Option<T>,
    ) -> Result<Option<T>, InvalidProfiles> {
        let fault = || InvalidProfiles::Member { profile: self.name.to_owned(), member };
        let Some(members) = self.members else { return Ok(None) };
        match members.as_object().ok_or_else(fault)?.member(member) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(fault),
        }
    }
}
