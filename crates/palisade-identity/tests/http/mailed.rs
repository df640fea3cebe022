//! What the tests of mailed links have in common.

use palisade::testing::Response;
use palisade_identity::account::Account;
use serde_json::json;

use crate::{
    app::{App, PASSWORD},
    world::post::token_of,
};

impl App {
    pub(crate) async fn sign_up_at(&self, name: &str, address: &str) -> Response {
        self.sign_up(&json!({ "username": name, "email": address, "password": PASSWORD })).await
    }

    pub(crate) async fn verify(&self, token: &str) -> Response {
        self.client.post("/email/verify").json(&json!({ "token": token })).send().await
    }

    pub(crate) async fn forgot(&self, named: &str) -> Response {
        self.client.post("/password/forgot").json(&json!({ "username_or_email": named })).send().await
    }

    pub(crate) async fn reset(&self, token: &str, new: &str) -> Response {
        let body = json!({ "token": token, "new_password": new });
        self.client.post("/password/reset").json(&body).send().await
    }

    /// Somebody who signed up and used the link that came.
    pub(crate) async fn verified(&self, name: &str, address: &str) -> Account {
        assert_eq!(self.sign_up_at(name, address).await.status, 201);
        let token = token_of(&self.post.next().await);
        assert_eq!(self.verify(&token).await.status, 204);
        self.account(name).await
    }

    /// The token of a link that sets another password for `name`.
    pub(crate) async fn reset_token(&self, name: &str) -> String {
        assert_eq!(self.forgot(name).await.status, 202);
        token_of(&self.post.next().await)
    }
}
