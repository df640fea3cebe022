//! What both sides have in common: the state, the caller, what is answered.

use std::{
    borrow::Cow,
    collections::HashMap,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::{
    clock::SystemClock,
    prelude::*,
    random::SystemRandom,
    token::{AccessTokenClaims, Issuer, SigningKey, Verifier},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ISSUER: &str = "http://127.0.0.1:8000";
/// Whose token it is.
const ACCOUNT: &str = "0198c1de-0000-7000-8000-000000000001";

/// The state of both sides.
#[derive(Clone, FromRef)]
pub(crate) struct App {
    verifier: Arc<Verifier>,
    documents: Arc<Documents>,
    settings: Arc<Settings>,
    finished: Arc<Finished>,
}

impl App {
    /// The state, and a token that its verifier accepts.
    pub(crate) fn with_a_token() -> Result<(Self, String), Box<dyn Error>> {
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let key = SigningKey::generate(&*random)?;
        let verifier = Verifier::access_tokens(ISSUER, ISSUER).own_issuer().keys(key.key_set()).build();
        let claims = AccessTokenClaims {
            scopes: "items:read items:write".parse()?,
            lifetime: Duration::from_hours(24),
            authenticated_at: Some(clock.now()),
            generation: Some(1),
            undelegated: true,
            ..AccessTokenClaims::new(ACCOUNT, ISSUER, "palisade")
        };
        let token = Issuer::new(ISSUER, key, clock, random).issue(&claims)?.expose().to_owned();
        let app = Self {
            verifier: Arc::new(verifier),
            documents: Arc::new(Documents::of_the_account()),
            settings: Arc::new(Settings { page: 50 }),
            finished: Arc::default(),
        };
        Ok((app, token))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    User,
    #[role(includes(User))]
    Editor,
}

/// Who is calling: what the token says, and a role.
#[derive(Clone)]
pub(crate) struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn caller(token: Bearer<AccessToken>) -> Caller {
    let authority = Authority::account(token.subject());
    Caller(authority.scopes(token.scopes().clone()).roles([Staff::Editor]))
}

/// What is answered.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    id: u64,
    name: Cow<'static, str>,
}

impl Reply {
    pub(crate) fn of(id: u64) -> Self {
        Self { id, name: "stake".into() }
    }

    pub(crate) fn of_document(document: &Document) -> Self {
        Self { id: document.id, name: document.title.clone().into() }
    }

    pub(crate) fn of_order(order: &Order) -> Self {
        Self::of(order.lines.iter().map(|line| u64::from(line.quantity) * u64::from(line.price)).sum())
    }
}

/// A document, of an account.
#[derive(Clone)]
pub(crate) struct Document {
    id: u64,
    owner: String,
    title: String,
}

/// The documents, in memory.
pub(crate) struct Documents(HashMap<u64, Document>);

impl Documents {
    fn of_the_account() -> Self {
        let document = |id| Document { id, owner: ACCOUNT.to_owned(), title: format!("document {id}") };
        Self((0..100).map(|id| (id, document(id))).collect())
    }

    pub(crate) fn find(&self, id: u64) -> Option<Document> {
        self.0.get(&id).cloned()
    }
}

/// The action of reading a document.
pub(crate) struct Read;

impl Resource for Document {
    type Principal = Caller;
    type Id = u64;
    const PARAMETER: &'static str = "document";

    fn id(&self) -> u64 {
        self.id
    }
}

impl Load<App> for Document {
    async fn load(id: &u64, app: &App) -> Result<Option<Self>, Problem> {
        Ok(app.documents.find(*id))
    }
}

impl Policy<Read, Document> for Caller {
    fn requirement() -> Requirement {
        relation("owner", |caller: &Self, document: &Document| match caller.0.subject() {
            palisade::Subject::Account(id) => **id == *document.owner,
            palisade::Subject::Client(_) => false,
        })
    }
}

/// What a dependency reads.
pub(crate) struct Settings {
    pub(crate) page: u64,
}

/// How many clean-ups were done.
#[derive(Default)]
pub(crate) struct Finished(AtomicU64);

impl Finished {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is posted.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Order {
    customer: String,
    note: Option<String>,
    urgent: bool,
    lines: Vec<Line>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    article: String,
    quantity: u32,
    price: u32,
}

/// An order, written as a kilobyte of JSON.
pub(crate) fn order() -> Vec<u8> {
    let line = |at: u32| Line {
        article: format!("oak stake, pointed, 180 cm, batch {at:04}"),
        quantity: at + 1,
        price: 1_250,
    };
    let note = "To the gate behind the mill, before noon; the bridge carries three tonnes.".to_owned();
    let order = Order {
        customer: "Ada Lovelace".to_owned(),
        note: Some(note),
        urgent: false,
        lines: (0..11).map(line).collect(),
    };
    serde_json::to_vec(&order).expect("this is JSON")
}
