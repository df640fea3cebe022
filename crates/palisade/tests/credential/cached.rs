//! Credentials that were verified before: which requests are answered from what is kept of them, and which never are.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use palisade::{
    credential::{
        ApiKeyCookie, ApiKeyHeader, Basic, BasicCredentials, Bearer, BearerToken, FromCredential,
        PresentedKey, SessionCookie, SessionText,
    },
    prelude::*,
    scope::ScopeSet,
};

use crate::support::{CookieKey, Gives, HeaderKey, Session, guarded};

/// Every text is kept, and admits, but for three: `gone` has ended, whether `silent` has cannot be known, and `new` is not kept.
#[derive(Debug)]
struct Kept;

impl Kept {
    fn known(presented: &[u8]) -> Result<Option<Arc<Self>>, Denied> {
        match presented {
            b"gone" => Err(Denied::invalid_credentials()),
            b"silent" => Err(Denied::undecided("the store does not answer")),
            b"new" => Ok(None),
            _ => Ok(Some(Arc::new(Self))),
        }
    }
}

/// How often a bearer token was verified.
static VERIFIED: AtomicUsize = AtomicUsize::new(0);

macro_rules! kept {
    ($($read:ty => $admits:expr),*) => {$(
        impl<S: Sync> FromCredential<$read, S> for Kept {
            async fn verify(read: $read, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
                let admits: fn(&$read) -> bool = $admits;
                if admits(&read) { Ok(Arc::new(Self)) } else { Err(Denied::invalid_credentials()) }
            }

            fn cached(presented: &[u8], _: &Parts, _: &S) -> Result<Option<Arc<Self>>, Denied> {
                Self::known(presented)
            }
        }
    )*};
}

kept!(
    BearerToken => |token| {
        VERIFIED.fetch_add(1, Ordering::SeqCst);
        token.expose() == "new"
    },
    BasicCredentials => |credentials| credentials.password.expose() == "good",
    PresentedKey => |key| key.expose() == "good",
    SessionText => |session| session.expose() == "good"
);

macro_rules! gives_all {
    ($($leaf:ty),*) => {$(
        impl Gives for $leaf {
            fn scopes(&self) -> Option<ScopeSet> {
                None
            }
        }
    )*};
}

type Token = Bearer<Kept>;
type Key = ApiKeyHeader<HeaderKey, Kept>;
type Cookie = ApiKeyCookie<CookieKey, Kept>;
type Browser = SessionCookie<Session, Kept>;
type Password = Basic<Kept>;

gives_all!(Token, Key, Cookie, Browser, Password);

#[tokio::test]
async fn a_bearer_token_that_is_kept_is_not_verified_and_one_that_has_ended_is_refused() {
    let api = guarded::<Token>(signed_in());
    let status = async |token: &str| api.client.bearer(token).get("/x").send().await.status.as_u16();
    let before = VERIFIED.load(Ordering::SeqCst);
    assert_eq!((status("kept").await, status("gone").await, status("silent").await), (200, 401, 503));
    assert_eq!(VERIFIED.load(Ordering::SeqCst), before, "what is kept decides, also when it refuses");
    assert_eq!(status("new").await, 200);
    assert_eq!(VERIFIED.load(Ordering::SeqCst), before + 1);
}

#[tokio::test]
async fn attack_what_is_kept_of_a_token_counts_for_no_other_header() {
    let api = guarded::<Token>(signed_in());
    for headers in [
        &[("authorization", "DPoP kept")][..],
        &[("authorization", "Basic kept")],
        &[("authorization", "kept")],
        &[("authorization", "Bearer\tkept")],
        &[("authorization", "Bearer kept"), ("authorization", "Bearer kept")],
        &[("authorization", "Bearer kept"), ("authorization", "")],
        &[("proxy-authorization", "Bearer kept")],
        &[("cookie", "authorization=kept")],
        &[],
    ] {
        let request = api.client.get("/x");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        assert_eq!(request.send().await.status.as_u16(), 401, "{headers:?}");
    }
}

