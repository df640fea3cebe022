//! Scopes: what a credential was given, as RFC 6749, section 3.3 writes it.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// One scope: one or more visible ASCII characters except `"` and `\` (`scope-token`, RFC 6749, section 3.3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Arc<str>);

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
        if text.is_empty() || !text.bytes().all(allowed) { Err(InvalidScope) } else { Ok(Self(text.into())) }
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A set of scopes, sorted; cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(Arc<[Scope]>);

impl ScopeSet {
    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.binary_search_by(|held| held.as_str().cmp(scope)).is_ok()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Whether all of this set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|scope| other.contains(scope.as_str()))
    }

    /// What both sets hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if self.is_subset(other) {
            return self.clone();
        }
        self.iter().filter(|scope| other.contains(scope.as_str())).cloned().collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort();
        scopes.dedup();
        Self(scopes.into())
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
