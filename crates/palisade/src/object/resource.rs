//! Objects: what they are called in a path, to which tenant they belong, who learns that they exist, and how they are
//! loaded.

use std::{borrow::Cow, fmt, str::FromStr};

use crate::{authority::Principal, problem::Problem, requirement::Requirement};

/// A kind of object that is guarded one by one: documents, orders, accounts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind of object that can be granted",
    label = "not a `Resource`",
    note = "implement `palisade::Resource` for it: which path parameter names it, and its id"
)]
pub trait Resource: Send + Sync + Sized + 'static {
    /// Who acts on it; policies are written for this type.
    type Principal: Principal;

    /// What tells one from another. What stands in the path is parsed as this.
    type Id: FromStr + Eq + fmt::Display + Clone + Send + Sync + 'static;

    /// The path parameter that names it: `document` at `/documents/{document}`. A route that asks for a grant and does not
    /// have this parameter is a start-up error.
    const PARAMETER: &'static str;

    /// The path parameter that names the tenant it belongs to, where there are tenants: `org` at
    /// `/orgs/{org}/documents/{document}`. An object of another tenant than [the path](Self::tenant) names is not found
    /// there, so that nobody reaches one tenant's objects with what they hold in another. A policy that asks what somebody
    /// holds in a tenant is a start-up error for a resource that does not say this.
    const TENANT: Option<&'static str> = None;

    /// Who learns that an object exists which they may not have.
    const HIDDEN: Hidden = Hidden::Always;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// The tenant it belongs to, as [`TENANT`](Self::TENANT) names it in the path; compared by bytes.
    fn tenant(&self) -> Option<Cow<'_, str>> {
        None
    }
}

/// Who learns that an object exists which they may not have.
#[derive(Clone, Copy, Debug)]
pub enum Hidden {
    /// Nobody: what is forbidden answers exactly like what is missing, 404. Ids can be guessed without learning anything.
    Always,
    /// Whoever satisfies this, usually the policy to read it, is answered 403; everybody else 404.
    Unless(fn() -> Requirement),
    /// Everybody who is signed in: what is forbidden answers 403.
    Never,
}

/// How an object is found by its id; `S` is the router's state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded from the router's state",
    label = "`{Self}` has no loader",
    note = "implement `palisade::Load<YourState>` for `{Self}`: `async fn load(id: &Self::Id, state: &YourState) -> Result<Option<Self>, Problem>`"
)]
pub trait Load<S>: Resource {
    /// The object with this id, if there is one. What it answers must have this very id; anything else is answered 500. It
    /// is asked at most once per request, and says nothing of who may have it: that is the policy's part.
    ///
    /// # Errors
    ///
    /// What the caller is told when it could not be looked for: `Problem::unavailable(error)`, which is 503. A store that
    /// did not answer is never "no such object".
    fn load(id: &Self::Id, state: &S) -> impl Future<Output = Result<Option<Self>, Problem>> + Send;
}
