//! The picture: who may call what, on one page that can be read, searched and printed.
//!
//! [`AccessTable::to_html`] makes it, of the table alone: routes down, and across them everybody, whoever signed in, each role
//! and each scope. Whether somebody with just that could call is decided by what the requirement means (`who.rs`); `page.rs`
//! writes it down. The page has its style and its one small script in itself, and asks nobody for anything.

mod page;
mod who;

use crate::{lock::Lock, table::AccessTable};

const STYLE: &str = include_str!("../../assets/picture.css");
const SCRIPT: &str = include_str!("../../assets/picture.js");

macro_rules! policy {
    () => {
        "default-src 'none'; style-src 'sha256-XvFfZsAXABXLO27tWuFyFV3beTSk0iKMzU40GdP6fmA='; \
         script-src 'sha256-6N2gAsKLKGCLTCWr94RfZ26sEF/YSwzjpStC/xguQ0I='; base-uri 'none'; form-action 'none'"
    };
}

/// What the page says of itself, also where it is opened from a disk.
const OWN_POLICY: &str = policy!();

/// The `Content-Security-Policy` to serve the page with: its own style and its own script, by their digests, and nothing else.
pub const POLICY: &str = concat!(policy!(), "; frame-ancestors 'none'");

impl AccessTable {
    /// Who may call what, as one HTML page under this title. It needs nothing beside itself; without scripts it lacks the
    /// filter and nothing else. Serve it with [`POLICY`](crate::picture::POLICY), and to those only who may know all of it.
    ///
    /// ```
    /// use palisade::prelude::*;
    ///
    /// let (table, _) =
    ///     Router::<()>::new().route("/health", get(async || "ok").public("liveness <probe>")).describe()?;
    /// let page = table.to_html("Our API");
    /// assert!(page.contains("liveness &lt;probe&gt;"));
    /// # Ok::<_, palisade::StartupErrors>(())
    /// ```
    pub fn to_html(&self, title: &str) -> String {
        page::page(&Lock::of(self), title)
    }
}

#[cfg(all(test, feature = "tokens"))]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn the_policy_has_the_digests_of_style_and_script() {
        for text in [STYLE, SCRIPT] {
            let source = format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())));
            assert!(POLICY.contains(&source) && OWN_POLICY.contains(&source), "{source}");
        }
    }
}
