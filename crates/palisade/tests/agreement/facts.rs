//! Who is calling and with which request, as plain data; and what each leaf comes to for it, by its name.

use std::{net::IpAddr, sync::Arc, time::Duration};

use palisade::{Membership, clock::Timestamp, prelude::*, scope::ScopeSet};

use crate::{
    drawn::{CLIENTS, Draw, SCOPES},
    truth::Truth,
};

/// Monday, 2023-11-13, 00:00 UTC.
pub(crate) const MONDAY: i64 = 1_699_833_600;

/// `Admin` includes `Editor`, which includes `User`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    User,
    #[role(includes(User))]
    Editor,
    #[role(includes(Editor))]
    Admin,
}

/// Of two branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Guild {
    Smith,
    Mason,
    #[role(includes(Smith, Mason))]
    Warden,
}

/// What a request carries of one credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Nothing,
    Valid,
    Invalid,
    /// The store does not say whether it is valid.
    Silent,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pub(crate) scopes: Vec<&'static str>,
    pub(crate) staff: Option<Staff>,
}

#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) bearer: Sent,
    pub(crate) key: Sent,
    delegated: bool,
    held: Held,
    guild: Option<Guild>,
    /// Seconds since the sign-in.
    age: Option<i64>,
    factors: Vec<Factor>,
    client: Option<&'static str>,
    /// The tenant the path names.
    pub(crate) org: &'static str,
    tenants: Vec<(&'static str, Held)>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) now: i64,
    pub(crate) partner: Vec<&'static str>,
    flag: Truth,
    odd: Truth,
}

fn held(draw: &mut Draw) -> Held {
    let scopes = SCOPES.into_iter().filter(|_| draw.one_in(2)).collect();
    let staff = draw.pick(&[None, Some(Staff::User), Some(Staff::Editor), Some(Staff::Admin)]);
    Held { scopes, staff }
}

fn tenants(draw: &mut Draw) -> Vec<(&'static str, Held)> {
    let members = ["acme", "umbrella"].map(|name| (name, draw.one_in(2), held(draw)));
    members.into_iter().filter(|(_, is_member, _)| *is_member).map(|(name, _, held)| (name, held)).collect()
}

impl Facts {
    pub(crate) fn drawn(draw: &mut Draw) -> Self {
        let valid = [Sent::Valid; 6];
        let others = [Sent::Nothing, Sent::Nothing, Sent::Invalid, Sent::Silent];
        let sent = [&valid[..], &others[..]].concat();
        let addresses = ["192.0.2.9", "10.1.1.1", "2001:db8::1", "203.0.113.9"];
        let truths = [Truth::Yes, Truth::No, Truth::Open];
        let everywhere = held(draw);
        Self {
            bearer: draw.pick(&sent),
            key: draw.pick(&sent),
            delegated: draw.one_in(3),
            held: everywhere,
            guild: draw.pick(&[None, Some(Guild::Smith), Some(Guild::Mason), Some(Guild::Warden)]),
            age: draw.pick(&[None, Some(0), Some(60), Some(61), Some(3600), Some(3601)]),
            factors: Factor::ALL.into_iter().filter(|_| draw.one_in(3)).collect(),
            client: draw.pick(&[None, Some(CLIENTS[0]), Some(CLIENTS[1]), Some("another")]),
            org: draw.pick(&["acme", "umbrella"]),
            tenants: tenants(draw),
            address: if draw.one_in(5) { None } else { draw.pick(&addresses).parse().ok() },
            now: MONDAY + 86_400 * draw.pick(&[0, 5, 6]) + draw.pick(&[0, 8 * 3600, 12 * 3600, 18 * 3600]),
            partner: draw.pick(&[&[][..], &["acme"], &["other"], &["acme", "acme"]]).to_vec(),
            flag: draw.pick(&truths),
            odd: draw.pick(&truths),
        }
    }

    pub(crate) fn scopes(&self) -> &[&'static str] {
        &self.held.scopes
    }

    /// As the app's store would have it.
    pub(crate) fn authority(&self) -> Authority {
        let set = |scopes: &[&str]| scopes.join(" ").parse::<ScopeSet>().unwrap();
        let tenant = |(name, held): &(&'static str, Held)| {
            (*name, Membership::new().scopes(set(&held.scopes)).roles(held.staff))
        };
        let authority = if self.delegated { Authority::delegated("ada") } else { Authority::account("ada") };
        let authority = authority
            .scopes(set(&self.held.scopes))
            .roles(self.held.staff)
            .roles(self.guild)
            .factors(self.factors.iter().copied())
            .tenants(self.tenants.iter().map(tenant).collect());
        let authority = match self.age {
            Some(age) => authority.authenticated_at(Timestamp::from_unix(self.now - age)),
            None => authority,
        };
        match self.client {
            Some(client) => authority.issued_to(client),
            None => authority,
        }
    }

