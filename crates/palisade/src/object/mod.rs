//! Objects: who may do what to which.
//!
//! A route says who may call it before anything is known of the object; whether the caller may have *this* object is its
//! [`Policy`]. A policy is a [`Requirement`](crate::Requirement) that may also ask for
//! [relations](crate::requirement::relation) between the caller and the object. A handler takes the proof that it held,
//! [`Granted`], which only this library makes; a list takes [`Grants`], which makes one for each object the caller may
//! have. Nothing is left to check in the handler, and a function that changes an object takes the proof, so that forgetting
//! the check does not compile.
//!
//! ```
//! use palisade::{object::*, prelude::*, requirement::relation};
//! # use palisade::{Authority, credential::{BearerToken, FromCredential}, testing::Client};
//! # use std::{collections::HashMap, sync::Arc};
//! # struct Key(String);
//! # impl<S: Sync> FromCredential<BearerToken, S> for Key {
//! #     async fn verify(token: BearerToken, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
//! #         Ok(Arc::new(Self(token.expose().to_owned())))
//! #     }
//! # }
//! # #[derive(Clone)] struct User { name: String, authority: Authority }
//! # impl Principal for User { fn authority(&self) -> &Authority { &self.authority } }
//! # #[dependency]
//! # async fn user(key: Bearer<Key>) -> User {
//! #     User { name: key.0.0.clone(), authority: Authority::account(key.0.0.as_str()) }
//! # }
//!
//! /// A note, and who may read it.
//! #[derive(Clone)]
//! struct Note { id: u64, owner: String, readers: Vec<String>, text: String }
//!
//! impl Resource for Note {
//!     type Principal = User;
//!     type Id = u64;
//!     const PARAMETER: &'static str = "note"; // `/notes/{note}`
//!
//!     fn id(&self) -> u64 {
//!         self.id
//!     }
//! }
//!
//! #[derive(Clone)]
//! struct Notes(Arc<HashMap<u64, Note>>);
//!
//! impl Load<Notes> for Note {
//!     async fn load(id: &u64, notes: &Notes) -> Result<Option<Self>, Problem> {
//!         Ok(notes.0.get(id).cloned())
//!     }
//! }
//!
//! struct Read;
//! struct Delete;
//!
//! fn owner() -> Requirement {
//!     relation("owner", |user: &User, note: &Note| note.owner == user.name)
//! }
//!
//! impl Policy<Read, Note> for User {
//!     fn requirement() -> Requirement {
//!         owner() | relation("reader", |user: &User, note: &Note| note.readers.contains(&user.name))
//!     }
//! }
//!
//! impl Policy<Delete, Note> for User {
//!     fn requirement() -> Requirement {
//!         owner() & undelegated()
//!     }
//! }
//!
//! impl Notes {
//!     /// Cannot be called for a note whose deletion nobody granted.
//!     fn delete(&self, _: Granted<Delete, Note>) {}
//! }
//!
//! async fn read(note: Granted<Read, Note>) -> String {
//!     note.resource().text.clone()
//! }
//!
//! async fn delete_note(note: Granted<Delete, Note>, State(notes): State<Notes>) -> NoContent {
//!     notes.delete(note);
//!     NoContent
//! }
//!
//! async fn list(readable: Grants<Read, Note>, State(notes): State<Notes>) -> Result<Json<Vec<u64>>, Problem> {
//!     let notes = readable.retain(notes.0.values().cloned());
//!     Ok(Json(notes.map(|note| note.map(|note| *note.id())).collect::<Result<_, _>>()?))
//! }
//!
//! let api = Router::<Notes, User>::new()
//!     .route("/notes", get(list).requires(signed_in()))
//!     .route("/notes/{note}", get(read).requires(signed_in()).delete(delete_note).requires(signed_in()));
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let note = Note { id: 1, owner: "ada".into(), readers: vec!["tim".into()], text: "a reed".into() };
//! let client = Client::new(api.with_state(Notes(Arc::new([(1, note)].into()))).into_axum()?);
//! let (tim, eve) = (client.bearer("tim"), client.bearer("eve"));
//! assert_eq!(tim.get("/notes/1").send().await.text(), "a reed");
//! assert_eq!(tim.request(http::Method::DELETE, "/notes/1").send().await.status, 404);
//! let (hidden, missing) = (eve.get("/notes/1").send().await, eve.get("/notes/2").send().await);
//! assert_eq!(hidden.text_without_decision(), missing.text_without_decision());
//! assert_eq!(eve.get("/notes").send().await.text(), "[]");
//! # Ok::<_, palisade::StartupErrors>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is hidden
//!
//! What somebody may not have answers exactly like what is not there: 404, the same headers, the same body, each with the id of
//! a [decision](crate::decision) of its own. Where it does
//! no harm that people know of an object, [`Resource::HIDDEN`] says so, and they are answered 403. Only while a policy
//! cannot be decided does its 503 tell that there is something; and nothing is promised of how long an answer takes.
//!
//! # Tenants
//!
//! Roles and scopes held in a tenant are read from the path; whose object it is stands in the object. [`Resource::TENANT`]
//! binds the two together: an editor of one organisation does not reach another's document by writing its id behind their
//! own organisation's name. A policy that asks for something in a tenant does not start without it.
//!
//! # Queries
//!
//! A list need not load what the caller may not have: [`Grants::predicate`] is what is left of the policy for this caller,
//! and [`Predicate::to_sql`] makes a condition of it. What a query selects goes through [`Grants::retain`] all the same,
//! which makes the proofs; so a wrong fragment can hide something, and show nothing.

mod again;
mod decide;
mod describe;
mod granted;
mod grants;
mod policy;
mod predicate;
mod resource;

pub(crate) use self::{again::GrantedObjects, policy::Policies};
pub use self::{
    granted::Granted,
    grants::Grants,
    policy::Policy,
    predicate::{NoFragment, Predicate, SqlFragments},
    resource::{Hidden, Load, Resource},
};
use crate::table::short;

/// The name of a type without its module.
fn short_name<T>() -> &'static str {
    short(std::any::type_name::<T>())
}
