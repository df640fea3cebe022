//! The example of `docs/api-keys.md`, which another implementation has signed.

use http::Request;
use palisade::api_key::ApiKeyText;

use super::support::*;

const PAGE: &str = include_str!("../../../../docs/api-keys.md");

/// The request on the page, and the key there.
fn example() -> (Request<Vec<u8>>, ApiKeyText) {
    let text = PAGE.split("```http\n").nth(1).unwrap().split("\n```").next().unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut request = Request::post("/items");
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let key = PAGE.split_whitespace().find(|word| word.starts_with("pal_") && word.len() == 76).unwrap();
    (request.body(body.as_bytes().to_vec()).unwrap(), ApiKeyText::parse(key).unwrap())
}

#[tokio::test]
async fn a_request_signed_by_another_implementation_is_accepted_once() {
    let (request, key) = example();
    let world = World::of(key);
    assert_eq!(world.send(request.clone()).await, 200);
    assert_eq!(world.send(request).await, 401);
}
