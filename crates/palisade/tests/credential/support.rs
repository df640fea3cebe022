//! Credentials that say in clear whether they are valid, and routers around them.

use std::{marker::PhantomData, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use palisade::{
    Authority,
    credential::{
        AllOf, AnyOf, ApiKeyCookie, ApiKeyHeader, ApiKeyQuery, ApiKeyScheme, Basic, BasicCredentials,
        BearerToken, Credential, FromCredential, OneOf2, OneOf3, PresentedKey, Reading, SessionCookie,
        SessionText,
    },
    prelude::*,
    scope::ScopeSet,
    testing::Client,
};
use serde_json::Value;

/// What the credential `A` finds in a request.
pub(crate) fn read<A: Credential>(uri: &str, headers: &[(&str, &[u8])]) -> Reading<A::Read> {
    let mut request = http::Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    A::read(&request.body(()).unwrap().into_parts().0)
}

/// The same of one header, as text by `text`.
pub(crate) fn reads<A: Credential>(
    name: &str,
    values: &[&[u8]],
    text: impl Fn(&A::Read) -> String,
) -> Reading<String> {
    let headers: Vec<_> = values.iter().map(|value| (name, *value)).collect();
    read::<A>("/", &headers).map(|read| text(&read))
}

macro_rules! key_scheme {
    ($name:ident, $parameter:literal) => {
        #[derive(Debug)]
        pub(crate) struct $name;

        impl ApiKeyScheme for $name {
            const NAME: &'static str = stringify!($name);
            const PARAMETER: &'static str = $parameter;
        }
    };
}

key_scheme!(HeaderKey, "x-key");
key_scheme!(QueryKey, "api_key");
key_scheme!(CookieKey, "key");
key_scheme!(Session, "__Host-session");

#[derive(Debug)]
pub(crate) struct Flow;

impl PasswordFlow for Flow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[("a", "A"), ("b", "B")];
}

/// Whether a text is a valid credential: `good` is, with all scopes; `good~a` has the scope `a`.
#[derive(Debug)]
pub(crate) struct Known(pub(crate) Option<ScopeSet>);

impl Known {
    fn of(text: &str) -> Result<Arc<Self>, Denied> {
        let mut parts = text.split('~');
        match parts.next() {
            Some("good") => {}
            Some("over") => return Err(Denied::not_authenticated()),
            Some("silent") => return Err(Denied::undecided("the store does not answer")),
            _ => return Err(Denied::invalid_credentials()),
        }
        let scopes = text.contains('~').then(|| parts.collect::<Vec<_>>().join(" ").trim().parse().unwrap());
        Ok(Arc::new(Self(scopes)))
    }
}

impl<S: Sync> FromCredential<BearerToken, S> for Known {
    async fn verify(token: BearerToken, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Self::of(token.expose())
    }
}

impl<S: Sync> FromCredential<PresentedKey, S> for Known {
    async fn verify(key: PresentedKey, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Self::of(key.expose())
    }
}

impl<S: Sync> FromCredential<BasicCredentials, S> for Known {
    async fn verify(credentials: BasicCredentials, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Self::of(credentials.password.expose())
    }
}

/// A session that is not known is over.
impl<S: Sync> FromCredential<SessionText, S> for Known {
    async fn verify(session: SessionText, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Self::of(session.expose()).map_err(|_| Denied::not_authenticated())
    }
}

/// The leaves, in short.
pub(crate) type T = OAuth2PasswordBearer<Flow, Known>;
pub(crate) type U = Basic<Known>;
pub(crate) type H = ApiKeyHeader<HeaderKey, Known>;
pub(crate) type Q = ApiKeyQuery<QueryKey, Known>;
pub(crate) type K = ApiKeyCookie<CookieKey, Known>;
pub(crate) type C = SessionCookie<Session, Known>;

/// What may be done with a credential: what all its parts were given. `None` is everything.
pub(crate) trait Gives {
    fn scopes(&self) -> Option<ScopeSet>;
}

macro_rules! leaf_gives {
    ($($leaf:ty),*) => {$(
        impl Gives for $leaf {
            fn scopes(&self) -> Option<ScopeSet> {
                self.0.0.clone()
            }
        }
    )*};
}

leaf_gives!(T, U, H, Q, K, C);

