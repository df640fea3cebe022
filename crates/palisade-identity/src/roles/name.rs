//! The names of roles and of tenants.

use std::{
    borrow::{Borrow, Cow},
    fmt,
    str::FromStr,
    sync::Arc,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::role::Role;

/// A text is not such a name; says what one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidName(&'static str);

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $fits:path, $pattern:literal, $words:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Arc<str>);

            impl $name {
                /// The name as text.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl FromStr for $name {
                type Err = InvalidName;

                /// Reads it as it is: names are compared by bytes.
                fn from_str(text: &str) -> Result<Self, InvalidName> {
                    if $fits(text) { Ok(Self(text.into())) } else { Err(InvalidName($words)) }
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Debug::fmt(&*self.0, f)
                }
            }

            impl Borrow<str> for $name {
                fn borrow(&self) -> &str {
                    &self.0
                }
            }

            impl From<$name> for Arc<str> {
                fn from(name: $name) -> Self {
                    name.0
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(&self.0)
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
                    json_schema!({ "type": "string", "pattern": $pattern })
                }
            }
        )*
    };
}

names! {
    /// A role's name, built-in or stored: 1 to 40 of `a` to `z`, `0` to `9` and `-`. Cheap to clone.
    RoleName: is_role, "^[a-z0-9-]{1,40}$", "a role's name is 1 to 40 of a-z, 0-9 and -";
    /// A tenant's name: 1 to 64 of `a` to `z`, `0` to `9`, `.`, `_` and `-`, of which the first is a letter or a digit, so
    /// that no name means something else in a path. Cheap to clone.
    TenantName: is_tenant, "^[a-z0-9][a-z0-9._-]{0,63}$",
        "a tenant's name is 1 to 64 of a-z, 0-9, `.`, _ and -, and begins with a letter or a digit";
}

impl RoleName {
    /// The built-in role of this name, if it is one.
    pub fn built_in(&self) -> Option<Role> {
        self.0.parse().ok()
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        Self(role.name().into())
    }
}

fn is_role(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| is_plain(byte) || byte == b'-')
}

fn is_tenant(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte))
        && text.bytes().next().is_some_and(is_plain)
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_written_form() {
        for text in ["auditor", "a", "-", "read-2", &"x".repeat(40)] {
            assert_eq!(text.parse::<RoleName>().unwrap().as_str(), text);
        }
        for text in ["", "Auditor", "a b", "a_b", "a.b", "ä", "a\n", "a/b", &"x".repeat(41)] {
            assert!(text.parse::<RoleName>().is_err(), "{text:?}");
        }
        for text in ["acme", "0", "a.b_c-d", &"x".repeat(64)] {
            assert_eq!(text.parse::<TenantName>().unwrap().as_str(), text);
        }
        for text in ["", ".", "..", "-x", "_x", "Acme", "a/b", "a b", "a\0", &"x".repeat(65)] {
            assert!(text.parse::<TenantName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_built_in_role_is_known_by_its_name() {
        assert_eq!("admin".parse::<RoleName>().unwrap().built_in(), Some(Role::Admin));
        assert_eq!("admins".parse::<RoleName>().unwrap().built_in(), None);
        assert_eq!(RoleName::from(Role::User).as_str(), "user");
    }
}
