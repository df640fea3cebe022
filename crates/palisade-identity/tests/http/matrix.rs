//! Every route, by every kind of caller that its requirement tells apart; and from real tokens.

use palisade::{
    requirement::RoleSet,
    scope::ScopeSet,
    testing::{IssuedTokens, Matrix, Report},
};
use palisade_identity::{http::router, role::Role};

use crate::app::{App, ISSUER};

/// What routes ask for; accounts have more.
const ASKED_FOR: [&str; 5] = ["accounts:read", "accounts:write", "audit:read", "me:read", "me:write"];

fn asked_for(scopes: &ScopeSet) -> Vec<&str> {
    ASKED_FOR.into_iter().filter(|scope| scopes.contains(scope)).collect()
}

/// The matrix of the routes, by tokens of the accounts that `app` has.
async fn matrix(app: &App) -> Report {
    let mut accounts = Vec::new();
    for (name, role) in [("root", Role::Admin), ("eve", Role::Editor), ("ada", Role::User)] {
        accounts.push((app.make(name, role).await.id.to_string(), role));
    }
    let tokens = IssuedTokens::new(app.keys.issuer().await.unwrap(), ISSUER);
    let tokens = tokens.claims(|claims| claims.generation = Some(0)).account(move |wanted| {
        let (id, _) = accounts.iter().find(|(_, role)| {
            let (roles, scopes) = (RoleSet::of([*role]), role.scopes());
            let all = wanted.held_roles() == &roles && asked_for(wanted.held_scopes()) == asked_for(&scopes);
            // Whatever its account has, a narrowed token has what it was issued for.
            wanted.is_delegated() || all
        })?;
        Some(id.clone())
    });
    let routes = router().clock(app.world.clock.clone()).with_state(app.identity.clone());
    Matrix::new(routes).credential("OAuth2PasswordBearer", move |wanted| tokens.make(&wanted)).run().await
}

#[tokio::test]
async fn every_route_does_what_its_requirement_says_by_principals_and_by_tokens() {
    let app = App::with_mail().await;
    let before = app.accounts().await.len();
    let report = matrix(&app).await;
    report.assert();
    assert!(report.requests() > 1000, "{report}");
    let tried = |kind: &str| {
        !report.untried().iter().any(|why| why.starts_with(&format!("{kind} credentials of `OAuth2")))
    };
    assert!(tried("valid") && tried("expired") && tried("misdirected"), "{report}");
    assert_eq!(app.accounts().await.len(), before + 3, "no handler ran");
}
