//! What the pages show: each a template, filled by the endpoint of the same name.

use askama::Template;
use palisade::{clock::Timestamp, decision::DecisionId};
use palisade_identity::http::CurrentAccount;

use super::form::Form;

/// A link: where it leads, and its words.
pub(super) type Link = (&'static str, &'static str);

/// Who is looking, and at which of the places in the menu.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) username: String,
    pub(super) at: &'static str,
}

impl Visitor {
    /// `at` is one of [`PLACES`](Self::PLACES).
    pub(super) fn of(account: &CurrentAccount, at: &'static str) -> Self {
        Self { username: account.account().username.to_string(), at }
    }

    /// The pages of whoever is signed in.
    pub(super) const PLACES: [Link; 4] = [
        ("/account", "Account"),
        ("/account/sessions", "Sessions"),
        ("/account/api-keys", "API keys"),
        ("/account/password", "Password"),
    ];
}

/// A page that is one form, for somebody who is not signed in.
#[derive(Debug, Template)]
#[template(path = "form_page.html")]
pub(super) struct FormPage {
    pub(super) title: &'static str,
    pub(super) lead: Option<&'static str>,
    pub(super) note: Option<&'static str>,
    pub(super) form: Form,
    pub(super) links: Vec<Link>,
}

/// A page that says something: that a thing is done, or why it is not.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(super) struct Message {
    pub(super) title: String,
    pub(super) words: String,
    pub(super) links: Vec<Link>,
}

/// A page that says why it is not shown.
#[derive(Debug, Template)]
#[template(path = "refusal.html")]
pub(super) struct Refusal {
    pub(super) title: String,
    pub(super) words: String,
    /// What whoever asks about it is to name.
    pub(super) reference: Option<DecisionId>,
    pub(super) links: Vec<Link>,
}

/// `/account`
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub(super) struct Account {
    pub(super) visitor: Visitor,
    pub(super) note: Option<&'static str>,
    pub(super) email: String,
    pub(super) verified: bool,
    pub(super) roles: String,
    /// Whether they may see who may call what.
    pub(super) admin: bool,
    pub(super) created: Moment,
    /// Asks for a message to verify the address, where there is one to send.
    pub(super) verify: Option<Form>,
    /// Absent where the sign-in is too long ago.
    pub(super) change: Option<Form>,
}

/// `/account/sessions`
#[derive(Debug, Template)]
#[template(path = "sessions.html")]
pub(super) struct Sessions {
    pub(super) visitor: Visitor,
    pub(super) note: Option<&'static str>,
    pub(super) sessions: Vec<SessionCard>,
}

/// One session.
#[derive(Debug)]
pub(super) struct SessionCard {
    pub(super) id: String,
    pub(super) device: String,
    pub(super) address: String,
    pub(super) last_seen: Moment,
    pub(super) signed_in: Moment,
    pub(super) current: bool,
}

/// `/account/api-keys`
#[derive(Debug, Template)]
#[template(path = "api_keys.html")]
pub(super) struct ApiKeys {
    pub(super) visitor: Visitor,
    pub(super) note: Option<&'static str>,
    pub(super) keys: Vec<KeyCard>,
    /// How long the old key still works after a rotation.
    pub(super) overlap: &'static str,
    /// Absent where the sign-in is too long ago.
    pub(super) create: Option<Form>,
}

impl ApiKeys {
    fn is_refused(&self) -> bool {
        self.create.as_ref().is_some_and(Form::is_refused)
    }
}

/// One API key.
#[derive(Debug)]
pub(super) struct KeyCard {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) beginning: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires: Moment,
    pub(super) last_used: Moment,
    /// What is to be known of it, in a word.
    pub(super) state: Option<&'static str>,
    pub(super) can_be_rotated: bool,
    pub(super) can_be_revoked: bool,
}

/// The answer that shows a key, this once.
#[derive(Template)]
#[template(path = "new_key.html")]
pub(super) struct NewKey<'a> {
    pub(super) visitor: Visitor,
    pub(super) title: &'static str,
    pub(super) name: String,
    pub(super) key: &'a str,
    /// Whether programs sign requests with it, and never send it.
    pub(super) signs: bool,
    /// What becomes of the key it replaces.
    pub(super) former: Option<&'static str>,
}

/// `/account/password`
#[derive(Debug, Template)]
#[template(path = "password.html")]
pub(super) struct Password {
    pub(super) visitor: Visitor,
    pub(super) form: Form,
}

/// A moment as a person and a program read it, in UTC, for the server does not know where the person is.
#[derive(Debug, Template)]
#[template(
    source = "{% match at %}{% when Some with (at) %}<time datetime=\"{{ at }}\">{{ at.strftime(\"%-d %B %Y, %H:%M\") }} UTC</time>{% when None %}{{ otherwise }}{% endmatch %}",
    ext = "html"
)]
pub(super) struct Moment {
    at: Option<jiff::Timestamp>,
    otherwise: &'static str,
}

impl askama::filters::HtmlSafe for Moment {}

impl Moment {
    pub(super) fn at(at: Timestamp) -> Self {
        Self::or_else(Some(at), "")
    }

    /// `otherwise` where there is no such moment.
    pub(super) fn or_else(at: Option<Timestamp>, otherwise: &'static str) -> Self {
        let at = at.and_then(|at| jiff::Timestamp::from_second(at.as_unix()).ok());
        Self { at, otherwise }
    }
}
