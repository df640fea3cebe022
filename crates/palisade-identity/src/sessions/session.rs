//! A session as its account sees it, and what is known of the browser it began in.

use std::{net::IpAddr, sync::Arc, time::Duration};

use palisade::clock::Timestamp;

use crate::{
    account::Account,
    id::{AccountId, SessionId},
    store::SessionRecord,
};

/// What a browser calls itself is kept up to this many characters.
const USER_AGENT: usize = 256;

/// The browser a session begins in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    user_agent: Arc<str>,
    address: IpAddr,
}

impl Device {
    /// What called itself `user_agent` (a header's value, so anything) at `address`. At most 256 characters are kept,
    /// and none that controls how others are shown.
    pub fn new(user_agent: &[u8], address: IpAddr) -> Self {
        let text = String::from_utf8_lossy(user_agent);
        let shown = text.chars().filter(|&letter| !is_unseen(letter)).take(USER_AGENT);
        Self { user_agent: shown.collect::<String>().trim().into(), address }
    }

    /// What it called itself.
    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// Where it was.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    pub(super) fn into_parts(self) -> (Arc<str>, IpAddr) {
        (self.user_agent, self.address)
    }
}

/// Controls, and what hides text or turns its direction round: a list of devices shall read as what it is.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// How long sessions last, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// A session that is not used for so long has ended. By default 14 days. It is noted only to a minute when a session
    /// was last used: less than some minutes make no sense.
    pub idle: Duration,
    /// A session has ended so long after it began, however much it is used. By default 90 days.
    pub absolute: Duration,
    /// How many an account may have; one more ends its oldest. By default 50.
    pub per_account: u32,
    /// How many are kept in memory. By default 65,536.
    pub kept: usize,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(14 * 24),
            absolute: Duration::from_hours(90 * 24),
            per_account: 50,
            kept: 65_536,
        }
    }
}

impl SessionSettings {
    /// Whether a session that began at `created_at` and was last seen at `last_seen` has expired as of `now`.
    pub(super) fn expired(&self, created_at: Timestamp, last_seen: Timestamp, now: Timestamp) -> bool {
        now.since(last_seen) >= self.idle || now.since(created_at) >= self.absolute
    }
}

/// A browser session. It has nothing secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its account last proved itself in it.
    pub authenticated_at: Timestamp,
    /// When it was last used.
    pub last_seen: Timestamp,
    /// When it ends however much it is used.
    pub ends_at: Timestamp,
    /// What the browser called itself when the session began.
    pub user_agent: Arc<str>,
    /// Where it began from.
    pub address: IpAddr,
    /// The account's generation when it began.
    pub generation: u64,
}

impl Session {
    pub(super) fn of(record: &SessionRecord, last_seen: Timestamp, settings: &SessionSettings) -> Self {
        Self {
            id: record.id,
            account: record.account,
            created_at: record.created_at,
            authenticated_at: record.authenticated_at,
            last_seen,
            ends_at: record.created_at.after(settings.absolute),
            user_agent: Arc::clone(&record.user_agent),
            address: record.address,
            generation: record.generation,
        }
    }
}

/// Whether the account still stands behind its session: neither "sign out everywhere", nor another password, nor being
/// disabled has ended it.
pub(super) fn stands(record: &SessionRecord, account: &Account) -> bool {
    let mut buffer = uuid::Uuid::encode_buffer();
    let id = record.id.as_uuid().hyphenated().encode_lower(&mut buffer);
    account.id == record.account && account.accepts_token(Some(record.generation), id)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn named(user_agent: &[u8]) -> Arc<str> {
        Device::new(user_agent, Ipv4Addr::LOCALHOST.into()).user_agent
    }

    #[test]
    fn a_browsers_name_is_kept_as_far_as_it_can_be_shown() {
        assert_eq!(&*named(b" Mozilla/5.0 (X11) "), "Mozilla/5.0 (X11)");
        assert_eq!(&*named("Ünïcode 日本".as_bytes()), "Ünïcode 日本");
    }

    #[test]
    fn attack_a_browsers_name_that_is_long_or_turns_text_round() {
        assert_eq!(named(&[b'x'; 10_000]).len(), 256);
        assert_eq!(&*named(b"a\r\nb\0c\x1b[31m"), "abc[31m");
        assert_eq!(&*named("good\u{202e}live\u{2066}\u{200b}\u{feff}".as_bytes()), "goodlive");
        assert_eq!(&*named(b"\xff\xfe"), "");
    }
}
