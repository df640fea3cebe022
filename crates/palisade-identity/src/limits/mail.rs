//! How much mail goes to one mailbox, and how much one account may cause.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use palisade::clock::SharedClock;

use super::{Allowance, Limit, Limited, table::Origin};
use crate::{account::AccountId, email::Email};

/// Limits messages that anybody can cause. A mailbox gets three at once and one more every 20 minutes, so at most six in
/// any hour, whoever asks; an account causes as many, to whichever addresses.
#[derive(Clone, Debug)]
pub struct MailLimit(Limit);

impl MailLimit {
    /// How many at once.
    pub const BURST: u32 = 3;
    /// The time in which one more may be sent.
    pub const REGAIN: Duration = Duration::from_mins(20);

    /// A limit that begins now.
    pub fn new(clock: SharedClock) -> Self {
        let allowance = Allowance { burst: Self::BURST, regain: Self::REGAIN, ..Allowance::default() };
        Self(Limit::new(allowance, clock))
    }

    /// Charges one message to `address`, in whatever case it is written, and to `account`.
    ///
    /// # Errors
    ///
    /// [`Limited`] when either has none left; nothing is charged then.
    pub fn check(&self, address: &Email, account: AccountId) -> Result<(), Limited> {
        let mut half = [0; 16];
        let hash = digest(&SHA256, address.as_str().to_ascii_lowercase().as_bytes());
        half.copy_from_slice(&hash.as_ref()[..16]);
        let (mailbox, account) = (Origin::Mailbox(half), Origin::Account(account));
        let now = self.0.clock.monotonic();
        let mut table = self.0.table();
        table.reserve(mailbox, now)?;
        if let Err(limited) = table.reserve(account, now) {
            table.release(mailbox);
            return Err(limited);
        }
        table.charge(mailbox, now);
        table.charge(account, now);
        Ok(())
    }
}
