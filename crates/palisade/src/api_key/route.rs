//! One route, as a caveat names it: a method and the template of a path.

use std::{fmt, str::FromStr};

use axum::extract::MatchedPath;
use http::{Method, request::Parts};

use crate::exchange::Exchange;

/// The longest route, in bytes.
const LONGEST: usize = 512;

/// A method and a route template, such as `GET /items/{id}`, as the router was given it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Route(String);

/// Not a method in capitals, one space, and a template of visible ASCII that begins with `/`, of at most 512 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a route is a method in capitals, one space, and a template that begins with `/`, such as `GET /items/{{id}}`"
)]
pub struct InvalidRoute;

impl Route {
    /// The route as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the request was matched to this route. `HEAD` is what `GET` is, without the content (RFC 9110, section
    /// 9.3.2).
    ///
    /// Where the router has not said which of its routes was matched, it was not this one.
    pub fn is_of(&self, head: &Parts) -> bool {
        let Some((method, template)) = self.0.split_once(' ') else { return false };
        let same = head.method.as_str() == method || (head.method == Method::HEAD && method == "GET");
        same && matched(head) == Some(template)
    }
}

/// The template of the route that was matched, by axum's router or by Palisade's own routing.
fn matched(head: &Parts) -> Option<&str> {
    match head.extensions.get::<MatchedPath>() {
        Some(matched) => Some(matched.as_str()),
        None => head
            .extensions
            .get::<Exchange>()
            .filter(|exchange| exchange.path().is_some())
            .map(Exchange::template),
    }
}

impl FromStr for Route {
    type Err = InvalidRoute;

    fn from_str(text: &str) -> Result<Self, InvalidRoute> {
        let (method, template) = text.split_once(' ').ok_or(InvalidRoute)?;
        let is_method =
            !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let is_template = template.starts_with('/') && template.bytes().all(|byte| byte.is_ascii_graphic());
        if is_method && is_template && text.len() <= LONGEST {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRoute)
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
