//! Every route, by every kind of caller; and from each client's credential.

use palisade::{
    scope::ScopeSet,
    testing::{IssuedTokens, Matrix, Wanted},
};

use crate::{App, ISSUER, http::api};

#[tokio::test]
async fn every_route_does_what_its_requirement_says() {
    Matrix::new(api().with_state(App::new().unwrap())).run().await.assert();
}

/// Ada may read and write, so that a session of hers is an account with everything there is to hold here. A token can have
/// less.
#[tokio::test]
async fn every_credential_comes_to_what_it_was_issued_for() {
    let app = App::new().unwrap();
    let all: ScopeSet = "notes:read notes:write".parse().unwrap();
    let tokens = IssuedTokens::new(app.issuer.clone(), ISSUER).account({
        let all = all.clone();
        move |wanted| (wanted.is_delegated() || *wanted.held_scopes() == all).then(|| "ada".to_owned())
    });
    let sessions = app.sessions.clone();
    let session = move |wanted: Wanted<'_>| match wanted {
        Wanted::Valid(wanted) if !wanted.is_delegated() && *wanted.held_scopes() == all => {
            sessions.begin("ada").ok().map(|session| session.expose().to_owned())
        }
        _ => None,
    };
    let matrix = Matrix::new(api().with_state(app));
    let report =
        matrix.credential("Token", move |wanted| tokens.make(&wanted)).credential("Session", session).run();
    report.await.assert();
}
