//! An API key as callers see it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::api_key::{KeyId, LinkId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    account::in_words,
    api_keys::{ApiKey, Issued, Quota},
    id::ApiKeyId,
};

/// An API key, without anything secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
pub(super) struct ApiKeyView {
    /// Which key.
    id: ApiKeyId,
    /// How its text begins, and `keyid` of what it signs: to tell a key one has found.
    prefix: String,
    /// What its owner calls it.
    name: String,
    /// What it may at most.
    scopes: Vec<String>,
    /// Whether presenting it is refused: it signs requests (RFC 9421).
    sender_constrained: bool,
    /// The Ed25519 public key its signatures are checked with, in base64url without padding.
    public_key: String,
    /// How often it may be used; `null` is as often as it likes.
    quota: Option<QuotaView>,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    created_at: String,
    /// From when on it is dead.
    #[schemars(with = "String", extend("format" = "date-time"))]
    expires_at: String,
    /// When it was last used, to some minutes; `null` if it never was.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    last_used_at: Option<String>,
    /// The key that was made in its place.
    replaced_by: Option<ApiKeyId>,
    /// The links of derived keys that have been revoked.
    revoked_links: Vec<String>,
}

/// So many requests in so many seconds. All can be used at once; they are regained steadily, each process counts for
/// itself, and a restart begins anew.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Quota")]
pub(super) struct QuotaView {
    /// How many.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub(super) requests: u32,
    /// In which interval.
    #[schemars(range(min = 1, max = 2_678_400))]
    pub(super) seconds: u32,
}

/// A key that was made, with its text: this once, for the server does not have it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewApiKey")]
pub(super) struct NewApiKeyView {
    #[serde(flatten)]
    key: ApiKeyView,
    /// The key itself, as it is sent in `X-API-Key`; `null` if its holder drew the secret.
    #[serde(rename = "key")]
    text: Option<String>,
}

impl fmt::Debug for NewApiKeyView {
    /// Without the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKeyView").field("key", &self.key).finish_non_exhaustive()
    }
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            prefix: format!("pal_{}", KeyId::from(key.id)),
            name: key.name.to_string(),
            scopes: key.scopes.iter().map(ToString::to_string).collect(),
            sender_constrained: key.is_sender_constrained(),
            public_key: URL_SAFE_NO_PAD.encode(key.public_key.as_bytes()),
            quota: key.quota.map(QuotaView::from),
            created_at: in_words(key.created_at),
            expires_at: in_words(key.expires_at),
            last_used_at: key.last_used_at.map(in_words),
            replaced_by: key.replaced_by,
            revoked_links: key.revoked_links.iter().map(LinkId::to_string).collect(),
        }
    }
}

impl From<Quota> for QuotaView {
    fn from(quota: Quota) -> Self {
        Self { requests: quota.requests(), seconds: quota.seconds() }
    }
}

impl From<Issued> for NewApiKeyView {
    fn from(issued: Issued) -> Self {
        let text = issued.text.map(|text| text.to_text().expose().to_owned());
        Self { key: issued.key.into(), text }
    }
}
