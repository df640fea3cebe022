//! A handler never acts on a body other than the one that was signed.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Limited};

use super::support::*;

#[tokio::test]
async fn attack_body_replaced() {
    let world = World::new();
    for body in ["", "one", "one stakf", "one stake and more"] {
        let mut request = world.sign(post_items());
        *request.body_mut() = body.into();
        let status = world.send(request).await;
        assert!(status == 400 || status == 401, "{body}: {status}");
        assert_eq!(world.reached(), 0);
    }
}

#[tokio::test]
async fn attack_body_replaced_in_pieces() {
    let world = World::new();
    for pieces in [&["one ", "stakf"][..], &["one ", "stake", "s"], &["one "], &["", "one stake", "\0"]] {
        let (head, _) = world.sign(post_items()).into_parts();
        assert_eq!(world.send_to(world.router(), Request::from_parts(head, pieces_of(pieces))).await, 400);
        assert_eq!(world.reached(), 0, "{pieces:?}");
    }
    let (head, _) = world.sign(post_items()).into_parts();
    let whole = pieces_of(&["one", "", " ", "stake"]);
    assert_eq!(world.send_to(world.router(), Request::from_parts(head, whole)).await, 200);
}

#[tokio::test]
async fn attack_body_added_to_a_request_without_one() {
    let world = World::new();
    let request = || Request::post("/items").header("host", "api.example").body(Vec::new()).unwrap();
    assert_eq!(world.send(world.sign(request())).await, 200, "without a body");
    let mut request = world.sign(request());
    *request.body_mut() = b"more".to_vec();
    assert_eq!(world.send(request).await, 401);
    assert_eq!(world.reached(), 1);
}

#[tokio::test]
async fn attack_body_and_digest_replaced() {
    let world = World::new();
    let mut other = post_items();
    *other.body_mut() = b"two stakes".to_vec();
    let digest = header(&world.sign(other.clone()), "content-digest").to_owned();
    let mut request = with(world.sign(post_items()), "content-digest", Some(&digest));
    *request.body_mut() = other.into_body();
    assert_eq!(world.send(request).await, 401);
    assert_eq!(world.reached(), 0);
}

#[tokio::test]
async fn attack_type_of_the_body_replaced() {
    let world = World::new();
    let request = with(world.sign(post_items()), "content-type", Some("application/json"));
    assert_eq!(world.send(request).await, 401);
    let request =
        with(world.sign(with(post_items(), "content-type", None)), "content-type", Some("text/html"));
    assert_eq!(world.send(request).await, 401);
    assert_eq!(world.send(world.sign(with(post_items(), "content-type", None))).await, 200, "none is none");
}

#[tokio::test]
async fn attack_digest_of_an_algorithm_that_is_not_compared() {
    let world = World::new();
    let digest = header(&world.sign(post_items()), "content-digest").to_owned();
    for value in
        ["sha-512=:AAAA:", "md5=:AAAA:", "sha-256=:AAAA:", "sha-256=1", &format!("{digest}, md5=:AAAA:"), ""]
    {
        let request = with(world.sign(post_items()), "content-digest", Some(value));
        assert_eq!(world.send(request).await, 401, "{value}");
    }
    assert_eq!(world.reached(), 0);
}

#[tokio::test]
async fn a_body_is_compared_under_the_layer_alone_and_refused_without_it() {
    use axum::{Router, extract::FromRequestParts, routing::post};
    use palisade::credential::HttpSignature;

    async fn plain(request: axum::extract::Request) -> http::StatusCode {
        let (mut head, body) = request.into_parts();
        let known = head.extensions.remove::<Known>().unwrap();
        if let Err(problem) = HttpSignature::<Signed>::from_request_parts(&mut head, &known).await {
            return problem.status();
        }
        // The one piece there is: not even that is handed out.
        match Limited::new(body, 1000).frame().await {
            Some(Ok(_)) => http::StatusCode::OK,
            _ => http::StatusCode::BAD_REQUEST,
        }
    }
    let world = World::new();
    let without = Router::new().route("/items", post(plain)).layer(axum::Extension(world.known()));
    let under = without.clone().layer(palisade::layer());
    let altered = || world.sign(post_items()).map(|_| Body::from("other"));
    assert_eq!(world.send_to(under.clone(), world.sign(post_items()).map(Body::from)).await, 200);
    assert_eq!(world.send_to(under, altered()).await, 400);
    assert_eq!(world.send_to(without, altered()).await, 503, "nobody would compare it");
}

fn pieces_of(pieces: &[&'static str]) -> Body {
    let pieces: Vec<_> = pieces.iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect();
    Body::new(Pieces(pieces.into_iter()))
}

/// A body that comes in pieces and whose length nobody knows before.
struct Pieces(std::vec::IntoIter<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(piece))))
    }
}
