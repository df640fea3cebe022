//! Scopes: what a credential was given, as RFC 6749, section 3.3 writes it.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// One scope: one or more visible ASCII characters except `"` and `\` (`scope-token`, RFC 6749, section 3.3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    text: Arc<str>,
    /// One bit, by the text: two scopes with different marks are different.
    mark: u64,
}

/// A scope, or a list of them, is not of the form RFC 6749, section 3.3 gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is one or more visible ASCII characters other than `\"` and `\\`, separated by single spaces"
)]
pub struct InvalidScope;

impl Scope {
    /// Reads one scope.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] when it is empty or has a character outside `scope-token`.
    pub fn new(text: &str) -> Result<Self, InvalidScope> {
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(InvalidScope);
        }
        Ok(Self { text: text.into(), mark: mark(text) })
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// FNV-1a, stirred once more, of which six bits choose one. That others can make theirs the same costs a comparison and gains
/// nothing.
fn mark(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    1 << ((hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl std::hash::Hash for Scope {
    /// As its text, by which it can be looked up.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.text
    }
}

/// A set of scopes, sorted; cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet {
    scopes: Arc<[Scope]>,
    /// The marks of all of them: a scope whose mark is missing is not in the set, and need not be looked for.
    marks: u64,
}

impl ScopeSet {
    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.scopes.binary_search_by(|held| held.as_str().cmp(scope)).is_ok()
    }

    /// As [`contains`](Self::contains), for a scope that is one: on the way of every request.
    pub(crate) fn has(&self, scope: &Scope) -> bool {
        self.marks & scope.mark != 0 && self.contains(scope.as_str())
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The scopes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.iter()
    }

    /// Whether all of this set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|scope| other.has(scope))
    }

    /// What both sets hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if self.is_subset(other) {
            return self.clone();
        }
        self.iter().filter(|scope| other.has(scope)).cloned().collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort();
        scopes.dedup();
        let marks = scopes.iter().fold(0, |marks, scope| marks | scope.mark);
        Self { scopes: scopes.into(), marks }
    }
}

impl FromStr for ScopeSet {
    type Err = InvalidScope;

    /// Reads a space-separated list; the empty text is the empty set.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split(' ').map(Scope::new).collect()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_sorted_and_without_doubles() {
        let set: ScopeSet = "me:write me:read me:read".parse().unwrap();
        assert_eq!(set.to_string(), "me:read me:write");
        assert!(set.contains("me:read") && !set.contains("me"));
    }

    #[test]
    fn characters_outside_scope_token_are_refused() {
        for text in ["a  b", " a", "a ", "a\"b", "a\\b", "é", "a\tb", "a\nb", "\u{7f}"] {
            assert_eq!(text.parse::<ScopeSet>(), Err(InvalidScope), "{text:?}");
        }
        assert!("".parse::<ScopeSet>().unwrap().is_empty());
    }

    #[test]
    fn an_intersection_holds_what_both_hold() {
        let a: ScopeSet = "a b c".parse().unwrap();
        let b: ScopeSet = "b c d".parse().unwrap();
        assert_eq!(a.intersection(&b).to_string(), "b c");
    }
}
