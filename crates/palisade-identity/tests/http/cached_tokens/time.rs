//! A cached token as time passes.

use super::*;

#[tokio::test]
async fn a_cached_token_is_accepted_until_it_expires_and_refused_from_that_second_on() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    app.world.clock.advance(Duration::from_secs(300) + LEEWAY - SECOND);
    process.admits(&token).await;
    app.world.clock.advance(SECOND);
    process.refuses(&token).await;
}

#[tokio::test]
async fn a_cached_token_that_is_not_valid_yet_by_a_clock_that_was_set_back_is_refused() {
    let app = App::with_user("ada").await;
    let set_back = Arc::default();
    let process = Process::with(&app, |settings| settings.set_back = Arc::clone(&set_back)).await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    for (seconds, accepted) in [(60, true), (61, false), (3600, false), (60, true), (0, true)] {
        set_back.store(seconds, Ordering::SeqCst);
        app.world.clock.advance(MILLISECOND);
        if accepted {
            process.admits(&token).await;
        } else {
            process.refuses(&token).await;
        }
    }
}

#[tokio::test]
async fn a_cached_token_of_a_sign_in_that_is_no_longer_recent_is_limited() {
    let (app, process) = served().await;
    let ada = app.account("ada").await;
    let token = app.forged(&ada, |claims| claims.lifetime = Duration::from_hours(1)).await;
    process.has_used(&token).await;
    app.world.clock.advance(Duration::from_secs(901));
    process.admits(&token).await;
    let answer = process.client.bearer(&token).request(Method::DELETE, "/me/sessions").send().await;
    assert_problem(&answer, StatusCode::FORBIDDEN);
    let challenge = r#"Bearer error="insufficient_user_authentication", max_age="900""#;
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
}

#[tokio::test]
async fn a_cached_token_ends_with_the_key_it_was_signed_with() {
    let (app, process) = served().await;
    let ada = app.account("ada").await;
    let token = app.forged(&ada, |claims| claims.lifetime = Duration::from_hours(1)).await;
    process.keys.rotate(Actor::Operator).await.unwrap();
    process.has_used(&token).await;
    // The lifetime of a token, and two minutes.
    app.world.clock.advance(Duration::from_secs(420));
    process.admits(&token).await;
    app.world.clock.advance(SECOND);
    process.refuses(&token).await;
}
