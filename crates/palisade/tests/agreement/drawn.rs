//! What is drawn: numbers that repeat by their seed, and requirements made of them.

use std::time::Duration;

use palisade::{
    prelude::*,
    requirement::{TimeWindow, address, header, hours},
};

use crate::facts::{Facts, Guild, Staff};

/// SplitMix64.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Names with the requirement's own characters in them.
pub(crate) const SCOPES: [&str; 4] = ["a", "b", "items:read", "odd)&(|,"];
const STAFF: [Staff; 3] = [Staff::User, Staff::Editor, Staff::Admin];
const GUILD: [Guild; 3] = [Guild::Smith, Guild::Mason, Guild::Warden];
pub(crate) const CLIENTS: [&str; 2] = ["web", "a \"client\" in (quotes)"];

fn says(name: &'static str) -> impl for<'a> Fn(palisade::requirement::Facts<'a>) -> Verdict + Send + Sync {
    move |facts| {
        facts.head().extensions.get::<std::sync::Arc<Facts>>().map_or(Verdict::Unknown, |it| it.check(name))
    }
}

fn a_check(draw: &mut Draw) -> Requirement {
    match draw.below(5) {
        0 => check("yes", |_| true),
        1 => check("no", |_| false),
        2 => check("unknown", |_| Verdict::Unknown),
        3 => check("flag", says("flag")),
        _ => check_async("ünlike, (odd)|", |facts| {
            let verdict = says("ünlike, (odd)|")(facts);
            Box::pin(std::future::ready(verdict))
        }),
    }
}

fn a_condition(draw: &mut Draw) -> Requirement {
    match draw.below(5) {
        0 => address("office", ["192.0.2.0/24"]),
        1 => address("vpn", ["2001:db8::/32", "10.0.0.0/8"]),
        2 => hours("day", TimeWindow::daily((8, 0), (18, 0))),
        3 => hours("weekend", TimeWindow::ALWAYS.on([palisade::requirement::Weekday::Saturday])),
        _ => header("partner", "x-partner", "acme"),
    }
}

/// A leaf, of which some may be negated.
fn a_leaf(draw: &mut Draw) -> Requirement {
    let negated = draw.one_in(3);
    let signed = |leaf: Requirement| if negated { !leaf } else { leaf };
    match draw.below(14) {
        0 => signed_in(),
        1 => undelegated(),
        2 | 3 => scope(draw.pick(&SCOPES)),
        4 => signed(role(draw.pick(&STAFF))),
        5 => signed(role(draw.pick(&GUILD))),
        6 => recent(Duration::from_secs(draw.pick(&[60, 3600]))),
        7 => factor(draw.pick(&Factor::ALL)),
        8 => client(draw.pick(&CLIENTS)),
        9 => tenant("org"),
        10 => scope(draw.pick(&SCOPES)).within("org"),
        11 => signed(role(draw.pick(&STAFF)).within("org")),
        12 => signed(a_condition(draw)),
        _ => signed(a_check(draw)),
    }
}

/// A requirement, nested up to `depth`.
pub(crate) fn a_requirement(draw: &mut Draw, depth: usize) -> Requirement {
    if depth == 0 || draw.one_in(4) {
        return a_leaf(draw);
    }
    let (left, right) = (a_requirement(draw, depth - 1), a_requirement(draw, depth - 1));
    if draw.one_in(2) { left & right } else { left | right }
}
