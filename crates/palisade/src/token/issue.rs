//! Issuing access tokens (RFC 9068) that a [`Verifier`](super::Verifier) accepts.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::{SigningKey, base64url};
use crate::{
    clock::{SharedClock, Timestamp},
    factor::{Factor, FactorSet},
    random::{RandomUnavailable, SharedRandom},
    scope::ScopeSet,
    secret::SecretString,
};

/// Signs access tokens in the name of one issuer, with one key.
pub struct Issuer {
    issuer: String,
    key: SigningKey,
    /// The header is the same for all tokens of a key.
    encoded_header: String,
    clock: SharedClock,
    random: SharedRandom,
}

/// What an access token is to say.
#[derive(Clone, Debug)]
pub struct AccessTokenClaims {
    /// Who the token speaks for (`sub`).
    pub subject: String,
    /// Who may accept it (`aud`).
    pub audience: String,
    /// Which client it is issued to (`client_id`); `palisade` for a sign-in at the issuer itself.
    pub client_id: String,
    /// What it is issued for (`scope`).
    pub scopes: ScopeSet,
    /// How long it is good, whole seconds (`exp`).
    pub lifetime: Duration,
    /// The name of this one token (`jti`); drawn at random if none is given.
    pub id: Option<String>,
    /// When the holder signed in (`auth_time`).
    pub authenticated_at: Option<Timestamp>,
    /// What the holder signed in with (`amr`, RFC 8176).
    pub factors: FactorSet,
    /// The account's generation (`gen`).
    pub generation: Option<u64>,
    /// Whether it is a sign-in that was not narrowed (`undelegated`); only believed for the client `palisade`.
    pub undelegated: bool,
}

#[derive(Serialize)]
struct Payload<'c> {
    iss: &'c str,
    sub: &'c str,
    aud: &'c str,
    exp: i64,
    iat: i64,
    jti: &'c str,
    client_id: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amr: Vec<&'static str>,
    #[serde(rename = "gen", skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undelegated: bool,
}

impl AccessTokenClaims {
    /// A token for five minutes, for nothing in particular.
    pub fn new(subject: &str, audience: &str, client_id: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            audience: audience.to_owned(),
            client_id: client_id.to_owned(),
            scopes: ScopeSet::default(),
            lifetime: Duration::from_secs(300),
            id: None,
            authenticated_at: None,
            factors: FactorSet::default(),
            generation: None,
            undelegated: false,
        }
    }
}

impl Issuer {
    /// Signs with `key` in the name of `issuer`.
    pub fn new(issuer: &str, key: SigningKey, clock: SharedClock, random: SharedRandom) -> Self {
        let header = serde_json::json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key.key_id() });
        let encoded_header = base64url::encode(header.to_string().as_bytes());
        Self { issuer: issuer.to_owned(), key, encoded_header, clock, random }
    }

    /// A token that says `claims`.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when no `jti` can be drawn.
    pub fn issue(&self, claims: &AccessTokenClaims) -> Result<SecretString, RandomUnavailable> {
        self.issue_at(self.clock.now(), claims)
    }

    /// The time by which it issues.
    #[cfg(feature = "testing")]
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// As [`issue`](Self::issue), as if it were `now`.
    pub(crate) fn issue_at(
        &self,
        now: Timestamp,
        claims: &AccessTokenClaims,
    ) -> Result<SecretString, RandomUnavailable> {
        let id = claims.id.clone().map_or_else(|| self.draw_id(), Ok)?;
        let payload = Payload {
            iss: &self.issuer,
            sub: &claims.subject,
            aud: &claims.audience,
            exp: now.after(claims.lifetime).as_unix(),
            iat: now.as_unix(),
            jti: &id,
            client_id: &claims.client_id,
            scope: (!claims.scopes.is_empty()).then(|| claims.scopes.to_string()),
            auth_time: claims.authenticated_at.map(Timestamp::as_unix),
            amr: claims.factors.iter().map(Factor::name).collect(),
            generation: claims.generation,
            undelegated: claims.undelegated,
        };
        let payload = serde_json::to_vec(&payload).expect("strings and numbers are always JSON");
        Ok(self.signed(&payload))
    }

    /// The key that signs.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The public half of the key that signs, as RFC 7517 writes it, to be published.
    pub fn public_jwk(&self) -> serde_json::Value {
        self.key.public_jwk()
    }

    fn draw_id(&self) -> Result<String, RandomUnavailable> {
        let mut id = [0; 16];
        self.random.fill(&mut id)?;
        Ok(base64url::encode(&id))
    }

    fn signed(&self, payload: &[u8]) -> SecretString {
        let mut token = format!("{}.{}", self.encoded_header, base64url::encode(payload));
        let signature = self.key.sign(token.as_bytes());
        token.push('.');
        token.push_str(&base64url::encode(&signature));
        token.into()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.issuer).field("key", &self.key).finish_non_exhaustive()
    }
}
