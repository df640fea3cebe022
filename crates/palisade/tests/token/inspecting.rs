//! A token shown to a person.

use palisade::{
    clock::Timestamp,
    token::{Profiles, inspect},
};
use serde_json::json;

use crate::support::{NOW, access_token, every_kind};

fn shown(token: &str) -> String {
    inspect(token, &Profiles::builtin(), Timestamp::from_unix(NOW))
}

#[test]
fn a_token_is_shown_with_its_times_in_words() {
    let page = shown(&access_token().token());
    for line in [
        "Nobody has vouched for any of this: no signature was checked.",
        "    \"alg\": \"EdDSA\"",
        "    \"sub\": \"account-1\"",
        "times (now is 2027-01-15T08:00:00Z):",
        "  issued           2027-01-15T08:00:00Z, now",
        "  expires          2027-01-15T08:05:00Z, in 5 minutes",
        "  as access_token: nothing",
        "  as logout_token: typ (the header's `typ` is not the one for this kind of token)",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}\nis not in\n{page}");
    }
}

#[test]
fn what_would_refuse_it_is_said() {
    assert!(shown(&access_token().claim("exp", 5).token()).contains("as access_token: expired ("));
    assert!(shown(&access_token().header("crit", json!(["x"])).token()).contains("refused: crit ("));
    assert!(shown(&access_token().alg("none").token()).contains("as access_token: alg-not-allowed ("));
    assert!(shown("a.b").contains("refused: not-compact ("));
    assert!(shown("a.b.c.d.e").contains("refused: encrypted ("));
    let draft = access_token();
    let twice = draft.token_of(draft.header_with("\"alg\":\"none\""), "{}");
    assert!(shown(&twice).contains("refused: duplicate-member ("));
    assert!(shown("é.b.c").contains("refused: base64url ("));
    assert!(shown("e30.e30.x").contains("as access_token: alg-missing ("));
}

#[test]
fn a_token_cannot_play_with_the_terminal() {
    let page = shown(
        &access_token().claim("sub", "\u{1b}[2J\u{202e}\u{7}\r\n\u{85}x").claim("\u{1b}]0;", 1).token(),
    );
    let harmless = |c: char| c == '\n' || (!c.is_control() && c != '\u{202e}');
    assert!(page.chars().all(harmless), "{page:?}");
}

#[test]
fn every_kind_is_recognized() {
    for draft in every_kind() {
        let page = shown(&draft.token());
        let line = page.lines().find(|line| line.starts_with(&format!("  as {}:", draft.profile))).unwrap();
        // What a proof must be compared with is in the request, not in the proof.
        let expected = if draft.profile == "dpop" { "context-missing" } else { "nothing" };
        assert!(line.contains(expected), "{line}");
    }
}
