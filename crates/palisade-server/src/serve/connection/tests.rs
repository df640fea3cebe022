//! One connection over a stream in memory. The clock is paused: it goes on when all tasks wait.

use std::{
    future::pending,
    ops::RangeInclusive,
    task::{Context, ready},
};

use axum::{Router, body::Bytes, routing::get};
use http_body::Frame;
use tokio::{
    io::{DuplexStream, duplex, split},
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, Interval, interval, sleep},
};

use super::*;
use crate::serve::foreign::served;

const HEADER_TIME: Duration = Duration::from_secs(4);
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// Longer than an idle connection may live.
const LONG: Duration = Duration::from_secs(7);
const GET: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// When an idle connection is cut off, with what the runtime's timers round.
fn in_time() -> RangeInclusive<Duration> {
    HEADER_TIME..=HEADER_TIME * 5 / 4 + Duration::from_millis(10)
}

struct Client {
    stream: DuplexStream,
    shutdown: Shutdown,
    serving: JoinHandle<()>,
}

/// Connects to a server whose socket holds `buffer` bytes.
fn connect_with(buffer: usize, router: Router) -> Client {
    let settings = Server {
        header_seconds: HEADER_TIME.as_secs(),
        request_seconds: REQUEST_TIME.as_secs(),
        ..Server::default()
    };
    let address = SocketAddr::from(([127, 0, 0, 1], 80));
    let edge = Edge::new(&settings, "http://localhost", address, served(router)).unwrap();
    let shutdown = Shutdown::default();
    let connections = Connections::new(Arc::new(edge), &settings, shutdown.clone());
    let (stream, other) = duplex(buffer);
    Client { stream, shutdown, serving: tokio::spawn(connections.serve(other, address)) }
}

