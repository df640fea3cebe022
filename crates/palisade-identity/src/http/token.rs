//! `POST /token`: the token endpoint (RFC 6749, section 3.2). It knows the password grant (section 4.3).

use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, header};
use palisade::{
    Factor, Problem,
    edge::ClientAddress,
    oauth2::{OAuth2Error, OAuth2ErrorCode, TokenForm, TokenResponse},
    scope::ScopeSet,
    secret::SecretString,
    token::AccessTokenClaims,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Identity, application::password, refusal::whole_seconds, sign_in::SignInRefused, state::Parts};
use crate::{account::Account, accounts::AccountsError, password::HashError};

/// The client that people sign in with when they name none.
pub(super) const FIRST_PARTY: &str = "palisade";

/// How long the scopes of a token are at most, written out: with more, some would not take the token as a header.
const LONGEST_SCOPE: usize = 4096;

/// A token request.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "TokenRequest")]
pub(super) struct TokenRequest {
    /// How the caller proves who it is: `password`.
    #[schemars(length(max = 64), extend("examples" = ["password"]))]
    grant_type: String,
    /// For `password`: the name to sign in with.
    #[schemars(length(max = 256))]
    username: Option<String>,
    /// For `password`: the password.
    #[serde(default)]
    #[schemars(schema_with = "password")]
    password: Option<SecretString>,
    /// The scopes asked for, separated by spaces; all the account has if left out or empty.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    scope: String,
    /// The client; a person's own sign-in needs none.
    #[schemars(length(max = 256))]
    client_id: Option<String>,
    /// The client's secret.
    #[serde(default)]
    #[schemars(schema_with = "password")]
    client_secret: Option<SecretString>,
}

pub(super) async fn token(
    State(Identity(identity)): State<Identity>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    TokenForm(request): TokenForm<TokenRequest>,
) -> Result<TokenResponse, OAuth2Error> {
    check_client(&headers, &request)?;
    if request.grant_type != "password" {
        let sentence = "This grant type is not known here; `password` is";
        return Err(OAuth2Error::new(OAuth2ErrorCode::UnsupportedGrantType, sentence));
    }
    let asked = scopes_asked_for(&request.scope)?;
    let username = needed("username", request.username)?;
    let password = needed("password", request.password)?;
    let account = identity.sign_in(&username, password, address).await.map_err(refused)?;
    issue(&identity, &account, asked).await
}

/// A token for `account`: with all it has if nothing was asked for, else with exactly what was.
async fn issue(
    identity: &Parts,
    account: &Account,
    asked: Option<ScopeSet>,
) -> Result<TokenResponse, OAuth2Error> {
    let holdings = identity.accounts.holdings(account).await.map_err(Problem::unavailable)?;
    let has = holdings.scopes();
    if asked.as_ref().is_some_and(|asked| !asked.is_subset(has)) {
        let sentence = "A scope is asked for that this account does not have";
        return Err(OAuth2Error::new(OAuth2ErrorCode::InvalidScope, sentence));
    }
    if asked.is_none() && has.to_string().len() > LONGEST_SCOPE {
        let sentence = "This account has more scopes than a token carries: ask for those you need";
        return Err(OAuth2Error::new(OAuth2ErrorCode::InvalidScope, sentence));
    }
    let mut claims = AccessTokenClaims::new(&account.id.to_string(), &identity.issuer, FIRST_PARTY);
    claims.lifetime = identity.token_lifetime;
    claims.authenticated_at = Some(identity.clock.now());
    claims.factors = [Factor::Password].into_iter().collect();
    claims.generation = Some(account.generation);
    claims.undelegated = asked.is_none();
    claims.scopes = asked.unwrap_or_else(|| has.clone());
    let issuer = identity.keys.issuer().await.map_err(Problem::unavailable)?;
    let access_token = issuer.issue(&claims).map_err(Problem::unavailable)?;
    Ok(TokenResponse { access_token, expires_in: claims.lifetime.as_secs(), scope: claims.scopes })
}

fn scopes_asked_for(scope: &str) -> Result<Option<ScopeSet>, OAuth2Error> {
    match scope.parse::<ScopeSet>() {
        Ok(asked) if asked.is_empty() => Ok(None),
        Ok(asked) => Ok(Some(asked)),
        Err(error) => Err(OAuth2Error::new(OAuth2ErrorCode::InvalidScope, error.to_string())),
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, OAuth2Error> {
    let sentence = || format!("{field}: This field is required");
    value.ok_or_else(|| OAuth2Error::new(OAuth2ErrorCode::InvalidRequest, sentence()))
}

fn refused(refused: SignInRefused) -> OAuth2Error {
    match refused {
        SignInRefused::Wrong => {
            OAuth2Error::new(OAuth2ErrorCode::InvalidGrant, "Incorrect username or password")
        }
        SignInRefused::Limited(limited) => OAuth2Error::too_many_requests(whole_seconds(limited.retry_after)),
        SignInRefused::Accounts(AccountsError::Password(HashError::Busy { retry_after })) => {
            OAuth2Error::new(
                OAuth2ErrorCode::TemporarilyUnavailable,
                "Too many passwords are being checked just now, try again later",
            )
            .retry_after(whole_seconds(retry_after))
        }
        other => Problem::from(other).into(),
    }
}

/// No client is registered here, so none can be authenticated: whoever names one, or sends a secret, is refused. A page
/// that signs people in sends an empty name and secret, which is none.
fn check_client(headers: &HeaderMap, request: &TokenRequest) -> Result<(), OAuth2Error> {
    let named = |name: &str| !name.is_empty() && name != FIRST_PARTY;
    let in_form = request.client_id.as_deref().is_some_and(named)
        || request.client_secret.as_ref().is_some_and(|secret| !secret.is_empty());
    let in_header =
        headers.get_all(header::AUTHORIZATION).iter().any(|value| match basic(value.as_bytes()) {
            Some((user, password)) => named(&user) || !password.is_empty(),
            None => true,
        });
    let refused = OAuth2Error::new(OAuth2ErrorCode::InvalidClient, "This client is not known here");
    match (in_header, in_form) {
        (true, _) => Err(refused.challenge(HeaderValue::from_static("Basic realm=\"token\""))),
        (false, true) => Err(refused),
        (false, false) => Ok(()),
    }
}

/// The name and password of `Basic` credentials (RFC 7617, section 2).
fn basic(header: &[u8]) -> Option<(String, SecretString)> {
    let header = std::str::from_utf8(header).ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    let credentials =
        scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(credentials.trim()))?.ok()?;
    let credentials = SecretString::new(String::from_utf8(credentials).ok()?);
    let (user, password) = credentials.expose().split_once(':')?;
    Some((user.to_owned(), SecretString::new(password)))
}
