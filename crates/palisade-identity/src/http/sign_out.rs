//! `POST /sign-out-everywhere`: all of one's tokens end.

use palisade::prelude::{NoContent, State};

use super::{CurrentAccount, refusal::refusals};
use crate::accounts::Accounts;

refusals! {
    /// How `POST /sign-out-everywhere` refuses.
    Refused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

pub(super) async fn sign_out_everywhere(
    account: CurrentAccount,
    State(accounts): State<Accounts>,
) -> Result<NoContent, Refused> {
    accounts.sign_out_everywhere(account.id()).await?;
    Ok(NoContent)
}
