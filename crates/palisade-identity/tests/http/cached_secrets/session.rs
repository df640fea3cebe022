//! A cached session that is ended, gets another secret, or expires.

use super::*;

#[tokio::test]
async fn a_cached_session_is_refused_as_soon_as_it_is_ended() {
    for by in EITHER {
        let (app, process) = served().await;
        let ada = app.account("ada").await.id;
        let (ended, other) = (Secret::session(&app).await, Secret::session(&app).await);
        process.knows(&ended).await;
        process.knows(&other).await;
        by.sessions(&app, &process).end(ada, ended.session_id()).await.unwrap();
        by.noticed(&app);
        process.turns_away(&ended).await;
        process.knows(&other).await;
        let this = Secret::session(&app).await;
        process.knows(&this).await;
        by.sessions(&app, &process).end_others(ada, Some(this.session_id())).await.unwrap();
        by.noticed(&app);
        process.turns_away(&other).await;
        process.knows(&this).await;
    }
}

/// One more than an account may have ends its oldest.
#[tokio::test]
async fn a_cached_session_is_refused_as_soon_as_it_is_crowded_out() {
    let app = App::with_user("ada").await;
    let sessions = SessionSettings { per_account: 1, ..SessionSettings::default() };
    let process = Process::with(&app, |settings| settings.sessions = sessions).await;
    let oldest = Secret::session(&app).await;
    process.knows(&oldest).await;
    app.world.clock.advance(SECOND);
    let device = palisade_identity::sessions::Device::new(b"", crate::app::from(1).0);
    process.sessions.begin(&app.account("ada").await, device).await.unwrap();
    process.turns_away(&oldest).await;
}

#[tokio::test]
async fn attack_the_cached_secret_of_a_session_whose_account_has_proved_itself_again() {
    for by in EITHER {
        let (app, process) = served().await;
        let stolen = Secret::session(&app).await;
        process.knows(&stolen).await;
        let (account, id) = (app.account("ada").await, stolen.session_id());
        let (secret, _) = by.sessions(&app, &process).reauthenticated(&account, id).await.unwrap();
        by.noticed(&app);
        process.turns_away(&stolen).await;
        process.knows(&stolen.with(&secret)).await;
        process.turns_away(&stolen).await;
    }
}

/// The request that notices it brings the new secret. The former one is accepted for ten seconds, however often it is used.
#[tokio::test]
async fn a_cached_session_has_the_roles_of_its_account_now_and_gets_another_secret() {
    for by in EITHER {
        let app = App::with_admin().await;
        let ada = app.make("ada", Role::User).await.id;
        let process = Process::of(&app).await;
        let Secret::Session(mut browser) = Secret::session(&app).await else { unreachable!() };
        for role in [Role::Admin, Role::User, Role::Admin] {
            let former = Secret::Session(browser.clone());
            process.knows(&former).await;
            let accounts = by.accounts(&app, &process);
            accounts.set_roles(Actor::Operator, ada, role.into()).await.unwrap();
            by.noticed(&app);
            browser.keep_cookies(&former.get(&process, "/read").await);
            let current = Secret::Session(browser.clone());
            let (Secret::Session(new), Secret::Session(old)) = (&current, &former) else { unreachable!() };
            assert_ne!(new.cookie, old.cookie);
            // The change feed brings the process its own change of the secret, too.
            app.world.clock.advance(MILLISECOND);
            for _ in 0..2 {
                for secret in [&former, &current] {
                    process.knows(secret).await;
                    process.decides(secret, "/report", role == Role::Admin).await;
                }
            }
            app.world.clock.advance(Duration::from_secs(10));
            process.turns_away(&former).await;
            let late = former.get(&process, "/read").await;
            assert_eq!(late.header("set-cookie"), None, "the browser holds another one");
            process.knows(&current).await;
        }
    }
}

#[tokio::test]
async fn a_cached_session_expires_when_it_is_not_used_and_in_the_end_however_much_it_is() {
    let app = App::with_user("ada").await;
    let sessions = SessionSettings { idle: HOUR, absolute: 3 * HOUR, ..SessionSettings::default() };
    let process = Process::with(&app, |settings| settings.sessions = sessions).await;
    let (idle, busy) = (Secret::session(&app).await, Secret::session(&app).await);
    process.knows(&idle).await;
    process.knows(&busy).await;
    app.world.clock.advance(HOUR - SECOND);
    process.knows(&busy).await;
    app.world.clock.advance(SECOND);
    process.turns_away(&idle).await;
    for _ in 0..3 {
        process.knows(&busy).await;
        app.world.clock.advance(30 * MINUTE);
    }
    process.knows(&busy).await;
    app.world.clock.advance(30 * MINUTE - SECOND);
    process.knows(&busy).await;
    app.world.clock.advance(SECOND);
    process.turns_away(&busy).await;
}

/// What is cached of a session is not taken for a "no".
#[tokio::test]
async fn a_cached_session_that_another_process_has_seen_in_use_has_not_expired() {
    let sessions = SessionSettings { idle: HOUR, ..SessionSettings::default() };
    let app = App::with_user("ada").await;
    let process = Process::with(&app, |settings| settings.sessions = sessions).await;
    let session = Secret::session(&app).await;
    process.knows(&session).await;
    app.world.clock.advance(40 * MINUTE);
    let Secret::Session(browser) = &session else { unreachable!() };
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    app.world.settle().await;
    app.world.clock.advance(40 * MINUTE);
    process.knows(&session).await;
}

/// A socket asks on and on whether its caller may still be there, and uses nothing by that.
#[tokio::test]
async fn asking_again_for_an_open_socket_does_not_prolong_a_cached_session() {
    let app = App::with_user("ada").await;
    let sessions = SessionSettings { idle: HOUR, ..SessionSettings::default() };
    let process = Process::with(&app, |settings| settings.sessions = sessions).await;
    let session = Secret::session(&app).await;
    process.knows(&session).await;
    let ask = async || session.asks(&process, "/read").extension(Rechecking).send().await.status;
    app.world.clock.advance(40 * MINUTE);
    assert_eq!(ask().await, StatusCode::OK);
    app.world.clock.advance(20 * MINUTE);
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
}
