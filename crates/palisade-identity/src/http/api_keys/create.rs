//! `POST /me/api-keys`, and that of a service.

use std::fmt::Display;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    FieldError, Problem,
    api_key::PublicKey,
    clock::Timestamp,
    extract::{Json, Path},
    prelude::State,
    scope::Scope,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Shown, problem, view::QuotaView};
use crate::{
    account::AccountId,
    api_keys::{ApiKeys, KeyOwner, NewKey, Proof, Quota},
    http::{
        CurrentAccount,
        refusal::{fault, refusals},
    },
};

/// What a key is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ApiKeyRequest")]
pub(in crate::http) struct Request {
    /// What to call it: one line.
    #[schemars(length(min = 1, max = 64))]
    name: String,
    /// What it may: at least one scope, and none its account does not hold.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)))]
    scopes: Vec<String>,
    /// From when on it is dead; 90 days from now if left out, a year at most.
    #[serde(default)]
    #[schemars(with = "String", extend("format" = "date-time"), skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// How often it may be used; as often as it likes if left out.
    #[serde(default)]
    quota: Option<QuotaView>,
    /// Whether it only signs requests (RFC 9421) and is refused when it is presented.
    #[serde(default)]
    sender_constrained: bool,
    /// The Ed25519 public key of a key pair of your own, in base64url without padding: the key is then sender-constrained,
    /// and nobody but you ever knows its secret.
    #[serde(default)]
    #[schemars(
        with = "String",
        regex(pattern = "^[A-Za-z0-9_-]{43}$"),
        skip_serializing_if = "Option::is_none"
    )]
    public_key: Option<String>,
}

refusals! {
    /// How making a key is refused.
    Refused {
        NOT_FOUND "There is no such account",
        CONFLICT "There are as many keys as there may be, or the account is another person's",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(in crate::http) async fn own(
    account: CurrentAccount,
    State(keys): State<ApiKeys>,
    Json(request): Json<Request>,
) -> Result<Shown, Refused> {
    create(&keys, &account, account.account().into(), request).await
}

pub(in crate::http) async fn of(
    admin: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(account): Path<AccountId>,
    Json(request): Json<Request>,
) -> Result<Shown, Refused> {
    create(&keys, &admin, account.into(), request).await
}

async fn create(
    keys: &ApiKeys,
    by: &CurrentAccount,
    of: KeyOwner,
    request: Request,
) -> Result<Shown, Refused> {
    let issued = keys.create(by.actor(), of, request.read()?).await.map_err(problem)?;
    Ok(Shown(issued.into()))
}

impl Request {
    fn read(self) -> Result<NewKey, Problem> {
        let mut faults = Vec::new();
        let name = self.name.parse().map_err(|why| faults.push(told("name", &why)));
        let scopes = self.scopes.iter().map(|scope| Scope::new(scope)).collect::<Result<_, _>>();
        let scopes = scopes.map_err(|why| faults.push(told("scopes", &why)));
        let expires_at = self.expires_at.as_deref().map(moment).transpose();
        let expires_at = expires_at.map_err(|why| faults.push(told("expires_at", &why)));
        let quota = self.quota.map(|quota| Quota::new(quota.requests, quota.seconds)).transpose();
        let quota = quota.map_err(|why| faults.push(told("quota", &why)));
        let public_key = self.public_key.as_deref().map(public_key).transpose();
        let public_key = public_key.map_err(|why| faults.push(told("public_key", &why)));
        match (name, scopes, expires_at, quota, public_key) {
            (Ok(name), Ok(scopes), Ok(expires_at), Ok(quota), Ok(public_key)) => {
                let proof = match (public_key, self.sender_constrained) {
                    (Some(own), _) => Proof::SigningWith(own),
                    (None, true) => Proof::Signing,
                    (None, false) => Proof::Presenting,
                };
                Ok(NewKey { name, scopes, expires_at, quota, proof })
            }
            _ => Err(Problem::invalid_input(faults)),
        }
    }
}

fn told(field: &'static str, why: &dyn Display) -> FieldError {
    fault(field, field, &why.to_string())
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| "a moment is written as in RFC 3339")?;
    Ok(Timestamp::from_unix(moment.as_second()))
}

/// An Ed25519 public key in base64url without padding.
pub(super) fn public_key(text: &str) -> Result<PublicKey, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(PublicKey::from_bytes).ok_or("a public key is 32 bytes in base64url without padding")
}
