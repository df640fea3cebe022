//! What a page says of what was just done. The word stands in the address the person is sent on to; words that are not
//! ours say nothing.

use schemars::JsonSchema;
use serde::Deserialize;

/// The query of a page somebody was sent on to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct After {
    done: Option<String>,
}

impl After {
    /// What was done, as a sentence.
    pub(super) fn note(&self) -> Option<&'static str> {
        note(self.done.as_deref())
    }
}

/// What the word `done` says, as a sentence.
pub(super) fn note(done: Option<&str>) -> Option<&'static str> {
    Some(match done? {
        "signed-up" => "Your account is made, and you are signed in.",
        "signed-out" => "You are signed out.",
        "email-changed" => "Your e-mail address is changed.",
        "email-asked" => "We sent a message to the new address. It counts once you follow the link in it.",
        "message-sent" => "We sent you a message. Follow the link in it.",
        "email-verified" => "Your e-mail address is verified.",
        "password-changed" => "Your password is changed. Your other sessions and your tokens have ended.",
        "password-reset" => "Your password is set. Sign in with it.",
        "session-ended" => "The session has ended.",
        "others-ended" => "All your other sessions have ended.",
        "key-revoked" => "The key is revoked: it no longer works.",
        _ => return None,
    })
}
