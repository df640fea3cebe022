//! Callers whose token says in clear who they are, and a shelf of documents that counts how often it is asked.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use palisade::{
    Authority, Membership,
    clock::ManualClock,
    credential::{BearerToken, FromCredential},
    prelude::*,
    testing::{Client, Response},
};
use tokio::sync::watch;

/// `Editor` includes `Viewer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    Viewer,
    #[role(includes(Viewer))]
    Editor,
}

/// What a token says: `ada~account~acme-editor.globex-viewer~docs` is Ada, signed in herself, an editor of Acme and a viewer
/// of Globex, with the scope `docs`.
#[derive(Debug)]
pub(crate) struct Badge(Caller);

impl<S: Sync> FromCredential<BearerToken, S> for Badge {
    async fn verify(token: BearerToken, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        let mut parts = token.expose().split('~');
        let name = parts.next().unwrap_or_default().to_owned();
        let authority = match parts.next() {
            None | Some("account") => Authority::account(name.as_str()),
            Some("delegated") => Authority::delegated(name.as_str()),
            _ => return Err(Denied::invalid_credentials()),
        };
        let member = |text: &str| {
            let (org, role) = text.split_once('-')?;
            let role = if role == "editor" { Staff::Editor } else { Staff::Viewer };
            Some((org.to_owned(), Membership::new().roles([role])))
        };
        let tenants = parts.next().unwrap_or_default().split('.').filter_map(member).collect();
        let scopes = parts.next().unwrap_or_default().replace('.', " ").parse().unwrap_or_default();
        let authority = authority.tenants(tenants).scopes(scopes);
        Ok(Arc::new(Self(Caller { name, authority })))
    }
}

/// Who is calling.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) name: String,
    authority: Authority,
}

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.authority
    }
}

#[dependency]
async fn caller(badge: Bearer<Badge>) -> Caller {
    badge.0.0.clone()
}

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doc {
    pub(crate) id: String,
    pub(crate) org: Option<String>,
    pub(crate) owner: String,
    pub(crate) readers: Vec<String>,
    pub(crate) open: bool,
    pub(crate) archived: bool,
}

impl Doc {
    pub(crate) fn of(id: &str, owner: &str) -> Self {
        Self { id: id.into(), owner: owner.into(), ..Self::default() }
    }

    pub(crate) fn read_by(mut self, reader: &str) -> Self {
        self.readers.push(reader.into());
        self
    }

    pub(crate) fn in_org(mut self, org: &str) -> Self {
        self.org = Some(org.into());
        self
    }

    pub(crate) fn open(mut self) -> Self {
        self.open = true;
        self
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident at $parameter:literal { $($more:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(crate) struct $kind(pub(crate) Doc);

        impl Resource for $kind {
            type Principal = Caller;
            type Id = String;
            const PARAMETER: &'static str = $parameter;
            $($more)*

            fn id(&self) -> String {
                self.0.id.clone()
            }
        }

        impl Load<App> for $kind {
            async fn load(id: &String, app: &App) -> Result<Option<Self>, Problem> {
                Ok(app.look_for(id)?.map(Self))
            }
        }
    )*};
}

kinds! {
    /// A document that is hidden from whoever may not have it.
    Page at "page" {}

    /// A document that everybody may know of.
    Leaflet at "leaflet" {
        const HIDDEN: Hidden = Hidden::Never;
    }

    /// A document that whoever may read it may know of.
    Letter at "letter" {
        const HIDDEN: Hidden = Hidden::Unless(<Caller as Policy<Read, Letter>>::requirement);
    }

    /// A document of an organisation.
    Paper at "paper" {
        const TENANT: Option<&'static str> = Some("org");

        fn tenant(&self) -> Option<Cow<'_, str>> {
            self.0.org.as_deref().map(Cow::Borrowed)
        }
    }
}

use palisade::object::Hidden;

pub(crate) struct Read;
pub(crate) struct Edit;

macro_rules! policies {
    ($($kind:ident),*) => {$(
        impl $kind {
            fn owned() -> Requirement {
                relation("owner", |caller: &Caller, it: &$kind| it.0.owner == caller.name)
            }
        }

        impl Policy<Read, $kind> for Caller {
            fn requirement() -> Requirement {
                $kind::owned()
                    | relation("reader", |caller: &Self, it: &$kind| it.0.readers.contains(&caller.name))
                    | relation("fragile", |_: &Self, it: &$kind| match it.0.id.as_str() {
                        "fragile" => Err("nobody knows"),
                        _ => Ok(false),
                    })
            }
        }

        impl Policy<Edit, $kind> for Caller {
            fn requirement() -> Requirement {
                undelegated() & $kind::owned()
            }
        }
    )*};
}

