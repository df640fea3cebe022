//! What is right passes, and what was not tried is said.

use palisade::{clock::ManualClock, prelude::*, testing::Matrix};

use crate::support::{Keys, NOW, Posed, Staff, Stated, api, leaves, never};

#[tokio::test]
async fn the_app_as_it_is_stated_passes_by_its_own_tokens_and_by_principals_that_are_put_in() {
    let keys = Keys::new();
    let built = keys.build(api(Stated::default()), keys.app());
    let by_axum = keys.against_the_table(built.router).await;
    let by_service = keys.against_the_table(built.service).await;
    for report in [&by_axum, &by_service] {
        report.assert_all_tried();
        assert!(report.requests() > 200, "{report}");
    }
    assert_eq!(by_axum.requests(), by_service.requests());
}

/// A matrix of a router calls it in both ways: as axum's router and as a service.
#[tokio::test]
async fn a_router_is_called_in_both_ways() {
    let stated = || Router::<(), Posed>::new().route("/x", get(never).requires(scope("a"))).with_state(());
    let built = stated().build().unwrap();
    let both = Matrix::new(stated()).run().await;
    let by_service = Matrix::of(&built.table, built.service).run().await;
    both.assert();
    assert_eq!(both.requests(), 2 * by_service.requests());
    assert_eq!(both.untried(), by_service.untried());
}

#[tokio::test]
async fn every_kind_of_leaf_is_tried() {
    let clock = ManualClock::at(NOW);
    let matrix = Matrix::new(leaves(&clock)).principal(Posed).moving(&clock);
    let matrix = matrix.check("quota", Verdict::True).check("silent", Verdict::Unknown);
    let report = matrix.credential("Bearer", |_| None).run().await;
    report.assert();
    let untried = report.untried();
    let admitted = untried.iter().filter(|why| why.contains("nobody could be made")).collect::<Vec<_>>();
    assert_eq!(admitted.len(), 1, "only what hangs on the silent check: {untried:#?}");
    assert!(admitted[0].starts_with("POST /silent"), "{untried:#?}");
}

#[tokio::test]
async fn what_a_check_answers_may_be_left_open() {
    let clock = ManualClock::at(NOW);
    let report = Matrix::new(leaves(&clock)).principal(Posed).moving(&clock).run().await;
    report.assert();
    assert!(report.untried().iter().any(|why| why.contains("say `.check(\"quota\", ..)`")), "{report}");
}

#[tokio::test]
async fn the_report_says_what_was_left_out() {
    let stated =
        || Router::<(), Posed>::new().route("/x", get(never).requires(scope("a") & role(Staff::Admin)));
    let report = Matrix::new(stated()).principal(Posed).at_most(3).run().await;
    report.assert();
    assert!(report.untried().iter().any(|why| why.contains("callers; say `.at_most(")), "{report}");
    assert!(report.untried().iter().any(|why| why.contains("say `.credential(\"Bearer\", ..)`")), "{report}");
    let all = Matrix::new(stated()).principal(Posed).run().await;
    assert!(all.requests() > report.requests());
    assert_eq!(all.to_string(), Matrix::new(stated()).principal(Posed).run().await.to_string());
}

#[tokio::test]
#[should_panic(expected = "the router does not do what its access table says")]
async fn a_failure_fails_the_test_with_a_table() {
    let keys = Keys::new();
    keys.against_the_table(axum::Router::new()).await.assert();
}

/// Checks of an app's own see the principal only where it is said how one is made.
#[tokio::test]
async fn a_check_may_look_at_the_principal() {
    let own = || {
        check("own", |facts| {
            facts.principal::<Posed>().is_some_and(|caller| caller.0.held_scopes().contains("a"))
        })
    };
    let stated = || Router::<(), Posed>::new().route("/x", get(never).requires(scope("a") & own()));
    let matrix = || Matrix::new(stated()).check("own", Verdict::True);
    matrix().principal(Posed).run().await.assert();
    let report = matrix().run().await;
    assert!(!report.failures().is_empty(), "the check saw no principal: {report}");
}
