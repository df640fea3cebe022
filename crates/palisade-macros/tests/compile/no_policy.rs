use palisade::prelude::*;

#[derive(Clone)]
struct User(Authority);

impl Principal for User {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn user(token: Bearer) -> User {
    User(Authority::account(token.expose()))
}

struct Doc(u64);

impl Resource for Doc {
    type Principal = User;
    type Id = u64;
    const PARAMETER: &'static str = "doc";

    fn id(&self) -> u64 {
        self.0
    }
}

impl Load<()> for Doc {
    async fn load(id: &u64, _: &()) -> Result<Option<Self>, Problem> {
        Ok(Some(Self(*id)))
    }
}

struct Delete;

async fn delete_doc(_: Granted<Delete, Doc>) -> NoContent {
    NoContent
}

async fn list(_: Grants<Delete, Doc>) -> NoContent {
    NoContent
}

fn main() {
    let _: Router<(), User> = Router::new()
        .route("/docs/{doc}", delete(delete_doc).requires(signed_in()))
        .route("/docs", get(list).requires(signed_in()));
}
