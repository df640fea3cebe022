//! Which site a request comes from, for credentials that a browser sends by itself (cross-site request forgery).
//!
//! A browser says it twice: `Sec-Fetch-Site` (W3C Fetch Metadata) how the page that asks is related to us, and `Origin`
//! (RFC 6454) which page it is. No page can set or change either. A request that could change something and says neither
//! is refused: that of a client which is no browser can say it.

use axum::extract::FromRequestParts;
use http::{HeaderMap, StatusCode, header, request::Parts};

use crate::{
    denied::{Denial, Denied},
    describe::{Describe, Description},
    exchange::Exchange,
    problem::Problem,
};

/// Origins beside our own whose pages may act for whoever is signed in: `https://app.example.org`. None are, unless
/// said. Each is one origin, without a path and without wildcards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedOrigins(Vec<Origin>);

/// What cannot be trusted as an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no origin: write it as `https://app.example.org` or `https://app.example.org:8443`, without a path"
)]
pub struct NotAnOrigin(String);

/// `scheme://host[:port]`, in lower case and without the scheme's own port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    authority: String,
}

impl TrustedOrigins {
    /// Trusts `origins`.
    ///
    /// # Errors
    ///
    /// The first that is no `http` or `https` origin.
    pub fn new<I>(origins: I) -> Result<Self, NotAnOrigin>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let each = |origin: I::Item| {
            let text = origin.as_ref();
            Origin::parse(text).ok_or_else(|| NotAnOrigin(text.to_owned()))
        };
        origins.into_iter().map(each).collect::<Result<_, _>>().map(Self)
    }

    fn contains(&self, origin: &Origin) -> bool {
        self.0.contains(origin)
    }
}

impl Origin {
    /// Reads `scheme://host[:port]`; nothing else is one, `null` neither.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let authority = normal_authority(authority, scheme)?;
        Some(Self { scheme: scheme.to_owned(), authority })
    }
}

/// `host[:port]` in lower case, without the port that `scheme` has anyway.
fn normal_authority(authority: &str, scheme: &str) -> Option<String> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if !is_host(host) {
        return None;
    }
    let own = if scheme == "https" { 443 } else { 80 };
    let host = host.to_ascii_lowercase();
    match port {
        None => Some(host),
        Some(port) => {
            let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            let port: u16 = port.parse().ok().filter(|port| digits && *port != 0)?;
            Some(if port == own { host } else { format!("{host}:{port}") })
        }
    }
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// Refuses a request of an unsafe method, and every upgrade, that does not come from our own pages or from a trusted
/// origin. Requests of safe methods change nothing, and pass.
///
/// `Sec-Fetch-Site` decides where it is there: `same-origin`, and `none` (the person asked, and no page), pass. Another
/// host of the same site is another site: `same-site` and `cross-site` pass only with a trusted `Origin`. Without it the
/// `Origin` has to name the host and port that `Host` names, or be trusted; `Origin: null` is nobody's. A browser without
/// Fetch Metadata does not tell `http` from `https` of a host without a port; strict transport security does. Behind a proxy
/// that sends another `Host`, trust your own origin.
///
/// # Errors
///
/// [`Denial::CrossSite`].
pub fn check_origin(head: &Parts, trusted: &TrustedOrigins) -> Result<(), Denied> {
    let upgrade = head.headers.contains_key(header::UPGRADE);
    if head.method.is_safe() && !upgrade {
        return Ok(());
    }
    from_our_pages(head, trusted).map_err(|why| Denied::from(Denial::CrossSite).because(why))
}

fn from_our_pages(head: &Parts, trusted: &TrustedOrigins) -> Result<(), &'static str> {
    let origin = one(&head.headers, "origin")?.map(Origin::parse);
    let is_trusted = matches!(&origin, Some(Some(origin)) if trusted.contains(origin));
    match one(&head.headers, "sec-fetch-site")? {
        Some("same-origin" | "none") => Ok(()),
        Some("same-site" | "cross-site") if is_trusted => Ok(()),
        Some("same-site" | "cross-site") => Err("another site's page asks"),
        Some(_) => Err("`Sec-Fetch-Site` says nothing that is known"),
        None => match origin {
            _ if is_trusted => Ok(()),
            Some(Some(origin)) if is_ours(&origin, head)? => Ok(()),
            Some(Some(_)) => Err("another origin's page asks"),
            Some(None) => Err("`Origin` is null or no origin"),
            None => Err("neither `Sec-Fetch-Site` nor `Origin` says where it comes from"),
        },
    }
}

/// Whether `origin` is the one the request was sent to.
fn is_ours(origin: &Origin, head: &Parts) -> Result<bool, &'static str> {
    if head.uri.scheme_str().is_some_and(|scheme| !scheme.eq_ignore_ascii_case(&origin.scheme)) {
        return Ok(false);
    }
    // HTTP/2 names the host in the target (RFC 9113, section 8.3.1).
    let host = match head.uri.authority() {
        Some(authority) => authority.as_str(),
        None => one(&head.headers, "host")?.ok_or("there is no `Host` to compare with")?,
    };
    Ok(normal_authority(host, &origin.scheme).as_ref() == Some(&origin.authority))
}

/// The one header `name`, if it is there.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err("a header that says where the request comes from is there twice");
    }
    value.to_str().map(Some).map_err(|_| "a header that says where the request comes from is not ASCII")
}

/// That the request comes from our own pages, or from a trusted origin: an argument for handlers that have no session to
/// check it for, as those where people sign in and sign up. Otherwise another site could sign its visitors in as somebody
/// else.
#[derive(Clone, Copy, Debug)]
pub struct SameOrigin(());

impl<S: Sync> FromRequestParts<S> for SameOrigin {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        let exchange = Exchange::of(head);
        check_origin(head, &exchange.app().trusted_origins)?;
        Ok(Self(()))
    }
}

impl<S> Describe<S> for SameOrigin {
    fn describe(description: &mut Description<'_>) {
        description.refusal(StatusCode::FORBIDDEN, REFUSAL);
    }
}

/// How the API document describes the refusal.
pub(crate) const REFUSAL: &str =
    "The request comes from another site's page, or does not say where it comes from";
