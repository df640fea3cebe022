//! Both, either, may: what combinations of credentials admit, how they challenge, and what document and table say.

use palisade::{
    credential::{AllOf, AnyOf, ApiKeyHeader, ApiKeyScheme, Credential},
    prelude::*,
};
use serde_json::json;

use crate::support::{C, H, K, Q, T, U, guarded, optional, read, security, served};

/// The status of `GET /x` guarded by `A`, for a request with a token, a key in a header, and a key in the query.
async fn status<A>(token: &str, header: &str, query: &str) -> u16
where
    A: crate::support::Gives
        + axum::extract::FromRequestParts<(), Rejection: Send>
        + Describe<()>
        + Send
        + 'static,
{
    let path = if query.is_empty() { "/x".to_owned() } else { format!("/x?api_key={query}") };
    let client = guarded::<A>(signed_in()).client;
    let client = if token.is_empty() { client } else { client.bearer(token) };
    let mut request = client.get(&path);
    if !header.is_empty() {
        request = request.header("x-key", header);
    }
    request.send().await.status.as_u16()
}

#[tokio::test]
async fn a_tuple_means_all_of_them() {
    for (token, key, expected) in [
        ("good", "good", 200),
        ("good", "", 401),
        ("", "good", 401),
        ("", "", 401),
        ("good", "bad", 401),
        ("bad", "good", 401),
    ] {
        assert_eq!(status::<(T, H)>(token, key, "").await, expected, "{token:?} {key:?}");
        assert_eq!(status::<AllOf<(T, H)>>(token, key, "").await, expected, "{token:?} {key:?}");
    }
    assert_eq!(status::<(T, H, Q)>("good", "good", "good").await, 200);
    assert_eq!(status::<(T, H, Q)>("good", "good", "").await, 401);
}

#[tokio::test]
async fn any_of_takes_the_first_that_is_there() {
    type Either = AnyOf<(T, H)>;
    for (token, key, expected) in [
        ("good", "", 200),
        ("", "good", 200),
        ("good", "good", 200),
        ("good", "bad", 200),
        ("", "", 401),
        ("bad", "good", 401),
        ("", "bad", 401),
        ("over", "good", 200),
        ("silent", "good", 503),
    ] {
        assert_eq!(status::<Either>(token, key, "").await, expected, "{token:?} {key:?}");
    }
}

/// A header that claims to be a credential and is none refuses: nobody knows what was meant.
#[tokio::test]
async fn a_malformed_credential_is_no_reason_to_look_for_another() {
    let client = guarded::<AnyOf<(T, H)>>(signed_in()).client;
    for malformed in ["Bearer", "Bearer a b", "Bearer é"] {
        let request = client.get("/x").header("authorization", malformed).header("x-key", "good");
        assert_eq!(request.send().await.status, 401, "{malformed}");
    }
    let other = client.get("/x").header("authorization", "Basic YTpi").header("x-key", "good");
    assert_eq!(other.send().await.status, 200, "of another scheme, so it is absent");
}

#[tokio::test]
async fn combinations_nest() {
    type Nested = AnyOf<((T, H), Q)>;
    assert_eq!(status::<Nested>("good", "good", "").await, 200);
    assert_eq!(status::<Nested>("", "", "good").await, 200);
    assert_eq!(status::<Nested>("good", "", "good").await, 401, "half of the first is there, which refuses");
    assert_eq!(status::<Nested>("", "", "").await, 401);
    type Deeper = (AnyOf<(T, AnyOf<(H, Q)>)>, K);
    let client = guarded::<Deeper>(signed_in()).client;
    assert_eq!(client.get("/x?api_key=good").header("cookie", "key=good").send().await.status, 200);
    assert_eq!(client.get("/x?api_key=good").send().await.status, 401);
}

#[tokio::test]
async fn all_or_none() {
    let client = optional::<AllOf<(T, H)>>().client;
    let answer = client.get("/may").send().await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "nobody"));
    let answer = client.bearer("good").get("/may").header("x-key", "good").send().await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "somebody"));
    assert_eq!(client.bearer("good").get("/may").send().await.status, 401, "half of it is not none of it");
    assert_eq!(client.get("/may").header("x-key", "good").send().await.status, 401);
}

