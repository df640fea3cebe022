use palisade::prelude::*;

#[derive(Clone)]
struct Greeting(&'static str);

#[dependency]
async fn greeting() -> Greeting {
    Greeting("hello")
}

#[dependency]
async fn another() -> Greeting {
    Greeting("welcome")
}

fn main() {}
