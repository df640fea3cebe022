//! Cross-site request forgery: what a browser sends by itself counts only from our own pages.

use http::{Method, Request};
use palisade::{
    Denial,
    credential::AnyOf,
    edge::{SameOrigin, TrustedOrigins, check_origin},
    prelude::*,
};

use crate::support::{C, Caller, H, K, Served, T, U, guarded, served};

fn allowed(method: &str, headers: &[(&str, &str)]) -> bool {
    let mut request = Request::builder().method(method).uri("/x").header("host", "app.example.org");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let trusted = TrustedOrigins::new(["https://other.example.net", "HTTP://Dev.Example:8080"]).unwrap();
    match check_origin(&head, &trusted) {
        Ok(()) => true,
        Err(denied) => {
            assert_eq!(*denied.denial(), Denial::CrossSite);
            false
        }
    }
}

#[test]
fn safe_methods_change_nothing_and_pass() {
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        assert!(allowed(method, &elsewhere) && allowed(method, &[]), "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PURGE"] {
        assert!(!allowed(method, &elsewhere) && !allowed(method, &[]), "{method}");
        assert!(allowed(method, &[("sec-fetch-site", "same-origin")]), "{method}");
    }
}

#[test]
fn fetch_metadata_decides_where_it_is_there() {
    for (site, expected) in [
        ("same-origin", true),
        ("none", true),
        ("same-site", false),
        ("cross-site", false),
        ("Same-Origin", false),
        ("", false),
    ] {
        assert_eq!(allowed("POST", &[("sec-fetch-site", site)]), expected, "{site}");
        // What is said of the origin makes nothing better, unless it is trusted.
        assert_eq!(
            allowed("POST", &[("sec-fetch-site", site), ("origin", "https://app.example.org")]),
            expected,
            "{site}"
        );
    }
    for site in ["same-site", "cross-site"] {
        assert!(
            allowed("POST", &[("sec-fetch-site", site), ("origin", "https://other.example.net")]),
            "{site}"
        );
    }
    let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")];
    assert!(!allowed("POST", &twice));
}

#[test]
fn without_it_the_origin_is_compared() {
    for (origin, expected) in [
        ("https://app.example.org", true),
        ("HTTPS://APP.Example.Org", true),
        ("https://app.example.org:443", true),
        ("http://app.example.org:80", true),
        ("https://other.example.net", true),
        ("http://dev.example:8080", true),
        ("https://dev.example:8080", false),
        ("http://dev.example", false),
        ("https://app.example.org:8443", false),
        ("http://app.example.org:443", false),
        ("https://app.example.org.evil.example", false),
        ("https://evil.example", false),
        ("https://example.org", false),
        ("https://sub.app.example.org", false),
        ("https://app.example.org/", false),
        ("https://app.example.org@evil.example", false),
        ("https://app.example.org, https://evil.example", false),
        ("app.example.org", false),
        ("null", false),
        ("", false),
        ("https://", false),
        ("ftp://app.example.org", false),
    ] {
        assert_eq!(allowed("POST", &[("origin", origin)]), expected, "{origin}");
    }
    let twice = [("origin", "https://app.example.org"), ("origin", "https://app.example.org")];
    assert!(!allowed("POST", &twice));
}

