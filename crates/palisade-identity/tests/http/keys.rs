//! Keys and services made past the routes.

use palisade::api_key::ApiKeyText;
use palisade_identity::{
    account::{Account, AccountId},
    api_keys::{ApiKey, NewKey, Proof},
    audit::Actor,
    role::Role,
};

use crate::app::App;

impl App {
    /// The account of the service `robot`, made if it is not there.
    pub(crate) async fn service(&self) -> AccountId {
        let accounts = &self.world.accounts;
        let (name, email) = ("robot".parse().unwrap(), "team@example.org".parse().unwrap());
        match accounts.by_username(&name).await {
            Ok(found) => found.id,
            Err(_) => {
                accounts.create_service(Actor::Operator, name, email, Role::User.into()).await.unwrap().id
            }
        }
    }

    pub(crate) async fn account(&self, name: &str) -> Account {
        self.world.accounts.by_username(&name.parse().unwrap()).await.unwrap()
    }

    /// A key of `name` with `scopes`, and its text.
    pub(crate) async fn key_of(&self, name: &str, scopes: &str) -> (ApiKey, ApiKeyText) {
        self.make_key(name, scopes, |_| ()).await
    }

    /// The same, where the key is to be other than usual.
    pub(crate) async fn make_key(
        &self,
        name: &str,
        scopes: &str,
        change: impl FnOnce(&mut NewKey),
    ) -> (ApiKey, ApiKeyText) {
        self.make_key_for(self.account(name).await.id, scopes, change).await
    }

    /// The id of a new key of the account `owner`.
    pub(crate) async fn any_key_of(&self, owner: AccountId) -> String {
        self.make_key_for(owner, "me:read", |_| ()).await.0.id.to_string()
    }

    async fn make_key_for(
        &self,
        owner: AccountId,
        scopes: &str,
        change: impl FnOnce(&mut NewKey),
    ) -> (ApiKey, ApiKeyText) {
        let mut new = NewKey {
            name: "made past the routes".parse().unwrap(),
            scopes: scopes.parse().unwrap(),
            expires_at: None,
            quota: None,
            proof: Proof::Presenting,
        };
        change(&mut new);
        let issued = self.api_keys.create(Actor::Operator, owner, new).await.unwrap();
        (issued.key, issued.text.unwrap())
    }
}
