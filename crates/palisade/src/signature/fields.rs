//! Structured fields (RFC 9651), in the one form they are serialised in. Whatever else parses is refused: a member or a
//! parameter given twice, other spaces, other spellings of the same value.

use http::{HeaderMap, HeaderName, HeaderValue};
use sfv::{BareItem, Dictionary, FieldType, Item, Key, ListEntry, Parser};

/// The longest field that is looked at.
const LONGEST: usize = 16 * 1024;

/// The field as a dictionary; `None` if it is not there.
pub(super) fn dictionary(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Dictionary>, NotCanonical> {
    let mut lines = headers.get_all(name).iter().peekable();
    if lines.peek().is_none() {
        return Ok(None);
    }
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(line.to_str().map_err(|_| NotCanonical)?);
        if text.len() > LONGEST {
            return Err(NotCanonical);
        }
    }
    let dictionary: Dictionary = Parser::new(&text).parse().map_err(|_| NotCanonical)?;
    if dictionary.serialize().as_deref() == Some(&*text) { Ok(Some(dictionary)) } else { Err(NotCanonical) }
}

/// The field is no dictionary in the one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotCanonical;

/// A dictionary of one member.
pub(super) fn single(name: &str, member: impl Into<ListEntry>) -> Option<HeaderValue> {
    let dictionary: Dictionary =
        [(Key::try_from(name.to_owned()).ok()?, member.into())].into_iter().collect();
    HeaderValue::try_from(dictionary.serialize()?).ok()
}

/// The bytes of a member that is a byte sequence without parameters, if there are `N`.
pub(super) fn bytes<const N: usize>(member: Option<&ListEntry>) -> Option<[u8; N]> {
    match member {
        Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(bytes), params }))
            if params.is_empty() =>
        {
            bytes[..].try_into().ok()
        }
        _ => None,
    }
}
