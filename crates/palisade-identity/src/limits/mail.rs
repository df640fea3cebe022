//! How much mail goes to one mailbox, and how much one account may cause.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use palisade::clock::SharedClock;

use super::{Allowance, Limit, Limited, table::Origin};
use crate::{account::AccountId, email::Email, store::Purpose};

/// Limits messages that anybody can cause. For each purpose a mailbox gets three at once and one more every 20 minutes,
/// so at most six in any hour, whoever asks: whoever uses up one purpose takes nothing from the others. An account that asks
/// causes as many, for whatever and to whichever addresses.
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

    /// Charges one message for `purpose` to `address`, in whatever case it is written, and to the account `asking` for it,
    /// if it is one that asks: what anybody can ask for is not charged to whom it concerns.
    ///
    /// # Errors
    ///
    /// [`Limited`] when either has none left; nothing is charged then.
    pub fn check(&self, address: &Email, purpose: Purpose, asking: Option<AccountId>) -> Result<(), Limited> {
        let mut half = [0; 16];
        let named = format!("{} {}", purpose.name(), address.as_str().to_ascii_lowercase());
        let hash = digest(&SHA256, named.as_bytes());
        half.copy_from_slice(&hash.as_ref()[..16]);
        let (mailbox, asking) = (Origin::Mailbox(half), asking.map(Origin::Account));
        let now = self.0.clock.monotonic();
        let mut table = self.0.table();
        table.reserve(mailbox, now)?;
        if let Some(asking) = asking {
            if let Err(limited) = table.reserve(asking, now) {
                table.release(mailbox);
                return Err(limited);
            }
            table.charge(asking, now);
        }
        table.charge(mailbox, now);
        Ok(())
    }
}
