use palisade::prelude::*;

struct Settings;

#[derive(Clone)]
struct Greeting(&'static str);

#[dependency]
async fn greeting(_: Settings) -> Greeting {
    Greeting("hello")
}

async fn greet(greeting: Greeting) -> &'static str {
    greeting.0
}

fn main() {
    let _: Router = Router::new().route("/", get(greet).public("anybody may be greeted"));
}
