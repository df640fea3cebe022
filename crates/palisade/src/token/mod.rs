//! Tokens: strict verification, keys, issuing.
