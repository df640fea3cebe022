use palisade::prelude::*;

async fn read() -> axum::response::Response {
    Default::default()
}

fn main() {
    let _: Router = Router::new().route("/", get(read).public("anybody may read"));
}
