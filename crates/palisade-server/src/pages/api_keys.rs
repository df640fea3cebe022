//! `/account/api-keys`: making keys, which are shown once, and rotating and revoking them.

use std::time::Duration;

use http::StatusCode;
use palisade::{
    FieldError, Principal as _, Problem,
    api_key::{ApiKeyText, KeyId},
    clock::Timestamp,
    extract::{Form, Query},
    prelude::{PasswordFlow as _, State},
    scope::{Scope, ScopeSet},
    secret::SecretString,
};
use palisade_identity::{
    api_keys::{ApiKey, ApiKeysError, Issued, KeyName, NewKey, Proof},
    http::{CurrentAccount, Identity, SignInFlow},
    id::ApiKeyId,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    form::{self, Choice, Field},
    is_recent,
    notes::After,
    reply::Reply,
    view::{self, KeyCard, Moment, NewKey as NewKeyPage, Visitor},
};

const HERE: &str = "/account/api-keys";

/// How long a key works beside the one that replaces it, and how the page says so.
const OVERLAP: (Duration, &str) = (Duration::from_hours(24), "The old one works for 24 hours more.");

/// The lifetimes to choose from, in days.
const LIFETIMES: [u64; 4] = [7, 30, 90, 365];

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Create {
    #[serde(default)]
    #[schemars(length(max = 1024))]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    days: String,
}

/// Which key is meant.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Chosen {
    #[serde(default)]
    key: String,
}

impl Chosen {
    fn id(&self) -> Result<ApiKeyId, Problem> {
        self.key.parse().map_err(|_| ApiKeysError::NotFound.into())
    }
}

pub(super) async fn show(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Query(after): Query<After>,
) -> Result<Reply, Problem> {
    let create = is_recent(&visitor, &identity).then(|| form(&visitor, &identity, None));
    let page = page(&visitor, &identity, create).await?;
    Reply::page(&view::ApiKeys { note: after.note(), ..page })
}

