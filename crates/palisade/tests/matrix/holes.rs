//! Holes, planted one at a time into what is served, while the table says what was stated.

use axum::routing;
use palisade::{
    prelude::*,
    testing::{Failure, Matrix, Probe, Report, Wanted},
};

use crate::support::{AUDIENCE, Caller, Delegation, Keys, Posed, Staff, Stated, api, catches, never};

/// What is served is stated like `served`.
async fn served(stated: Stated) -> Report {
    let keys = Keys::new();
    let served = keys.serve(api(stated), keys.app());
    keys.against_the_table(served).await
}

#[tokio::test]
async fn attack_a_requirement_dropped() {
    let keys = Keys::new();
    let open = Router::new()
        .route("/health", get(never).public("liveness probe"))
        .route("/admin", post(never).requires(role(Staff::Admin)))
        .route("/both", get(never).public("forgotten"))
        .route(
            "/either/{id}",
            get(never).requires(Stated::default().either).delete(never).requires(scope("b")),
        )
        .route("/account", post(never).requires(Stated::default().account))
        .fallback(any(never).requires(signed_in()));
    let report = keys.against_the_table(keys.serve(open, keys.app())).await;
    assert!(report.failures().iter().any(|failure| failure.route == "GET /both"
        && failure.caller == "nobody"
        && failure.got == "204, the handler ran"));
    assert!(report.failures().iter().all(|failure| failure.route.ends_with("/both")), "{report}");
}

#[tokio::test]
async fn attack_a_role_weakened() {
    let report = served(Stated { admin: role(Staff::Editor), ..Stated::default() }).await;
    catches(&report, "POST /admin", "everything but `role(admin)`: expected 403, got 204, the handler ran");
}

#[tokio::test]
async fn attack_a_leaf_dropped() {
    let report = served(Stated { account: undelegated(), ..Stated::default() }).await;
    catches(&report, "POST /account", "everything but `recent(60s)`");
    let report = served(Stated { admin: signed_in(), ..Stated::default() }).await;
    catches(&report, "POST /admin", "everything but `role(admin)`: expected 403");
}

#[tokio::test]
async fn attack_or_for_and() {
    let report = served(Stated { both: scope("a") | scope("b"), ..Stated::default() }).await;
    let of_both: Vec<_> = report.failures().iter().map(|failure| failure.caller.as_str()).collect();
    assert!(of_both.contains(&"everything but `scope(a)`"), "{report}");
    assert!(of_both.contains(&"exactly `scope(a) & scope(b)` but `scope(b)`"), "{report}");
    assert!(report.failures().iter().all(|failure| failure.route.ends_with("/both")), "{report}");
}

#[tokio::test]
async fn an_alternative_ignored() {
    let report = served(Stated { either: scope("a") & signed_in(), ..Stated::default() }).await;
    let words = |failure: &Failure| failure.caller.starts_with("exactly `scope(c)`");
    assert!(report.failures().iter().any(words), "{report}");
    assert!(report.failures().iter().all(|failure| failure.route.ends_with("/either/{id}")), "{report}");
}

