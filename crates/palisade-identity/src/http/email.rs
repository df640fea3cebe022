//! `POST /me/email`, `POST /me/email/verification` and `POST /email/verify`: another address, and the proof that an address
//! is one's own.

use palisade::{
    extract::Json,
    prelude::{NoContent, State},
    secret::SecretString,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{CurrentAccount, accepted::Accepted, application::link_token, refusal::refusals};
use crate::{email::Email, proofs::Proofs};

/// Another address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EmailChange")]
pub(super) struct Change {
    /// The address the account is to have.
    email: Email,
}

refusals! {
    /// How `POST /me/email` refuses.
    ChangeRefused {
        CONFLICT "The account's tokens and sessions have ended meanwhile",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

/// With mail, a link goes to the new address, and once it is used the old one is told; without, the change is made at
/// once.
pub(super) async fn change(
    account: CurrentAccount,
    State(proofs): State<Proofs>,
    Json(change): Json<Change>,
) -> Result<Accepted, ChangeRefused> {
    proofs.change_email(account.account(), change.email).await?;
    Ok(Accepted)
}

refusals! {
    /// How `POST /me/email/verification` refuses.
    VerificationRefused {
        FORBIDDEN "This server sends no mail: an admin can say that the address is yours",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn ask_verification(
    account: CurrentAccount,
    State(proofs): State<Proofs>,
) -> Result<Accepted, VerificationRefused> {
    proofs.request_verification(account.id())?;
    Ok(Accepted)
}

/// The proof that an address is one's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EmailProof")]
pub(super) struct Proof {
    /// What the link carries as `token`.
    #[schemars(schema_with = "link_token")]
    token: SecretString,
}

refusals! {
    /// How `POST /email/verify` refuses.
    VerifyRefused {
        BAD_REQUEST "The link is not good, or no longer",
        CONFLICT "The address is another account's, whose owner has proven it",
        SERVICE_UNAVAILABLE "The store does not answer",
    }
}

pub(super) async fn verify(
    State(proofs): State<Proofs>,
    Json(proof): Json<Proof>,
) -> Result<NoContent, VerifyRefused> {
    proofs.verify_email(&proof.token).await?;
    Ok(NoContent)
}
