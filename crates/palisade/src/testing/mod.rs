//! For tests: the access lock, replacing dependencies in one app, requirements on their own, a clock that stands still, randomness that
//! repeats, and a client without a socket. Only with the feature `testing`, which no release build has.

mod access_lock;
mod client;
mod matrix;
mod overrides;
mod probe;
mod verdict;

#[cfg(feature = "issue")]
pub use self::matrix::IssuedTokens;
pub(crate) use self::probe::posed;
pub use self::{
    access_lock::access_lock,
    client::{Client, Request, Response, Served},
    matrix::{Failure, Matrix, Report, Wanted},
    overrides::Overrides,
    probe::Probe,
    verdict::{verdict, verdict_now},
};
pub use crate::{clock::ManualClock, random::SeededRandom};