fn connect(router: Router) -> Client {
    connect_with(64 * 1024, router)
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Answers with the length of the body.
fn upload() -> Router {
    Router::new().route("/", get(|body: Bytes| async move { body.len().to_string() }))
}

impl Client {
    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads up to the end of what is awaited.
    async fn read_until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            let byte = self.stream.read_u8().await.unwrap_or_else(|error| panic!("{error} after {text}"));
            text.push(char::from(byte));
        }
        text
    }

    /// Reads up to the end of the connection.
    async fn read_to_end(&mut self) -> String {
        let mut text = String::new();
        self.stream.read_to_string(&mut text).await.unwrap();
        text
    }

    async fn get(&mut self) {
        self.send(GET).await;
        self.read_until("hello").await;
    }

    /// How long it takes until the connection is closed without a response, while one byte after the other is sent.
    async fn time_until_cut_off(self, mut bytes: impl Iterator<Item = u8>) -> Duration {
        let start = Instant::now();
        let (mut reader, mut writer) = split(self.stream);
        let trickle = async {
            loop {
                match bytes.next() {
                    Some(byte) => writer.write_u8(byte).await.unwrap(),
                    None => pending().await,
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        let mut rest = Vec::new();
        tokio::select! {
            read = reader.read_to_end(&mut rest) => assert_eq!(read.unwrap(), 0),
            () = trickle => {}
            () = sleep(HEADER_TIME * 10) => panic!("it is still open"),
        }
        start.elapsed()
    }
}

#[tokio::test(start_paused = true)]
async fn attack_client_that_sends_nothing() {
    let time = connect(hello()).time_until_cut_off(std::iter::empty()).await;
    assert!(in_time().contains(&time), "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn attack_head_byte_by_byte() {
    for head in ["GET / HTTP/1.1\r\nhost: localhost\r\nx: ", "\r\n\r\n\r\n"] {
        let bytes = || head.bytes().chain(std::iter::repeat(*head.as_bytes().last().unwrap()));
        let time = connect(hello()).time_until_cut_off(bytes()).await;
        assert!(in_time().contains(&time), "{time:?}");
        let mut client = connect(hello());
        client.get().await;
        let time = client.time_until_cut_off(bytes()).await;
        assert!(in_time().contains(&time), "after a request: {time:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn attack_idle_after_a_request() {
    for tenths in 0..=25 {
        let mut client = connect(hello());
        for _ in 0..3 {
            client.get().await;
            sleep(Duration::from_millis(100) * tenths).await;
        }
        client.get().await;
        let time = client.time_until_cut_off(std::iter::empty()).await;
        assert!(in_time().contains(&time), "{time:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_connection_that_is_used_is_not_cut_off() {
    let mut client = connect(hello());
    for _ in 0..100 {
        client.get().await;
        sleep(HEADER_TIME - Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_longer_than_a_head() {
    let slow = || async {
        sleep(LONG).await;
        "hello"
    };
    let mut client = connect(Router::new().route("/", get(slow)));
    client.get().await;
    client.get().await;
    let time = client.time_until_cut_off(std::iter::empty()).await;
    assert!(in_time().contains(&time), "the idle time began with the response: {time:?}");
}

#[tokio::test(start_paused = true)]
async fn attack_handler_that_never_answers() {
    let mut client = connect(Router::new().route("/", get(pending::<()>)));
    let start = Instant::now();
    client.send(GET).await;
    assert!(client.read_until("later\"}").await.starts_with("HTTP/1.1 503"));
    assert_eq!(start.elapsed().as_secs(), REQUEST_TIME.as_secs() + 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_may_take_longer_than_a_head() {
    let mut client = connect(upload());
    client.send("GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\n").await;
    for byte in ["1", "2", "3"] {
        sleep(LONG).await;
        client.send(byte).await;
    }
    client.read_until("\r\n\r\n3").await;
}

#[tokio::test(start_paused = true)]
async fn a_client_may_wait_longer_than_a_head_after_100_continue() {
    let mut client = connect(upload());
    client
        .send("GET / HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await;
    assert_eq!(client.read_until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    sleep(LONG).await;
    client.send("123").await;
    client.read_until("\r\n\r\n3").await;
    let time = client.time_until_cut_off(std::iter::empty()).await;
    assert!(in_time().contains(&time), "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn attack_100_continue_without_a_body() {
    let mut client = connect(upload());
    let start = Instant::now();
    client
        .send("GET / HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await;
    let text = client.read_to_end().await;
    assert!(text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 408"), "{text}");
    assert_eq!(start.elapsed().as_secs(), REQUEST_TIME.as_secs());
}

#[tokio::test(start_paused = true)]
async fn attack_body_that_never_comes_after_its_response() {
    let (keep, _kept) = mpsc::channel(1);
    let router = Router::new()
        .route("/", get(|body: Body| async move { keep.send(body).await.map(|()| "hello").unwrap() }));
    let mut client = connect(router);
    client.send("GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n").await;
    client.read_until("hello").await;
    let time = client.time_until_cut_off(std::iter::repeat(b'x')).await;
    assert!(in_time().contains(&time), "{time:?}");
}

/// A body of a hundred bytes, one with each tick.
struct Ticks(Interval, usize);

impl http_body::Body for Ticks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.1 == 100 {
            return Poll::Ready(None);
        }
        ready!(self.0.poll_tick(context));
        self.1 += 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_may_be_streamed_for_longer_than_a_head_takes() {
    let mut client = connect(Router::new().route("/", get(|| async { Body::new(Ticks(interval(LONG), 0)) })));
    client.send(GET).await;
    let text = client.read_until("\r\n0\r\n\r\n").await;
    assert_eq!(text.matches("1\r\nx\r\n").count(), 100);
    let time = client.time_until_cut_off(std::iter::empty()).await;
    assert!(in_time().contains(&time), "{time:?}");
}

/// hyper drops the body when it has its last bytes, long before the client has them.
#[tokio::test(start_paused = true)]
async fn a_client_may_read_a_response_for_longer_than_a_head_takes() {
    const LENGTH: usize = 1024 * 1024;
    let mut client = connect_with(32 * 1024, Router::new().route("/", get(|| async { "x".repeat(LENGTH) })));
    client.send(GET).await;
    client.read_until("\r\n\r\n").await;
    let mut bytes = vec![0; 32 * 1024];
    for _ in 1..LENGTH / bytes.len() {
        sleep(LONG).await;
        client.stream.read_exact(&mut bytes).await.unwrap();
    }
    // The socket holds the rest.
    client.stream.read_exact(&mut bytes).await.unwrap();
    let time = client.time_until_cut_off(std::iter::empty()).await;
    assert!(in_time().contains(&time), "the idle time began with the last write: {time:?}");
}

#[tokio::test(start_paused = true)]
async fn attack_client_that_reads_nothing() {
    let router = Router::new().route("/", get(|| async { "x".repeat(1024 * 1024) }));
    let mut client = connect_with(1024, router);
    let start = Instant::now();
    client.send(GET).await;
    // Its head is trickled meanwhile.
    let trickle = async {
        while client.stream.write_u8(b'G').await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        ended = client.serving => ended.unwrap(),
        () = trickle => {}
    }
    let time = start.elapsed();
    assert!(time >= REQUEST_TIME && time <= REQUEST_TIME + LINGER + Duration::from_secs(1), "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn pipelined_requests_are_all_answered() {
    let slow = || async {
        sleep(LONG).await;
        "hello"
    };
    let mut client = connect(hello().route("/slow", get(slow)));
    client.send(&[GET, GET, &GET.replace("/ ", "/slow "), GET, "GET / HTTP/1.1\r\nho"].concat()).await;
    for _ in 0..4 {
        assert!(client.read_until("hello").await.starts_with("HTTP/1.1 200"));
    }
    let time = client.time_until_cut_off(b"st: ".iter().copied().chain(std::iter::repeat(b'x'))).await;
    assert!(in_time().contains(&time), "half a head is not a request: {time:?}");
}

#[tokio::test(start_paused = true)]
async fn attack_refused_request_whose_body_never_comes() {
    let mut client = connect(upload());
    let start = Instant::now();
    client.send("GET / HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 9\r\n\r\n1").await;
    let text = client.read_to_end().await;
    assert!(text.starts_with("HTTP/1.1 421"), "{text}");
    assert!(start.elapsed() <= *in_time().end());
}

#[tokio::test(start_paused = true)]
async fn a_malformed_head_is_answered_and_the_connection_closed() {
    let mut client = connect(hello());
    client.get().await;
    let start = Instant::now();
    client.send("GET\r\n\r\n").await;
    assert!(client.read_to_end().await.starts_with("HTTP/1.1 400"));
    assert!(start.elapsed() < Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_leaves_its_connection_idle() {
    async fn panics() {
        std::panic::resume_unwind(Box::new("a handler"));
    }
    let mut client = connect(Router::new().route("/", get(panics)));
    let start = Instant::now();
    client.send(GET).await;
    assert!(client.read_to_end().await.starts_with("HTTP/1.1 500"));
    assert!(in_time().contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_idle_connections_at_once() {
    let unused = connect(hello());
    let mut used = connect(hello());
    used.get().await;
    sleep(Duration::from_secs(1)).await;
    for client in [unused, used] {
        let start = Instant::now();
        client.shutdown.ask();
        client.serving.await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_finishes_requests_in_flight() {
    let slow = || async {
        sleep(LONG).await;
        "hello"
    };
    let mut client = connect(Router::new().route("/", get(slow)));
    client.send(GET).await;
    sleep(Duration::from_secs(1)).await;
    client.shutdown.ask();
    client.read_until("hello").await;
    let start = Instant::now();
    client.serving.await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn attack_half_a_head_at_the_shutdown() {
    let mut client = connect(hello());
    client.send("GET / HT").await;
    sleep(Duration::from_secs(1)).await;
    client.shutdown.ask();
    let start = Instant::now();
    client.serving.await.unwrap();
    assert!(start.elapsed() <= *in_time().end());
}
