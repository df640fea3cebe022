//! A cached token whose account is disabled, signed out everywhere, or gets another password; and one that is revoked.

use super::*;

#[tokio::test]
async fn a_cached_token_is_refused_as_soon_as_its_account_is_disabled_and_stays_so() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let (token, narrowed) = (app.token("ada").await, app.narrowed("ada", "me:read").await);
        process.has_used(&token).await;
        process.has_used(&narrowed).await;
        by.accounts(&app, &process).disable(Actor::Operator, ada).await.unwrap();
        by.noticed(&app);
        process.refuses(&token).await;
        process.refuses(&narrowed).await;
        by.accounts(&app, &process).enable(Actor::Operator, ada).await.unwrap();
        by.noticed(&app);
        process.refuses(&token).await;
        process.refuses(&narrowed).await;
        process.has_used(&app.token("ada").await).await;
    }
}

#[tokio::test]
async fn a_cached_token_is_refused_as_soon_as_its_account_has_signed_out_everywhere() {
    for by in EITHER {
        let (app, process) = served().await;
        app.make("eve", Role::User).await;
        let (token, other) = (app.token("ada").await, app.token("eve").await);
        process.has_used(&token).await;
        process.has_used(&other).await;
        let ada = app.account("ada").await.id;
        by.accounts(&app, &process).sign_out_everywhere(ada).await.unwrap();
        by.noticed(&app);
        process.refuses(&token).await;
        process.admits(&other).await;
    }
}

/// Over the route: the caller of `POST /sign-out-everywhere` is a cached one too.
#[tokio::test]
async fn a_cached_token_can_end_itself() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let answer = process.client.bearer(&token).post("/sign-out-everywhere").send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    process.refuses(&token).await;
}

#[tokio::test]
async fn after_a_change_of_the_password_one_cached_token_is_kept_and_the_others_are_refused() {
    for by in EITHER {
        let (app, process) = served().await;
        let (kept, other) = (app.token("ada").await, app.token("ada").await);
        let narrowed = app.narrowed("ada", "me:read").await;
        for token in [&kept, &other, &narrowed] {
            process.has_used(token).await;
        }
        let ada = app.account("ada").await.id;
        let change = async |from: &str, to: &str, kept: &str| {
            let accounts = by.accounts(&app, &process);
            let keeping = part(kept, 1)["jti"].as_str().unwrap().to_owned();
            let (from, to) = (password(from), password(to));
            accounts.change_password(ada, from, to, Some(&keeping)).await.unwrap();
            by.noticed(&app);
        };
        change(PASSWORD, "battery staple", &kept).await;
        process.has_used(&kept).await;
        process.refuses(&other).await;
        process.refuses(&narrowed).await;
        let next = app.sign_in("ada", "battery staple").await;
        let next = next.json()["access_token"].as_str().unwrap().to_owned();
        process.has_used(&next).await;
        change("battery staple", PASSWORD, &next).await;
        process.refuses(&kept).await;
        process.admits(&next).await;
    }
}

#[tokio::test]
async fn a_cached_token_is_refused_as_soon_as_it_is_revoked() {
    let (app, process) = served().await;
    let (revoked, other) = (app.token("ada").await, app.token("ada").await);
    process.has_used(&revoked).await;
    process.has_used(&other).await;
    let name = part(&revoked, 1)["jti"].as_str().unwrap().to_owned();
    process.revocations.revoke(&name, Timestamp::from_unix(NOW + 360)).unwrap();
    process.refuses(&revoked).await;
    process.admits(&other).await;
}

/// An open connection asks again with the request it was opened by.
#[tokio::test]
async fn an_open_connection_with_a_cached_token_ends_as_soon_as_its_account_is_disabled() {
    for by in EITHER {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let ask =
            async || process.client.bearer(&token).get("/read").extension(Rechecking).send().await.status;
        assert_eq!(ask().await, StatusCode::OK);
        let ada = app.account("ada").await.id;
        by.accounts(&app, &process).disable(Actor::Operator, ada).await.unwrap();
        by.noticed(&app);
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    }
}
