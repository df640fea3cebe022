//! The claims of a token whose signature is valid, read by type: a claim is absent, of its type, or malformed.

use super::{
    Part, Refused,
    json::{Object, Value},
    jws::Authentic,
    numeric_date::NumericDate,
};

/// The claims of a token.
pub(crate) struct Claims<'c>(Object<'c>);

/// `aud`: one name or several (RFC 7519, section 4.1.3).
pub(crate) enum Audience<'c> {
    One(&'c str),
    Several(Vec<&'c str>),
}

impl<'c> Claims<'c> {
    /// Reads the claims of an authentic token.
    pub(crate) fn read(authentic: &'c Authentic) -> Result<Self, Refused> {
        Self::read_unverified(authentic.claims())
    }

    /// Reads claims nobody has vouched for. Only for showing them to a person.
    pub(crate) fn read_unverified(bytes: &'c [u8]) -> Result<Self, Refused> {
        let malformed = |fault| Refused::Json(Part::Claims, fault);
        Value::read(bytes).and_then(Value::into_object).map(Self).map_err(malformed)
    }

    /// Whether the claim is there, also as `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.member(name).is_some()
    }

    /// A claim that is not looked at by type.
    pub(crate) fn value(&self, name: &str) -> Option<&Value<'c>> {
        self.0.member(name)
    }

    /// A claim that is a string, if it is there.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, Refused> {
        self.typed(name, Value::as_str)
    }

    /// A claim that is a string and must be there.
    pub(crate) fn required_text(&self, name: &'static str) -> Result<&str, Refused> {
        self.text(name)?.ok_or(Refused::Missing(name.into()))
    }

    /// A claim that is a moment, if it is there.
    pub(crate) fn date(&self, name: &'static str) -> Result<Option<NumericDate>, Refused> {
        self.typed(name, NumericDate::read)
    }

    /// A claim that is a moment and must be there.
    pub(crate) fn required_date(&self, name: &'static str) -> Result<NumericDate, Refused> {
        self.date(name)?.ok_or(Refused::Missing(name.into()))
    }

    /// A claim that is a whole number, if it is there.
    pub(crate) fn integer(&self, name: &'static str) -> Result<Option<u64>, Refused> {
        self.typed(name, |value| if let Value::Number(text) = value { text.parse().ok() } else { None })
    }

    /// A claim that is true or false, if it is there.
    pub(crate) fn flag(&self, name: &'static str) -> Result<Option<bool>, Refused> {
        self.typed(name, |value| if let Value::Bool(flag) = value { Some(*flag) } else { None })
    }

    /// A claim that is a list of strings, if it is there.
    pub(crate) fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Refused> {
        self.typed(name, |value| match value {
            Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
            _ => None,
        })
    }

    /// `aud`, if it is there.
    pub(crate) fn audience(&self) -> Result<Option<Audience<'_>>, Refused> {
        self.typed("aud", |value| match value {
            Value::String(name) => Some(Audience::One(name)),
            Value::Array(names) => {
                names.iter().map(Value::as_str).collect::<Option<_>>().map(Audience::Several)
            }
            _ => None,
        })
    }

    /// `aud`, which must be there.
    pub(crate) fn required_audience(&self) -> Result<Audience<'_>, Refused> {
        self.audience()?.ok_or(Refused::Missing("aud".into()))
    }

    fn typed<'s, T>(
        &'s self,
        name: &'static str,
        read: impl FnOnce(&'s Value<'c>) -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        match self.0.member(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or(Refused::Malformed(name.into())),
        }
    }
}

impl Audience<'_> {
    /// Whether `name` is among them, compared by code points.
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(audience) => *audience == name,
            Self::Several(audiences) => audiences.contains(&name),
        }
    }

    /// Whether there is exactly one.
    pub(crate) fn is_alone(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Several(audiences) => audiences.len() == 1,
        }
    }
}