/// The answer shows the key, since nothing else will: there is no page to go on to that could.
pub(super) async fn create(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Form(sent): Form<Create>,
) -> Result<Reply, Problem> {
    let made = async {
        let new = new_key(&sent, identity.parts().clock.now())?;
        let keys = &identity.parts().api_keys;
        Ok(keys.create(visitor.actor(), visitor.account(), new).await?)
    };
    match made.await {
        Ok(issued) => shown(&visitor, "Your new key", &issued, None),
        Err(problem) => {
            let refused = form(&visitor, &identity, Some(&sent)).refused(problem)?;
            let page = page(&visitor, &identity, Some(refused)).await?;
            Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

pub(super) async fn rotate(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Form(chosen): Form<Chosen>,
) -> Result<Reply, Problem> {
    let (id, keys) = (chosen.id()?, &identity.parts().api_keys);
    let rotated = keys.rotate(visitor.actor(), visitor.account(), id, OVERLAP.0, None).await?;
    shown(&visitor, "Your key in place of the old one", &rotated, Some(OVERLAP.1))
}

pub(super) async fn revoke(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Form(chosen): Form<Chosen>,
) -> Result<Reply, Problem> {
    let (id, keys) = (chosen.id()?, &identity.parts().api_keys);
    match keys.revoke(visitor.actor(), visitor.id(), id).await {
        // It was revoked already, as was wished for.
        Ok(()) | Err(ApiKeysError::NotFound) => Reply::see_other("/account/api-keys?done=key-revoked"),
        Err(error) => Err(error.into()),
    }
}

/// What was asked for; every field that will not do is told.
fn new_key(sent: &Create, now: Timestamp) -> Result<NewKey, Problem> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, words: &str| faults.push(FieldError::new(["body", field], "value", words));
    let name = sent.name.parse::<KeyName>();
    if name.is_err() {
        fault("name", "Give the key a name of at most 64 characters.");
    }
    let scopes: Result<Vec<Scope>, _> = sent.scopes.iter().map(|scope| Scope::new(scope)).collect();
    let scopes: Option<ScopeSet> = scopes.ok().filter(|scopes| !scopes.is_empty()).map(ScopeSet::from_iter);
    if scopes.is_none() {
        fault("scopes", "Choose what the key may do.");
    }
    let days = LIFETIMES.into_iter().find(|days| days.to_string() == sent.days);
    if days.is_none() {
        fault("days", "Choose when the key expires.");
    }
    match (name, scopes, days) {
        (Ok(name), Some(scopes), Some(days)) => {
            let expires_at = Some(now.after(Duration::from_hours(24 * days)));
            Ok(NewKey { name, scopes, expires_at, quota: None, proof: Proof::Presenting })
        }
        _ => Err(Problem::invalid_input(faults)),
    }
}

fn shown(
    visitor: &CurrentAccount,
    title: &'static str,
    issued: &Issued,
    former: Option<&'static str>,
) -> Result<Reply, Problem> {
    let text = issued.text.as_ref().map(ApiKeyText::to_text);
    Reply::page(&NewKeyPage {
        visitor: Visitor::of(visitor, HERE),
        title,
        name: issued.key.name.to_string(),
        signs: issued.key.is_sender_constrained(),
        key: text.as_ref().map(SecretString::expose).unwrap_or_default(),
        former,
    })
}

fn form(visitor: &CurrentAccount, identity: &Identity, sent: Option<&Create>) -> form::Form {
    let held = visitor.authority().held_scopes();
    let scopes = held.iter().map(|scope| Choice {
        label: in_words(scope.as_str()).to_owned(),
        chosen: sent.map_or(scope.as_str() == "me:read", |sent| {
            sent.scopes.iter().any(|chosen| chosen == scope.as_str())
        }),
        value: scope.to_string(),
    });
    let longest = identity.parts().api_keys.settings().longest_lifetime;
    let lifetimes = LIFETIMES.into_iter().filter(|days| Duration::from_hours(24 * days) <= longest);
    let lifetimes = lifetimes.map(|days| Choice {
        value: days.to_string(),
        label: format!("in {days} days"),
        chosen: sent.map_or(days == 90, |sent| sent.days == days.to_string()),
    });
    let name = sent.map_or("", |sent| &sent.name);
    form::Form::new(HERE, "Make the key")
        .field(
            Field::text("name", "Name", "off", name)
                .hint("What you know it by, such as the program it is for."),
        )
        .field(Field::several("scopes", "What it may do", scopes.collect()))
        .field(Field::one("days", "Expires", lifetimes.collect()))
}

/// What a scope allows.
fn in_words(scope: &str) -> &str {
    SignInFlow::SCOPES.iter().find(|(name, _)| *name == scope).map_or(scope, |(_, words)| words)
}

async fn page(
    visitor: &CurrentAccount,
    identity: &Identity,
    create: Option<form::Form>,
) -> Result<view::ApiKeys, Problem> {
    let parts = identity.parts();
    let keys = parts.api_keys.list(visitor.id()).await?;
    let now = parts.clock.now();
    Ok(view::ApiKeys {
        visitor: Visitor::of(visitor, HERE),
        note: None,
        keys: keys.iter().rev().map(|key| card(key, now)).collect(),
        overlap: OVERLAP.1,
        create,
    })
}

fn card(key: &ApiKey, now: Timestamp) -> KeyCard {
    let alive = key.is_alive(now);
    KeyCard {
        id: key.id.to_string(),
        name: key.name.to_string(),
        beginning: format!("pal_{}", KeyId::from(key.id)),
        scopes: key.scopes.iter().map(ToString::to_string).collect(),
        expires: Moment::at(key.expires_at),
        last_used: Moment::or_else(key.last_used_at, "never"),
        state: match key.replaced_by {
            _ if !alive => Some("expired"),
            Some(_) => Some("replaced"),
            None => None,
        },
        can_be_rotated: alive && key.replaced_by.is_none(),
        can_be_revoked: alive,
    }
}
