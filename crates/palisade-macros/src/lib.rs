//! The macros of palisade: `#[dependency]` and `#[derive(Role)]`. They only save typing; what they write can be written by
//! hand.

mod dependency;
mod role;

use proc_macro::TokenStream;

/// Makes an async function a dependency: its result type can be asked for by naming it as an argument.
///
/// ```
/// use palisade::prelude::*;
///
/// #[derive(Clone)]
/// struct Language(String);
///
/// /// What the caller reads best.
/// #[dependency]
/// async fn language(headers: axum::http::HeaderMap) -> Result<Language, Problem> {
///     let first = headers.get("accept-language").and_then(|value| value.to_str().ok());
///     Ok(Language(first.unwrap_or("en").to_owned()))
/// }
///
/// async fn greet(language: Language) -> String {
///     format!("hello in {}", language.0)
/// }
/// ```
///
/// - Each argument is an extractor itself: another dependency, a credential, `State<T>`, `Query<T>` and so on.
/// - The result is `Result<T, E>` with `E: Into<Problem>`, or `T`. `T` is a type of your own crate, and has one
///   dependency. For a type of another crate, name a concrete state: `#[dependency(state = App)]`.
/// - `#[dependency(requires = scope("ledger:read"))]`: what it is for requires something of the caller. That is added to what
///   the route of each handler requires that takes it, directly or through other dependencies: in the check, which comes first,
///   in the document and in the table.
/// - It runs once per request; `T: Clone + Send + Sync + 'static`.
///
/// On an `impl Dependency<S> for T` block written by hand it adds the extractors only; say what it reads by `Describe`.
#[proc_macro_attribute]
pub fn dependency(arguments: TokenStream, item: TokenStream) -> TokenStream {
    dependency::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an enum without fields a role type. The name of a role is its variant's in lower case with `-` between words, or
/// `#[role(name = "..")]`; what it includes is said by `#[role(includes(Editor))]`, the permissions bundled into it by
/// `#[role(scopes("items:write"))]`.
///
/// ```
/// use palisade::Role;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
/// enum Staff {
///     User,
///     #[role(includes(User), scopes("items:write"))]
///     Editor,
///     #[role(includes(Editor))]
///     Admin,
/// }
/// ```
#[proc_macro_derive(Role, attributes(role))]
pub fn role(item: TokenStream) -> TokenStream {
    role::expand(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
