//! A cached token whose signing key is rotated or discarded.

use super::*;

#[tokio::test]
async fn cached_tokens_of_a_key_that_was_rotated_are_accepted_still() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    process.keys.rotate(Actor::Operator).await.unwrap();
    process.has_used(&token).await;
    app.world.clock.advance(MILLISECOND);
    app.keys.rotate(Actor::Operator).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    process.has_used(&token).await;
    let new = app.token("ada").await;
    assert_ne!(kid(&token), kid(&new));
    process.has_used(&new).await;
}

#[tokio::test]
async fn a_cached_token_is_refused_as_soon_as_its_key_is_retired_by_this_process() {
    let (app, process) = served().await;
    let old = app.token("ada").await;
    app.keys.rotate(Actor::Operator).await.unwrap();
    let new = app.token("ada").await;
    process.has_used(&old).await;
    process.has_used(&new).await;
    process.keys.retire(Actor::Operator, &kid(&old)).await.unwrap();
    process.refuses(&old).await;
    process.admits(&new).await;
}

#[tokio::test]
async fn a_cached_token_is_refused_as_soon_as_its_key_is_retired_by_another_process() {
    let (app, process) = served().await;
    let old = app.token("ada").await;
    app.keys.rotate(Actor::Operator).await.unwrap();
    let new = app.token("ada").await;
    app.world.clock.advance(MILLISECOND);
    process.has_used(&old).await;
    process.has_used(&new).await;
    discard(&*app.world.store_beside, &*app.world.clock, Actor::Operator, &kid(&old)).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    process.refuses(&old).await;
    process.admits(&new).await;
}
