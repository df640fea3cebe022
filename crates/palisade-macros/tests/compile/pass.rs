//! What compiles: every shape of handler and dependency.

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

#[derive(Clone)]
struct App;

#[derive(Clone)]
struct Greeting(String);

#[dependency]
async fn greeting(user: Option<User>) -> Greeting {
    Greeting(user.map_or("hello".into(), |_| "welcome".into()))
}

#[dependency(state = App)]
async fn foreign(State(_): State<App>) -> Result<std::time::Duration, Problem> {
    Ok(std::time::Duration::ZERO)
}

// What is configured away is away whole.
#[dependency]
#[cfg(any())]
async fn absent(_: NoSuchType) -> NoSuchType {
    NoSuchType
}

#[derive(Clone)]
struct ByHand;

#[dependency]
impl<S: Send + Sync> Dependency<S> for ByHand {
    async fn resolve(_: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl<S> Describe<S> for ByHand {
    fn describe(_: &mut Description<'_>) {}
}

async fn all(_: User, Greeting(text): Greeting, _: std::time::Duration, _: ByHand, _: String) -> String {
    text
}

fn main() {
    let _: Router<App, User> = Router::new()
        .route("/", get(all).requires(signed_in() & !role_of_nobody()).post(all).requires(scope("write")))
        .route("/open", get(async |_: Option<User>| "hello").public("anybody may be greeted"));
}

fn role_of_nobody() -> Requirement {
    check("nobody", |_| false)
}
