//! Routers of which only what they say counts.

use palisade::{
    credential::{ApiKeyHeader, ApiKeyScheme},
    extract::Query,
    lock::Lock,
    prelude::*,
};

/// `Admin` includes `Editor`, which includes `User`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    User,
    #[role(includes(User), scopes("items:write"))]
    Editor,
    #[role(includes(Editor))]
    Admin,
}

/// Who is calling, in most of these tests.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn caller(_: Query<()>) -> Caller {
    Caller(Authority::account("ada"))
}

pub(crate) type Api = Router<(), Caller>;

pub(crate) async fn done() -> &'static str {
    "done"
}

pub(crate) fn lock<P>(api: Router<(), P>) -> Lock {
    Lock::of(&api.describe().unwrap_or_else(|errors| panic!("{errors}")).0)
}

/// One route that requires this.
pub(crate) fn requiring(requirement: Requirement) -> Api {
    Api::new().route("/items", post(done).requires(requirement))
}

/// The lines of what changed, from one router to the other; and that what was written down tells the same.
pub(crate) fn changed<P, P2>(old: Router<(), P>, new: Router<(), P2>) -> Vec<String> {
    let (old, new) = (lock(old), lock(new));
    let lines = |old: &Lock, new: &Lock| -> Vec<String> {
        old.changes(new).iter().map(ToString::to_string).collect()
    };
    let written: Lock = old.to_string().parse().unwrap();
    assert_eq!(lines(&written, &new), lines(&old, &new), "as written:\n{old}");
    assert_eq!(old.changes(&old), []);
    lines(&old, &new)
}

/// What changes where one route's requirement does, after `POST /items: `.
pub(crate) fn from_to(old: Requirement, new: Requirement) -> Vec<String> {
    let of_the_route = |line: &String| line.strip_prefix("POST /items: ").map(str::to_owned);
    changed(requiring(old), requiring(new)).iter().filter_map(of_the_route).collect()
}

/// A key in a header.
#[derive(Debug)]
pub(crate) struct InHeader;

impl ApiKeyScheme for InHeader {
    const NAME: &'static str = "Key";
    const PARAMETER: &'static str = "x-api-key";
}

pub(crate) type Key = ApiKeyHeader<InHeader>;
