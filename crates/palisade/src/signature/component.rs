//! What a signature can cover: parts of the request target, and header fields (RFC 9421, section 2).

use std::borrow::Cow;

use axum::extract::OriginalUri;
use http::{HeaderMap, HeaderName, Method, Uri, header, request::Parts};

use super::Refused;

/// A covered component, without parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Component {
    Method,
    TargetUri,
    Authority,
    Path,
    Query,
    Field(HeaderName),
}

/// The scheme a request was sent by, which its receiver may not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UriScheme {
    Https,
    Http,
}

/// The parts of a request that can be covered.
pub(super) struct Message<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) scheme: UriScheme,
}

impl Component {
    /// Reads a component's name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "@method" => Self::Method,
            "@target-uri" => Self::TargetUri,
            "@authority" => Self::Authority,
            "@path" => Self::Path,
            "@query" => Self::Query,
            // The name of a field is in lower case (section 2.1).
            name => Self::Field(HeaderName::try_from(name).ok().filter(|field| field.as_str() == name)?),
        })
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Method => "@method",
            Self::TargetUri => "@target-uri",
            Self::Authority => "@authority",
            Self::Path => "@path",
            Self::Query => "@query",
            Self::Field(name) => name.as_str(),
        }
    }
}

impl<'a> Message<'a> {
    /// The request as it arrived, before a router took anything off its path.
    pub(super) fn of(head: &'a Parts, scheme: UriScheme) -> Self {
        let uri = head.extensions.get::<OriginalUri>().map_or(&head.uri, |original| &original.0);
        Self { method: &head.method, uri, headers: &head.headers, scheme }
    }

    /// The value a component has in this request.
    pub(super) fn value(&self, component: &Component) -> Result<Cow<'a, str>, Refused> {
        Ok(match component {
            Component::Method => self.method.as_str().into(),
            Component::Path => self.path().into(),
            Component::Query => format!("?{}", self.uri.query().unwrap_or_default()).into(),
            Component::Authority => self.authority()?.into(),
            Component::TargetUri => self.target_uri()?.into(),
            Component::Field(name) => self.field(name)?,
        })
    }

    fn path(&self) -> &'a str {
        let path = self.uri.path();
        if path.is_empty() { "/" } else { path }
    }

    /// In lower case, without the scheme's default port (section 2.2.3).
    fn authority(&self) -> Result<String, Refused> {
        let authority = match self.uri.authority() {
            Some(authority) => authority.as_str(),
            None => self.only(&header::HOST)?,
        };
        if authority.is_empty() || authority.contains('@') {
            return Err(Refused::Uncoverable);
        }
        let mut authority = authority.to_ascii_lowercase();
        if let Some(host) = authority.strip_suffix(self.scheme.default_port()) {
            authority.truncate(host.len());
        }
        Ok(authority)
    }

    fn target_uri(&self) -> Result<String, Refused> {
        let (scheme, authority, path) = (self.scheme.name(), self.authority()?, self.path());
        let query = self.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{scheme}://{authority}{path}{query}"))
    }

    /// All values of a field, in one line (section 2.1).
    fn field(&self, name: &HeaderName) -> Result<Cow<'a, str>, Refused> {
        let mut values = self.headers.get_all(name).iter().map(|value| value.to_str().map(str::trim_ascii));
        let first = values.next().ok_or(Refused::Uncoverable)?.map_err(|_| Refused::Uncoverable)?;
        values.try_fold(Cow::Borrowed(first), |line, value| {
            let value = value.map_err(|_| Refused::Uncoverable)?;
            Ok(format!("{line}, {value}").into())
        })
    }

    fn only(&self, name: &HeaderName) -> Result<&'a str, Refused> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().map_err(|_| Refused::Uncoverable),
            _ => Err(Refused::Uncoverable),
        }
    }
}

impl UriScheme {
    fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    fn default_port(self) -> &'static str {
        match self {
            Self::Https => ":443",
            Self::Http => ":80",
        }
    }
}
