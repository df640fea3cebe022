//! What one statement implies, and what two have in common, against everybody there can be: small worlds, all of them.

use std::time::Duration;

use palisade::{
    Factor, Requirement, client, factor,
    prelude::{Verdict, check, scope, signed_in, tenant, undelegated},
    recent,
    requirement::{Statement, TimeWindow, address, header, hours},
    role,
};
use serde_json::Value;

use crate::support::Staff;

/// Two branches below one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Guild {
    Smith,
    Mason,
    #[role(includes(Smith, Mason))]
    Warden,
}

/// Numbers that repeat by their seed, which is not zero (xorshift64*).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % bound
    }
}

/// What a caller and its request are like, one number for each way in which they can differ.
type World = [u8; 15];

/// How many ways there are of each: account or not, two scopes, roles of two kinds, age of the sign-in, factors, client,
/// membership with its scope and role, two checks, an hour, an address, a header.
const WAYS: World = [2, 2, 2, 4, 5, 3, 7, 3, 2, 2, 3, 3, 3, 2, 3];
const ACCOUNT: usize = 0;

/// A leaf: how it is stated, whether it may be negated, what it depends on beside [`ACCOUNT`], and when it holds.
#[derive(Clone, Copy)]
struct Leaf {
    stated: fn() -> Requirement,
    negatable: bool,
    depends_on: &'static [usize],
    /// 1 yes, 0 not known, -1 no; for an account, where that matters.
    holds: fn(&World) -> i8,
    /// Neither it nor its negation holds for whoever did not sign in.
    of_an_account: bool,
}

fn truth(holds: bool) -> i8 {
    if holds { 1 } else { -1 }
}

/// Yes, no, not known.
fn three(way: u8) -> i8 {
    [1, -1, 0][usize::from(way)]
}

const fn leaf(stated: fn() -> Requirement, depends_on: &'static [usize], holds: fn(&World) -> i8) -> Leaf {
    Leaf { stated, negatable: false, depends_on, holds, of_an_account: false }
}

const fn signed(of: Leaf) -> Leaf {
    Leaf { of_an_account: true, ..of }
}

const fn negatable(of: Leaf) -> Leaf {
    Leaf { negatable: true, ..of }
}

/// Every set of factors there is: two with names of their own are `mfa`, too.
fn used(world: &World) -> &'static [&'static str] {
    const SETS: [&[&str]; 7] =
        [&[], &["pwd"], &["otp"], &["mfa"], &["pwd", "mfa"], &["otp", "mfa"], &["pwd", "otp", "mfa"]];
    SETS[usize::from(world[6])]
}