#[test]
fn hosts_are_compared_with_their_ports() {
    for (host, origin, expected) in [
        ("127.0.0.1:8000", "http://127.0.0.1:8000", true),
        ("127.0.0.1:8000", "http://127.0.0.1", false),
        ("127.0.0.1:8000", "http://localhost:8000", false),
        ("[::1]:8000", "http://[::1]:8000", true),
        ("[::1]", "http://[::1]", true),
        ("APP.example.org:443", "https://app.example.org", true),
        ("app.example.org:443", "http://app.example.org", false),
        ("app.example.org:80", "https://app.example.org", false),
    ] {
        let request = Request::post("/x").header("host", host).header("origin", origin);
        let (head, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(check_origin(&head, &TrustedOrigins::default()).is_ok(), expected, "{host} and {origin}");
    }
    // The target has the host in HTTP/2, and says the scheme.
    for (origin, expected) in [("https://app.example.org", true), ("http://app.example.org", false)] {
        let request = Request::post("https://app.example.org/x").header("origin", origin);
        let (head, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(check_origin(&head, &TrustedOrigins::default()).is_ok(), expected, "{origin}");
    }
    let hostless = Request::post("/x").header("origin", "https://app.example.org").body(()).unwrap();
    assert!(check_origin(&hostless.into_parts().0, &TrustedOrigins::default()).is_err());
}

/// A handshake is a GET, and carries cookies whoever opens it.
#[test]
fn attack_a_websocket_opened_by_another_site() {
    let upgrade = ("upgrade", "websocket");
    assert!(!allowed("GET", &[upgrade]));
    assert!(!allowed("GET", &[upgrade, ("origin", "https://evil.example")]));
    assert!(!allowed("GET", &[upgrade, ("sec-fetch-site", "same-site")]));
    assert!(allowed("GET", &[upgrade, ("origin", "https://app.example.org")]));
}

#[tokio::test]
async fn attack_a_handshake_with_a_visitors_session() {
    let handshake = |origin: &'static str| {
        let client = guarded::<C>(signed_in()).client;
        let request = client.get("/x").header("cookie", "__Host-session=good").header("upgrade", "websocket");
        request.header("host", "app.example.org").header("origin", origin).send()
    };
    assert_eq!(handshake("https://evil.example").await.status, 403);
    assert_eq!(handshake("null").await.status, 403);
    assert_eq!(handshake("https://app.example.org").await.status, 200);
}

#[test]
fn what_is_no_origin_is_not_trusted() {
    for origin in [
        "https://app.example.org/",
        "https://app.example.org/path",
        "https://*.example.org",
        "*",
        "null",
        "app.example.org",
        "https://",
        "https://app.example.org:0",
        "https://app.example.org:99999",
        "https://app.example.org:",
        "https://user@app.example.org",
        "https://[::1",
        "https://app.example.org?x",
        "ws://app.example.org",
        " https://app.example.org",
    ] {
        assert!(TrustedOrigins::new([origin]).is_err(), "{origin}");
        let error = Router::<()>::new().trust_origins([origin]).into_axum().unwrap_err().to_string();
        assert!(error.contains("is no origin"), "{error}");
    }
}

/// The status of `method /x` with an ambient credential, from a page of `site`.
async fn status(api: &Served, method: Method, credential: (&str, &str), site: Option<&str>) -> u16 {
    let mut request = api.client.request(method, "/x").header(credential.0, credential.1);
    if let Some(site) = site {
        request = request.header("sec-fetch-site", site);
    }
    request.send().await.status.as_u16()
}

#[tokio::test]
async fn attack_a_form_of_another_site_acts_with_a_cookie_or_password_the_browser_sends() {
    for (api, credential) in [
        (guarded::<C>(signed_in()), ("cookie", "__Host-session=good")),
        (guarded::<K>(signed_in()), ("cookie", "key=good")),
        (guarded::<U>(signed_in()), ("authorization", "Basic Omdvb2Q=")),
    ] {
        for (site, expected) in
            [(Some("cross-site"), 403), (Some("same-site"), 403), (None, 403), (Some("same-origin"), 200)]
        {
            assert_eq!(
                status(&api, Method::POST, credential, site).await,
                expected,
                "{credential:?} {site:?}"
            );
            assert_eq!(status(&api, Method::GET, credential, site).await, 200, "{credential:?} {site:?}");
        }
    }
    // These no browser sends by itself.
    for (api, credential) in [
        (guarded::<T>(signed_in()), ("authorization", "Bearer good")),
        (guarded::<H>(signed_in()), ("x-key", "good")),
    ] {
        assert_eq!(status(&api, Method::POST, credential, Some("cross-site")).await, 200, "{credential:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_asks_for_no_credential() {
    let api = guarded::<C>(signed_in());
    let answer = api.client.post("/x").header("cookie", "__Host-session=good").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (403, None));
    assert!(answer.json()["detail"].as_str().unwrap().contains("send `Origin`"), "{}", answer.text());
    assert_eq!(answer.header("set-cookie"), None, "the session lives on");
}

#[tokio::test]
async fn the_pages_of_a_trusted_origin_may_act() {
    let router = Router::<(), Caller<C>>::new()
        .trust_origins(["https://app.example.net"])
        .route("/x", post(|| async { "done" }).requires(signed_in()));
    let api = served(router);
    for (origin, expected) in [("https://app.example.net", 200), ("https://evil.example", 403)] {
        let request = api.client.post("/x").header("cookie", "__Host-session=good");
        let answer = request.header("sec-fetch-site", "cross-site").header("origin", origin).send().await;
        assert_eq!(answer.status, expected, "{origin}");
    }
}

/// Otherwise another site signs its visitors in as somebody else.
#[tokio::test]
async fn attack_signing_a_visitor_in_from_another_site() {
    let router =
        Router::<()>::new().route("/sign-in", post(|_: SameOrigin| async { "in" }).public("signs in"));
    let api = served(router);
    assert_eq!(api.client.post("/sign-in").send().await.status, 403);
    let from = |site: &'static str| api.client.post("/sign-in").header("sec-fetch-site", site).send();
    assert_eq!(from("cross-site").await.status, 403);
    assert_eq!(from("same-origin").await.status, 200);
    assert!(api.document["paths"]["/sign-in"]["post"]["responses"]["403"].is_object());
}

#[test]
fn the_document_says_where_the_origin_is_asked_for() {
    let words = |served: &Served, method: &str| {
        let described = &served.document["paths"]["/x"][method]["responses"]["403"]["description"];
        described.as_str().unwrap_or_default().contains("another site")
    };
    let ambient = guarded::<AnyOf<(T, C)>>(signed_in());
    assert!(words(&ambient, "post") && !words(&ambient, "get"));
    let explicit = guarded::<AnyOf<(T, H)>>(signed_in());
    assert!(!words(&explicit, "post"));
}
