//! A cached token whose account gets other roles, or whose roles are changed.

use super::*;

#[tokio::test]
async fn a_cached_token_is_widened_and_limited_with_the_roles_of_its_account() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let (token, narrowed) = (app.token("ada").await, app.narrowed("ada", "me:read").await);
        process.has_used(&token).await;
        process.has_used(&narrowed).await;
        for _ in 0..2 {
            for token in [&token, &narrowed] {
                process.forbids(token, "/report").await;
            }
            let accounts = by.accounts(&app, &process);
            accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap();
            by.noticed(&app);
            process.allows(&token, "/report").await;
            process.forbids(&narrowed, "/report").await;
            process.admits(&narrowed).await;
            // There is another admin, so that this one may cease to be one.
            let accounts = by.accounts(&app, &process);
            if accounts.by_username(&"root".parse().unwrap()).await.is_err() {
                app.make("root", Role::Admin).await;
            }
            accounts.set_roles(Actor::Operator, ada, Role::User.into()).await.unwrap();
            by.noticed(&app);
        }
        process.forbids(&token, "/report").await;
    }
}

/// Scopes come from the stored roles as they are now, not from the token or from when it was cached.
#[tokio::test]
async fn a_cached_token_has_what_the_stored_roles_bring_now() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let accounts = by.accounts(&app, &process);
        process.forbids(&token, "/docs").await;
        define(accounts, "reader", "docs:read").await;
        by.noticed(&app);
        process.forbids(&token, "/docs").await;
        give(accounts, ada, &["reader"]).await;
        by.noticed(&app);
        process.allows(&token, "/docs").await;
        define(accounts, "reader", "docs:list").await;
        by.noticed(&app);
        process.forbids(&token, "/docs").await;
        define(accounts, "reader", "docs:read").await;
        by.noticed(&app);
        process.allows(&token, "/docs").await;
        give(accounts, ada, &[]).await;
        by.noticed(&app);
        process.forbids(&token, "/docs").await;
        define(accounts, "user", "docs:read").await;
        by.noticed(&app);
        process.allows(&token, "/docs").await;
        accounts.remove_role(Actor::Operator, "user".parse().unwrap()).await.unwrap();
        by.noticed(&app);
        process.forbids(&token, "/docs").await;
    }
}

#[tokio::test]
async fn attack_a_cached_narrowed_token_gains_nothing_when_its_account_does() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let narrowed = app.narrowed("ada", "me:read").await;
        process.has_used(&narrowed).await;
        let accounts = by.accounts(&app, &process);
        define(accounts, "reader", "docs:read").await;
        give(accounts, ada, &["reader"]).await;
        accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap();
        by.noticed(&app);
        for path in ["/docs", "/report", "/admin/accounts", "/me/sessions"] {
            process.forbids(&narrowed, path).await;
        }
        process.admits(&narrowed).await;
    }
}

#[tokio::test]
async fn a_cached_narrowed_token_loses_a_scope_that_its_account_loses() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let accounts = by.accounts(&app, &process);
        define(accounts, "reader", "docs:read").await;
        give(accounts, ada, &["reader"]).await;
        by.noticed(&app);
        app.world.clock.advance(MILLISECOND);
        let narrowed = app.narrowed("ada", "docs:read me:read").await;
        process.has_used(&narrowed).await;
        process.allows(&narrowed, "/docs").await;
        give(accounts, ada, &[]).await;
        by.noticed(&app);
        process.forbids(&narrowed, "/docs").await;
        process.admits(&narrowed).await;
    }
}
