//! Who owes how much: the generic cell rate algorithm, over a bounded number of addresses.

use std::{
    collections::{BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use super::{Allowance, Limited};
use crate::account::AccountId;

/// Who owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Origin {
    /// Whom an address stands for: an IPv4 address, or the first 64 bits of an IPv6 address.
    Network(IpAddr),
    /// An e-mail address and what is mailed to it, as half of a hash.
    Mailbox([u8; 16]),
    /// An account.
    Account(AccountId),
}

impl Origin {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => Self::Network(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into()),
            v4 @ IpAddr::V4(_) => Self::Network(v4),
        }
    }
}

/// What an origin owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Debt {
    /// When everything charged will have been regained (the "theoretical arrival time").
    clear_at: Duration,
    /// How many are reserved: neither charged nor released yet.
    reserved: u32,
}

#[derive(Debug)]
pub(super) struct Table {
    allowance: Allowance,
    debts: HashMap<Origin, Debt>,
    /// The same, by when each will be clear if all that is reserved is charged.
    by_recovery: BTreeSet<(Duration, Origin)>,
}

impl Table {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self { allowance, debts: HashMap::new(), by_recovery: BTreeSet::new() }
    }

    /// Reserves one for `origin`, if it has one left.
    pub(super) fn reserve(&mut self, origin: Origin, now: Duration) -> Result<(), Limited> {
        let debt = self.debt(origin, now);
        let reserved = debt.reserved.saturating_add(1);
        let owed = self.clear_at(Debt { reserved, ..debt }).saturating_sub(now);
        let allowed = self.allowance.regain.saturating_mul(self.allowance.burst);
        if owed > allowed {
            // Stored all the same: it may have taken over somebody's debt, which must not be forgotten.
            self.store(origin, debt);
            return Err(Limited { retry_after: owed - allowed });
        }
        self.store(origin, Debt { reserved, ..debt });
        Ok(())
    }

    /// Charges what was reserved.
    pub(super) fn charge(&mut self, origin: Origin, now: Duration) {
        let debt = self.debt(origin, now);
        let clear_at = debt.clear_at.saturating_add(self.allowance.regain);
        self.store(origin, Debt { clear_at, reserved: debt.reserved.saturating_sub(1) });
    }

    /// Gives back what was reserved.
    pub(super) fn release(&mut self, origin: Origin) {
        if let Some(&debt) = self.debts.get(&origin) {
            self.store(origin, Debt { reserved: debt.reserved.saturating_sub(1), ..debt });
        }
    }

    /// What `origin` owes now, and room for it to be stored.
    fn debt(&mut self, origin: Origin, now: Duration) -> Debt {
        let inherited = match self.debts.get(&origin) {
            Some(debt) => return Debt { clear_at: debt.clear_at.max(now), ..*debt },
            None => self.make_room(now),
        };
        Debt { clear_at: inherited.max(now), reserved: 0 }
    }

    /// Forgets who owes nothing any more and, if there is still no room, whoever owes least; says when that debt
    /// will be clear.
    fn make_room(&mut self, now: Duration) -> Duration {
        // Two at a time: the table shrinks faster than it grows, and no request pays for a long sweep.
        for _ in 0..2 {
            match self.by_recovery.first() {
                Some(&(clear_at, origin)) if clear_at <= now => self.forget(clear_at, origin),
                _ => break,
            }
        }
        if self.debts.len() < self.allowance.addresses.max(1) {
            return now;
        }
        let Some(&(clear_at, origin)) = self.by_recovery.first() else {
            return now;
        };
        self.forget(clear_at, origin);
        clear_at
    }

    fn forget(&mut self, clear_at: Duration, origin: Origin) {
        self.by_recovery.remove(&(clear_at, origin));
        self.debts.remove(&origin);
    }

    fn store(&mut self, origin: Origin, debt: Debt) {
        if let Some(before) = self.debts.insert(origin, debt) {
            let before = self.clear_at(before);
            self.by_recovery.remove(&(before, origin));
        }
        self.by_recovery.insert((self.clear_at(debt), origin));
    }

    fn clear_at(&self, debt: Debt) -> Duration {
        debt.clear_at.saturating_add(self.allowance.regain.saturating_mul(debt.reserved))
    }
}
