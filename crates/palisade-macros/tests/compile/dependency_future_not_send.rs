use std::rc::Rc;

use palisade::prelude::*;

async fn wait() {}

#[derive(Clone)]
struct Counter(u8);

#[dependency]
async fn counter() -> Counter {
    let counter = Rc::new(1);
    wait().await;
    Counter(*counter)
}

fn main() {}