static LEAVES: [Leaf; 25] = [
    signed(leaf(signed_in, &[], |_| 1)),
    signed(leaf(undelegated, &[], |_| 1)),
    leaf(|| scope("a"), &[1], |world| truth(world[1] == 1)),
    leaf(|| scope("b"), &[2], |world| truth(world[2] == 1)),
    negatable(signed(leaf(|| role(Staff::User), &[3], |world| truth(world[3] >= 1)))),
    negatable(signed(leaf(|| role(Staff::Editor), &[3], |world| truth(world[3] >= 2)))),
    negatable(signed(leaf(|| role(Staff::Admin), &[3], |world| truth(world[3] >= 3)))),
    // None, smith, mason, both, warden.
    negatable(signed(leaf(|| role(Guild::Smith), &[4], |world| truth([1, 3, 4].contains(&world[4]))))),
    negatable(signed(leaf(|| role(Guild::Mason), &[4], |world| truth([2, 3, 4].contains(&world[4]))))),
    negatable(signed(leaf(|| role(Guild::Warden), &[4], |world| truth(world[4] == 4)))),
    signed(leaf(|| recent(Duration::from_secs(60)), &[5], |world| truth(world[5] == 0))),
    signed(leaf(|| recent(Duration::from_secs(3600)), &[5], |world| truth(world[5] <= 1))),
    signed(leaf(|| factor(Factor::Password), &[6], |world| truth(used(world).contains(&"pwd")))),
    signed(leaf(|| factor(Factor::OneTimePassword), &[6], |world| truth(used(world).contains(&"otp")))),
    signed(leaf(|| factor(Factor::Several), &[6], |world| truth(used(world).contains(&"mfa")))),
    leaf(|| client("web"), &[7], |world| truth(world[7] == 1)),
    leaf(|| client("cli"), &[7], |world| truth(world[7] == 2)),
    leaf(|| tenant("org"), &[8], |world| truth(world[8] == 1)),
    leaf(|| scope("a").within("org"), &[8, 9], |world| truth(world[8] == 1 && world[9] == 1)),
    negatable(signed(leaf(
        || role(Staff::User).within("org"),
        &[8, 10],
        |world| truth(world[8] == 1 && world[10] >= 1),
    ))),
    negatable(signed(leaf(
        || role(Staff::Editor).within("org"),
        &[8, 10],
        |world| truth(world[8] == 1 && world[10] >= 2),
    ))),
    negatable(leaf(|| check("c", |_| Verdict::Unknown), &[11], |world| three(world[11]))),
    negatable(leaf(|| check("d", |_| Verdict::Unknown), &[12], |world| three(world[12]))),
    negatable(leaf(
        || hours("day", TimeWindow::daily((8, 0), (18, 0))),
        &[13],
        |world| truth(world[13] == 1),
    )),
    negatable(leaf(|| address("office", ["192.0.2.0/24"]), &[14], |world| three(world[14]))),
];

/// Leaves that have to do with each other: statements of a few of these meet more often.
const KIN: [&[usize]; 9] = [
    &[0, 4, 5, 6],
    &[7, 8, 9, 0],
    &[10, 11, 1],
    &[12, 13, 14],
    &[15, 16, 2],
    &[17, 18, 19, 20],
    &[21, 23, 2],
    &[22, 24, 3],
    &[4, 23, 0],
];

/// A statement for what it means.
#[derive(Clone, Debug)]
enum Meant {
    Leaf(usize, bool),
    All(Vec<Meant>),
    Any(Vec<Meant>),
}

impl Meant {
    fn drawn(draw: &mut Draw, palette: &[usize], depth: usize) -> Self {
        if depth == 0 || draw.below(4) == 0 {
            let at = palette[draw.below(palette.len())];
            return Self::Leaf(at, LEAVES[at].negatable && draw.below(3) == 0);
        }
        let parts = (0..2 + draw.below(2)).map(|_| Self::drawn(draw, palette, depth - 1)).collect();
        if draw.below(2) == 0 { Self::All(parts) } else { Self::Any(parts) }
    }

    fn requirement(&self) -> Requirement {
        let all = |parts: &[Self]| parts.iter().map(Self::requirement).collect::<Vec<_>>().into_iter();
        match self {
            Self::Leaf(at, false) => (LEAVES[*at].stated)(),
            Self::Leaf(at, true) => !(LEAVES[*at].stated)(),
            Self::All(parts) => all(parts).reduce(|a, b| a & b).unwrap(),
            Self::Any(parts) => all(parts).reduce(|a, b| a | b).unwrap(),
        }
    }

    /// What the library wrote of a statement, read by its data alone.
    fn read(data: &Value) -> Self {
        let parts = |parts: &Value| parts.as_array().unwrap().iter().map(Self::read).collect();
        if data.get("all").is_some() {
            return Self::All(parts(&data["all"]));
        }
        if data.get("any").is_some() {
            return Self::Any(parts(&data["any"]));
        }
        let (written, negated) = data.get("not").map_or((data, false), |inner| (inner, true));
        let is_it = |leaf: &Leaf| serde_json::to_value((leaf.stated)()).unwrap() == *written;
        Self::Leaf(LEAVES.iter().position(is_it).unwrap_or_else(|| panic!("{written} is no leaf")), negated)
    }

