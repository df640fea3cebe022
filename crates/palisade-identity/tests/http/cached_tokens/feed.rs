//! The change feed: what other processes have changed, and what is answered when it is silent.

use super::*;

#[tokio::test]
async fn a_cached_token_is_answered_503_while_the_change_feed_does_not_answer() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    process.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    let before = process.ran();
    for path in ["/read", "/me"] {
        let answer = process.get(&token, path).await;
        assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("www-authenticate"), None, "the token may be good");
        assert!(!answer.text().contains("canary"), "the cause is for the log: {}", answer.text());
    }
    assert_eq!(process.ran(), before);
    process.store.fail(false);
    process.admits(&token).await;
}

#[tokio::test]
async fn attack_a_cached_token_whose_account_is_disabled_while_the_change_feed_does_not_answer() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    process.store.fail(true);
    let ada = app.account("ada").await.id;
    app.world.beside.disable(Actor::Operator, ada).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert_problem(&process.get(&token, "/read").await, StatusCode::SERVICE_UNAVAILABLE);
    process.store.fail(false);
    process.refuses(&token).await;
}

/// Which keys are accepted is not known then.
#[tokio::test]
async fn a_cached_token_is_answered_503_while_the_keys_that_have_changed_cannot_be_read() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    process.store.fail_keys(true);
    app.keys.rotate(Actor::Operator).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert_problem(&process.get(&token, "/read").await, StatusCode::SERVICE_UNAVAILABLE);
    process.store.fail_keys(false);
    process.admits(&token).await;
}

#[tokio::test]
async fn changes_of_many_other_accounts_have_no_signature_verified_again() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let before = (process.verifications(), process.store.role_reads.load(Ordering::SeqCst));
    for number in 0..100 {
        let other = app.make(&format!("other{number}"), Role::User).await.id;
        let by = EITHER[number % 2];
        by.accounts(&app, &process).disable(Actor::Operator, other).await.unwrap();
        by.noticed(&app);
        process.admits(&token).await;
    }
    let after = (process.verifications(), process.store.role_reads.load(Ordering::SeqCst));
    assert_eq!(after, before, "neither is what the account may do looked up again");
}

/// A change of everything at once, as that of a role is, has accounts looked up again, and no signature verified.
#[tokio::test]
async fn a_changed_role_has_no_signature_verified_again() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let before = process.verifications();
    for by in EITHER {
        define(by.accounts(&app, &process), "reader", "docs:read").await;
        by.noticed(&app);
        process.admits(&token).await;
    }
    assert_eq!(process.verifications(), before);
}
