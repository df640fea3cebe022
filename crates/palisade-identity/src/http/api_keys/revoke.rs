//! `DELETE /me/api-keys/{id}`, and that of another account.

use palisade::{
    extract::Path,
    prelude::{NoContent, State},
};

use super::{OfAccount, problem};
use crate::{
    api_keys::ApiKeys,
    http::{CurrentAccount, refusal::refusals},
    id::ApiKeyId,
};

refusals! {
    /// How revoking is refused.
    Refused {
        NOT_FOUND "There is no such key",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(in crate::http) async fn own(
    account: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(id): Path<ApiKeyId>,
) -> Result<NoContent, Refused> {
    keys.revoke(account.actor(), account.id(), id).await.map_err(problem)?;
    Ok(NoContent)
}

pub(in crate::http) async fn of(
    admin: CurrentAccount,
    State(keys): State<ApiKeys>,
    Path(OfAccount { id, key }): Path<OfAccount>,
) -> Result<NoContent, Refused> {
    keys.revoke(admin.actor(), id, key).await.map_err(problem)?;
    Ok(NoContent)
}