    fn holds(&self, world: &World) -> i8 {
        match self {
            Self::Leaf(at, _) if LEAVES[*at].of_an_account && world[ACCOUNT] == 0 => -1,
            Self::Leaf(at, negated) => (LEAVES[*at].holds)(world) * if *negated { -1 } else { 1 },
            Self::All(parts) => parts.iter().map(|part| part.holds(world)).min().unwrap_or(1),
            Self::Any(parts) => parts.iter().map(|part| part.holds(world)).max().unwrap_or(-1),
        }
    }

    fn depends_on(&self, ways: &mut [bool; 15]) {
        match self {
            Self::Leaf(at, _) => LEAVES[*at].depends_on.iter().for_each(|way| ways[*way] = true),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.depends_on(ways)),
        }
    }
}

/// Every world in which one of `statements` could differ; `None` where that would be too many.
fn worlds(statements: &[&Meant]) -> Option<Vec<World>> {
    let mut differs = [false; 15];
    differs[ACCOUNT] = true;
    statements.iter().for_each(|one| one.depends_on(&mut differs));
    let mut worlds = vec![World::default()];
    for way in (0..15).filter(|way| differs[*way]) {
        let each = |world: &World| {
            (0..WAYS[way])
                .map(|value| {
                    let mut world = *world;
                    world[way] = value;
                    world
                })
                .collect::<Vec<_>>()
        };
        worlds = worlds.iter().flat_map(each).collect();
        if worlds.len() > 1000 {
            return None;
        }
    }
    Some(worlds)
}

/// Pairs that have much in common: one is often made of the other.
#[expect(clippy::print_stdout, reason = "whoever reads a failure needs the seed")]
fn pairs(count: usize) -> Vec<(Meant, Meant)> {
    let seed = std::env::var("PALISADE_TEST_SEED").ok().map_or(0x5eed, |seed| seed.parse().unwrap());
    println!("PALISADE_TEST_SEED={seed}");
    let mut draw = Draw(seed);
    let mut pairs = Vec::new();
    while pairs.len() < count {
        let kin = [KIN[draw.below(KIN.len())], KIN[draw.below(KIN.len())]].concat();
        let (one, other) = (Meant::drawn(&mut draw, &kin, 2), Meant::drawn(&mut draw, &kin, 2));
        let both = match draw.below(4) {
            0 => (one.clone(), Meant::Any(vec![other, one])),
            1 => (Meant::All(vec![one.clone(), other]), one),
            _ => (one, other),
        };
        let (one, other) = (both.0.requirement().statement(), both.1.requirement().statement());
        if one.normalized().is_some() && other.normalized().is_some() {
            pairs.push(both);
        }
    }
    pairs
}

#[test]
fn a_statement_implies_another_just_where_everybody_it_admits_is_admitted() {
    let (mut compared, mut implied) = (0, 0);
    for (one, other) in pairs(6_000) {
        let Some(worlds) = worlds(&[&one, &other]) else { continue };
        let truly = worlds.iter().all(|world| one.holds(world) < 1 || other.holds(world) == 1);
        let (one, other) = (one.requirement().statement(), other.requirement().statement());
        assert_eq!(one.implies(&other), truly, "`{one}` and `{other}`");
        compared += 1;
        implied += usize::from(truly);
    }
    assert!(compared > 5_000 && implied > 2_000, "{implied} of {compared}");
}

#[test]
fn a_normal_form_answers_everybody_alike_whether_yes_no_or_unknown() {
    for (one, _) in pairs(3_000) {
        let Some(worlds) = worlds(&[&one]) else { continue };
        let requirement = one.requirement();
        let normal = requirement.statement().normalized().unwrap();
        let read = Meant::read(&serde_json::to_value(&normal).unwrap());
        for world in worlds {
            assert_eq!(one.holds(&world), read.holds(&world), "`{requirement}` and `{normal}` in {world:?}");
        }
        assert_eq!(requirement.normalized().unwrap().statement().to_string(), normal.to_string());
        assert_eq!(normal, requirement.statement(), "equal up to normal form");
        assert_eq!(normal.normalized().unwrap().to_string(), normal.to_string(), "a normal form is normal");
    }
}

