//! Holds: the clean-ups of both kinds wait for a task that goes on after the response.

use std::{
    sync::Arc,
    task::{Context, Waker},
};

use palisade::{prelude::*, testing::Client};
use tokio::sync::Notify;

use crate::common::{Caller, Log};

#[derive(Clone, Default)]
struct App {
    log: Log,
    go_on: Arc<Notify>,
}

fn noting(log: &Log, cleanup: &Cleanup) {
    let (before, after) = (log.clone(), log.clone());
    cleanup.defer(move |outcome| async move {
        before.say(format!("first kind: {outcome:?}"));
        Ok(())
    });
    cleanup.after_body(move |outcome, end| async move {
        after.say(format!("second kind: {outcome:?}, {end:?}"));
        Ok(())
    });
}

/// Leaves a task behind that ends when it is told to, as `how` says.
async fn leaves_a_task(State(app): State<App>, cleanup: Cleanup, Path(how): Path<Task>) -> NoContent {
    noting(&app.log, &cleanup);
    let hold = cleanup.hold();
    tokio::spawn(async move {
        app.go_on.notified().await;
        app.log.say("the task goes on");
        let (again, log) = (cleanup.hold(), app.log.clone());
        drop(hold);
        cleanup.defer(move |outcome| async move {
            log.say(format!("registered by the task: {outcome:?}"));
            if how.fails { Err(Problem::internal("nobody is told")) } else { Ok(()) }
        });
        if how.panics {
            panic!("in a task that holds");
        }
        app.log.say("the task is over");
        drop(again);
    });
    NoContent
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Task {
    panics: bool,
    fails: bool,
}

fn built(app: &App) -> palisade::router::Built {
    let api = Router::<App, Caller>::new().route("/{panics}/{fails}", get(leaves_a_task).public("a test"));
    api.with_state(app.clone()).build().unwrap()
}

async fn noted(path: &str) -> Vec<String> {
    let app = App::default();
    let built = built(&app);
    let response = Client::new(built.router).get(path).send().await;
    assert_eq!(response.status, 204, "the response does not wait");
    let mut finished = Box::pin(built.tasks.finished());
    assert!(finished.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(app.log.all(), Vec::<String>::new(), "nothing runs while it is held");
    app.go_on.notify_one();
    finished.await;
    app.log.all()
}

#[tokio::test]
async fn clean_ups_of_both_kinds_wait_for_every_hold() {
    let expected = [
        "the task goes on",
        "the task is over",
        "registered by the task: Success",
        "first kind: Success",
        "second kind: Success, Complete",
    ];
    assert_eq!(noted("/false/false").await, expected);
}

#[tokio::test]
async fn a_hold_dropped_by_a_panic_makes_the_outcome_one() {
    let expected = [
        "the task goes on",
        "registered by the task: Panic",
        "first kind: Panic",
        "second kind: Panic, Complete",
    ];
    assert_eq!(noted("/true/false").await, expected);
}

#[tokio::test]
async fn a_held_clean_up_that_fails_is_a_failure_to_the_rest_only() {
    let expected = [
        "the task goes on",
        "the task is over",
        "registered by the task: Success",
        "first kind: Failure",
        "second kind: Failure, Complete",
    ];
    assert_eq!(noted("/false/true").await, expected);
}

#[tokio::test]
async fn a_client_that_leaves_does_not_take_the_hold_with_it() {
    let (log, go_on) = (Log::default(), Arc::new(Notify::new()));
    let (noted, wait) = (log.clone(), go_on.clone());
    let handler = move |cleanup: Cleanup| {
        noting(&noted, &cleanup);
        let (hold, wait) = (cleanup.hold(), wait.clone());
        tokio::spawn(async move {
            wait.notified().await;
            drop(hold);
        });
        std::future::pending::<NoContent>()
    };
    let built = Router::<(), Caller>::new().route("/", get(handler).public("a test")).build().unwrap();
    let mut sent = Box::pin(Client::new(built.router).get("/").send());
    assert!(sent.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(sent);
    tokio::task::yield_now().await;
    assert_eq!(log.all(), Vec::<String>::new());
    go_on.notify_one();
    built.tasks.finished().await;
    assert_eq!(log.all(), ["first kind: ClientGone", "second kind: ClientGone, CutOff"]);
}
