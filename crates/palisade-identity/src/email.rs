//! E-mail addresses, by a check that is simple on purpose: what it accepts, a mail server can be asked to deliver
//! to; only a delivered message proves more.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// An address `local@domain` in ASCII: a dot-atom (RFC 5322, section 3.2.3) before the `@`, host-name labels after
/// it. The domain is kept in lower case, so equality disregards its case; the local part belongs to its host and
/// is compared as written (RFC 5321, section 2.4).
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has the form name@example.org, in ASCII, and at most {} bytes", Email::MAX_BYTES)]
pub struct InvalidEmail;

/// The check as a regular expression, for the API document; [`Email::new`] says the same in code.
const PATTERN: &str = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$";

impl Email {
    /// The longest address, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`InvalidEmail`] when it is too long or not of the form above.
    pub fn new(text: &str) -> Result<Self, InvalidEmail> {
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidEmail);
        }
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        if local.split('.').all(is_atom) && domain.split('.').all(is_label) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_atom(text: &str) -> bool {
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !text.is_empty() && text.bytes().all(atext)
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        Self::new(text)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Email {
    fn schema_name() -> Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "email",
            "maxLength": Self::MAX_BYTES,
            "pattern": PATTERN,
            "examples": ["ada@example.org"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_compared_without_regard_to_case_and_the_local_part_with_it() {
        assert_eq!(Email::new("Ada@Example.ORG"), Email::new("Ada@example.org"));
        assert_ne!(Email::new("ada@example.org"), Email::new("Ada@example.org"));
    }

    #[test]
    fn what_could_carry_a_header_or_a_second_recipient_is_refused() {
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a@b@c",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "ada@example..org",
            "ada@-example.org",
            "ada@example-.org",
            "ada@example.org.",
            "ada@exämple.org",
            "ädä@example.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada\0@example.org",
            "a b@example.org",
            "\"a b\"@example.org",
            "ada@[127.0.0.1]",
            "a,b@example.org",
            "<ada@example.org>",
        ] {
            assert_eq!(Email::new(text), Err(InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes() {
        let domain = format!("{0}.{0}.{0}", "a".repeat(63));
        let longest = format!("{}@{domain}", "a".repeat(254 - 1 - domain.len()));
        assert!(Email::new(&longest).is_ok());
        assert_eq!(Email::new(&format!("a{longest}")), Err(InvalidEmail));
    }
}