#[test]
fn equal_statements_admit_the_same_and_imply_each_other() {
    let mut equal = 0;
    for (one, other) in pairs(3_000) {
        let (stated, others) = (one.requirement().statement(), other.requirement().statement());
        let Some(worlds) = worlds(&[&one, &other]) else { continue };
        if stated == others {
            equal += 1;
            assert!(stated.implies(&others) && others.implies(&stated), "`{stated}` and `{others}`");
            let alike = |world: &World| one.holds(world) == other.holds(world);
            assert!(worlds.iter().all(alike), "`{stated}` and `{others}`");
        }
    }
    assert!(equal > 20, "{equal}");
}

/// Of what is read from text, less is known: it may imply less, and never more.
#[test]
fn what_is_read_from_text_implies_no_more_than_it_should() {
    for (one, other) in pairs(3_000) {
        let Some(worlds) = worlds(&[&one, &other]) else { continue };
        let read =
            |meant: &Meant| format!("{:#}", meant.requirement().statement()).parse::<Statement>().unwrap();
        if read(&one).implies(&read(&other)) {
            let follows = |world: &World| one.holds(world) < 1 || other.holds(world) == 1;
            assert!(worlds.iter().all(follows), "`{}` and `{}`", one.requirement(), other.requirement());
        }
    }
}

#[test]
fn a_header_is_there_or_not() {
    let sent = || header("proxy", "x-proxy", "secret");
    assert!(signed_in().statement().implies(&(sent() | !sent()).statement()));
}

/// Such a statement lets nobody through: it is neither implied by what does, nor left out beside it.
#[test]
fn attack_a_negation_that_nobody_can_check_is_implied() {
    for (strong, weak) in [
        ("role(admin)", "!signed_in()"),
        ("recent(60s)", "!undelegated()"),
        ("scope(a in org)", "!tenant(org)"),
        ("scope(a)", "!client(web)"),
    ] {
        let [strong, weak]: [Statement; 2] = [strong, weak].map(|text| text.parse().unwrap());
        assert!(!strong.implies(&weak), "{strong} -> {weak}");
        let both: Statement = format!("{strong} & {weak}").parse().unwrap();
        assert_ne!(both, strong, "{both}");
        assert!(!strong.implies(&both), "{strong} -> {both}");
    }
}

/// Nobody writes so long a requirement, but a text can be: it is worked out as far as it goes, and no further.
#[test]
fn attack_a_statement_without_end() {
    for joint in [" & ", " | "] {
        let text: Vec<String> = (0..100_000).map(|n| format!("scope(s{n})")).collect();
        let long: Statement = text.join(joint).parse().unwrap();
        assert!(long.normalized().is_none() && !long.implies(&long));
        assert_eq!(long, text.join(joint).parse().unwrap());
    }
}

/// As lines of a lock may be, each within what is read. It is compared as often as may be, and then it is "no".
#[test]
fn attack_a_statement_that_takes_for_ever_to_compare() {
    let headers = |from: usize, to: usize| {
        (from..to).map(|at| format!("header(h{at})")).collect::<Vec<_>>().join(" & ")
    };
    let six = |word: &str| {
        (0..6).map(|at| format!("({word}(a{at}) | {word}(b{at}))")).collect::<Vec<_>>().join(" & ")
    };
    let held: Statement = format!("{} & {}", headers(0, 200), six("scope")).parse().unwrap();
    let asked = format!("{} & check(never) & {} & {}", headers(0, 200), headers(300, 320), six("hours"));
    assert!(!held.implies(&asked.parse().unwrap()));
    assert!(held.implies(&held) && held.implies(&headers(0, 200).parse().unwrap()));
}
