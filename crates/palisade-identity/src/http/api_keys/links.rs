//! `DELETE /me/api-keys/{id}/links/{link}`, and that of another account: a derived key ends, and all derived from it.

use palisade::{
    Problem,
    api_key::LinkId,
    extract::Path,
    prelude::{NoContent, State},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::problem;
use crate::{
    account::AccountId,
    api_keys::ApiKeys,
    http::{CurrentAccount, refusal::refusals},
    id::ApiKeyId,
};

/// A link of keys derived from one of one's own.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::http) struct OwnLink {
    /// The key.
    id: ApiKeyId,
    /// The link, as it is shown where the key was derived.
    #[schemars(regex(pattern = "^[0-9A-Za-z]{22}$"))]
    link: String,
}

/// A link of keys derived from a key of an account.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::http) struct LinkOfAccount {
    /// The account.
    id: AccountId,
    /// Its key.
    key: ApiKeyId,
    /// The link, as it is shown where the key was derived.
    #[schemars(regex(pattern = "^[0-9A-Za-z]{22}$"))]
    link: String,
}

refusals! {
    /// How revoking a link is refused.
    Refused {
        NOT_FOUND "There is no such key",
        CONFLICT "There are as many revoked links as there may be: revoke the key itself",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(in crate::http) async fn revoke_own(
    account: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(OwnLink { id, link }): Path<OwnLink>,
) -> Result<NoContent, Refused> {
    revoke(&keys, &account, account.id(), id, &link).await
}

pub(in crate::http) async fn revoke_of(
    admin: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(LinkOfAccount { id, key, link }): Path<LinkOfAccount>,
) -> Result<NoContent, Refused> {
    revoke(&keys, &admin, id, key, &link).await
}

async fn revoke(
    keys: &ApiKeys,
    by: &CurrentAccount,
    of: AccountId,
    id: ApiKeyId,
    link: &str,
) -> Result<NoContent, Refused> {
    let link = LinkId::parse(link)
        .map_err(|_| Problem::new(http::StatusCode::NOT_FOUND, "There is no such link"))?;
    keys.revoke_link(by.actor(), of, id, link).await.map_err(problem)?;
    Ok(NoContent)
}
