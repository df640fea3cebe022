//! Whose word about a client's address counts.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use super::ClientAddress;

/// As many hops are looked at; nobody has more proxies of their own.
const MOST_HOPS: usize = 32;

/// The header in which trusted proxies say whom they forward for. One, not both: a proxy that writes the one passes the
/// other on as the client sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy, ..`, which nearly every proxy writes.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy, ..` (RFC 7239).
    Forwarded,
}

/// The networks whose machines are believed when they say whom they forward for.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedHeader,
}

impl TrustedProxies {
    /// Believes the machines in `networks` (CIDR, such as `10.0.0.0/8`), if they say it in `header`.
    pub fn new(networks: impl IntoIterator<Item = IpNet>, header: ForwardedHeader) -> Self {
        Self { networks: networks.into_iter().map(|network| network.trunc()).collect(), header }
    }

    /// The address a request comes from whose connection comes from `peer`.
    ///
    /// The header is read from the right, as each hop has added itself there: past the trusted ones, up to the first that
    /// is not. What stands further left is only that one's word. Text that is no address ends the reading at the hop
    /// before it.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        if self.networks.is_empty() || !self.trust(client) {
            return ClientAddress(client);
        }
        for hop in self.hops(headers).take(MOST_HOPS) {
            let Some(address) = hop else { break };
            client = address;
            if !self.trust(client) {
                break;
            }
        }
        ClientAddress(client)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The hops, the nearest first; `None` for one that is no address.
    fn hops<'h>(&self, headers: &'h HeaderMap) -> impl Iterator<Item = Option<IpAddr>> + 'h {
        let (name, read): (HeaderName, fn(&str) -> Option<IpAddr>) = match self.header {
            ForwardedHeader::XForwardedFor => (HeaderName::from_static("x-forwarded-for"), address),
            ForwardedHeader::Forwarded => (header::FORWARDED, forwarded_for),
        };
        let lines = headers.get_all(name).iter().collect::<Vec<_>>().into_iter().rev();
        lines.flat_map(move |line| {
            // A line that is not text is one hop that is no address.
            line.to_str().unwrap_or_default().rsplit(',').map(move |hop| read(hop.trim()))
        })
    }
}

/// The `for` of one element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut named = element.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    });
    let value = named.next().filter(|_| named.next().is_none())?;
    address(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// An address with or without a port; IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let unbracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address: Option<IpAddr> = unbracketed.parse().ok();
    address
        .or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const FOR: &str = "x-forwarded-for";

    fn client(header: ForwardedHeader, peer: &str, lines: &[(&'static str, &'static str)]) -> String {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let ClientAddress(address) =
            TrustedProxies::new(networks, header).client_address(peer.parse().unwrap(), &headers);
        address.to_string()
    }

    fn x_forwarded_for(peer: &str, lines: &[&'static str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| (FOR, *line)).collect();
        client(ForwardedHeader::XForwardedFor, peer, &lines)
    }

    fn forwarded(line: &'static str) -> String {
        client(ForwardedHeader::Forwarded, "10.0.0.1", &[("forwarded", line)])
    }

    #[test]
    fn attack_spoofed_header_from_an_untrusted_peer() {
        assert_eq!(x_forwarded_for("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn attack_spoofed_hop_left_of_the_client() {
        assert_eq!(x_forwarded_for("10.0.0.1", &["203.0.113.1, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(x_forwarded_for("10.0.0.1", &["10.9.9.9, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(x_forwarded_for("10.0.0.1", &["203.0.113.1", "198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn attack_the_header_the_proxy_does_not_write() {
        let both = [("forwarded", "for=203.0.113.1"), (FOR, "198.51.100.7")];
        assert_eq!(client(ForwardedHeader::XForwardedFor, "10.0.0.1", &both), "198.51.100.7");
        assert_eq!(client(ForwardedHeader::Forwarded, "10.0.0.1", &both), "203.0.113.1");
    }

    #[test]
    fn a_hop_that_is_no_address_ends_the_reading() {
        assert_eq!(x_forwarded_for("10.0.0.1", &["198.51.100.7, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(x_forwarded_for("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(forwarded("for=_hidden"), "10.0.0.1");
        assert_eq!(forwarded("for=198.51.100.7;for=203.0.113.1"), "10.0.0.1");
    }

    #[test]
    fn addresses_come_with_and_without_ports() {
        assert_eq!(x_forwarded_for("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(x_forwarded_for("fd00::1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(x_forwarded_for("fd00::1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(forwarded("proto=https;For=\"[2001:db8::1]:4711\""), "2001:db8::1");
    }

    #[test]
    fn an_ipv4_address_mapped_into_ipv6_is_that_address() {
        assert_eq!(x_forwarded_for("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn the_furthest_trusted_hop_counts_when_all_are_trusted() {
        assert_eq!(x_forwarded_for("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(x_forwarded_for("10.0.0.1", &[]), "10.0.0.1");
    }
}