#[tokio::test]
async fn each_alternative_is_challenged_for_once() {
    let answer = guarded::<AnyOf<(AnyOf<(C, U)>, T, (Q, H))>>(signed_in()).client.get("/x").send().await;
    let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["APIKey", r#"Basic realm="API", charset="UTF-8""#, "Bearer"]);
}

/// `invalid_token` is said of the token (RFC 6750, section 3.1), not of a token that was not sent.
#[tokio::test]
async fn an_error_is_told_of_the_credential_that_has_it() {
    let client = guarded::<AnyOf<(T, U)>>(signed_in()).client;
    let challenges = |answer: palisade::testing::Response| -> Vec<String> {
        let all = answer.headers.get_all("www-authenticate").iter();
        all.map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    let basic = r#"Basic realm="API", charset="UTF-8""#;
    let answer = client.get("/x").header("authorization", "Basic OmJhZA==").send().await;
    assert_eq!(challenges(answer), ["Bearer", basic]);
    let answer = client.get("/x").header("authorization", "Bearer bad").send().await;
    assert_eq!(challenges(answer), [r#"Bearer error="invalid_token""#, basic]);
}

#[test]
fn the_document_says_and_or_and_may() {
    let flow = "OAuth2PasswordBearer";
    let with = |served: &crate::support::Served| security(served, "/x");
    assert_eq!(with(&guarded::<(T, H)>(signed_in())), json!([{ flow: [], "HeaderKey": [] }]));
    assert_eq!(with(&guarded::<AnyOf<(T, H)>>(signed_in())), json!([{ flow: [] }, { "HeaderKey": [] }]));
    assert_eq!(
        with(&guarded::<AnyOf<((T, H), Q)>>(scope("a"))),
        json!([{ flow: ["a"], "HeaderKey": [] }, { "QueryKey": [] }]),
        "scopes stand where a scheme can say them"
    );
    assert_eq!(
        with(&guarded::<(AnyOf<(T, H)>, AnyOf<(H, Q)>)>(signed_in())),
        json!([
            { flow: [], "HeaderKey": [] },
            { flow: [], "QueryKey": [] },
            { "HeaderKey": [] },
            { "HeaderKey": [], "QueryKey": [] },
        ])
    );
    let may = optional::<AnyOf<(T, AllOf<(H, Q)>)>>();
    assert_eq!(security(&may, "/may"), json!([{ flow: [] }, { "HeaderKey": [], "QueryKey": [] }, {}]));
    let schemes = &guarded::<AnyOf<((T, H), Q)>>(signed_in()).document["components"]["securitySchemes"];
    assert_eq!(schemes.as_object().unwrap().keys().collect::<Vec<_>>(), ["HeaderKey", flow, "QueryKey"]);
}

#[test]
fn the_table_says_the_same() {
    let served = guarded::<AnyOf<((T, H), Q)>>(signed_in());
    let row = &served.table.rows()[0];
    assert_eq!(row.schemes, [vec!["HeaderKey", "OAuth2PasswordBearer"], vec!["QueryKey"]]);
    let may = optional::<AllOf<(H, Q)>>();
    assert_eq!(may.table.rows()[0].schemes, [vec!["HeaderKey", "QueryKey"], vec![]]);
}

/// The same name for another place.
struct Namesake;

impl ApiKeyScheme for Namesake {
    const NAME: &'static str = "HeaderKey";
    const PARAMETER: &'static str = "x-other";
}

#[test]
fn two_schemes_of_one_name_clash_wherever_they_are_combined() {
    type Other = ApiKeyHeader<Namesake>;
    assert_eq!(read::<Other>("/", &[]).map(|_| ()), palisade::credential::Reading::Absent);
    let who = |_: Option<AnyOf<(H, Other)>>| async {};
    let error = Router::<()>::new().route("/", get(who).public("t")).into_axum().unwrap_err().to_string();
    assert!(error.contains("another security scheme is also named `HeaderKey`"), "{error}");
    assert_eq!(<Other as Credential>::scheme().name(), "HeaderKey");
}

/// One header cannot be two credentials.
#[test]
fn two_credentials_that_share_a_header_cannot_be_needed_together() {
    let who = |_: Option<AllOf<(T, U)>>| async {};
    let error = Router::<()>::new().route("/", get(who).public("t")).into_axum().unwrap_err().to_string();
    assert!(error.contains("GET /: it needs `Basic` and `OAuth2PasswordBearer` together"), "{error}");
    let either = |_: Option<AnyOf<(T, U)>>| async {};
    assert!(Router::<()>::new().route("/", get(either).public("t")).into_axum().is_ok());
    served(Router::<()>::new().route("/", get(either).public("t")));
}

/// Whoever sends `H` alone would be taken for having sent half of `(T, H)`, though the document says that it is enough.
#[test]
fn an_alternative_that_nobody_reaches_is_told_at_start_up() {
    let who = |_: Option<AnyOf<((T, H), H)>>| async {};
    let error = Router::<()>::new().route("/", get(who).public("t")).into_axum().unwrap_err().to_string();
    assert!(error.contains("GET /: `HeaderKey` would never be enough"), "{error}");
    let who = |_: Option<AnyOf<(H, (T, H))>>| async {};
    assert!(Router::<()>::new().route("/", get(who).public("t")).into_axum().is_ok());
}
