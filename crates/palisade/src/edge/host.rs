//! Which hosts a server answers for.
//!
//! A page of another site can make a browser believe that its own name leads here (DNS rebinding); the browser then
//! treats that page and this server as one site. The name in `Host` still gives it away.

use std::net::IpAddr;

use http::{Extensions, HeaderMap, HeaderName, StatusCode, Uri, header};

use super::ClientAddress;
use crate::problem::Problem;

/// The names and ports a server answers for.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts(Vec<Box<[u8]>>);

/// Why a request is not answered for its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostRefused {
    /// There is not exactly one `Host` (RFC 9112, section 3.2).
    #[error("A request has exactly one `Host` header")]
    NotOne,
    /// It names a host this server does not answer for (RFC 9110, section 15.5.20).
    #[error("This server does not answer for the host in `Host`: use the address it was set up with")]
    Foreign,
}

impl AllowedHosts {
    /// Answers for nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers for `host` (a name or an address, IPv6 in brackets) at `port`, and without a port where `port` is the one
    /// of `http` or `https`.
    #[must_use]
    pub fn allow(mut self, host: &str, port: u16) -> Self {
        self.0.push(format!("{host}:{port}").into_bytes().into());
        if matches!(port, 80 | 443) {
            self.0.push(host.as_bytes().into());
        }
        self
    }

    /// Answers for exactly this `Host`, such as `10.1.2.3:8000`.
    #[must_use]
    pub fn allow_exactly(mut self, host: &str) -> Self {
        self.0.push(host.as_bytes().into());
        self
    }

    /// Answers for the machine itself at `port`: `127.0.0.1`, `[::1]` and `localhost`.
    #[must_use]
    pub fn allow_loopback(self, port: u16) -> Self {
        ["127.0.0.1", "[::1]", "localhost"].into_iter().fold(self, |allowed, host| allowed.allow(host, port))
    }

    /// Checks which host a request means. A target with a host of its own must mean a host this server answers for too.
    ///
    /// # Errors
    ///
    /// [`HostRefused`], which turns into the problem to answer with: 400 or 421.
    pub fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), HostRefused> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(HostRefused::NotOne) };
        let target = target.authority().map(|authority| authority.as_str().as_bytes());
        if self.contains(host.as_bytes()) && target.is_none_or(|target| self.contains(target)) {
            Ok(())
        } else {
            Err(HostRefused::Foreign)
        }
    }

    fn contains(&self, host: &[u8]) -> bool {
        self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

impl From<HostRefused> for Problem {
    fn from(refused: HostRefused) -> Self {
        let status = match refused {
            HostRefused::NotOne => StatusCode::BAD_REQUEST,
            HostRefused::Foreign => StatusCode::MISDIRECTED_REQUEST,
        };
        Self::new(status, refused.to_string())
    }
}

/// Headers by which proxies say that they have forwarded something.
const FORWARDED: [HeaderName; 7] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-real-ip"),
];

/// Whether a request comes from this machine, is for this machine, and no proxy says that it has forwarded it.
pub(crate) fn is_of_this_machine(target: &Uri, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let from = extensions.get::<ClientAddress>().is_some_and(|client| client.0.to_canonical().is_loopback());
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.to_str().ok().and_then(|host| host.parse().ok());
    from && host.is_some_and(|host| is_loopback(&host))
        && target.authority().is_none_or(is_loopback)
        && !FORWARDED.iter().any(|name| headers.contains_key(name))
}

/// Whether a host is one of this machine's own names, at whatever port.
fn is_loopback(authority: &http::uri::Authority) -> bool {
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_address = address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    !authority.as_str().contains('@') && (is_address || host.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(target: &str, hosts: &[&'static str]) -> Result<(), HostRefused> {
        let allowed =
            AllowedHosts::new().allow_loopback(8000).allow("id.example.org", 443).allow_exactly("pod:1");
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_static(host));
        }
        allowed.check(&target.parse().unwrap(), &headers)
    }

    #[test]
    fn answers_for_itself_and_its_issuer() {
        for host in [
            "127.0.0.1:8000",
            "localhost:8000",
            "LocalHost:8000",
            "[::1]:8000",
            "id.example.org",
            "id.example.org:443",
            "pod:1",
        ] {
            assert_eq!(check("/me", &[host]), Ok(()), "{host}");
        }
        assert_eq!(check("http://localhost:8000/me", &["localhost:8000"]), Ok(()));
    }

    #[test]
    fn attack_dns_rebinding() {
        for host in [
            "evil.example",
            "evil.example:8000",
            "127.0.0.1",
            "127.0.0.1:8001",
            "127.0.0.1:8000.evil.example",
            "id.example.org.",
            "id.example.org:8000",
            "",
        ] {
            assert_eq!(check("/me", &[host]), Err(HostRefused::Foreign), "{host}");
        }
        assert_eq!(check("http://evil.example/me", &["localhost:8000"]), Err(HostRefused::Foreign));
        assert_eq!(check("http://x@localhost:8000/me", &["localhost:8000"]), Err(HostRefused::Foreign));
    }

    #[test]
    fn attack_two_hosts_or_none() {
        assert_eq!(check("/me", &[]), Err(HostRefused::NotOne));
        assert_eq!(check("/me", &["localhost:8000", "localhost:8000"]), Err(HostRefused::NotOne));
    }
}
