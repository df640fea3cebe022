//! Callers with a name and a password in each request (Basic, RFC 7617): an un-narrowed sign-in each time.
//!
//! Basic is taken and not asked for. A challenge would have browsers open a dialog of theirs over our pages, and keep what
//! is typed there for every later request, with no way to sign out.

use std::sync::Arc;

use palisade::{
    credential::{Authenticate, Basic, BasicCredentials, FromCredential, Scheme},
    edge::ClientAddress,
    prelude::*,
};
use serde_json::json;

use super::{
    Identity,
    current_account::{Caller, Proof},
    sign_in::SignInRefused,
    state::Inner,
};
use crate::accounts::ActiveAccount;

/// A name and a password in the `Authorization` header.
pub(super) struct ByPassword(pub(super) Arc<Caller>);

/// What came of trying them.
struct Tried(Result<Arc<ActiveAccount>, SignInRefused>);

impl FromCredential<BasicCredentials, Identity> for Tried {
    /// What was right a moment ago costs no hash and nothing of the address's failures.
    async fn verify(
        sent: BasicCredentials,
        head: &Parts,
        Identity(identity): &Identity,
    ) -> Result<Arc<Self>, Denied> {
        let address = head.extensions.get().copied().unwrap_or(ClientAddress::UNKNOWN);
        // In a box, as all that takes long: what it holds would make the future of every request large.
        Ok(Arc::new(Box::pin(tried(sent, address, identity)).await?))
    }
}

async fn tried(
    sent: BasicCredentials,
    ClientAddress(address): ClientAddress,
    identity: &Inner,
) -> Result<Tried, Denied> {
    let BasicCredentials { username, password } = sent;
    let (accounts, proven) = (&identity.accounts, &identity.proven);
    let known = proven.recall(accounts, &username, &password, address).await;
    if let Some(account) = known.map_err(Denied::undecided)? {
        return Ok(Tried(Ok(account)));
    }
    let tried = match identity.sign_in(&username, password.clone(), address).await {
        Ok(account) => {
            proven.remember(&username, &password, address, &account);
            let active = accounts.active(&account.id).await.map_err(Denied::undecided)?;
            // If it is of another generation by now, the password that was right is not its password any more.
            let same = active.filter(|active| active.generation == account.generation);
            same.ok_or(SignInRefused::Wrong)
        }
        Err(refused) => Err(refused),
    };
    Ok(Tried(tried))
}

impl Authenticate<Identity> for ByPassword {
    async fn authenticate(head: &mut Parts, identity: &Identity) -> Result<Option<Self>, Problem> {
        let Some(tried) = Basic::<Tried>::authenticate(head, identity).await? else { return Ok(None) };
        let account = tried.0.0.clone()?;
        let caller = Caller::signed_in(account, identity.0.clock.now(), Proof::Password);
        Ok(Some(Self(Arc::new(caller))))
    }
}

impl Describe<Identity> for ByPassword {
    fn describe(description: &mut Description<'_>) {
        let words = "Name and password in each request, for programs; never asked for. A request that could change \
                     something needs an `Origin` too, since browsers send what they once took by themselves.";
        let scheme = Scheme::new("Basic", json!({ "type": "http", "scheme": "basic" }), None);
        description.credential(scheme.description(Some(words)).ambient());
        description.refusal(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many wrong passwords from this address; `Retry-After` says when to come back",
        );
    }
}
