//! Conditions on the request itself, by name: where it comes from, when, and with which header.
//!
//! They say nothing of who is calling, so they belong beside a leaf that does:
//! `scope("ledger:read") & address("office", ["192.0.2.0/24"])`.

use std::{fmt, net::IpAddr};

use http::{HeaderName, request::Parts};
use ipnet::{IpNet, Ipv4Net};

use super::{Leaf, Requirement, evaluate::Verdict, window::TimeWindow};
use crate::{clock::Timestamp, decision::RecordedCondition, edge::ClientAddress};

/// A condition and the name by which it is printed, listed and compared. One name is one condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedCondition {
    pub(crate) name: &'static str,
    pub(crate) condition: Condition,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Address(Vec<IpNet>),
    Hours(TimeWindow),
    Header(HeaderName, String),
}

/// The kinds of conditions, by the word each is printed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ConditionKind {
    Address,
    Hours,
    Header,
}

impl ConditionKind {
    pub(crate) const ALL: [Self; 3] = [Self::Address, Self::Hours, Self::Header];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Hours => "hours",
            Self::Header => "header",
        }
    }
}

impl Condition {
    pub(crate) fn kind(&self) -> ConditionKind {
        match self {
            Self::Address(_) => ConditionKind::Address,
            Self::Hours(_) => ConditionKind::Hours,
            Self::Header(..) => ConditionKind::Header,
        }
    }

    /// Whether it holds for this request; unknown where nobody noted the address.
    pub(crate) fn verdict(&self, head: &Parts, now: impl FnOnce() -> Timestamp) -> Verdict {
        match self {
            Self::Header(name, value) => {
                let mut values = head.headers.get_all(name).iter();
                // A header that is there twice says nothing for certain.
                (values.next().is_some_and(|sent| sent.as_bytes() == value.as_bytes())
                    && values.next().is_none())
                .into()
            }
            Self::Address(networks) => Self::within(networks, client_address(head)),
            Self::Hours(_) => self.verdict_for(None, now()).unwrap_or(Verdict::Unknown),
        }
    }

    /// Whether it holds for a request from `address` at `now`; none where that does not tell.
    pub(crate) fn verdict_for(&self, address: Option<IpAddr>, now: Timestamp) -> Option<Verdict> {
        match self {
            Self::Address(networks) => Some(Self::within(networks, address)),
            Self::Hours(window) => Some(window.contains(now).into()),
            Self::Header(..) => None,
        }
    }

    fn within(networks: &[IpNet], address: Option<IpAddr>) -> Verdict {
        address.map_or(Verdict::Unknown, |address| {
            networks.iter().any(|network| network.contains(&address)).into()
        })
    }

    /// The name of the header it asks for.
    pub(crate) fn header(&self) -> Option<&str> {
        match self {
            Self::Header(name, _) => Some(name.as_str()),
            Self::Address(_) | Self::Hours(_) => None,
        }
    }
}

/// What came of the headers that `requirement` asks for, without their values: they may be secrets.
pub(crate) fn header_outcomes(requirement: &Requirement, head: &Parts) -> Vec<RecordedCondition> {
    let outcome = |named: &NamedCondition| {
        let header = named.condition.header()?;
        Some(RecordedCondition {
            kind: named.condition.kind().word().to_owned(),
            name: named.name.to_owned(),
            verdict: named.condition.verdict(head, Timestamp::default),
            header: Some(header.to_owned()),
            sent: head.headers.contains_key(header),
        })
    };
    requirement.conditions().filter_map(outcome).collect()
}

/// The address the request comes from, if a server noted it. An IPv4 address that came by IPv6 is an IPv4 address.
pub(crate) fn client_address(head: &Parts) -> Option<IpAddr> {
    let known = head.extensions.get::<ClientAddress>().filter(|known| **known != ClientAddress::UNKNOWN)?;
    Some(known.0.to_canonical())
}

impl fmt::Display for Condition {
    /// What it says, for the lock file: `192.0.2.0/24`, `mon-fri 08:00-18:00`, `x-partner: acme`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(networks) => {
                let networks: Vec<String> = networks.iter().map(IpNet::to_string).collect();
                f.write_str(&networks.join(" "))
            }
            Self::Hours(window) => window.fmt(f),
            Self::Header(name, value) => write!(f, "{name}: {value}"),
        }
    }
}

/// Without what stands behind its prefix. An IPv4 network that is written as IPv6 is an IPv4 network, as addresses are: it
/// would else contain none, and its negation all.
fn canonical(network: IpNet) -> IpNet {
    let network = network.trunc();
    let IpNet::V6(v6) = network else { return network };
    let mapped = v6.prefix_len().checked_sub(96).zip(v6.network().to_ipv4_mapped());
    mapped.and_then(|(prefix, v4)| Ipv4Net::new(v4, prefix).ok()).map_or(network, IpNet::V4)
}

fn condition(name: &'static str, condition: Condition) -> Requirement {
    Leaf::Condition(NamedCondition { name, condition }).into()
}

/// A request from one of `networks`, each written as `192.0.2.0/24`, `2001:db8::/32`, or one address. The condition is printed
/// and listed as `name`; what it says stands in the lock file.
///
/// The address is what the server noted ([`ClientAddress`]); where it noted none, the condition is unknown, which admits
/// nobody.
///
/// # Panics
///
/// When a network is none. Requirements are written in the source, so this shows at start-up.
#[track_caller]
pub fn address<N: AsRef<str>>(name: &'static str, networks: impl IntoIterator<Item = N>) -> Requirement {
    let network = |text: N| {
        let text = text.as_ref();
        let one = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse::<IpNet>()
            .or_else(|_| one())
            .unwrap_or_else(|_| panic!("address({name:?}): {text:?} is no network"))
    };
    let mut networks: Vec<IpNet> = networks.into_iter().map(network).map(canonical).collect();
    networks.sort();
    networks.dedup();
    condition(name, Condition::Address(networks))
}

/// A request within `window`, by the router's clock.
pub fn hours(name: &'static str, window: TimeWindow) -> Requirement {
    condition(name, Condition::Hours(window))
}

/// A request with the header `header` exactly once and exactly as `value`. Whoever calls can send any header: it tells
/// requests apart, and proves nothing unless a proxy you trust sets it and takes off what others sent. `value` is no place for a
/// secret: it stands in the lock file, and how long it takes to compare tells how much of it was right.
///
/// # Panics
///
/// When `header` is no header's name.
#[track_caller]
pub fn header(name: &'static str, header: &'static str, value: &str) -> Requirement {
    let Ok(header) = HeaderName::try_from(header) else {
        panic!("header({name:?}): {header:?} is no header's name");
    };
    condition(name, Condition::Header(header, value.to_owned()))
}
