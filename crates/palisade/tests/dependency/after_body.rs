//! The second kind of clean-ups: when the server has let go of the body, complete or cut off, whatever the response is.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Request};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use palisade::{exchange::Tasks, prelude::*};
use tower::ServiceExt;

use crate::common::{Caller, Log};

/// A dependency that notes both ends of its request.
#[derive(Clone)]
struct Watched;

#[dependency(state = Log)]
async fn watched(State(log): State<Log>, cleanup: Cleanup) -> Watched {
    for name in ["first registered", "last registered"] {
        let log = log.clone();
        cleanup.after_body(move |outcome, end| async move {
            log.say(format!("{name}: {outcome:?}, {end:?}"));
            Ok(())
        });
    }
    cleanup.defer(move |outcome| async move {
        log.say(format!("before the response: {outcome:?}"));
        Ok(())
    });
    Watched
}

/// A body of two frames and trailers, which notes when it is dropped.
struct Frames {
    left: Vec<Result<Frame<Bytes>, axum::Error>>,
    log: Log,
}

impl Frames {
    fn of(log: &Log, fault: bool) -> Response {
        let trailers = HeaderMap::from_iter([(http::header::ETAG, http::HeaderValue::from_static("\"1\""))]);
        let last = match fault {
            true => Err(axum::Error::new(std::io::Error::other("the source broke off"))),
            false => Ok(Frame::trailers(trailers)),
        };
        let left = vec![last, Ok(Frame::data("two".into())), Ok(Frame::data("one ".into()))];
        Response::new(Body::new(Self { left, log: log.clone() }))
    }
}

impl HttpBody for Frames {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Poll::Ready(self.left.pop())
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.left.len() as u64);
        hint
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.log.say("the body is gone");
    }
}

async fn text(_: Watched) -> &'static str {
    "text"
}

async fn nothing(_: Watched) -> NoContent {
    NoContent
}

async fn missing(_: Watched) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such thing")
}

async fn panics(_: Watched) -> NoContent {
    panic!("a fault of the handler")
}

async fn stream(_: Watched, State(log): State<Log>) -> Undescribed<Response> {
    Undescribed(Frames::of(&log, false))
}

async fn breaking(_: Watched, State(log): State<Log>) -> Undescribed<Response> {
    Undescribed(Frames::of(&log, true))
}

/// Announces the length of a stream, of which a server need not ask whether there is more.
async fn announced(_: Watched, State(log): State<Log>) -> Undescribed<Response> {
    Undescribed(([(http::header::CONTENT_LENGTH, "7")], Frames::of(&log, false)).into_response())
}

async fn waits(_: Watched) -> NoContent {
    std::future::pending().await
}

struct App {
    router: axum::Router,
    tasks: Tasks,
    log: Log,
}

impl App {
    fn new() -> Self {
        let log = Log::default();
        let built = Router::<Log, Caller>::new()
            .route("/text", get(text).public("a test").post(text).public("a test"))
            .route("/nothing", get(nothing).public("a test"))
            .route("/missing", get(missing).public("a test"))
            .route("/panics", get(panics).public("a test"))
            .route("/stream", get(stream).public("a test"))
            .route("/breaking", get(breaking).public("a test"))
            .route("/announced", get(announced).public("a test"))
            .route("/waits", get(waits).public("a test"))
            .with_state(log.clone())
            .build()
            .unwrap();
        Self { router: built.router, tasks: built.tasks, log }
    }

