//! What a holder derives, offline, and what the issuer makes of it.

use axum::{Router, extract::Request, http::StatusCode, routing::get};
use palisade::{
    api_key::{Caveats, DerivedKey, MOST_LINKS, NotDerived, Refused, Route},
    random::{Random, RandomUnavailable},
    testing::Client,
};

use super::*;

fn random() -> palisade::random::SharedRandom {
    SeededRandom::shared(99)
}

#[test]
fn a_derived_key_is_accepted_by_whoever_knows_the_public_key() {
    let key = key(1);
    let caveats =
        Caveats::none().scopes(scopes("items:read")).expires(NOW.after(std::time::Duration::from_secs(60)));
    let derived = key.derive(caveats, &*random()).unwrap();

    let presented = DerivedKey::parse(derived.to_text().expose()).unwrap();
    let narrowed = presented.verify(key.public_key(), ID, NOW).unwrap();
    assert_eq!(narrowed.narrow(&scopes("items:read items:write")), scopes("items:read"));
    assert_eq!(
        narrowed.narrow(&scopes("me:read")),
        scopes(""),
        "what the key does not have it does not give"
    );
    assert_eq!(narrowed.links().len(), 1);
    assert_eq!(narrowed.route(), None);
}

#[test]
fn a_derived_key_holds_neither_the_secret_of_the_key_nor_that_of_a_link() {
    let key = key(1);
    let one = key.derive(Caveats::none(), &*random()).unwrap();
    let two = one.derive(Caveats::none(), &*SeededRandom::shared(3)).unwrap();
    let text = two.to_text();
    for secret in [&key.to_text().expose()[27..70], &one.to_text().expose()[28..71]] {
        assert!(!text.expose().contains(secret));
    }
}

#[test]
fn a_later_link_only_takes_away() {
    let key = key(1);
    let soon = NOW.after(std::time::Duration::from_secs(10));
    let late = NOW.after(std::time::Duration::from_secs(1000));
    let one = key.derive(Caveats::none().scopes(scopes("a b")).expires(soon), &*random()).unwrap();
    let two =
        one.derive(Caveats::none().scopes(scopes("b c")).expires(late), &*SeededRandom::shared(3)).unwrap();
    let narrowed = two.verify(key.public_key(), ID, NOW).unwrap();
    assert_eq!((narrowed.scopes(), narrowed.expires()), (Some(&scopes("b")), Some(soon)));
}

#[test]
fn no_scopes_at_all_are_not_all_scopes() {
    let key = key(1);
    let derived = key.derive(Caveats::none().scopes(scopes("")), &*random()).unwrap();
    let narrowed =
        DerivedKey::parse(derived.to_text().expose()).unwrap().verify(key.public_key(), ID, NOW).unwrap();
    assert!(narrowed.narrow(&scopes("a b")).is_empty());
}

#[test]
fn the_eighth_key_in_a_row_is_the_last() {
    let key = key(1);
    let random = random();
    let mut derived = key.derive(Caveats::none(), &*random).unwrap();
    for _ in 1..MOST_LINKS {
        derived = derived.derive(Caveats::none(), &*random).unwrap();
    }
    let read = DerivedKey::parse(derived.to_text().expose()).unwrap();
    assert_eq!(read.verify(key.public_key(), ID, NOW).unwrap().links().len(), 8);
    assert_eq!(read.derive(Caveats::none(), &*random).unwrap_err(), NotDerived::TooManyLinks);
}

#[test]
fn what_could_not_be_used_is_not_derived() {
    let key = key(1);
    let route = |text: &str| Caveats::none().route(text.parse().unwrap());
    let one = key.derive(route("GET /a"), &*random()).unwrap();
    assert_eq!(one.derive(route("GET /b"), &*random()).unwrap_err(), NotDerived::NoRouteLeft);
    assert!(one.derive(route("GET /a"), &*random()).is_ok());

    let many: Vec<_> = (0..1000).map(|number| format!("scope:{number}")).collect();
    let many = Caveats::none().scopes(scopes(&many.join(" ")));
    assert_eq!(key.derive(many, &*random()).unwrap_err(), NotDerived::TooLong);

    #[derive(Debug)]
    struct Nothing;
    impl Random for Nothing {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomUnavailable> {
            Err(RandomUnavailable)
        }
    }
    assert_eq!(
        key.derive(Caveats::none(), &Nothing).unwrap_err(),
        NotDerived::RandomUnavailable(RandomUnavailable)
    );
}

#[test]
fn a_text_too_long_to_be_read_is_not_written() {
    let key = key(1);
    let random = random();
    let some: Vec<_> = (0..90).map(|number| format!("scope:{number}")).collect();
    let some = scopes(&some.join(" "));
    let mut derived = key.derive(Caveats::none().scopes(some.clone()), &*random).unwrap();
    let refused = loop {
        match derived.derive(Caveats::none().scopes(some.clone()), &*random) {
            Ok(next) => derived = next,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused, NotDerived::TooLong);
    assert!(DerivedKey::parse(derived.to_text().expose()).is_ok());
}

#[test]
fn a_derived_key_is_dead_from_its_moment_on() {
    let key = key(1);
    let derived = key.derive(Caveats::none().expires(NOW), &*random()).unwrap();
    let before = Timestamp::from_unix(NOW.as_unix() - 1);
    assert!(derived.verify(key.public_key(), ID, before).is_ok());
    assert_eq!(derived.verify(key.public_key(), ID, NOW).unwrap_err(), Refused::Expired);
}

#[test]
fn a_route_is_a_method_and_a_template() {
    for text in ["GET /", "GET /items/{id}", "M-SEARCH /a"] {
        assert_eq!(text.parse::<Route>().unwrap().as_str(), text);
    }
    let long = format!("GET /{}", "a".repeat(512));
    for text in [
        "",
        "GET",
        "GET ",
        " /a",
        "get /a",
        "GET a",
        "GET  /a",
        "GET /a b",
        "GET /é",
        "GET /a\n",
        "GET,PUT /a",
        &long,
    ] {
        assert!(text.parse::<Route>().is_err(), "{text:?}");
    }
}

#[tokio::test]
async fn a_key_for_one_route_is_for_no_other() {
    async fn ask(request: Request) -> StatusCode {
        let key = key(1);
        let route = "GET /api/items/{id}".parse().unwrap();
        let derived = key.derive(Caveats::none().route(route), &*random()).unwrap();
        let narrowed = derived.verify(key.public_key(), ID, NOW).unwrap();
        let (head, _) = request.into_parts();
        if narrowed.allows_route(&head) { StatusCode::OK } else { StatusCode::FORBIDDEN }
    }
    let inner = Router::new().route("/items/{id}", get(ask).put(ask)).route("/items/{id}/notes", get(ask));
    let client = Client::new(Router::new().nest("/api", inner).route("/items/{id}", get(ask)).fallback(ask));
    let status =
        async |method: &str, path: &str| client.request(method.parse().unwrap(), path).send().await.status;
    assert_eq!(status("GET", "/api/items/1").await, 200);
    assert_eq!(status("GET", "/api/items/%2e%2e").await, 200, "it is the template that counts");
    assert_eq!(status("HEAD", "/api/items/1").await, 200);
    assert_eq!(status("PUT", "/api/items/1").await, 403);
    assert_eq!(status("GET", "/api/items/1/notes").await, 403);
    assert_eq!(status("GET", "/items/1").await, 403);
    assert_eq!(status("GET", "/api/items/{id}/").await, 403);
    assert_eq!(status("GET", "/elsewhere").await, 403, "no route was matched");
}
