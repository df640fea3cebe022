//! Palisade's identity layer owns the accounts: who they are, how they prove it, which keys sign their tokens.
//!
//! A value passes through it in one direction: text from outside becomes a checked type ([`Username`],
//! [`Email`], [`AccountId`]), a service ([`accounts`], [`keys`], [`first_admin`]) applies the rules, and a
//! [`store`] keeps the result. No module here knows HTTP, and none knows which engine the store is.
//!
//! [`Username`]: username::Username
//! [`Email`]: email::Email
//! [`AccountId`]: account::AccountId

pub mod account;
pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod changes;
#[cfg(feature = "contract")]
pub mod contract;
pub mod email;
mod epochs;
pub mod first_admin;
pub mod http;
pub mod id;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod password;
pub mod proofs;
pub mod role;
pub mod roles;
pub mod sessions;
pub mod store;
pub mod username;
