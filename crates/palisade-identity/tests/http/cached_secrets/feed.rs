//! The change feed: what is answered when it is silent, and what ends while a caller is worked out.

use super::*;

#[tokio::test]
async fn attack_a_cached_secret_whose_account_is_disabled_while_the_change_feed_does_not_answer() {
    let (app, process) = served().await;
    let secrets = Secret::both(&app, "me:read").await;
    for secret in &secrets {
        process.knows(secret).await;
    }
    process.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    let before = process.ran();
    for secret in &secrets {
        let answer = secret.get(&process, "/read").await;
        assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("set-cookie"), None, "the session may be good");
    }
    let ada = app.account("ada").await.id;
    app.world.beside.disable(Actor::Operator, ada).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    for secret in &secrets {
        assert_problem(&secret.get(&process, "/read").await, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(process.ran(), before);
    process.store.fail(false);
    for secret in &secrets {
        process.turns_away(secret).await;
    }
}

#[tokio::test]
async fn changes_of_many_other_accounts_have_nothing_looked_up_again() {
    let (app, process) = served().await;
    let secrets = Secret::both(&app, "me:read").await;
    for secret in &secrets {
        process.knows(secret).await;
    }
    let before = reads(&process);
    for number in 0..20 {
        let other = app.make(&format!("other{number}"), Role::User).await.id;
        let by = EITHER[number % 2];
        by.accounts(&app, &process).disable(Actor::Operator, other).await.unwrap();
        by.noticed(&app);
        for secret in &secrets {
            process.lets_in(secret).await;
        }
    }
    assert_eq!(reads(&process), before);
}

/// A request finds what it rests on as it was, and while it works its caller out, that ends. Such a request may be admitted;
/// the next must not be.
#[tokio::test]
async fn attack_a_caller_that_ends_while_it_is_worked_out_is_not_cached() {
    for by in EITHER {
        for read in [Read::Account, Read::Session, Read::ApiKey] {
            for is_key in [false, true] {
                if read == (if is_key { Read::Session } else { Read::ApiKey }) {
                    continue;
                }
                let (app, process) = served().await;
                let ada = app.account("ada").await.id;
                let (key, presented) = Secret::key(&app, "me:read").await;
                let secret = if is_key { presented } else { Secret::session(&app).await };
                app.world.clock.advance(MILLISECOND);
                let (given, release) = process.store.hold_next(read);
                let end = async {
                    given.await.unwrap();
                    match read {
                        Read::Account => {
                            let accounts = by.accounts(&app, &process);
                            accounts.disable(Actor::Operator, ada).await.unwrap();
                        }
                        Read::Session => {
                            by.sessions(&app, &process).end(ada, secret.session_id()).await.unwrap();
                        }
                        Read::ApiKey => {
                            let keys = by.api_keys(&app, &process);
                            keys.revoke(Actor::Operator, ada, key.id).await.unwrap();
                        }
                    }
                    by.noticed(&app);
                    release.send(()).unwrap();
                };
                let (_, ()) = tokio::join!(secret.get(&process, "/read"), end);
                by.noticed(&app);
                process.turns_away(&secret).await;
            }
        }
    }
}
