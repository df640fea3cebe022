//! What is answered where no route matches, and where a route does not have the method that was asked for.

use axum::{
    body::HttpBody,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{Kind, Route, UNMATCHED, any};
use crate::{authority::Nobody, problem::Problem};

/// The fallback every router begins with: 404.
pub(super) fn not_found<S: Clone + Send + Sync + 'static>() -> Route<S> {
    let answer = any(|| async { Problem::nothing_here() })
        .public("no route: 404, or 405 with `Allow` for another method of a known path; nothing runs");
    match Route::of::<Nobody, _>(UNMATCHED, answer) {
        Ok(route) => route.being(Kind::Fallback),
        Err(_) => unreachable!("one method is not given twice"),
    }
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// This fallback for all of `prefix`, where no route of its own stands: at it, and below it.
    pub(super) fn everywhere_below(self, prefix: &str) -> Vec<Self> {
        let at = |path: String| {
            let mut route = self.clone();
            for operation in &mut route.operations {
                operation.path.clone_from(&path);
            }
            Self { path, ..route }
        };
        vec![at(prefix.to_owned()), at(format!("{prefix}/")), at(format!("{prefix}{UNMATCHED}"))]
    }
}

/// Takes out the nested fallbacks at whose very path a route stands: there it answers 405 to other methods.
pub(super) fn outranked<S: Clone + Send + Sync + 'static>(routes: &mut Vec<Route<S>>) {
    let taken: Vec<String> = routes
        .iter()
        .filter(|route| !route.is(Kind::Fallback))
        .flat_map(|route| route.operations.iter().flat_map(super::Operation::paths))
        .collect();
    routes.retain(|route| !route.is(Kind::Fallback) || !taken.contains(&route.path));
}

/// 405; `Allow` has to be added.
pub(super) fn method_not_allowed() -> Problem {
    let detail = "This path does not have this method; `Allow` lists those it has";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// Gives a 405 that says nothing a problem document; `Allow`, and what layers added, stay.
pub(super) fn explained(response: Response) -> Response {
    let silent = response.status() == StatusCode::METHOD_NOT_ALLOWED
        && !response.headers().contains_key(header::CONTENT_TYPE)
        && response.body().size_hint().exact() == Some(0);
    if !silent {
        return response;
    }
    let mut explained = method_not_allowed().into_response();
    let headers = response.headers().iter().filter(|(name, _)| *name != header::CONTENT_LENGTH);
    explained.headers_mut().extend(headers.map(|(name, value)| (name.clone(), value.clone())));
    explained
}
