use palisade::prelude::*;

#[derive(Clone)]
struct User;

#[dependency]
async fn user(_: Bearer) -> User {
    User
}

async fn read(_: User) -> NoContent {
    NoContent
}

fn main() {
    let _: Router<(), User> = Router::new().route("/me", get(read).requires(signed_in()));
}