policies!(Page, Leaflet, Letter);

fn owner() -> Requirement {
    relation("owner", |caller: &Caller, it: &Paper| it.0.owner == caller.name)
}

fn archived() -> Requirement {
    relation("archived", |_: &Caller, it: &Paper| it.0.archived)
}

impl Policy<Read, Paper> for Caller {
    fn requirement() -> Requirement {
        tenant("org")
            & (owner()
                | relation("reader", |caller: &Caller, it: &Paper| it.0.readers.contains(&caller.name))
                | role(Staff::Viewer).within("org") & relation("open", |_: &Caller, it: &Paper| it.0.open))
    }
}

impl Policy<Edit, Paper> for Caller {
    fn requirement() -> Requirement {
        role(Staff::Editor).within("org") & (owner() | scope("docs")) & !archived()
    }
}

/// The state: the documents, and how often they were looked for and handlers ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct App {
    pub(crate) docs: Arc<Mutex<BTreeMap<String, Doc>>>,
    pub(crate) looked: Count,
    pub(crate) ran: Count,
}

impl App {
    pub(crate) fn holding(docs: impl IntoIterator<Item = Doc>) -> Self {
        let docs = docs.into_iter().map(|doc| (doc.id.clone(), doc)).collect();
        Self { docs: Arc::new(Mutex::new(docs)), ..Self::default() }
    }

    pub(crate) fn put(&self, doc: Doc) {
        self.docs.lock().unwrap().insert(doc.id.clone(), doc);
    }

    fn look_for(&self, id: &str) -> Result<Option<Doc>, Problem> {
        self.looked.count();
        match id {
            "down" => Err(Problem::unavailable("the store does not answer")),
            // A store that compares without regard to case, and one that joins to the wrong row.
            "wrong" => Ok(Some(Doc::of("another", "ada"))),
            _ => Ok(self.docs.lock().unwrap().get(&id.to_ascii_lowercase()).cloned()),
        }
    }
}

/// How often something happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<watch::Sender<usize>>);

impl Count {
    pub(crate) fn count(&self) {
        self.0.send_modify(|times| *times += 1);
    }

    pub(crate) fn times(&self) -> usize {
        *self.0.borrow()
    }

    pub(crate) async fn reaches(&self, times: usize) {
        self.0.subscribe().wait_for(|now| *now >= times).await.unwrap();
    }
}

pub(crate) type Api = Router<App, Caller>;

pub(crate) async fn read<R: Resource<Id = String>>(it: Granted<Read, R>, State(app): State<App>) -> String {
    app.ran.count();
    it.id().clone()
}

pub(crate) async fn edit<R: Resource<Id = String>>(it: Granted<Edit, R>, State(app): State<App>) -> String {
    app.ran.count();
    it.id().clone()
}

/// Each kind of document, read with `GET` and edited with `PUT`.
pub(crate) fn api() -> Api {
    Api::new()
        .route("/pages/{page}", get(read::<Page>).requires(anybody()).put(edit::<Page>).requires(anybody()))
        .route(
            "/leaflets/{leaflet}",
            get(read::<Leaflet>).requires(anybody()).put(edit::<Leaflet>).requires(anybody()),
        )
        .route(
            "/letters/{letter}",
            get(read::<Letter>).requires(anybody()).put(edit::<Letter>).requires(anybody()),
        )
        .route(
            "/orgs/{org}/papers/{paper}",
            get(read::<Paper>).requires(anybody()).put(edit::<Paper>).requires(anybody()),
        )
}

/// Whoever has a credential, delegated or not.
pub(crate) fn anybody() -> Requirement {
    signed_in() | check("a credential", |_| true)
}

pub(crate) fn serve(api: Api, app: &App) -> Client {
    let router = api.clock(ManualClock::at(1_700_000_000)).with_state(app.clone()).into_axum();
    Client::new(router.expect("the router is right"))
}

/// What is wrong with `api`.
pub(crate) fn faults(api: Api) -> Vec<String> {
    match api.with_state(App::default()).into_axum() {
        Ok(_) => Vec::new(),
        Err(errors) => errors.faults().to_vec(),
    }
}

/// All that a caller sees of an answer.
pub(crate) fn seen(response: &Response) -> (u16, Vec<(String, String)>, String) {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let headers = response.headers.iter().map(header).collect();
    (response.status.as_u16(), headers, response.text_without_decision())
}
