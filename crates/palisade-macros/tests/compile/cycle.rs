use palisade::prelude::*;

#[derive(Clone)]
struct Hen;

#[derive(Clone)]
struct Egg;

#[dependency]
async fn hen(_: Egg) -> Hen {
    Hen
}

#[dependency]
async fn egg(_: Hen) -> Egg {
    Egg
}

async fn breed(_: Hen) -> NoContent {
    NoContent
}

fn main() {
    let _: Router = Router::new().route("/", post(breed).public("anybody may breed"));
}
