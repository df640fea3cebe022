use std::rc::Rc;

use palisade::prelude::*;

async fn wait() {}

async fn count() -> NoContent {
    let counter = Rc::new(1);
    wait().await;
    drop(counter);
    NoContent
}

fn main() {
    let _: Router = Router::new().route("/", get(count).public("anybody may count"));
}