    async fn answer(&self, method: Method, path: &str) -> Response {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// What was noted of a request whose response was dealt with by `read`.
    async fn noted(method: Method, path: &str, read: impl AsyncFnOnce(Response)) -> Vec<String> {
        let app = Self::new();
        let response = app.answer(method, path).await;
        assert!(!app.log.all().iter().any(|said| said.contains("registered")), "not while there is a body");
        read(response).await;
        app.tasks.finished().await;
        app.log.all()
    }
}

async fn whole(response: Response) {
    let _ = response.into_body().collect().await;
}

fn both(outcome: &str, end: &str) -> Vec<String> {
    ["last registered", "first registered"].map(|name| format!("{name}: {outcome}, {end}")).to_vec()
}

fn all(outcome: &str, end: &str) -> Vec<String> {
    let mut all = vec![format!("before the response: {outcome}")];
    all.extend(both(outcome, end));
    all
}

fn with_body(outcome: &str, end: &str) -> Vec<String> {
    let mut all = all(outcome, end);
    all.insert(1, "the body is gone".into());
    all
}

#[tokio::test]
async fn it_runs_when_the_body_was_read_last_registered_first_and_after_the_first_kind() {
    assert_eq!(App::noted(Method::GET, "/text", whole).await, all("Success", "Complete"));
    assert_eq!(App::noted(Method::POST, "/text", whole).await, all("Success", "Complete"));
    assert_eq!(App::noted(Method::GET, "/missing", whole).await, all("Failure", "Complete"));
    assert_eq!(App::noted(Method::GET, "/panics", whole).await, all("Panic", "Complete"));
}

#[tokio::test]
async fn it_runs_after_a_stream_when_what_the_stream_holds_is_gone() {
    assert_eq!(App::noted(Method::GET, "/stream", whole).await, with_body("Success", "Complete"));
    assert_eq!(App::noted(Method::GET, "/breaking", whole).await, with_body("Success", "CutOff"));
}

#[tokio::test]
async fn a_body_dropped_before_its_end_was_cut_off() {
    let never_polled = async |response: Response| drop(response);
    assert_eq!(App::noted(Method::GET, "/stream", never_polled).await, with_body("Success", "CutOff"));
    assert_eq!(App::noted(Method::GET, "/text", never_polled).await, all("Success", "CutOff"));
    assert_eq!(App::noted(Method::GET, "/missing", never_polled).await, all("Failure", "CutOff"));
    let in_the_middle = async |response: Response| drop(response.into_body().frame().await);
    assert_eq!(App::noted(Method::GET, "/stream", in_the_middle).await, with_body("Success", "CutOff"));
}

#[tokio::test]
async fn a_response_without_a_body_is_complete_though_nobody_asks_for_one() {
    let never_polled = async |response: Response| drop(response);
    assert_eq!(App::noted(Method::GET, "/nothing", never_polled).await, all("Success", "Complete"));
    // What a `HEAD` would have been answered with is gone before the response is.
    let app = App::new();
    let head = app.answer(Method::HEAD, "/stream").await;
    assert!(head.body().is_end_stream());
    app.tasks.finished().await;
    assert_eq!(app.log.all(), with_body("Success", "Complete"));
}

#[tokio::test]
async fn a_body_of_an_announced_length_is_complete_with_its_last_byte() {
    let two_frames = async |response: Response| {
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        body.frame().await.unwrap().unwrap();
    };
    assert_eq!(App::noted(Method::GET, "/announced", two_frames).await, with_body("Success", "Complete"));
    assert_eq!(App::noted(Method::GET, "/stream", two_frames).await, with_body("Success", "CutOff"));
}

#[tokio::test]
async fn a_client_that_leaves_before_the_response_cut_it_off() {
    let app = App::new();
    let mut waiting = Box::pin(app.answer(Method::GET, "/waits"));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(waiting);
    app.tasks.finished().await;
    assert_eq!(app.log.all(), all("ClientGone", "CutOff"));
}

#[tokio::test]
async fn a_watched_body_is_what_it_was() {
    let app = App::new();
    let body = app.answer(Method::GET, "/text").await.into_body();
    assert_eq!(body.size_hint().exact(), Some(4));
    assert!(!body.is_end_stream());
    assert!(app.answer(Method::GET, "/nothing").await.into_body().is_end_stream());

    let stream = app.answer(Method::GET, "/stream").await.into_body();
    assert_eq!((stream.size_hint().lower(), stream.size_hint().upper()), (3, None));
    let collected = stream.collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["etag"], "\"1\"");
    assert_eq!(collected.to_bytes(), "one two");
}

#[tokio::test]
async fn a_shutdown_waits_for_bodies_and_what_comes_after_them() {
    let app = App::new();
    let response = app.answer(Method::GET, "/stream").await;
    let mut finished = Box::pin(app.tasks.finished());
    let context = &mut Context::from_waker(Waker::noop());
    assert!(finished.as_mut().poll(context).is_pending(), "the body is still being sent");
    drop(response);
    assert!(finished.as_mut().poll(context).is_pending(), "what comes after it is still to run");
    finished.await;
    assert_eq!(app.log.all(), with_body("Success", "CutOff"));
}

#[tokio::test]
async fn one_that_fails_or_panics_stops_no_other_and_changes_nothing() {
    let log = Log::default();
    let noted = log.clone();
    let handler = move |cleanup: Cleanup| {
        let log = noted.clone();
        cleanup.after_body(move |outcome, _| async move {
            log.say(format!("{outcome:?}"));
            Ok(())
        });
        cleanup.after_body(|_, _| async { panic!("after a body") });
        cleanup.after_body(|_, _| async { Err(Problem::internal("after a body")) });
        async { "text" }
    };
    let built = Router::<(), Caller>::new().route("/", get(handler).public("a test")).build().unwrap();
    let response = built.router.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(response.status(), 200);
    drop(response);
    built.tasks.finished().await;
    assert_eq!(log.all(), ["Success"]);
}

#[tokio::test]
async fn one_registered_while_the_body_is_sent_runs_after_it_and_one_registered_too_late_at_once() {
    let (log, kept) = (Log::default(), std::sync::Arc::new(std::sync::Mutex::new(None::<Cleanup>)));
    let keep = kept.clone();
    let watched = move |cleanup: Cleanup| {
        cleanup.after_body(|_, _| async { Ok(()) });
        *keep.lock().unwrap() = Some(cleanup);
        async { "text" }
    };
    let keep = kept.clone();
    let unwatched = move |cleanup: Cleanup| {
        *keep.lock().unwrap() = Some(cleanup);
        async { "text" }
    };
    let built = Router::<(), Caller>::new()
        .route("/", get(watched).public("a test"))
        .route("/unwatched", get(unwatched).public("a test"))
        .build()
        .unwrap();
    let register = |name: &'static str| {
        let log = log.clone();
        kept.lock().unwrap().as_ref().unwrap().after_body(move |outcome, end| async move {
            log.say(format!("{name}: {outcome:?}, {end:?}"));
            Ok(())
        });
    };
    let ask = |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let router = built.router.clone();
        async { router.oneshot(request).await.unwrap() }
    };

    let response = ask("/").await;
    register("in the body");
    tokio::task::yield_now().await;
    assert_eq!(log.all(), Vec::<String>::new());
    whole(response).await;
    built.tasks.finished().await;
    register("too late");
    built.tasks.finished().await;
    assert_eq!(log.all(), ["in the body: Success, Complete", "too late: Success, Complete"]);

    whole(ask("/unwatched").await).await;
    register("of a body nobody watched");
    built.tasks.finished().await;
    assert_eq!(log.all().last().unwrap(), "of a body nobody watched: Success, CutOff");
}