fn both(left: Option<ScopeSet>, right: Option<ScopeSet>) -> Option<ScopeSet> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.intersection(&right)),
        (one, other) => one.or(other),
    }
}

impl<A: Gives, B: Gives> Gives for (A, B) {
    fn scopes(&self) -> Option<ScopeSet> {
        both(self.0.scopes(), self.1.scopes())
    }
}

impl<A: Gives, B: Gives, D: Gives> Gives for (A, B, D) {
    fn scopes(&self) -> Option<ScopeSet> {
        both(both(self.0.scopes(), self.1.scopes()), self.2.scopes())
    }
}

impl<A: Gives> Gives for AllOf<A> {
    fn scopes(&self) -> Option<ScopeSet> {
        self.0.scopes()
    }
}

impl<A: Gives, B: Gives> Gives for AnyOf<(A, B)> {
    fn scopes(&self) -> Option<ScopeSet> {
        match &self.0 {
            OneOf2::A(one) => one.scopes(),
            OneOf2::B(one) => one.scopes(),
        }
    }
}

impl<A: Gives, B: Gives, D: Gives> Gives for AnyOf<(A, B, D)> {
    fn scopes(&self) -> Option<ScopeSet> {
        match &self.0 {
            OneOf3::A(one) => one.scopes(),
            OneOf3::B(one) => one.scopes(),
            OneOf3::C(one) => one.scopes(),
        }
    }
}

/// Whoever has the credential `A`.
pub(crate) struct Caller<A>(Authority, PhantomData<fn() -> A>);

impl<A> Clone for Caller<A> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<A: 'static> Principal for Caller<A> {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

impl<A: Gives> Caller<A> {
    fn of(credential: &A) -> Self {
        let scopes = credential.scopes().unwrap_or_else(|| "a b".parse().unwrap());
        Self(Authority::account("ada").scopes(scopes), PhantomData)
    }
}

impl<A: Gives + FromRequestParts<()>> FromRequestParts<()> for Caller<A> {
    type Rejection = A::Rejection;

    async fn from_request_parts(head: &mut Parts, state: &()) -> Result<Self, A::Rejection> {
        A::from_request_parts(head, state).await.map(|credential| Self::of(&credential))
    }
}

impl<A: Gives + OptionalFromRequestParts<()>> OptionalFromRequestParts<()> for Caller<A> {
    type Rejection = A::Rejection;

    async fn from_request_parts(head: &mut Parts, state: &()) -> Result<Option<Self>, A::Rejection> {
        Ok(A::from_request_parts(head, state).await?.as_ref().map(Self::of))
    }
}

impl<A: Describe<()>> Describe<()> for Caller<A> {
    fn describe(description: &mut Description<'_>) {
        A::describe(description);
    }
}

/// A router served, and its document.
pub(crate) struct Served {
    pub(crate) client: Client,
    pub(crate) document: Value,
    pub(crate) table: palisade::AccessTable,
}

pub(crate) fn served<P>(router: Router<(), P>) -> Served {
    let built = router.build().unwrap();
    Served {
        client: Client::new(built.router),
        document: built.openapi.as_json().clone(),
        table: built.table,
    }
}

/// `GET` and `POST /x`, which ask for the credential `A`; `GET /may`, which does so if there is one.
pub(crate) fn guarded<A>(requirement: Requirement) -> Served
where
    A: Gives + FromRequestParts<(), Rejection: Send> + Describe<()> + Send + 'static,
{
    served(
        Router::<(), Caller<A>>::new()
            .route("/x", get(|| async { "done" }).requires(requirement.clone()))
            .route("/x", post(|| async { "done" }).requires(requirement)),
    )
}

/// `GET /may`, which answers `somebody` or `nobody`.
pub(crate) fn optional<A>() -> Served
where
    A: OptionalFromRequestParts<(), Rejection: Send> + Describe<()> + Send + 'static,
{
    let who = |credential: Option<A>| async move { if credential.is_some() { "somebody" } else { "nobody" } };
    served(Router::<()>::new().route("/may", get(who).public("knows the caller")))
}

/// The `security` of `GET path`.
pub(crate) fn security(served: &Served, path: &str) -> Value {
    served.document["paths"][path]["get"]["security"].clone()
}
