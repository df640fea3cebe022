//! `POST /sign-out-everywhere`: all of one's tokens and sessions end.

use http::header;
use palisade::{
    ResponseHeaders,
    prelude::{NoContent, State},
};

use super::{CurrentAccount, refusal::refusals};
use crate::{accounts::Accounts, sessions::cookie};

refusals! {
    /// How `POST /sign-out-everywhere` refuses.
    Refused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

pub(super) async fn sign_out_everywhere(
    account: CurrentAccount,
    State(accounts): State<Accounts>,
    headers: ResponseHeaders,
) -> Result<NoContent, Refused> {
    accounts.sign_out_everywhere(account.id()).await?;
    if account.session().is_some() {
        headers.append(header::SET_COOKIE, cookie::clear());
    }
    Ok(NoContent)
}
