//! A key derived from another may do nothing the other may not, whatever is asked for: for every request, if the derived
//! key is let through, so is the one it comes from.

use palisade::{
    api_key::{Caveats, DerivedKey, Narrowed, NotDerived},
    scope::Scope,
};
use proptest::prelude::*;

use super::*;

const ROUTES: [&str; 3] = ["GET /a", "PUT /a", "GET /{b}"];
const ALL: &str = "a b c d";

/// What one request needs: at a moment, a scope, at a route.
#[derive(Clone, Debug)]
struct Asked {
    moment: Timestamp,
    scope: String,
    route: &'static str,
}

fn asked() -> impl Strategy<Value = Asked> {
    (-5_i64..50, "[a-e]", prop::sample::select(&ROUTES[..])).prop_map(|(second, scope, route)| Asked {
        moment: Timestamp::from_unix(second),
        scope,
        route,
    })
}

fn caveats() -> impl Strategy<Value = Caveats> {
    let scopes = prop::collection::btree_set("[a-e]", 0..5);
    (
        prop::option::of(scopes),
        prop::option::of(0_i64..40),
        prop::option::of(prop::sample::select(&ROUTES[..])),
    )
        .prop_map(|(scopes, expires, route)| {
            let mut caveats = Caveats::none();
            if let Some(scopes) = scopes {
                caveats = caveats.scopes(scopes.iter().map(|scope| Scope::new(scope).unwrap()).collect());
            }
            if let Some(second) = expires {
                caveats = caveats.expires(Timestamp::from_unix(second));
            }
            if let Some(route) = route {
                caveats = caveats.route(route.parse().unwrap());
            }
            caveats
        })
}

fn allows(key: &DerivedKey, asked: &Asked) -> bool {
    let verified = key.verify(super::key(1).public_key(), ID, asked.moment);
    verified.is_ok_and(|narrowed| leaves(&narrowed, asked))
}

fn leaves(narrowed: &Narrowed, asked: &Asked) -> bool {
    narrowed.narrow(&scopes(ALL)).contains(&asked.scope)
        && narrowed.route().is_none_or(|route| route.as_str() == asked.route)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_derived_key_may_nothing_its_parent_may_not(
        chain in prop::collection::vec(caveats(), 1..=8),
        requests in prop::collection::vec(asked(), 1..8),
        seed: u64,
    ) {
        let random = SeededRandom::shared(seed);
        let mut last = key(1).derive(Caveats::none(), &*random).unwrap();
        for caveats in chain {
            let next = match last.derive(caveats, &*random) {
                Ok(next) => next,
                Err(NotDerived::NoRouteLeft | NotDerived::TooManyLinks) => break,
                Err(unexpected) => panic!("{unexpected}"),
            };
            for asked in &requests {
                prop_assert!(!allows(&next, asked) || allows(&last, asked), "{:?}", asked);
            }
            last = DerivedKey::parse(next.to_text().expose()).unwrap();
        }
    }

    #[test]
    fn one_link_allows_what_it_says_and_nothing_else(caveats in caveats(), asked in asked(), seed: u64) {
        let all = Asked { scope: "a".into(), ..asked.clone() };
        let unnarrowed = key(1).derive(Caveats::none(), &*SeededRandom::shared(seed)).unwrap();
        prop_assert!(allows(&unnarrowed, &all));
        // The order of two links does not matter.
        let random = SeededRandom::shared(seed);
        let one = unnarrowed.derive(caveats.clone(), &*random).unwrap();
        let other = key(1).derive(caveats, &*random).unwrap().derive(Caveats::none(), &*random).unwrap();
        prop_assert_eq!(allows(&one, &asked), allows(&other, &asked));
    }
}
