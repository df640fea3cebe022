//! The API. What each route requires stands at the route, and what each document requires in `policy.rs`.

use std::{sync::Arc, time::Duration};

use palisade::{
    oauth2::{OAuth2Error, OAuth2ErrorCode, OAuth2PasswordForm, TokenForm, TokenResponse},
    prelude::*,
    scope::ScopeSet,
    token::AccessTokenClaims,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    App, Caller, ISSUER,
    documents::{Content, Document, Documents, Organisation, Sharing},
    people::{People, Role},
    policy::{AddDocument, Administer, Delete, Edit, Read, Share},
};

/// Who may call what.
pub(crate) fn api() -> Router<App, Caller> {
    let (reads, writes) = (|| scope("documents:read"), || scope("documents:write"));
    Router::new()
        .document(Info::new("Documents", "1"))
        .route("/token", post(issue_token).public("this is where people sign in"))
        .route(
            "/orgs/{org}/documents",
            get(list).requires(reads() & tenant("org")).post(add).requires(writes()),
        )
        .route(
            "/orgs/{org}/documents/{document}",
            get(read).requires(reads()).put(edit).requires(writes()).delete(remove).requires(writes()),
        )
        .route("/orgs/{org}/documents/{document}/sharing", put(share).requires(writes()))
        .route("/orgs/{org}/members", get(list_members).requires(signed_in()))
}

type Store = State<Arc<Documents>>;

async fn list(
    readable: Grants<Read, Document>,
    State(documents): Store,
) -> Result<Json<Vec<Document>>, Problem> {
    documents.list(&readable).map(Json)
}

async fn add(
    organisation: Granted<AddDocument, Organisation>,
    caller: Caller,
    State(documents): Store,
    Json(content): Json<Content>,
) -> Result<Created<Document>, Problem> {
    documents.add(&organisation, &caller, content).map(Created)
}

async fn read(document: Granted<Read, Document>) -> Json<Document> {
    Json(document.resource().clone())
}

async fn edit(
    document: Granted<Edit, Document>,
    State(documents): Store,
    Json(content): Json<Content>,
) -> Result<Json<Document>, Problem> {
    documents.edit(&document, content).map(Json)
}

async fn share(
    document: Granted<Share, Document>,
    State(documents): Store,
    Json(sharing): Json<Sharing>,
) -> Result<Json<Document>, Problem> {
    documents.share(&document, sharing).map(Json)
}

async fn remove(document: Granted<Delete, Document>, State(documents): Store) -> NoContent {
    documents.delete(&document);
    NoContent
}

/// A member of an organisation.
#[derive(Debug, Serialize, JsonSchema)]
struct Member {
    name: &'static str,
    role: &'static str,
}

async fn list_members(
    organisation: Granted<Administer, Organisation>,
    State(people): State<Arc<People>>,
) -> Json<Vec<Member>> {
    use palisade::Role as _;
    let member = |(name, role): (&'static str, Role)| Member { name, role: role.name() };
    Json(people.of(organisation.id()).into_iter().map(member).collect())
}

async fn issue_token(
    State(app): State<App>,
    TokenForm(form): TokenForm<OAuth2PasswordForm>,
) -> Result<TokenResponse, OAuth2Error> {
    let person = app.people.sign_in(&form.username, &form.password);
    let refused = || OAuth2Error::new(OAuth2ErrorCode::InvalidGrant, "Incorrect username or password");
    let person = person.ok_or_else(refused)?;
    let has = person.scopes();
    let asked: Option<ScopeSet> = form.scope.parse().ok();
    let asked = asked.filter(|asked| asked.is_subset(&has)).ok_or_else(|| {
        OAuth2Error::new(OAuth2ErrorCode::InvalidScope, "A scope is asked for that this person does not have")
    })?;
    let mut claims = AccessTokenClaims::new(person.name, ISSUER, "palisade");
    claims.lifetime = Duration::from_mins(30);
    claims.undelegated = asked.is_empty();
    claims.scopes = if asked.is_empty() { has } else { asked };
    let access_token = app.issuer.issue(&claims).map_err(Problem::internal)?;
    Ok(TokenResponse { access_token, expires_in: claims.lifetime.as_secs(), scope: claims.scopes })
}
