//! Where a person goes on after signing in: a path of this server, whoever wrote the link.

use http::{Method, uri::PathAndQuery};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::view::Visitor;

/// The longest path that is followed, in bytes.
const LONGEST: usize = 2048;

/// A path of this server, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next(String);

impl Default for Next {
    fn default() -> Self {
        Self("/account".to_owned())
    }
}

impl Next {
    /// Reads a path somebody put into a link or a form; what could lead to another site becomes the account's page. A
    /// browser takes `//host`, `/\host` and `https:` for other sites, and drops tabs and line ends before it looks.
    pub(super) fn local(text: &str) -> Self {
        let inner = text.strip_prefix('/').filter(|rest| !rest.starts_with(['/', '\\']));
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        match inner {
            Some(_) if plain && text.len() <= LONGEST && text.parse::<PathAndQuery>().is_ok() => {
                Self(text.to_owned())
            }
            _ => Self::default(),
        }
    }

    /// Where to go on what was asked could not be done yet: there again, or, for what cannot be repeated by going there, to
    /// the page it was asked on.
    pub(super) fn of(method: &Method, target: &str) -> Self {
        if method.is_safe() {
            return Self::local(target);
        }
        let pages = Visitor::PLACES.iter().map(|(path, _)| *path).filter(|path| target.starts_with(path));
        pages.max_by_key(|path| path.len()).map_or_else(Self::default, |path| Self(path.to_owned()))
    }

    /// The path.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The sign-in page that leads on to it.
    pub(super) fn after_sign_in(&self) -> String {
        format!("/sign-in?next={}", utf8_percent_encode(&self.0, NON_ALPHANUMERIC))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_server_is_followed() {
        for path in ["/account", "/account/api-keys?done=revoked", "/a%2Fb", "/", "/%2F%2Fevil.example"] {
            assert_eq!(Next::local(path).as_str(), path);
        }
    }

    #[test]
    fn attack_open_redirect() {
        for text in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a\\..\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "https:/evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "evil.example",
            "@evil.example",
            " //evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\nLocation: https://evil.example",
            "/\0/evil.example",
            "/\u{7f}",
            "/\u{2f}\u{2f}evil.example",
            "/ö",
            "%2F%2Fevil.example",
        ] {
            assert_eq!(Next::local(text), Next::default(), "{text:?}");
        }
        assert_eq!(Next::local(&format!("/{}", "a".repeat(LONGEST))), Next::default());
    }

    #[test]
    fn what_cannot_be_repeated_leads_to_its_page() {
        assert_eq!(Next::of(&Method::GET, "/account/sessions?x=1").as_str(), "/account/sessions?x=1");
        assert_eq!(Next::of(&Method::POST, "/account/api-keys/revoke").as_str(), "/account/api-keys");
        assert_eq!(Next::of(&Method::POST, "/account").as_str(), "/account");
        assert_eq!(Next::of(&Method::POST, "//evil.example").as_str(), "/account");
    }

    #[test]
    fn the_path_is_one_value_of_the_query() {
        let next = Next::local("/account?a=1&b=2");
        assert_eq!(next.after_sign_in(), "/sign-in?next=%2Faccount%3Fa%3D1%26b%3D2");
    }
}
