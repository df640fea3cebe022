//! Clean-ups: after the handler and before the response, last registered first, whatever happens to the request.

use std::sync::Arc;

use palisade::{prelude::*, testing::Client};
use proptest::prelude::{Strategy, proptest};
use tokio::sync::Notify;

use crate::common::{Caller, Log};

/// What the tests' handlers and clean-ups meet at.
#[derive(Clone, Default)]
struct App {
    log: Log,
    entered: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl App {
    /// Says that this point is reached, and waits to be told to go on.
    async fn pause(&self) {
        self.entered.notify_one();
        self.go_on.notified().await;
    }
}

/// Two clean-ups that note how the request ended; the second registered waits, if asked to.
#[derive(Clone)]
struct Transaction;

#[dependency(state = App)]
async fn transaction(State(app): State<App>, headers: http::HeaderMap, cleanup: Cleanup) -> Transaction {
    let log = app.log.clone();
    cleanup.defer(move |outcome| async move {
        log.say(format!("first registered: {outcome:?}"));
        Ok(())
    });
    let does = headers.get("x-cleanup").map(|value| value.to_str().unwrap().to_owned());
    cleanup.defer(move |outcome| async move {
        app.log.say(format!("last registered: {outcome:?}"));
        match does.as_deref() {
            Some("waits") => app.pause().await,
            Some("fails") => return Err(Problem::internal("the commit failed")),
            Some("panics") => panic!("in a clean-up"),
            _ => {}
        }
        Ok(())
    });
    Transaction
}

async fn good(_: Transaction) -> &'static str {
    "good"
}

async fn missing(_: Transaction) -> Result<NoContent, Problem> {
    Err(Problem::new(StatusCode::NOT_FOUND, "no such thing"))
}

async fn panics(_: Transaction) -> NoContent {
    panic!("a fault of the handler")
}

async fn waits(_: Transaction, State(app): State<App>) -> &'static str {
    app.pause().await;
    app.log.say("the handler went on");
    "good"
}

#[derive(Clone)]
struct Refuses;

#[dependency]
async fn refuses(_: State<App>) -> Result<Refuses, Problem> {
    Err(Problem::new(StatusCode::CONFLICT, "not now"))
}

async fn refused_later(_: Transaction, _: Refuses) -> NoContent {
    NoContent
}

/// A principal that opens a transaction before it is known who it is.
#[derive(Clone)]
struct Opened(Caller);

impl Principal for Opened {
    fn authority(&self) -> &Authority {
        self.0.authority()
    }
}

#[dependency(state = App)]
async fn opened(_: Transaction, caller: Caller) -> Opened {
    Opened(caller)
}

fn built(app: &App) -> palisade::router::Built {
    Router::<App, Opened>::new()
        .route("/good", get(good).public("a test"))
        .route("/missing", get(missing).public("a test"))
        .route("/panics", get(panics).public("a test"))
        .route("/refused", get(refused_later).public("a test"))
        .route("/guarded", get(good).requires(scope("more")))
        .route("/waits", get(waits).public("a test").post(waits).public("a test"))
        .route("/cancellable", post(waits).public("a test").cancellable())
        .with_state(app.clone())
        .build()
        .unwrap()
}

async fn ended(request: impl FnOnce(Client) -> palisade::testing::Request) -> (u16, Vec<String>) {
    let app = App::default();
    let response = request(Client::new(built(&app).router)).send().await;
    (response.status.as_u16(), app.log.all())
}

fn both(outcome: &str) -> Vec<String> {
    vec![format!("last registered: {outcome}"), format!("first registered: {outcome}")]
}

#[tokio::test]
async fn they_run_last_registered_first_and_learn_the_outcome() {
    assert_eq!(ended(|client| client.get("/good")).await, (200, both("Success")));
    assert_eq!(ended(|client| client.get("/missing")).await, (404, both("Failure")));
    assert_eq!(ended(|client| client.get("/panics")).await, (500, both("Panic")));
}

#[tokio::test]
async fn they_run_when_a_later_dependency_or_the_requirement_refuses() {
    assert_eq!(ended(|client| client.get("/refused")).await, (409, both("Failure")));
    assert_eq!(ended(|client| client.get("/guarded")).await, (401, both("Failure")));
    assert_eq!(ended(|client| client.bearer("ada").get("/guarded")).await, (403, both("Failure")));
}

#[tokio::test]
async fn a_commit_that_fails_is_a_500_and_the_rest_see_failure() {
    let log = vec!["last registered: Success".to_owned(), "first registered: Failure".to_owned()];
    for fault in ["fails", "panics"] {
        let ended = ended(|client| client.get("/good").header("x-cleanup", fault)).await;
        assert_eq!(ended, (500, log.clone()), "{fault}");
    }
    let kept = ended(|client| client.get("/missing").header("x-cleanup", "fails")).await;
    assert_eq!(kept, (404, both("Failure")), "what failed already stays what it is");
}

