//! How often one address may try to sign in or sign up, and how much mail goes to one mailbox.
//!
//! Each address has a bucket that empties at a steady rate (the generic cell rate algorithm). What is kept is
//! bounded: when there is no room, the address closest to a full recovery makes room, and whoever takes its place
//! takes over the little it still owed. So an address that fills the table with others neither frees itself nor
//! gets anything for free.
//!
//! An address is an IPv4 address or an IPv6 /64, which is what one customer gets; an IPv4 address mapped into IPv6
//! is that IPv4 address. The address must come from the socket or a trusted proxy, never from a header anyone sets.

mod mail;
mod table;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade::clock::SharedClock;

pub use self::mail::MailLimit;
use self::table::{Origin, Table};

/// How many are allowed at once, and how fast they are regained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many at once, after a rest. By default 100.
    pub burst: u32,
    /// The time in which one is regained. By default a second.
    pub regain: Duration,
    /// How many addresses are remembered. By default 65,536, which take about ten megabytes.
    pub addresses: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { burst: 100, regain: Duration::from_secs(1), addresses: 65_536 }
    }
}

/// This address has used up what it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {retry_after:?}")]
pub struct Limited {
    /// When it may try again.
    pub retry_after: Duration,
}

#[derive(Clone, Debug)]
struct Limit {
    table: Arc<Mutex<Table>>,
    clock: SharedClock,
}

impl Limit {
    fn new(allowance: Allowance, clock: SharedClock) -> Self {
        Self { table: Arc::new(Mutex::new(Table::new(allowance))), clock }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // The table is whole between any two of its own steps.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Limits sign-ups: each costs, whatever comes of it.
#[derive(Clone, Debug)]
pub struct SignUpLimit(Limit);

impl SignUpLimit {
    /// A limit of `allowance` for each address.
    pub fn new(allowance: Allowance, clock: SharedClock) -> Self {
        Self(Limit::new(allowance, clock))
    }

    /// Charges one sign-up to `address`.
    ///
    /// # Errors
    ///
    /// [`Limited`] when it has none left.
    pub fn check(&self, address: IpAddr) -> Result<(), Limited> {
        let (origin, now) = (Origin::of(address), self.0.clock.monotonic());
        let mut table = self.0.table();
        table.reserve(origin, now)?;
        table.charge(origin, now);
        Ok(())
    }
}

/// Limits failed sign-ins. Successful ones cost nothing, however many there are.
#[derive(Clone, Debug)]
pub struct SignInLimit(Limit);

impl SignInLimit {
    /// A limit of `allowance` failures for each address.
    pub fn new(allowance: Allowance, clock: SharedClock) -> Self {
        Self(Limit::new(allowance, clock))
    }

    /// Lets `address` attempt a sign-in. The attempt counts as a failure from now on, until it is seen to have
    /// succeeded: attempts made at the same time cannot be more than failures are allowed.
    ///
    /// # Errors
    ///
    /// [`Limited`] when its failures, and the attempts not yet decided, leave none.
    pub fn check(&self, address: IpAddr) -> Result<Attempt, Limited> {
        let origin = Origin::of(address);
        self.0.table().reserve(origin, self.0.clock.monotonic())?;
        Ok(Attempt { limit: self.0.clone(), origin, free: false })
    }
}

/// A sign-in under way. Dropping it, for whatever reason, is a failure.
#[derive(Debug)]
#[must_use = "an attempt that is dropped is charged as a failure"]
pub struct Attempt {
    limit: Limit,
    origin: Origin,
    free: bool,
}

impl Attempt {
    /// It costs nothing: the sign-in succeeded, or the password was never looked at because the server could not.
    pub fn free(mut self) {
        self.free = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut table = self.limit.table();
        if self.free {
            table.release(self.origin);
        } else {
            table.charge(self.origin, self.limit.clock.monotonic());
        }
    }
}
