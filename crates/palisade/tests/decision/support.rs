//! A principal that a bearer token describes as JSON, and a router for it.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    Membership, Tenants,
    clock::{ManualClock, Timestamp},
    credential::{BearerToken, FromCredential},
    decision::{Decision, Decisions},
    prelude::*,
    random::SeededRandom,
    router::Built,
    testing::{Client, Response},
};
use serde::{Deserialize, Serialize};

pub(crate) const NOW: i64 = 1_700_000_000;
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// `Admin` includes `Editor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    Editor,
    #[role(includes(Editor))]
    Admin,
}

/// Who is calling, as a test writes it down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Badge {
    pub(crate) id: String,
    pub(crate) delegated: bool,
    pub(crate) scopes: String,
    pub(crate) role: Option<String>,
    pub(crate) age: Option<u64>,
    pub(crate) client: Option<String>,
    /// A tenant it belongs to, and the scopes it holds there.
    pub(crate) tenant: Option<(String, String)>,
    /// All as long as can be.
    pub(crate) huge: bool,
}

pub(crate) fn ada() -> Badge {
    Badge { id: "ada".into(), ..Badge::default() }
}

impl Badge {
    pub(crate) fn scopes(self, scopes: &str) -> Self {
        Self { scopes: scopes.into(), ..self }
    }

    pub(crate) fn role(self, role: &str) -> Self {
        Self { role: Some(role.into()), ..self }
    }

    pub(crate) fn authority(&self) -> Authority {
        let id = self.id.as_str();
        let authority = if self.delegated { Authority::delegated(id) } else { Authority::account(id) };
        let role = match self.role.as_deref() {
            Some("admin") => Some(Staff::Admin),
            Some("editor") => Some(Staff::Editor),
            _ => None,
        };
        let mut authority = authority.scopes(self.scopes.parse().unwrap()).roles(role);
        if let Some(age) = self.age {
            authority =
                authority.authenticated_at(Timestamp::from_unix(NOW).before(Duration::from_secs(age)));
        }
        if let Some(client) = &self.client {
            authority = authority.issued_to(client.as_str());
        }
        if let Some((tenant, scopes)) = &self.tenant {
            let member = Membership::new().scopes(scopes.parse().unwrap());
            authority = authority.tenants([(tenant.as_str(), member)].into_iter().collect::<Tenants>());
        }
        if self.huge {
            let scopes: Vec<String> = (0..3000).map(|number| format!("scope-number-{number}")).collect();
            let authority = Authority::delegated("i".repeat(9000)).issued_to("c".repeat(9000));
            return authority.scopes(scopes.join(" ").parse().unwrap());
        }
        authority
    }
}

impl<S: Sync> FromCredential<BearerToken, S> for Badge {
    async fn verify(token: BearerToken, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        let badge = URL_SAFE_NO_PAD.decode(token.expose()).map_err(|_| Denied::invalid_credentials())?;
        serde_json::from_slice(&badge).map(Arc::new).map_err(|_| Denied::invalid_credentials())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn caller(badge: Bearer<Badge>) -> Caller {
    Caller(badge.0.authority())
}

pub(crate) type Api = Router<(), Caller>;

/// A router built with a clock that stands still, and ids that are the same in every run.
pub(crate) fn built(api: Api) -> Built {
    api.clock(ManualClock::at(NOW)).random(SeededRandom::shared(7)).build().unwrap()
}

pub(crate) struct Served {
    pub(crate) client: Client,
    pub(crate) decisions: Decisions,
}

pub(crate) fn serve(api: Api) -> Served {
    let built = built(api);
    Served { client: Client::new(built.router), decisions: built.decisions }
}

impl Served {
    pub(crate) fn by(&self, badge: &Badge) -> Client {
        by(&self.client, badge)
    }

    /// The one decision there is, which must be the one `answer` names.
    pub(crate) fn only(&self, answer: &Response) -> Decision {
        let all = self.decisions.list(10);
        assert_eq!(all.len(), 1, "exactly one: {all:?}");
        assert_eq!(answer.json()["decision"], all[0].id.to_string());
        assert_eq!(self.decisions.find(all[0].id).as_ref(), Some(&all[0]));
        all[0].clone()
    }
}

pub(crate) fn by(client: &Client, badge: &Badge) -> Client {
    client.bearer(URL_SAFE_NO_PAD.encode(serde_json::to_vec(badge).unwrap()))
}

/// A handler that works.
pub(crate) async fn done() -> &'static str {
    "done"
}
