use palisade::prelude::*;

#[derive(Clone)]
struct User(Authority);

impl Principal for User {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn user(token: Bearer) -> Result<User, Denied> {
    Ok(User(Authority::account(token.expose())))
}

async fn read(_: User) -> NoContent {
    NoContent
}

fn main() {
    let _: Router<(), User> = Router::new().route("/me", get(read));
}