/// Which page makes the browser send a credential by itself is checked each time, before it is looked for. Of these only a session
/// is ever answered from what is kept.
#[tokio::test]
async fn attack_an_ambient_credential_that_is_kept_is_sent_by_a_page_of_another_site() {
    let cookie = ("cookie", "key=kept", "key=good");
    let session = ("cookie", "__Host-session=kept", "__Host-session=good");
    let password = ("authorization", "Basic YWRhOmtlcHQ=", "Basic YWRhOmdvb2Q=");
    let apis = [
        (guarded::<Cookie>(signed_in()), cookie, 401),
        (guarded::<Browser>(signed_in()), session, 200),
        (guarded::<Password>(signed_in()), password, 401),
    ];
    for (api, (name, kept, good), from_our_pages) in apis {
        let send = async |value: &str, site: &str| {
            let request = api.client.post("/x").header(name, value).header("sec-fetch-site", site);
            request.send().await.status.as_u16()
        };
        for _ in 0..2 {
            assert_eq!(send(good, "same-origin").await, 200, "{good}");
            for site in ["cross-site", "same-site"] {
                assert_eq!(send(good, site).await, 403, "{good} from {site}");
                assert_eq!(send(kept, site).await, 403, "{kept} from {site}");
            }
            assert_eq!(send(kept, "same-origin").await, from_our_pages, "{kept}");
        }
    }
}

#[tokio::test]
async fn a_session_that_is_kept_is_not_verified_and_what_is_no_session_is_absent() {
    let api = guarded::<Browser>(signed_in());
    for (cookies, expected) in [
        (&["__Host-session=kept"][..], 200),
        (&["a=b; __Host-session=kept; c=d"], 200),
        (&["__Host-session=\"kept\""], 200),
        (&["__Host-session=gone"], 401),
        (&["__Host-session=silent"], 503),
        (&["__Host-session=kept; __Host-session=kept"], 401),
        (&["__Host-session=kept", "__Host-session=kept"], 401),
        (&["__Host-session="], 401),
        (&["__Host-session=ke pt"], 401),
        (&["session=kept"], 401),
        (&["__Host-session =kept"], 401),
    ] {
        let request = api.client.get("/x");
        let request = cookies.iter().fold(request, |request, cookie| request.header("cookie", cookie));
        assert_eq!(request.send().await.status.as_u16(), expected, "{cookies:?}");
    }
}

#[tokio::test]
async fn a_key_in_a_header_that_is_kept_is_not_verified_and_two_are_none() {
    let api = guarded::<Key>(signed_in());
    for (keys, expected) in
        [(&["kept"][..], 200), (&["gone"], 401), (&["silent"], 503), (&["kept", "kept"], 401)]
    {
        let request = api.client.get("/x");
        let request = keys.iter().fold(request, |request, key| request.header("x-key", key));
        assert_eq!(request.send().await.status.as_u16(), expected, "{keys:?}");
    }
}

/// To look for a text may cost a hash of all of it.
#[tokio::test]
async fn attack_a_credential_that_is_longer_than_any_is_not_looked_for() {
    let (token, key) = ("a".repeat(16 * 1024 + 1), "a".repeat(4096 + 1));
    let session = format!("__Host-session={key}");
    let longer = [
        (guarded::<Token>(signed_in()), "authorization", format!("Bearer {token}")),
        (guarded::<Key>(signed_in()), "x-key", key),
        (guarded::<Browser>(signed_in()), "cookie", session),
    ];
    for (api, name, value) in longer {
        let send = async |value: &str| api.client.get("/x").header(name, value).send().await.status.as_u16();
        assert_eq!(send(&value).await, 401, "{name}");
        assert_eq!(send(&value[..value.len() - 1]).await, 200, "{name}: the longest there is");
    }
}
