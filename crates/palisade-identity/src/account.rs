//! Accounts and their ids.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use palisade::{
    clock::{Clock, Timestamp},
    random::{Random, RandomUnavailable},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::{Builder, Uuid, Variant};

use crate::{email::Email, role::Roles, username::Username};

/// An account's id: a UUID of version 7 (RFC 9562, section 5.7), so never nil; later accounts sort later. Not a secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct AccountId(Uuid);

/// A text or UUID is not an account's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account's id is a UUID of version 7, written in lower case with hyphens")]
pub struct InvalidAccountId;

impl AccountId {
    /// A new id: the time from `clock`, the rest from `random`.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when `random` does not answer.
    pub fn draw(clock: &dyn Clock, random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let mut bytes = [0; 10];
        random.fill(&mut bytes)?;
        let seconds = u64::try_from(clock.now().as_unix()).unwrap_or(0);
        Ok(Self(Builder::from_unix_timestamp_millis(seconds.saturating_mul(1000), &bytes).into_uuid()))
    }

    /// Takes a UUID as an account's id.
    ///
    /// # Errors
    ///
    /// [`InvalidAccountId`] when it is not of version 7.
    pub fn from_uuid(id: Uuid) -> Result<Self, InvalidAccountId> {
        let version_7 = id.get_version_num() == 7 && id.get_variant() == Variant::RFC4122;
        if version_7 { Ok(Self(id)) } else { Err(InvalidAccountId) }
    }

    /// The UUID's sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The UUID.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    /// Reads the one form [`Display`](fmt::Display) writes: an id that could be written in two ways would be two
    /// subjects to whoever compares text.
    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        let id = Uuid::try_parse(text).map_err(|_| InvalidAccountId)?;
        if id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text {
            Self::from_uuid(id)
        } else {
            Err(InvalidAccountId)
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for AccountId {
    fn schema_name() -> Cow<'static, str> {
        "AccountId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "uuid",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        })
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may.
    Active,
    /// It may not sign in, and its tokens are refused.
    Disabled,
}

impl Status {
    /// The status's name: `active` or `disabled`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// An account. Its password's hash is not in it, so that no answer and no log can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who it is, for good.
    pub id: AccountId,
    /// The name it signs in with; no other account has it.
    pub username: Username,
    /// Where mail goes. Two accounts may name the same address: as long as no message has proved whose it is,
    /// refusing the second would let anybody block anybody, and would tell who has an account.
    pub email: Email,
    /// Whether it may be used.
    pub status: Status,
    /// What it may do.
    pub roles: Roles,
    /// Carried in its tokens; raising it ends all of them.
    pub generation: u64,
    /// The one token (its `jti`) that outlived the last raising of the generation.
    pub kept_token: Option<Arc<str>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// A new active account of generation 0.
    pub fn new(id: AccountId, username: Username, email: Email, roles: Roles, now: Timestamp) -> Self {
        let status = Status::Active;
        Self {
            id,
            username,
            email,
            status,
            roles,
            generation: 0,
            kept_token: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether a token that carries `generation` and is named `token_id` still counts.
    pub fn accepts_token(&self, generation: Option<u64>, token_id: &str) -> bool {
        generation == Some(self.generation) || self.kept_token.as_deref() == Some(token_id)
    }

    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }
}

#[cfg(test)]
mod tests {
    use palisade::{clock::ManualClock, random::SeededRandom};

    use super::*;

    #[test]
    fn a_drawn_id_is_of_version_7_and_carries_the_time() {
        let clock = ManualClock::at(1_700_000_000);
        let id = AccountId::draw(&*clock, &*SeededRandom::shared(1)).unwrap();
        assert_eq!(id.as_uuid().get_timestamp().unwrap().to_unix().0, 1_700_000_000);
        assert_eq!(AccountId::from_uuid(id.as_uuid()), Ok(id));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn later_accounts_sort_later() {
        let (clock, random) = (ManualClock::at(1_700_000_000), SeededRandom::shared(1));
        let earlier = AccountId::draw(&*clock, &*random).unwrap();
        clock.advance(std::time::Duration::from_secs(1));
        assert!(earlier < AccountId::draw(&*clock, &*random).unwrap());
    }

    #[test]
    fn an_id_has_one_written_form_and_is_never_nil() {
        let id = "018bcfe5-6800-7000-8000-00000000000a";
        assert!(id.parse::<AccountId>().is_ok());
        for other in [
            id.to_uppercase(),
            id.replace('-', ""),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
            Uuid::nil().to_string(),
            Uuid::max().to_string(),
            "018bcfe5-6800-4000-8000-00000000000a".to_owned(),
            "018bcfe5-6800-7000-c000-00000000000a".to_owned(),
        ] {
            assert_eq!(other.parse::<AccountId>(), Err(InvalidAccountId), "{other}");
        }
    }
}
