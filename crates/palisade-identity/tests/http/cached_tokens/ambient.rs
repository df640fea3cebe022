//! Credentials that a browser sends by itself, when a token is cached, too.

use super::*;

/// A browser sends sessions and passwords by itself: which page asks is looked at each time, whatever came of it before.
#[tokio::test]
async fn attack_a_page_of_another_site_acts_with_a_session_that_was_used_a_moment_ago() {
    let (app, process) = served().await;
    let session = format!("{}={}", cookie::NAME, app.browser("ada").await.cookie.unwrap());
    let basic = format!("Basic {}", STANDARD.encode(format!("ada:{PASSWORD}")));
    for (name, value) in [("cookie", session), ("authorization", basic)] {
        let change = async |site: &str| {
            let request = process.client.request(Method::PATCH, "/me").header("sec-fetch-site", site);
            request.header(name, &value).json(&json!({})).send().await
        };
        for _ in 0..2 {
            assert_eq!(change("same-origin").await.status, StatusCode::OK, "{name}");
            for site in ["cross-site", "same-site", ""] {
                assert_problem(&change(site).await, StatusCode::FORBIDDEN);
            }
        }
    }
}

/// No browser sends a token by itself, so where it comes from does not count; and of what came beside it, nothing does.
#[tokio::test]
async fn a_cached_token_counts_beside_the_session_of_another_account() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let process = Process::of(&app).await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let session = format!("{}={}", cookie::NAME, app.browser("root").await.cookie.unwrap());
    for site in ["same-origin", "cross-site"] {
        let request = |path| {
            let request = process.client.bearer(&token).get(path).header("sec-fetch-site", site);
            request.header("cookie", &session).send()
        };
        assert_eq!(request("/me").await.json()["username"], "ada");
        assert_problem(&request("/report").await, StatusCode::FORBIDDEN);
    }
    let ada = app.account("ada").await.id;
    process.accounts.disable(Actor::Operator, ada).await.unwrap();
    let request = process.client.bearer(&token).get("/me").header("sec-fetch-site", "same-origin");
    assert_invalid(&request.header("cookie", &session).send().await);
}
