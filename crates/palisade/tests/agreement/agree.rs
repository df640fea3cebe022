//! The comparison: server, document and table, case by case.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use serde_json::Value;

use crate::{
    document,
    drawn::Draw,
    facts::Facts,
    listed,
    served::{Served, drawn},
    truth::Answer,
};

/// How many requests are compared.
const CASES: usize = 105_000;
const ROUTES: usize = 20;
/// How many requests each route gets.
const CALLERS: usize = 150;
/// One request of so many is asked in both ways in which a router can be served; the others are asked of the service.
const BOTH_WAYS: usize = 2;

/// What the server answered to somebody at one route.
pub(crate) struct Answered {
    route: usize,
    facts: Arc<Facts>,
    answer: Answer,
}

#[expect(clippy::print_stdout, reason = "whoever reads a failure needs the seed")]
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("PALISADE_TEST_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    println!("PALISADE_TEST_SEED={seed}");
    seed
}

/// The answers of `served` to callers that are drawn.
pub(crate) fn ask(served: &Served, draw: &mut Draw, callers: usize) -> Vec<Answered> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut answered = Vec::new();
        for route in 0..served.routes.len() {
            for caller in 0..callers {
                let facts = Arc::new(Facts::drawn(draw));
                let answer = match caller % BOTH_WAYS {
                    0 => served.answer_in_both_ways(route, &facts).await,
                    _ => served.answer(route, &facts).await,
                };
                answered.push(Answered { route, facts, answer });
            }
        }
        answered
    })
}

fn row<'a>(table: &'a Value, served: &Served, route: usize) -> &'a Value {
    let (method, path) = &served.routes[route];
    let is_it = |row: &&Value| row["path"] == **path && row["method"] == *method.as_str();
    table.as_array().unwrap().iter().find(is_it).unwrap_or_else(|| panic!("{method} {path} is not listed"))
}

/// Each case in which the three do not agree, in words.
pub(crate) fn disagreements(
    served: &Served,
    document: &Value,
    table: &Value,
    answered: &[Answered],
) -> Vec<String> {
    let mut found = Vec::new();
    for Answered { route, facts, answer } in answered {
        let (method, path) = &served.routes[*route];
        let operation = &document["paths"][path][method.as_str().to_ascii_lowercase()];
        let row = row(table, served, *route);
        let documented = document::answers(operation, facts);
        let listed = listed::answers(row, facts);
        let refused = *answer == Answer::Allowed && !document::security_admits(operation, facts);
        if documented != *answer || listed != Some(*answer) || refused {
            found.push(format!(
                "{method} {path}: the server says {answer:?}, the document {documented:?}, the table {listed:?}, and \
                 `security` {} it\n  {}\n  {row}\n  {facts:?}",
                if refused { "refuses" } else { "does not refuse" },
                serde_json::json!([operation["x-palisade-requirement"], operation["security"]]),
            ));
        }
    }
    found
}

#[test]
fn server_document_and_table_agree_in_a_hundred_thousand_cases() {
    let seed = seed();
    let (next, cases) = (AtomicU64::new(0), AtomicUsize::new(0));
    let tally = [const { AtomicUsize::new(0) }; 4];
    let compare = || {
        while cases.fetch_add(ROUTES * CALLERS, Ordering::SeqCst) < CASES {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let mut draw = Draw::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
            let served = drawn(&mut draw, ROUTES);
            let answered = ask(&served, &mut draw, CALLERS);
            for case in &answered {
                tally[case.answer as usize].fetch_add(1, Ordering::SeqCst);
            }
            let found = disagreements(&served, &served.document, &served.table, &answered);
            assert!(
                found.is_empty(),
                "seed {seed}, router {number}: {} cases, the first of them\n{}",
                found.len(),
                found[0]
            );
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(compare)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let tally = tally.map(|count| count.load(Ordering::SeqCst));
    println!("{} cases: {tally:?} allowed, 401, 403, 503", tally.iter().sum::<usize>());
    assert!(tally.iter().sum::<usize>() >= 100_000, "{tally:?}");
    assert!(tally.iter().all(|count| *count > 2_000), "every answer is common: {tally:?}");
}
