//! What may be missing is an `Option` around all alternatives, not one of them.

use palisade::{credential::AnyOf, prelude::*};

async fn hello(_: AnyOf<(Option<Bearer>, Bearer)>) -> &'static str {
    "hello"
}

fn main() {
    let _: Router = Router::new().route("/", get(hello).public("it greets"));
}
