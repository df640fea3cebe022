//! Ids of what is kept: UUIDs of version 7 (RFC 9562, section 5.7), each kind a type of its own. None is a secret.

use std::{borrow::Cow, fmt, str::FromStr};

use palisade::{
    clock::Clock,
    random::{Random, RandomUnavailable},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::{Builder, Uuid, Variant};

/// A text or UUID is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID of version 7, written in lower case with hyphens")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// A UUID of version 7, so never nil; later ones sort later. Not a secret.
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
            #[serde(transparent)]
            pub struct $name(Uuid);

            impl $name {
                /// A new id: the time from `clock`, the rest from `random`.
                ///
                /// # Errors
                ///
                /// [`RandomUnavailable`] when `random` does not answer.
                pub fn draw(clock: &dyn Clock, random: &dyn Random) -> Result<Self, RandomUnavailable> {
                    draw(clock, random).map(Self)
                }

                /// Takes a UUID as an id.
                ///
                /// # Errors
                ///
                /// [`InvalidId`] when it is not of version 7.
                pub fn from_uuid(id: Uuid) -> Result<Self, InvalidId> {
                    let version_7 = id.get_version_num() == 7 && id.get_variant() == Variant::RFC4122;
                    if version_7 { Ok(Self(id)) } else { Err(InvalidId) }
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

            impl FromStr for $name {
                type Err = InvalidId;

                /// Reads the one form [`Display`](fmt::Display) writes: an id that could be written in two ways would be
                /// two ids to whoever compares text.
                fn from_str(text: &str) -> Result<Self, InvalidId> {
                    let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
                    if id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text {
                        Self::from_uuid(id)
                    } else {
                        Err(InvalidId)
                    }
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.hyphenated().fmt(f)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.hyphenated().fmt(f)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({
                        "type": "string",
                        "format": "uuid",
                        "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
                    })
                }
            }
        )*
    };
}

ids! {
    /// An account's id.
    AccountId;
    /// A browser session's id, by which it is listed and ended. What the cookie carries is another thing.
    SessionId;
    /// An API key's id; part of the key's text.
    ApiKeyId;
}

fn draw(clock: &dyn Clock, random: &dyn Random) -> Result<Uuid, RandomUnavailable> {
    let mut bytes = [0; 10];
    random.fill(&mut bytes)?;
    let seconds = u64::try_from(clock.now().as_unix()).unwrap_or(0);
    Ok(Builder::from_unix_timestamp_millis(seconds.saturating_mul(1000), &bytes).into_uuid())
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
    fn later_ids_sort_later() {
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
            assert_eq!(other.parse::<AccountId>(), Err(InvalidId), "{other}");
        }
    }
}
