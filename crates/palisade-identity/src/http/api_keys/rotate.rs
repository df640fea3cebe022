//! `POST /me/api-keys/{id}/rotate`, and that of a service.

use std::time::Duration;

use palisade::{
    Problem,
    extract::{Json, Path},
    prelude::State,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{OfAccount, Shown, create::public_key, problem};
use crate::{
    api_keys::{ApiKeys, KeyOwner},
    http::{
        CurrentAccount,
        refusal::{fault, refusals},
    },
    id::ApiKeyId,
};

/// How a key is to be replaced.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ApiKeyRotation")]
pub(in crate::http) struct Rotation {
    /// How long both keys work; a day if left out, seven at most. 0 ends the old key at once.
    #[serde(default = "a_day")]
    #[schemars(range(min = 0, max = 604_800))]
    overlap_seconds: u32,
    /// The Ed25519 public key of a new key pair of your own, in base64url without padding.
    #[serde(default)]
    #[schemars(
        with = "String",
        regex(pattern = "^[A-Za-z0-9_-]{43}$"),
        skip_serializing_if = "Option::is_none"
    )]
    public_key: Option<String>,
}

fn a_day() -> u32 {
    24 * 60 * 60
}

refusals! {
    /// How a rotation is refused.
    Refused {
        NOT_FOUND "There is no such key",
        CONFLICT "The key has been replaced already, or there are as many keys as there may be",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(in crate::http) async fn own(
    account: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(id): Path<ApiKeyId>,
    Json(rotation): Json<Rotation>,
) -> Result<Shown, Refused> {
    rotate(&keys, &account, account.account().into(), id, &rotation).await
}

pub(in crate::http) async fn of(
    admin: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(OfAccount { id, key }): Path<OfAccount>,
    Json(rotation): Json<Rotation>,
) -> Result<Shown, Refused> {
    rotate(&keys, &admin, id.into(), key, &rotation).await
}

async fn rotate(
    keys: &ApiKeys,
    by: &CurrentAccount,
    of: KeyOwner,
    id: ApiKeyId,
    rotation: &Rotation,
) -> Result<Shown, Refused> {
    let own = rotation.public_key.as_deref().map(public_key).transpose();
    let own = own.map_err(|why| Problem::invalid_input(vec![fault("public_key", "public_key", why)]))?;
    let overlap = Duration::from_secs(u64::from(rotation.overlap_seconds));
    let issued = keys.rotate(by.actor(), of, id, overlap, own).await.map_err(problem)?;
    Ok(Shown(issued.into()))
}
