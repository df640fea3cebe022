//! The picture of who may call what: what its cells say, and what it cannot be made to do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod attacks;
mod cells;
mod page;

use palisade::{extract::Query, prelude::*};

/// `Admin` includes `Editor`, which includes `User`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Staff {
    User,
    #[role(includes(User), scopes("items:write"))]
    Editor,
    #[role(includes(Editor))]
    Admin,
}

#[derive(Clone, Debug)]
struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn caller(_: Query<()>) -> Caller {
    Caller(Authority::account("ada"))
}

type Api = Router<(), Caller>;

async fn done() -> &'static str {
    "done"
}

fn picture(api: Api) -> String {
    api.describe().unwrap().0.to_html("Who may call what")
}

/// What stands between two texts, as often as it does.
fn between<'a>(page: &'a str, before: &'a str, after: &'a str) -> Vec<&'a str> {
    page.split(before).skip(1).map(|rest| rest.split_once(after).unwrap().0).collect()
}
