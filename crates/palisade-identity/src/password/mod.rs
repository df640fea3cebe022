//! Passwords: what a person may choose, how it is stored, and how it is checked without giving anything away.
//!
//! A password arrives as a [`SecretString`](palisade::secret::SecretString) and leaves as a [`PasswordHash`].
//! On the way it is prepared (PRECIS, RFC 8265), judged by a [`Policy`] when it is new, and hashed with
//! Argon2id (RFC 9106) by a [`PasswordHasher`], which has threads of its own: hashing is slow on purpose, and
//! the async workers must stay free for everybody else.
//!
//! ```text
//! sign-in --> [ queue ] --\
//!                          >-- one from each in turn --> [ hash thread + its memory block ] x n --> answer
//! sign-up --> [ queue ] --/
//!    |
//!    '-- full, or the wait would be too long: refused at once, with a time to come back
//! ```
//!
//! This module reads no store and answers no request; per-address limits are in [`limits`](crate::limits).

mod breached;
mod config;
mod error;
mod hasher;
mod memory;
mod parameters;
mod phc;
mod policy;
mod pool;
mod prepare;
mod queue;
mod work;

pub use breached::{BreachedList, NotAList};
pub use config::{Config, SetupError, Statistics};
pub use error::HashError;
pub use hasher::{PasswordHasher, Verified};
pub use parameters::{Parameters, ParametersOutOfBounds};
pub use phc::{MalformedHash, PasswordHash};
pub use policy::{Policy, Unfit, Weakness};
pub use prepare::{MAXIMUM_BYTES, Refused};
pub use queue::Queue;
