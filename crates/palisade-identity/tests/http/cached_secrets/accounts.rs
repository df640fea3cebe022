//! A cached secret whose account is disabled, signed out everywhere, or gets another password or other roles.

use super::*;

#[tokio::test]
async fn a_cached_secret_is_refused_as_soon_as_its_account_is_disabled() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let [session, key] = Secret::both(&app, "me:read").await;
        process.knows(&session).await;
        process.knows(&key).await;
        by.accounts(&app, &process).disable(Actor::Operator, ada).await.unwrap();
        by.noticed(&app);
        process.turns_away(&session).await;
        process.turns_away(&key).await;
        by.accounts(&app, &process).enable(Actor::Operator, ada).await.unwrap();
        by.noticed(&app);
        process.turns_away(&session).await;
        process.knows(&key).await;
    }
}

#[tokio::test]
async fn a_cached_session_is_refused_as_soon_as_its_account_has_signed_out_everywhere() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let [session, key] = Secret::both(&app, "me:read").await;
        process.knows(&session).await;
        process.knows(&key).await;
        by.accounts(&app, &process).sign_out_everywhere(ada).await.unwrap();
        by.noticed(&app);
        process.turns_away(&session).await;
        process.knows(&key).await;
    }
}

#[tokio::test]
async fn after_a_change_of_the_password_one_cached_session_is_kept_and_the_others_are_refused() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let (kept, other) = (Secret::session(&app).await, Secret::session(&app).await);
        process.knows(&kept).await;
        process.knows(&other).await;
        let (from, to) = (password(PASSWORD), password("battery staple"));
        let keeping = kept.session_id().to_string();
        by.accounts(&app, &process).change_password(ada, from, to, Some(&keeping)).await.unwrap();
        by.noticed(&app);
        process.turns_away(&other).await;
        process.knows(&kept).await;
    }
}

#[tokio::test]
async fn a_cached_key_is_widened_and_limited_with_the_roles_of_its_account() {
    for by in EITHER {
        let app = App::with_admin().await;
        let ada = app.make("ada", Role::Admin).await.id;
        let process = Process::of(&app).await;
        let (_, key) = Secret::key(&app, "me:read accounts:read").await;
        process.knows(&key).await;
        for (role, allowed) in [(Role::Admin, true), (Role::User, false), (Role::Admin, true)] {
            let accounts = by.accounts(&app, &process);
            accounts.set_roles(Actor::Operator, ada, role.into()).await.unwrap();
            by.noticed(&app);
            for _ in 0..2 {
                process.decides(&key, "/report", allowed).await;
                process.decides(&key, "/read", true).await;
            }
        }
    }
}

#[tokio::test]
async fn attack_a_cached_key_gains_nothing_when_its_account_does() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let (_, key) = Secret::key(&app, "me:read").await;
        process.knows(&key).await;
        let accounts = by.accounts(&app, &process);
        define(accounts, "reader", "docs:read").await;
        give(accounts, ada, &["reader"]).await;
        accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap();
        by.noticed(&app);
        for path in ["/docs", "/report", "/admin/accounts", "/me/sessions"] {
            process.decides(&key, path, false).await;
        }
        process.knows(&key).await;
    }
}

/// What a stored role brings is looked up again when the role changes, though neither the account nor the key has.
#[tokio::test]
async fn a_cached_key_has_what_the_stored_roles_bring_now() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let accounts = by.accounts(&app, &process);
        define(accounts, "reader", "docs:read").await;
        give(accounts, ada, &["reader"]).await;
        app.world.clock.advance(MILLISECOND);
        let (_, key) = Secret::key(&app, "docs:read me:read").await;
        process.knows(&key).await;
        for (scopes, allowed) in [("docs:list", false), ("docs:read", true), ("docs:list", false)] {
            define(accounts, "reader", scopes).await;
            by.noticed(&app);
            for _ in 0..2 {
                process.decides(&key, "/docs", allowed).await;
            }
        }
    }
}
