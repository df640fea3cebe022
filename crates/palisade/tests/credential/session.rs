//! The session cookie: what is no session counts as absent, and is deleted.

use palisade::{
    credential::{AnyOf, ApiKeyScheme, SessionCookie},
    prelude::*,
};

use crate::support::{C, T, guarded, optional, served};

const DELETED: &str = "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";

#[tokio::test]
async fn a_session_admits() {
    let api = guarded::<C>(signed_in());
    let answer = api.client.get("/x").header("cookie", "__Host-session=good").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (200, None));
    let answer = api.client.get("/x").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (401, None));
    assert_eq!(answer.header("www-authenticate"), Some("APIKey"));
}

#[tokio::test]
async fn a_session_that_is_over_counts_as_absent_and_its_cookie_is_deleted() {
    for cookie in ["__Host-session=over", "__Host-session=", "__Host-session=good; __Host-session=evil"] {
        let answer = guarded::<C>(signed_in()).client.get("/x").header("cookie", cookie).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (401, Some(DELETED)), "{cookie}");
        let answer = optional::<C>().client.get("/may").header("cookie", cookie).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (200, Some(DELETED)), "{cookie}");
        assert_eq!(answer.text(), "nobody", "a public page is shown to whoever has an old cookie");
    }
}

#[tokio::test]
async fn another_credential_counts_where_the_session_is_over() {
    let api = guarded::<AnyOf<(C, T)>>(signed_in());
    let request = api.client.bearer("good").get("/x").header("cookie", "__Host-session=over");
    let answer = request.send().await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (200, Some(DELETED)));
}

#[tokio::test]
async fn a_cookie_is_deleted_once() {
    let api =
        served(
            Router::<()>::new().route(
                "/",
                get(|a: Option<C>, b: Option<C>| async move {
                    if a.or(b).is_some() { "somebody" } else { "nobody" }
                })
                .public("t"),
            ),
        );
    let answer = api.client.get("/").header("cookie", "__Host-session=over").send().await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
}

struct Unprotected;

impl ApiKeyScheme for Unprotected {
    const NAME: &'static str = "Unprotected";
    const PARAMETER: &'static str = "session";
}

#[test]
fn attack_a_session_that_another_host_of_the_site_can_set() {
    let who = |_: Option<SessionCookie<Unprotected>>| async {};
    let router = Router::<()>::new().route("/", get(who).public("t"));
    let error = router.into_axum().unwrap_err().to_string();
    assert!(
        error.contains("`session` is no name of a session cookie: it has to begin with `__Host-`"),
        "{error}"
    );
}
