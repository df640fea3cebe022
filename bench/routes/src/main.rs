//! What a request costs by kind of route: answers one kind on one side so often, and prints what that allocated.
//!
//! `routes KIND SIDE COUNT`, where the side is `palisade`, `axum` (the route that does the same work without security), or
//! `nothing` (the requests are made and dropped, which is no part of the cost). Without arguments it lists the kinds.
//! `bench/instructions` runs it under callgrind and makes the table. The requests do not go over a socket.

mod app;
mod bare;
mod guarded;
mod kind;
mod service;

use std::{alloc::System, env, error::Error, hint::black_box, process::ExitCode};

use http_body_util::BodyExt as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

use self::{
    app::App,
    kind::{Kind, Template},
    service::{Service, call},
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Requests before those that count: the token is verified, and what is made once is made.
const WARM_UP: usize = 200;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program says what it found")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let said = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(Kind::ALL.map(Kind::name).join("\n")),
        [kind, side, count] => measure(kind, side, count),
        _ => Err("usage: routes [KIND palisade|axum|nothing COUNT]".into()),
    };
    match said {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(kind: &str, side: &str, count: &str) -> Result<String, Box<dyn Error>> {
    let kind = Kind::named(kind).ok_or_else(|| format!("there is no kind `{kind}`"))?;
    let count: usize = count.parse()?;
    let (app, token) = App::with_a_token()?;
    let template = kind.template(&token)?;
    let service = match side {
        "palisade" => Some(guarded::service(kind, app)?),
        "axum" => Some(bare::service(kind, app)),
        "nothing" => None,
        _ => return Err(format!("there is no side `{side}`").into()),
    };
    let runtime = Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(answer(service.as_ref(), &template, WARM_UP));
    let region = Region::new(ALLOCATOR);
    counted(&runtime, service.as_ref(), &template, count);
    let change = region.change();
    let future = service.as_ref().map(|service| service.future_size(template.request()));
    let said = serde_json::json!({
        "kind": kind.name(),
        "side": side,
        "count": count,
        "allocations": change.allocations,
        "reallocations": change.reallocations,
        "bytes": change.bytes_allocated,
        "future": future,
    });
    Ok(said.to_string())
}

/// What callgrind counts: it knows this function by its name.
#[inline(never)]
fn counted(runtime: &Runtime, service: Option<&Service>, template: &Template, count: usize) {
    runtime.block_on(answer(service, template, count));
}

async fn answer(service: Option<&Service>, template: &Template, count: usize) {
    for _ in 0..count {
        let request = black_box(template.request());
        let Some(service) = service else { continue };
        let response = call(service, request).await;
        assert_eq!(response.status(), template.expected);
        // As a server that sends it.
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            black_box(frame).expect("the body is in memory");
        }
    }
}