#[tokio::test]
async fn another_challenge_than_the_one_that_helps() {
    let report = served(Stated { both: scope("a") & scope("b") & scope("c"), ..Stated::default() }).await;
    let challenged = |failure: &Failure| failure.got.contains(r#"scope="a b c""#);
    assert!(report.failures().iter().any(challenged), "{report}");
}

/// The stated app, but what is asked of `path` is answered by `handler`.
fn with_a_route_of_its_own(keys: &Keys, path: &str, handler: routing::MethodRouter) -> axum::Router {
    let stated = keys.serve(api(Stated::default()), keys.app());
    axum::Router::new().route(path, handler).fallback_service(stated)
}

#[tokio::test]
async fn attack_the_requirement_is_checked_after_the_handler() {
    /// Does its work, and then finds out that it should not have.
    async fn too_late(probe: Probe) -> Problem {
        probe.note();
        Denied::not_authenticated().into()
    }
    let keys = Keys::new();
    let late = routing::post(too_late);
    let report = keys.against_the_table(with_a_route_of_its_own(&keys, "/admin", late)).await;
    catches(&report, "POST /admin", "the handler ran");
}

#[tokio::test]
async fn attack_head_is_unguarded() {
    async fn quick(probe: Probe) {
        probe.note();
    }
    let keys = Keys::new();
    // `GET` is the stated one's; `HEAD` has a handler of its own.
    let stated = keys.serve(api(Stated::default()), keys.app());
    let head = routing::head(quick).fallback_service(stated);
    let report = keys.against_the_table(with_a_route_of_its_own(&keys, "/both", head)).await;
    catches(&report, "HEAD /both", "nobody: expected 401 `Bearer`, got 200, the handler ran");
}

#[tokio::test]
async fn attack_the_fallback_is_unguarded() {
    let keys = Keys::new();
    let stated = keys.serve(api(Stated::default()), keys.app());
    let report = keys.against_the_table(stated.fallback(|probe: Probe| async move { probe.note() })).await;
    catches(&report, "* /{*unmatched}", "nobody: expected 401 `Bearer`, got 200, the handler ran");
}

#[tokio::test]
async fn attack_another_method_runs_something() {
    let keys = Keys::new();
    let all = |probe: Probe| async move { probe.note() };
    let stated = keys.serve(api(Stated::default()), keys.app());
    let put = routing::put(all).fallback_service(stated);
    let report = keys.against_the_table(with_a_route_of_its_own(&keys, "/account", put)).await;
    catches(&report, "POST /account", "nobody, by PUT: expected 405, got 200, the handler ran");
}

#[tokio::test]
async fn attack_a_token_for_another_audience_is_accepted() {
    let keys = Keys::new();
    let app = keys.app_for(&format!("{AUDIENCE}/matrix-elsewhere"), Delegation::Heeded);
    let report = keys.against_the_table(keys.serve(api(Stated::default()), app)).await;
    let accepted = |failure: &Failure| {
        failure.caller.ends_with("for another audience") && failure.got.contains("the handler ran")
    };
    assert!(report.failures().iter().any(accepted), "{report}");
}

#[tokio::test]
async fn attack_a_delegated_token_is_taken_for_its_account() {
    let keys = Keys::new();
    let app = keys.app_for(AUDIENCE, Delegation::Forgotten);
    let report = keys.against_the_table(keys.serve(api(Stated::default()), app)).await;
    let expected = "a delegated credential with everything, by `OAuth2PasswordBearer`";
    let taken = |failure: &Failure| {
        failure.caller == expected
            && failure.route == "POST /admin"
            && failure.got.contains("the handler ran")
    };
    assert!(report.failures().iter().any(taken), "{report}");
}

#[tokio::test]
async fn attack_a_mount_is_unguarded() {
    let stated = || Router::<(), Posed>::new();
    let guarded = stated().mount_guarded("/legacy", axum::Router::new(), signed_in()).build().unwrap();
    let open = stated().mount_public("/legacy", axum::Router::new(), "forgotten").into_axum().unwrap();
    let report = Matrix::of(&guarded.table, open).principal(Posed).run().await;
    catches(&report, "* /legacy/{*rest}", "nobody, by DELETE /legacy: expected 401 `Bearer`");
}

#[tokio::test]
async fn what_is_put_in_says_nothing_of_the_way_from_credential_to_principal() {
    let keys = Keys::new();
    let forgetful = keys.app_for(AUDIENCE, Delegation::Forgotten);
    let stated = api(Stated::default()).with_state(forgetful);
    let report = Matrix::new(stated).principal(Caller).run().await;
    report.assert();
    assert!(
        report.untried().iter().any(|why| why.contains("credentials of `OAuth2PasswordBearer`")),
        "{report}"
    );
}

#[tokio::test]
async fn attack_an_expired_token_is_accepted() {
    let keys = Keys::new();
    let built = api(Stated::default()).with_state(keys.app()).build().unwrap();
    let tokens = keys.tokens();
    // As it would look if nobody asked when a token ends.
    let never_ends = move |wanted: Wanted<'_>| match wanted {
        Wanted::Expired(authority) => tokens(Wanted::Valid(authority)),
        wanted => tokens(wanted),
    };
    let served = keys.serve(api(Stated::default()), keys.app());
    let matrix = Matrix::of(&built.table, served).clock(keys.clock.clone());
    let report = matrix.credential("OAuth2PasswordBearer", never_ends).run().await;
    let accepted =
        |failure: &Failure| failure.caller.ends_with("expired") && failure.got.contains("the handler ran");
    assert!(report.failures().iter().any(accepted), "{report}");
    assert!(report.failures().iter().all(|failure| failure.caller.ends_with("expired")), "{report}");
}

/// Takes a credential for what it says, and does not verify it.
#[derive(Clone, Debug)]
struct Gullible(Authority);

impl Principal for Gullible {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn gullible(_: Bearer) -> Gullible {
    Gullible(Authority::account("whoever"))
}

#[tokio::test]
async fn attack_a_credential_is_read_and_not_verified() {
    let stated = Router::<(), Gullible>::new().route("/me", delete(never).requires(signed_in()));
    let report = Matrix::new(stated).run().await;
    catches(&report, "DELETE /me", "a `Bearer` that nobody issued: expected 401");
}
