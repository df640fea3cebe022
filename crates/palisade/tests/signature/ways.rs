//! Signed requests are taken the same in both ways in which a router is served.

use axum::body::Body;
use http::{Method, Request};
use palisade::api_key::Caveats;

use super::support::*;

fn request(method: &Method, uri: &str) -> Request<Vec<u8>> {
    let body = if *method == Method::POST { b"one stake".to_vec() } else { Vec::new() };
    let request = Request::builder().method(method).uri(uri).header("host", "api.example");
    request.header("content-type", "application/octet-stream").body(body).unwrap()
}

/// Two worlds that are alike; one is asked by axum's router, the other by the service.
struct Worlds([World; 2]);

impl Worlds {
    fn new() -> Self {
        Self([World::new(), World::new()])
    }

    /// The status of each way for what `make` makes there, and how often handlers ran so far.
    async fn statuses(&self, make: impl Fn(&World) -> Request<Vec<u8>>) -> [(u16, usize); 2] {
        let Self([by_axum, by_service]) = self;
        let first = by_axum.send(make(by_axum)).await;
        let second = by_service.send_to_service(make(by_service).map(Body::from)).await;
        [(first, by_axum.reached()), (second, by_service.reached())]
    }
}

const URIS: [&str; 8] = [
    "/items",
    "/items?page=1",
    "/items?",
    "/items/7",
    "/items/a%2Fb?x=%20",
    "/items/%ff",
    "/items/",
    "https://api.example/items/7",
];

#[tokio::test]
async fn a_signature_holds_for_the_same_requests() {
    let worlds = Worlds::new();
    for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT] {
        for uri in URIS {
            let [by_axum, by_service] = worlds.statuses(|world| world.sign(request(&method, uri))).await;
            assert_eq!(by_axum, by_service, "{method} {uri}");
            let [by_axum, by_service] = worlds.statuses(|_| request(&method, uri)).await;
            assert_eq!(by_axum, by_service, "{method} {uri}, not signed");
        }
    }
}

#[tokio::test]
async fn attack_a_request_signed_for_one_place_is_sent_to_another() {
    let worlds = Worlds::new();
    for signed in URIS {
        for sent in URIS {
            let [by_axum, by_service] = worlds
                .statuses(|world| {
                    let mut request = world.sign(request(&Method::GET, signed));
                    *request.uri_mut() = sent.parse().unwrap();
                    request
                })
                .await;
            assert_eq!(by_axum, by_service, "signed for {signed}, sent to {sent}");
        }
    }
}

#[tokio::test]
async fn attack_a_derived_key_for_one_route_is_taken_at_another() {
    let worlds = Worlds::new();
    for route in ["GET /items", "GET /items/{id}", "POST /items", "HEAD /items/{id}", "GET /items/7"] {
        let mut taken = Vec::new();
        for method in [Method::GET, Method::HEAD, Method::POST] {
            for uri in URIS {
                let [by_axum, by_service] = worlds
                    .statuses(|world| {
                        let key = world.derive(Caveats::none().route(route.parse().unwrap()));
                        world.sign_with(request(&method, uri), &key.into())
                    })
                    .await;
                assert_eq!(by_axum, by_service, "{method} {uri} by a key for {route}");
                if by_service.0 == 200 {
                    taken.push(format!("{method} {}", uri.contains("/items/")));
                }
            }
        }
        let (method, template) = route.split_once(' ').unwrap();
        let of_one = template == "/items/{id}";
        let right = |taken: &String| {
            let (asked, one) = taken.split_once(' ').unwrap();
            (asked == method || asked == "HEAD" && method == "GET") && one == of_one.to_string()
        };
        assert!(taken.iter().all(right), "{route}: {taken:?}");
        assert_eq!(taken.is_empty(), template == "/items/7", "{route}: {taken:?}");
    }
}