/// Sends a request, and gives up on it when it has reached the point it waits at.
async fn gives_up(app: &App, request: palisade::testing::Request) {
    let sent = tokio::spawn(request.send());
    app.entered.notified().await;
    sent.abort();
    assert!(sent.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_client_that_leaves_while_a_get_handler_runs_ends_it_as_client_gone() {
    let app = App::default();
    let built = built(&app);
    gives_up(&app, Client::new(built.router).get("/waits")).await;
    built.tasks.finished().await;
    assert_eq!(app.log.all(), both("ClientGone"), "and the handler does not go on");
}

#[tokio::test]
async fn a_client_that_leaves_during_a_clean_up_stops_none() {
    let app = App::default();
    let built = built(&app);
    gives_up(&app, Client::new(built.router).get("/good").header("x-cleanup", "waits")).await;
    assert_eq!(app.log.all(), ["last registered: Success"]);
    app.go_on.notify_one();
    built.tasks.finished().await;
    assert_eq!(app.log.all(), both("Success"));
}

#[tokio::test]
async fn an_unsafe_method_runs_to_its_end_without_its_client_and_a_shutdown_waits_for_it() {
    let app = App::default();
    let built = built(&app);
    gives_up(&app, Client::new(built.router).post("/waits")).await;
    let mut finished = std::pin::pin!(built.tasks.finished());
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(finished.as_mut().poll(context).is_pending(), "the handler still runs");
    app.go_on.notify_one();
    finished.await;
    let mut log = vec!["the handler went on".to_owned()];
    log.extend(both("Success"));
    assert_eq!(app.log.all(), log);
}

#[tokio::test]
async fn an_unsafe_method_that_says_so_is_cancelled() {
    let app = App::default();
    let built = built(&app);
    gives_up(&app, Client::new(built.router).post("/cancellable")).await;
    built.tasks.finished().await;
    assert_eq!(app.log.all(), both("ClientGone"));
}

#[tokio::test]
async fn a_request_dropped_where_no_runtime_is_still_cleans_up() {
    let app = App::default();
    let built = built(&app);
    let mut sent = Box::pin(Client::new(built.router).get("/waits").send());
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(sent.as_mut().poll(context).is_pending());
    std::thread::spawn(move || drop(sent)).join().unwrap();
    built.tasks.finished().await;
    assert_eq!(app.log.all(), both("ClientGone"));
}

#[tokio::test]
async fn a_clean_up_registered_in_a_clean_up_is_next_and_one_registered_too_late_runs_at_once() {
    let (log, keep) = (Log::default(), Arc::new(std::sync::Mutex::new(None)));
    let (noted, kept) = (log.clone(), keep.clone());
    let handler = move |cleanup: Cleanup| {
        *kept.lock().unwrap() = Some(cleanup.clone());
        let says = |log: &Log, what: &'static str| {
            let log = log.clone();
            move |outcome| async move {
                log.say(format!("{what}: {outcome:?}"));
                Ok(())
            }
        };
        cleanup.defer(says(&noted, "first"));
        let (outer, inner) = (cleanup.clone(), says(&noted, "within"));
        cleanup.defer(move |_| async move {
            outer.defer(inner);
            Ok(())
        });
        async { NoContent }
    };
    let router = Router::<(), Caller>::new().route("/", get(handler).public("a test")).build().unwrap();
    Client::new(router.router).get("/").send().await;
    assert_eq!(log.all(), ["within: Success", "first: Success"]);

    let late = keep.lock().unwrap().take().unwrap();
    let noted = log.clone();
    late.defer(move |outcome| async move {
        noted.say(format!("late: {outcome:?}"));
        Ok(())
    });
    router.tasks.finished().await;
    assert_eq!(log.all().last().unwrap(), "late: Success");
}

/// How a clean-up of a random sequence ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    Well,
    Failing,
    Panicking,
}

proptest! {
    #[test]
    fn any_sequence_runs_whole_in_reverse_and_sees_failure_after_the_first_fault(
        ends in proptest::collection::vec(
            (0..6_u8).prop_map(|n| match n { 0 => Ends::Failing, 1 => Ends::Panicking, _ => Ends::Well }),
            0..12,
        )
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let log = Log::default();
        let (noted, sequence) = (log.clone(), ends.clone());
        let handler = move |cleanup: Cleanup| {
            for (at, ends) in sequence.iter().copied().enumerate() {
                let log = noted.clone();
                cleanup.defer(move |outcome| async move {
                    log.say(format!("{at} {outcome:?}"));
                    match ends {
                        Ends::Well => Ok(()),
                        Ends::Failing => Err(Problem::internal("fails")),
                        Ends::Panicking => panic!("a clean-up of a random sequence"),
                    }
                });
            }
            async { NoContent }
        };
        let router = Router::<(), Caller>::new().route("/", get(handler).public("a test"));
        let status = runtime.block_on(async {
            Client::new(router.into_axum().unwrap()).get("/").send().await.status
        });
        let mut failed = false;
        let mut expected = Vec::new();
        for (at, ends) in ends.iter().enumerate().rev() {
            expected.push(format!("{at} {}", if failed { "Failure" } else { "Success" }));
            failed |= *ends != Ends::Well;
        }
        assert_eq!(log.all(), expected);
        assert_eq!(status.as_u16(), if failed { 500 } else { 204 });
    }
}
