//! Forms: what a person is asked, what they said, and what is wrong with it.
//!
//! A [`Form`] is shown as it is made, or again after a [`Problem`] with what the person had typed, each fault at its
//! field and the focus on the first. A password has no value to be shown again.

use askama::{Template, filters::HtmlSafe};
use http::StatusCode;
use palisade::{FieldError, Problem, Segment, secret::SecretString};

/// A form, with a button that sends it.
#[derive(Clone, Debug, Template)]
#[template(path = "form.html")]
pub(super) struct Form {
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    button: &'static str,
    /// What is wrong with no field in particular.
    faults: Vec<String>,
}

/// One question of a form.
#[derive(Clone, Debug, Template)]
#[template(path = "field.html")]
pub(super) struct Field {
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    fault: Option<String>,
    /// The page opens with the focus here.
    focus: bool,
    control: Control,
}

/// How a question is answered.
#[derive(Clone, Debug)]
enum Control {
    Line { kind: &'static str, complete: &'static str, value: String },
    Password { complete: &'static str },
    One { choices: Vec<Choice> },
    Several { choices: Vec<Choice> },
}

/// One of several answers.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// A password that was not sent.
pub(super) fn nothing() -> SecretString {
    SecretString::new("")
}

// They are templates themselves: what is put into them has been escaped.
impl HtmlSafe for Form {}
impl HtmlSafe for Field {}

impl Form {
    pub(super) fn new(action: &'static str, button: &'static str) -> Self {
        Self { action, hidden: Vec::new(), fields: Vec::new(), button, faults: Vec::new() }
    }

    pub(super) fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Sent along without being asked.
    pub(super) fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// Opens the page with the focus on the first field.
    pub(super) fn focused(mut self) -> Self {
        if let Some(first) = self.fields.first_mut() {
            first.focus = true;
        }
        self
    }

    /// The form again with what is wrong. A problem that is not the form's is given back: a page of its own tells it.
    pub(super) fn refused(mut self, problem: Problem) -> Result<Self, Problem> {
        match problem.status() {
            StatusCode::UNPROCESSABLE_ENTITY if !problem.errors().is_empty() => {
                for fault in problem.errors() {
                    self.put(fault);
                }
            }
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT | StatusCode::BAD_REQUEST => {
                self.faults.push(problem.detail().to_owned());
            }
            _ => return Err(problem),
        }
        Ok(self.focused_on_fault())
    }

    fn put(&mut self, fault: &FieldError) {
        let name = fault.loc.iter().rev().find_map(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Index(_) => None,
        });
        match self.fields.iter_mut().find(|field| Some(field.name) == name) {
            // Further faults of one field wait until the first is mended.
            Some(field) => {
                field.fault.get_or_insert_with(|| fault.msg.clone());
            }
            None => self.faults.push(fault.msg.clone()),
        }
    }

    fn focused_on_fault(mut self) -> Self {
        let first = self.fields.iter().position(|field| field.fault.is_some()).unwrap_or(0);
        for (at, field) in self.fields.iter_mut().enumerate() {
            field.focus = at == first;
        }
        self
    }

    /// Whether something is wrong with what was sent.
    pub(super) fn is_refused(&self) -> bool {
        self.faults_told() > 0
    }

    fn faults_told(&self) -> usize {
        self.faults.len() + self.fields.iter().filter(|field| field.fault.is_some()).count()
    }
}

impl Field {
    fn new(name: &'static str, label: &'static str, control: Control) -> Self {
        Self { name, label, hint: None, fault: None, focus: false, control }
    }

    /// A line of text; `complete` is what a browser may fill in (HTML, `autocomplete`).
    pub(super) fn text(
        name: &'static str,
        label: &'static str,
        complete: &'static str,
        value: impl Into<String>,
    ) -> Self {
        Self::new(name, label, Control::Line { kind: "text", complete, value: value.into() })
    }

    /// An e-mail address.
    pub(super) fn email(name: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        Self::new(name, label, Control::Line { kind: "email", complete: "email", value: value.into() })
    }

    /// A password that exists.
    pub(super) fn password(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Control::Password { complete: "current-password" })
    }

    /// A password that is to be.
    pub(super) fn new_password(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Control::Password { complete: "new-password" })
            .hint("Several words are easy to remember and hard to guess.")
    }

    /// One of `choices`.
    pub(super) fn one(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Control::One { choices })
    }

    /// Any of `choices`.
    pub(super) fn several(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Control::Several { choices })
    }

    pub(super) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The attributes that say where hint and fault stand.
    fn described(&self) -> String {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        let ids: Vec<_> = hint.into_iter().chain(fault).collect();
        if ids.is_empty() { String::new() } else { format!(" aria-describedby=\"{}\"", ids.join(" ")) }
    }

    fn focused(&self) -> &'static str {
        if self.focus { " autofocus" } else { "" }
    }

    /// The attributes of the control that say how it stands.
    fn state(&self) -> String {
        let invalid = if self.fault.is_some() { " aria-invalid=\"true\"" } else { "" };
        format!("{}{invalid}{}", self.described(), self.focused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form::new("/sign-up", "Sign up")
            .field(Field::text("username", "Name", "username", "<script>\"'&"))
            .field(Field::new_password("password", "Password"))
    }

    fn fault(field: &str) -> Problem {
        Problem::invalid_input(vec![FieldError::new(["body", field], "value", format!("Bad {field}"))])
    }

    #[test]
    fn attack_what_was_typed_is_text_and_never_markup() {
        let shown = form().to_string();
        assert!(!shown.contains("<script>"), "{shown}");
        assert!(shown.contains("value=\"&#60;script&#62;&#34;&#39;&#38;\""), "{shown}");
    }

    #[test]
    fn a_fault_stands_at_its_field_which_has_the_focus() {
        let shown = form().refused(fault("password")).unwrap().to_string();
        assert!(
            shown.contains(
                "aria-describedby=\"password-hint password-fault\" aria-invalid=\"true\" autofocus"
            )
        );
        assert!(shown.contains("<a href=\"#password\">Bad password</a>"), "{shown}");
        assert_eq!(shown.matches("autofocus").count(), 1, "{shown}");
    }

    #[test]
    fn a_fault_of_no_field_is_told_above_the_form() {
        let shown = form().refused(fault("elsewhere")).unwrap().to_string();
        assert!(shown.contains("<li>Bad elsewhere</li>"), "{shown}");
    }

    #[test]
    fn what_is_not_the_forms_fault_is_given_back() {
        let busy = Problem::unavailable("the store is away");
        assert_eq!(form().refused(busy).unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
