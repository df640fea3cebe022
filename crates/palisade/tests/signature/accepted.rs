//! What is accepted.

use palisade::api_key::Caveats;

use super::support::*;

#[tokio::test]
async fn a_signed_request_is_let_in() {
    let world = World::new();
    assert_eq!(world.send(get_items()).await, 401, "not signed");
    assert_eq!(world.send(world.sign(get_items())).await, 200);
    assert_eq!(world.send(world.sign(post_items())).await, 200);
    assert_eq!(world.reached(), 2);
}

#[tokio::test]
async fn a_signature_holds_for_a_minute_and_for_clocks_that_differ() {
    let world = World::new();
    let request = world.sign(get_items());
    world.advance(70);
    assert_eq!(world.send(request).await, 200);

    let request = world.sign(get_items());
    world.advance(71);
    assert_eq!(world.send(request).await, 401);
}

#[tokio::test]
async fn a_derived_key_signs_and_sends_its_chain_along() {
    let world = World::new();
    let narrow = Caveats::none().scopes("items:read".parse().unwrap());
    let derived = world.derive(narrow).derive(Caveats::none(), &*world.random);
    let derived = derived.unwrap().into();
    assert_eq!(world.send(world.sign_with(get_items(), &derived)).await, 200);
    assert_eq!(world.send(world.sign_with(post_items(), &derived)).await, 403, "its scopes are fewer");
}

#[tokio::test]
async fn a_derived_key_for_one_route_is_for_no_other() {
    let world = World::new();
    let derived = world.derive(Caveats::none().route("GET /items/{id}".parse().unwrap())).into();
    let one = || http::Request::get("/items/1").header("host", "api.example").body(Vec::new()).unwrap();
    assert_eq!(world.send(world.sign_with(one(), &derived)).await, 200);
    assert_eq!(world.send(world.sign_with(get_items(), &derived)).await, 401);
}

#[tokio::test]
async fn the_authority_is_that_of_host_in_any_case_and_without_a_default_port() {
    let world = World::new();
    for (signed, sent) in [
        ("https://API.example/items", "api.example"),
        ("https://api.example:443/items", "api.example"),
        ("http://api.example:80/items", "api.example"),
        ("http://api.example/items", "API.EXAMPLE:80"),
        ("https://api.example:8443/items", "api.example:8443"),
        ("https://[::1]/items", "[::1]:443"),
    ] {
        let mut request = world.sign(http::Request::get(signed).body(Vec::new()).unwrap());
        *request.uri_mut() = "/items".parse().unwrap();
        request.headers_mut().insert("host", sent.parse().unwrap());
        assert_eq!(world.send(request).await, 200, "{signed} {sent}");
    }
}

#[tokio::test]
async fn the_path_is_that_of_the_request_wherever_the_api_is_nested() {
    let world = World::new();
    let outer = axum::Router::new().nest("/v1", world.router());
    let nested = |path| http::Request::get(path).header("host", "api.example").body(Vec::new()).unwrap();
    let request = world.sign(nested("/v1/items")).map(axum::body::Body::from);
    assert_eq!(world.send_to(outer.clone(), request).await, 200);

    // One signed for the inner path is for another place.
    let mut request = world.sign(nested("/items"));
    *request.uri_mut() = "/v1/items".parse().unwrap();
    assert_eq!(world.send_to(outer, request.map(axum::body::Body::from)).await, 401);
}

#[tokio::test]
async fn signatures_with_other_tags_are_others() {
    let world = World::new();
    let other = r#"crawler=("@authority");created=1;keyid="robot";tag="web-bot-auth""#;
    let request = world.sign(get_items());
    let input = format!("{}, {other}", header(&request, "signature-input"));
    let signatures = format!("{}, crawler=:AA==:", header(&request, "signature"));
    let both = with(with(request, "signature-input", Some(&input)), "signature", Some(&signatures));
    assert_eq!(world.send(both).await, 200);
    assert_eq!(world.send(with(get_items(), "signature-input", Some(other))).await, 401);
}

#[tokio::test]
async fn an_open_socket_is_rechecked_without_age_and_nonce() {
    let world = World::new();
    let moment = palisade::clock::Timestamp::from_unix(START + 3660);
    let mut request = world.sign_with(get_items(), &world.derive(Caveats::none().expires(moment)).into());
    assert_eq!(world.send(request.clone()).await, 200);
    request.extensions_mut().insert(palisade::Rechecking);
    world.advance(3600);
    assert_eq!(world.send(request.clone()).await, 200);
    assert_eq!(world.send(request.clone()).await, 200);
    let altered = with(request.clone(), "host", Some("evil.example"));
    assert_eq!(world.send(altered).await, 401, "the signature still counts");
    world.advance(60);
    assert_eq!(world.send(request).await, 401, "the derived key has died since");
}

#[tokio::test]
async fn signing_again_replaces_what_was_signed() {
    let world = World::new();
    let request = world.sign(world.sign(post_items()));
    assert_eq!(request.headers().get_all("signature").iter().count(), 1);
    assert_eq!(world.send(request).await, 200);
}

#[test]
fn the_document_says_that_requests_are_signed() {
    use palisade::credential::{Credential, HttpSignature};

    let scheme = HttpSignature::<Signed>::scheme();
    assert_eq!((scheme.name(), scheme.challenge()), ("HttpSignature", None));
    let object = scheme.object();
    assert_eq!(
        (&object["type"], &object["in"], &object["name"]),
        (&"apiKey".into(), &"header".into(), &"Signature".into())
    );
    assert!(object["description"].as_str().unwrap().contains("RFC 9421"));
}
