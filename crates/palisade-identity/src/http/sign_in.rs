//! Signing in by name and password, for all ways that lead there: limited by address, and the same for whoever is refused.

use std::net::IpAddr;

use palisade::{Denied, Problem, secret::SecretString};

use super::{Identity, refusal, state::Parts};
use crate::{
    account::Account,
    accounts::AccountsError,
    limits::Limited,
    sessions::{Device, Session, SessionSecret, SessionsError},
};

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInRefused {
    /// The caller's: nobody active has this name and password. Which of these it was, is not told.
    #[error("incorrect username or password")]
    Wrong,
    /// The caller's: its address has failed too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The password was not checked: too much to do, or the store does not answer.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The session did not begin.
    #[error(transparent)]
    Sessions(#[from] SessionsError),
}

impl From<SignInRefused> for Problem {
    fn from(refused: SignInRefused) -> Self {
        match refused {
            SignInRefused::Wrong => Denied::invalid_credentials().into(),
            SignInRefused::Limited(limited) => refusal::limited(limited),
            SignInRefused::Accounts(error) => refusal::problem(error),
            SignInRefused::Sessions(error) => refusal::of_session(error),
        }
    }
}

impl Identity {
    /// Begins a session in `device` for whoever has this name and password; failures are counted by the device's address.
    /// The secret goes into the browser's [cookie](crate::sessions::cookie). It is always a new one: a session the browser
    /// was in before stays what it was, and is the caller's to end.
    ///
    /// # Errors
    ///
    /// [`SignInRefused`].
    pub async fn sign_in_with_password(
        &self,
        username: &str,
        password: SecretString,
        device: Device,
    ) -> Result<(SessionSecret, Session), SignInRefused> {
        let account = self.0.sign_in(username, password, device.address()).await?;
        Ok(self.0.sessions.begin(&account, device).await?)
    }
}

impl Parts {
    /// The active account with this name and password.
    pub(super) async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
        address: IpAddr,
    ) -> Result<Account, SignInRefused> {
        let attempt = self.sign_in_limit.check(address)?;
        match self.accounts.sign_in(username, password).await {
            Ok(Some(account)) => {
                attempt.free();
                Ok(account)
            }
            Ok(None) => Err(SignInRefused::Wrong),
            Err(error) => {
                // Nobody's password was wrong: a server that is busy must not lock people out afterwards.
                attempt.free();
                Err(error.into())
            }
        }
    }
}
