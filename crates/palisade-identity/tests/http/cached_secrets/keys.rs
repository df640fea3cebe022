//! A cached API key that is revoked, rotated, expired, or used up.

use super::*;

#[tokio::test]
async fn a_cached_key_is_refused_as_soon_as_it_is_revoked() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let ((key, revoked), (_, other)) =
            (Secret::key(&app, "me:read").await, Secret::key(&app, "me:read").await);
        process.knows(&revoked).await;
        process.knows(&other).await;
        by.api_keys(&app, &process).revoke(Actor::Operator, ada, key.id).await.unwrap();
        by.noticed(&app);
        process.turns_away(&revoked).await;
        process.knows(&other).await;
        by.api_keys(&app, &process).revoke_all(Actor::Operator, ada).await.unwrap();
        by.noticed(&app);
        process.turns_away(&other).await;
    }
}

#[tokio::test]
async fn a_cached_key_that_was_rotated_works_as_long_as_that_was_said() {
    for by in EITHER {
        for overlap in [Duration::ZERO, MINUTE] {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let (key, old) = Secret::key(&app, "me:read").await;
            process.knows(&old).await;
            let keys = by.api_keys(&app, &process);
            let issued = keys.rotate(Actor::Operator, ada, key.id, overlap, None).await.unwrap();
            by.noticed(&app);
            if !overlap.is_zero() {
                process.knows(&old).await;
                app.world.clock.advance(overlap);
            }
            process.turns_away(&old).await;
            let text = issued.text.unwrap().to_text();
            process.knows(&Secret::Key(text.expose().to_owned())).await;
        }
    }
}

#[tokio::test]
async fn a_cached_key_is_accepted_until_it_expires_and_refused_from_that_second_on() {
    let (app, process) = served().await;
    let soon = app.world.clock.now().after(MINUTE);
    let (_, text) = app.make_key("ada", "me:read", |key| key.expires_at = Some(soon)).await;
    let key = Secret::Key(text.to_text().expose().to_owned());
    process.knows(&key).await;
    app.world.clock.advance(MINUTE - SECOND);
    process.knows(&key).await;
    app.world.clock.advance(SECOND);
    process.turns_away(&key).await;
}

#[tokio::test]
async fn each_use_of_a_cached_key_counts_and_asking_again_for_an_open_socket_does_not() {
    let (app, process) = served().await;
    let quota = Some(Quota::new(3, 60).unwrap());
    let (_, text) = app.make_key("ada", "me:read", |key| key.quota = quota).await;
    let key = Secret::Key(text.to_text().expose().to_owned());
    process.knows(&key).await;
    for _ in 0..10 {
        let again = key.asks(&process, "/read").extension(Rechecking).send().await;
        assert_eq!(again.status, StatusCode::OK);
    }
    process.lets_in(&key).await;
    let before = process.ran();
    let answer = key.get(&process, "/read").await;
    assert_problem(&answer, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((answer.header("retry-after"), process.ran()), (Some("20"), before));
    app.world.clock.advance(Duration::from_secs(20));
    process.lets_in(&key).await;
    assert_problem(&key.get(&process, "/read").await, StatusCode::TOO_MANY_REQUESTS);
}
