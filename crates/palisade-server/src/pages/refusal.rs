//! The layer around the pages: it makes a page of each refusal, or leads to the sign-in, and adds what every page
//! carries.

use axum::{
    extract::Request,
    middleware::Next as Inner,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use palisade::{Denial, Problem};

use super::{next::Next, reply::Reply, view::Refusal};

/// Nothing but what the pages have: their stylesheet, their icon, and forms that are sent here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// What every page carries. `strict-origin`: a browser names the origin with a form, which is how its sender is known, and
/// never the path, in which a link's token may stand.
const CARRIED: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "strict-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Makes a page of what the guard or an endpoint refuses.
pub(super) async fn as_page(request: Request, inner: Inner) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = inner.run(request).await;
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => Some(problem.clone()),
        // axum's own answer, without words.
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            Some(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This page cannot be used in that way."))
        }
        None => None,
    };
    let mut response = match problem {
        Some(problem) if needs_sign_in(&problem) => {
            let target = uri.path_and_query().map_or("/", |target| target.as_str());
            see_other(&Next::of(&method, target).after_sign_in(), response.headers())
        }
        Some(problem) => told(&problem, response.headers()),
        None => response,
    };
    for (name, value) in CARRIED {
        // A page with a style of its own says so itself.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Nobody is signed in, or it was too long ago.
fn needs_sign_in(problem: &Problem) -> bool {
    matches!(
        problem.denial(),
        Some(Denial::NotAuthenticated | Denial::InvalidCredentials | Denial::NotRecent(_))
    )
}

fn see_other(path: &str, headers: &HeaderMap) -> Response {
    match Reply::see_other(path) {
        Ok(reply) => with_headers(reply.into_response(), headers),
        Err(problem) => told(&problem, headers),
    }
}

fn told(problem: &Problem, headers: &HeaderMap) -> Response {
    let (title, words) = words(problem, headers);
    let reference = problem.decision();
    let page = Refusal { title, words, reference, links: vec![("/", "Go to the first page")] };
    match Reply::page_with(problem.status(), &page) {
        Ok(reply) => with_headers(reply.into_response(), headers),
        Err(problem) => problem.into_response(),
    }
}

/// `response` with the cookies, `Allow`, `Retry-After` and the like that came with the refusal. A challenge does not: a
/// browser would ask for a password by itself.
fn with_headers(mut response: Response, headers: &HeaderMap) -> Response {
    const OF_THE_DOCUMENT: [HeaderName; 3] =
        [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::WWW_AUTHENTICATE];
    for (name, value) in headers.iter().filter(|(name, _)| !OF_THE_DOCUMENT.contains(name)) {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}

/// A title, and what to do.
fn words(problem: &Problem, headers: &HeaderMap) -> (String, String) {
    let (title, words) = match problem.status() {
        _ if problem.denial() == Some(&Denial::CrossSite) => (
            "This did not come from our pages",
            "Your browser sent something from another site's page, or did not say where it came from. Nothing was \
             changed. If it was you, go to the page here and do it again."
                .to_owned(),
        ),
        StatusCode::FORBIDDEN => ("You may not do this", sentence(problem)),
        StatusCode::NOT_FOUND => {
            ("There is nothing here", "The address may be mistyped, or what was here is gone.".to_owned())
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("Too many attempts", format!("Nothing was changed. Try again {}.", wait(headers)))
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Too much to do just now", format!("Nothing was changed. Try again {}.", wait(headers)))
        }
        status if status.is_server_error() => (
            "Something went wrong",
            "The fault is ours, and has been written down. Try again later.".to_owned(),
        ),
        _ => ("This could not be done", sentence(problem)),
    };
    (title.to_owned(), words)
}

fn sentence(problem: &Problem) -> String {
    let detail = problem.detail();
    if detail.ends_with(['.', '!', '?']) { detail.to_owned() } else { format!("{detail}.") }
}

/// When to come back.
fn wait(headers: &HeaderMap) -> String {
    let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match seconds {
        Some(1) => "in a second".to_owned(),
        Some(seconds @ 2..=120) => format!("in {seconds} seconds"),
        Some(seconds) => format!("in {} minutes", seconds.div_ceil(60)),
        None => "later".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{Router, body::Body, middleware::from_fn, routing::any};
    use http::Method;
    use palisade::Denied;
    use tower::ServiceExt as _;

    use super::*;

    /// What becomes of a request that is refused with `denial`.
    async fn answer(method: Method, target: &str, denial: Denial) -> Response {
        let refused = any(async move || Denied::from(denial));
        let pages = Router::new().fallback_service(refused.layer(from_fn(as_page)));
        let request = Request::builder().method(method).uri(target).body(Body::empty()).unwrap();
        pages.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_sign_in_too_long_ago_leads_to_another_one_and_back() {
        let too_old = || Denial::NotRecent(Duration::from_secs(900));
        let seen = answer(Method::GET, "/account/password", too_old()).await;
        assert_eq!(seen.status(), StatusCode::SEE_OTHER);
        assert_eq!(seen.headers()[header::LOCATION], "/sign-in?next=%2Faccount%2Fpassword");
        let changed = answer(Method::POST, "/account/sessions/end", too_old()).await;
        assert_eq!(changed.headers()[header::LOCATION], "/sign-in?next=%2Faccount%2Fsessions");
    }

    #[tokio::test]
    async fn somebody_who_may_not_is_not_asked_to_sign_in() {
        let refused = answer(Method::GET, "/account", Denial::Forbidden).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert_eq!(refused.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    }

    #[derive(Clone)]
    struct Ada(palisade::Authority);

    impl palisade::Principal for Ada {
        fn authority(&self) -> &palisade::Authority {
            &self.0
        }
    }

    #[palisade::dependency]
    async fn ada() -> Ada {
        Ada(palisade::Authority::account("ada"))
    }

    #[tokio::test]
    async fn a_page_tells_the_decision_by_which_it_was_refused() {
        let page = palisade::router::get(async || "page").requires(palisade::scope("a"));
        let router = palisade::Router::<(), Ada>::new().route("/page", page);
        let built = router.layer_named("pages", from_fn(as_page)).build().unwrap();
        let request = Request::builder().uri("/page").body(Body::empty()).unwrap();
        let refused = built.router.oneshot(request).await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let page = axum::body::to_bytes(refused.into_body(), 65_536).await.unwrap();
        let id = built.decisions.list(1).remove(0).id;
        let page = String::from_utf8_lossy(&page).into_owned();
        assert!(page.contains(&format!("<small>Reference: {id}</small>")), "{page}");
    }

    #[tokio::test]
    async fn attack_refusal_that_leads_elsewhere() {
        for target in
            ["//evil.example/account", "/account//evil.example", "http://evil.example//evil.example"]
        {
            let refused = answer(Method::GET, target, Denial::NotAuthenticated).await;
            let location = refused.headers()[header::LOCATION].to_str().unwrap();
            assert!(location.starts_with("/sign-in?next=%2Faccount"), "{location}");
        }
    }
}
