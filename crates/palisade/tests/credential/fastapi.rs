//! Where FastAPI's security schemes are wrong, ours are not: the table in docs/adopting.md. Its rows on Digest, on realms, on
//! pages of other sites and on two schemes of one name are tested in the files beside this one.

use palisade::{
    credential::{
        AuthorizationCodeFlow, Basic, Bearer, BearerToken, ClientCredentialsFlow, Credential, OAuth2,
        OAuth2AuthorizationCodeBearer, OAuth2ClientCredentials, OAuth2Flows, OpenIdConnect, OpenIdProvider,
        Reading,
    },
    prelude::*,
};
use serde_json::json;

use crate::support::{H, T, U, guarded, optional, read, security};

fn authorization<A: Credential>(value: &str) -> Reading<A::Read> {
    read::<A>("/", &[("authorization", value.as_bytes())])
}

/// There, `Bearer` with nothing after it passes as the token "".
#[tokio::test]
async fn an_empty_bearer_token_does_not_pass() {
    let client = guarded::<T>(signed_in()).client;
    for value in ["Bearer", "Bearer "] {
        let answer = client.get("/x").header("authorization", value).send().await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
    }
}

/// There, `HTTPBase("DPoP")` takes `Basic abc`.
#[test]
fn a_scheme_takes_its_own_word_only() {
    for value in ["Basic abc", "DPoP abc", "Bearer2 abc", "abc"] {
        assert!(matches!(authorization::<Bearer>(value), Reading::Absent), "{value}");
    }
    for value in ["Bearer YTpi", "Digest YTpi", "YTpi"] {
        assert!(matches!(authorization::<Basic>(value), Reading::Absent), "{value}");
    }
}

/// There, a name or password beyond ASCII is 401.
#[test]
fn basic_is_utf8() {
    // `zoë:schlüssel`
    let Reading::Present(read) = authorization::<Basic>("Basic em/DqzpzY2hsw7xzc2Vs") else {
        panic!("it is well-formed")
    };
    assert_eq!((read.username.as_str(), read.password.expose()), ("zoë", "schlüssel"));
}

/// There, `YT pi` and `YTpi!!` are `a:b` too.
#[test]
fn basic_has_one_spelling() {
    for value in ["Basic YT pi", "Basic YTpi!!", "Basic YTpi="] {
        assert!(matches!(authorization::<Basic>(value), Reading::Malformed(_)), "{value}");
    }
}

/// There, broken Basic credentials are 401 where they are optional, and no credentials are not; here both schemes are alike.
#[tokio::test]
async fn broken_credentials_are_refused_by_every_scheme_also_where_they_are_optional() {
    for value in ["Basic !", "Basic"] {
        let answer = optional::<U>().client.get("/may").header("authorization", value).send().await;
        assert_eq!(answer.status, 401, "{value}");
    }
    let answer = optional::<T>().client.get("/may").header("authorization", "Bearer").send().await;
    assert_eq!(answer.status, 401);
    let answer = optional::<H>().client.get("/may").header("x-key", "").send().await;
    assert_eq!(answer.status, 401);
    assert_eq!(optional::<T>().client.get("/may").send().await.text(), "nobody");
}

struct Provider;

impl OpenIdProvider for Provider {
    const OPEN_ID_CONNECT_URL: &'static str = "https://id.example.org";
}

impl OAuth2Flows for Provider {
    const FLOWS: &'static [palisade::credential::Flow] =
        &[palisade::credential::Flow::client_credentials("token", &[])];
}

impl AuthorizationCodeFlow for Provider {
    const AUTHORIZATION_URL: &'static str = "authorize";
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[];
}

impl ClientCredentialsFlow for Provider {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[];
}

/// That `A` reads and refuses as [`Bearer`] does, what is broken and what is there twice included.
#[track_caller]
fn assert_bearer<A: Credential<Read = BearerToken>>() {
    let token = |token: BearerToken| token.expose().to_owned();
    for values in [
        &["Bearer abc"][..],
        &["bearer  abc"],
        &["Basic YTpi"],
        &["anything"],
        &["Bearer"],
        &["Bearer "],
        &["Bearer a b"],
        &["Bearer abc", "Bearer abc"],
        &["Basic YTpi", "Bearer abc"],
        &[],
    ] {
        let headers: Vec<_> = values.iter().map(|value| ("authorization", value.as_bytes())).collect();
        let expected = read::<Bearer>("/", &headers).map(token);
        assert_eq!(read::<A>("/", &headers).map(token), expected, "{values:?}");
    }
    assert_eq!(authorization::<A>("Bearer abc").map(token), Reading::Present("abc".into()));
    for value in ["Basic YTpi", "anything"] {
        assert!(matches!(authorization::<A>(value), Reading::Absent), "{value}");
    }
    assert!(matches!(authorization::<A>("Bearer"), Reading::Malformed(_)));
    assert_eq!(A::scheme().challenge(), Bearer::<BearerToken>::scheme().challenge());
}

/// There, `OAuth2` and `OpenIdConnect` take any header and give it whole.
#[test]
fn oauth2_and_openid_connect_take_a_bearer_token() {
    assert_bearer::<OAuth2<Provider>>();
    assert_bearer::<OpenIdConnect<Provider>>();
    assert_bearer::<OAuth2AuthorizationCodeBearer<Provider>>();
    assert_bearer::<OAuth2ClientCredentials<Provider>>();
}

/// There, the first of two headers, the last of two query parameters and the last of two cookies wins.
#[tokio::test]
async fn nothing_wins_of_a_credential_that_is_there_twice() {
    let client = guarded::<H>(signed_in()).client;
    let twice = client.get("/x").header("x-key", "good").header("x-key", "good");
    assert_eq!(twice.send().await.status, 401);
    let client = guarded::<T>(signed_in()).client.bearer("good");
    let twice = client.get("/x").header("authorization", "Bearer good");
    assert_eq!(twice.send().await.status, 401);
}

/// There, every scheme raises a TypeError for a WebSocket.
#[tokio::test]
async fn a_handshake_is_a_request_like_any_other() {
    let handshake = |token: &str| {
        let client = guarded::<T>(signed_in()).client.bearer(token);
        client.get("/x").header("connection", "Upgrade").header("upgrade", "websocket").send()
    };
    assert_eq!(handshake("good").await.status, 200);
    assert_eq!(handshake("bad").await.status, 401);
}

/// There, two schemes are documented as "either" and enforced as "both", an optional one as required, and scopes stand
/// beside schemes that have none.
#[test]
fn the_document_is_what_is_enforced() {
    let both = guarded::<(T, H)>(scope("a"));
    assert_eq!(security(&both, "/x"), json!([{ "OAuth2PasswordBearer": ["a"], "HeaderKey": [] }]));
    assert_eq!(security(&optional::<H>(), "/may"), json!([{ "HeaderKey": [] }, {}]));
    let responses = &both.document["paths"]["/x"]["get"]["responses"];
    assert!(responses["401"].is_object() && responses["403"].is_object(), "{responses}");
}

/// There, only 401, and the body has been read.
#[tokio::test]
async fn a_missing_scope_is_403() {
    let answer = guarded::<T>(scope("a")).client.bearer("good~b").get("/x").send().await;
    assert_eq!(answer.status, 403);
    let challenge = r#"Bearer error="insufficient_scope", scope="a""#;
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
}