    /// What the app's own check answers.
    pub(crate) fn check(&self, name: &str) -> Verdict {
        match self.check_truth(name) {
            Truth::Yes => Verdict::True,
            Truth::No => Verdict::False,
            Truth::Open => Verdict::Unknown,
        }
    }

    fn check_truth(&self, name: &str) -> Truth {
        match name {
            "yes" => Truth::Yes,
            "no" => Truth::No,
            "unknown" => Truth::Open,
            "flag" => self.flag,
            "ünlike, (odd)|" => self.odd,
            _ => panic!("no check is called {name:?}"),
        }
    }

    /// What a leaf comes to: of the kind `word`, about `name`, in the tenant that the path parameter `within` names.
    pub(crate) fn leaf(&self, word: &str, name: &str, within: Option<&str>, negated: bool) -> Truth {
        let account = !self.delegated;
        if word == "role" {
            // Of a delegated credential nothing is said of roles, neither way.
            return (account && self.role(name, within) != negated).into();
        }
        let truth = match (word, within) {
            ("signed_in" | "undelegated", None) => account.into(),
            ("scope", None) => self.held.scopes.contains(&name).into(),
            ("scope", Some(within)) => {
                self.in_tenant(within).is_some_and(|held| held.scopes.contains(&name)).into()
            }
            ("tenant", None) => self.in_tenant(name).is_some().into(),
            ("recent", None) => {
                let seconds: i64 = name.parse().unwrap();
                (account && self.age.is_some_and(|age| age <= seconds)).into()
            }
            ("factor", None) => (account && self.factor(name)).into(),
            ("client", None) => (self.client == Some(name)).into(),
            ("address", None) => self.comes_from(name),
            ("hours", None) => self.is_within(name).into(),
            ("header", None) => (name == "partner" && self.partner == ["acme"]).into(),
            ("check", None) => self.check_truth(name),
            _ => panic!("no leaf is called {word:?}, within {within:?}"),
        };
        if negated { !truth } else { truth }
    }

    fn in_tenant(&self, parameter: &str) -> Option<&Held> {
        assert_eq!(parameter, "org", "the paths have one parameter");
        self.tenants.iter().find(|(name, _)| *name == self.org).map(|(_, held)| held)
    }

    fn role(&self, name: &str, within: Option<&str>) -> bool {
        let staff = match within {
            Some(parameter) => self.in_tenant(parameter).and_then(|held| held.staff),
            None => self.held.staff,
        };
        let guild = self.guild.filter(|_| within.is_none());
        match name {
            "user" => staff.is_some(),
            "editor" => matches!(staff, Some(Staff::Editor | Staff::Admin)),
            "admin" => staff == Some(Staff::Admin),
            "smith" => matches!(guild, Some(Guild::Smith | Guild::Warden)),
            "mason" => matches!(guild, Some(Guild::Mason | Guild::Warden)),
            "warden" => guild == Some(Guild::Warden),
            _ => panic!("no role is called {name:?}"),
        }
    }

    /// Two different factors are `mfa`, too.
    fn factor(&self, name: &str) -> bool {
        let single = self.factors.iter().filter(|factor| **factor != Factor::Several).count();
        self.factors.iter().any(|factor| factor.name() == name) || (name == "mfa" && single > 1)
    }

    fn comes_from(&self, name: &str) -> Truth {
        let Some(address) = self.address else { return Truth::Open };
        let known = address.to_string();
        let comes = match name {
            "office" => known.starts_with("192.0.2."),
            "vpn" => known.starts_with("10.") || known.starts_with("2001:db8:"),
            _ => panic!("no address is called {name:?}"),
        };
        comes.into()
    }

    fn is_within(&self, name: &str) -> bool {
        let (day, hour) = ((self.now - MONDAY) / 86_400, (self.now - MONDAY) % 86_400 / 3600);
        match name {
            "day" => (8..18).contains(&hour),
            "weekend" => day == 5,
            _ => panic!("no hours are called {name:?}"),
        }
    }
}

/// A clock that tells what the request at hand says.
#[derive(Debug, Default)]
pub(crate) struct Told(pub(crate) Arc<std::sync::atomic::AtomicI64>);

impl palisade::clock::Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(1)
    }
}
