//! Ways to ask for a guarded path by another name. Each gets the guard, or nothing.

use axum::body::Body;
use palisade::{prelude::*, testing::Client};
use tower::ServiceExt;

use crate::support::{Api, App, Ran, Staff, done};

fn api() -> (axum::Router, Ran) {
    let app = App::default();
    let api = Api::new()
        .document(Info::new("x", "1"))
        .route("/admin/create", get(done).requires(role(Staff::Admin)))
        .route("/items/{id}", get(done).requires(role(Staff::Admin)))
        .route("/open", get(done).public("for the test"));
    let ran = app.ran.clone();
    (api.with_state(app).into_axum().unwrap(), ran)
}

#[tokio::test]
async fn no_spelling_of_a_path_goes_around_its_guard() {
    let (router, ran) = api();
    let client = Client::new(router).bearer("account~~editor");
    let spellings = [
        "/admin/create/",
        "//admin/create",
        "/admin//create",
        "/admin/./create",
        "/./admin/create",
        "/x/../admin/create",
        "/admin%2Fcreate",
        "/admin%2fcreate",
        "/admin/create%2F",
        "/%61dmin/create",
        "/ADMIN/CREATE",
        "/Admin/create",
        "/admin/create;x=1",
        "/admin/create%00",
        "/admin/create%20",
        "/admin/create.json",
        "/admin/create%3Fx",
        "/admin\\create",
        "/docs/../admin/create",
        "/docs/%2e%2e/admin/create",
        "/open/../admin/create",
        "/open%2f..%2fadmin/create",
        "/admin/create/..",
        "/items/1/",
        "/items//1",
        "/items/",
        "/items/1/2",
    ];
    for spelling in spellings {
        let Ok(uri) = spelling.parse::<http::Uri>() else { continue };
        let answer = client.get(&uri.to_string()).send().await;
        assert_eq!(answer.status, 404, "{spelling}");
    }
    for spelling in [
        "/admin/create",
        "/admin/create?x=/open",
        "/admin/create?",
        "/items/%2e%2e%2fopen",
        "/items/..",
        "/items/a%2Fb",
    ] {
        assert_eq!(client.get(spelling).send().await.status, 403, "{spelling}");
    }
    assert_eq!(ran.times(), 0);
}

#[tokio::test]
async fn the_target_may_be_absolute_or_an_asterisk() {
    let (router, ran) = api();
    let send = |method: &str, uri: &str| {
        let request = http::Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
        let router = router.clone();
        async move { router.oneshot(request).await.unwrap().status().as_u16() }
    };
    assert_eq!(send("GET", "http://palisade.test/admin/create").await, 401);
    assert_eq!(send("GET", "http://open/admin/create").await, 401);
    assert_eq!(send("GET", "http://palisade.test").await, 404);
    assert_eq!(send("OPTIONS", "*").await, 404);
    assert_eq!(send("CONNECT", "palisade.test:443").await, 404);
    assert_eq!(ran.times(), 0);
}

#[tokio::test]
async fn headers_change_neither_method_nor_path() {
    let (router, ran) = api();
    let client = Client::new(router);
    let headers = [
        ("x-http-method-override", "GET"),
        ("x-method-override", "GET"),
        ("x-http-method", "GET"),
        ("x-original-url", "/open"),
        ("x-rewrite-url", "/open"),
        ("x-forwarded-prefix", "/open"),
        ("x-forwarded-for", "127.0.0.1"),
        ("upgrade", "websocket"),
    ];
    for (name, value) in headers {
        assert_eq!(client.get("/admin/create").header(name, value).send().await.status, 401, "{name}");
        assert_eq!(client.post("/admin/create").header(name, value).send().await.status, 405, "{name}");
    }
    assert_eq!(ran.times(), 0);
}

#[tokio::test]
async fn two_credentials_are_none() {
    let (router, ran) = api();
    let client = Client::new(router).bearer("account~~admin");
    let doubled = client.get("/admin/create").header("authorization", "Bearer account~~user").send().await;
    assert_eq!((doubled.status.as_u16(), ran.times()), (401, 0));
    assert_eq!(client.get("/admin/create").send().await.status, 200);
}

/// The body of a refused request is not even looked at.
#[tokio::test]
async fn a_refused_body_is_not_read() {
    struct Untouchable;
    impl http_body::Body for Untouchable {
        type Data = axum::body::Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            panic!("a refused body was read")
        }
    }
    async fn read(_: Json<u32>) -> &'static str {
        "read"
    }
    let api = Api::new().route("/x", post(read).requires(scope("a")));
    let client = Client::new(api.with_state(App::default()).into_axum().unwrap());
    for (client, expected) in
        [(client.clone(), 401), (client.bearer("account"), 403), (client.bearer("forged"), 401)]
    {
        let request =
            client.post("/x").header("content-type", "application/json").body(Body::new(Untouchable));
        assert_eq!(request.send().await.status.as_u16(), expected);
    }
    let wrong_type = client.bearer("account~a").post("/x").header("content-type", "text/plain");
    assert_eq!(wrong_type.body(Body::new(Untouchable)).send().await.status, 415);
}
