//! The OpenAPI object of each scheme, as FastAPI writes it. What is compared is what FastAPI's documents have, as JSON: the
//! order of members means nothing there (RFC 8259, section 4).

use palisade::{
    credential::{
        ApiKeyCookie, ApiKeyHeader, ApiKeyQuery, ApiKeyScheme, AuthorizationCodeFlow, Basic, Bearer,
        ClientCredentialsFlow, Credential, Digest, Flow, OAuth2, OAuth2AuthorizationCodeBearer,
        OAuth2ClientCredentials, OAuth2Flows, OAuth2PasswordBearer, OpenIdConnect, OpenIdProvider,
        PasswordFlow, Scheme, SessionCookie,
    },
    prelude::{Router, get},
};
use serde_json::Value;

struct N;

impl ApiKeyScheme for N {
    const NAME: &'static str = "Key";
    const PARAMETER: &'static str = "N";
    const DESCRIPTION: Option<&'static str> = Some("D");
}

struct Session;

impl ApiKeyScheme for Session {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = "__Host-s";
}

const SCOPES: &[(&str, &str)] = &[("me", "Read me."), ("items", "Read items.")];

struct F;

impl PasswordFlow for F {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = SCOPES;
}

impl AuthorizationCodeFlow for F {
    const AUTHORIZATION_URL: &'static str = "authorize";
    const TOKEN_URL: &'static str = "token";
    const REFRESH_URL: Option<&'static str> = Some("refresh");
    const SCOPES: &'static [(&'static str, &'static str)] = &[];
    const DESCRIPTION: Option<&'static str> = Some("D");
}

impl ClientCredentialsFlow for F {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[];
}

impl OAuth2Flows for F {
    const FLOWS: &'static [Flow] = &[
        Flow::password("token", &[("a", "A")]).refreshed_at(Some("refresh")),
        Flow::authorization_code("authorize", "token", &[]),
        Flow::client_credentials("token", &[]),
    ];
}

impl OpenIdProvider for F {
    const OPEN_ID_CONNECT_URL: &'static str = "https://id.example.org/.well-known/openid-configuration";
}

/// A second password flow, with all there is to say.
struct Whole;

impl PasswordFlow for Whole {
    const NAME: &'static str = "Whole";
    const TOKEN_URL: &'static str = "token";
    const REFRESH_URL: Option<&'static str> = Some("refresh");
    const SCOPES: &'static [(&'static str, &'static str)] = &[];
    const DESCRIPTION: Option<&'static str> = Some("D");
}

#[test]
fn each_object_is_fastapis() {
    let expected = [
        (Bearer::<()>::scheme(), "Bearer", r#"{"type":"http","scheme":"bearer"}"#),
        (Basic::<()>::scheme(), "Basic", r#"{"type":"http","scheme":"basic"}"#),
        (Digest::<()>::scheme(), "Digest", r#"{"type":"http","scheme":"digest"}"#),
        (
            ApiKeyHeader::<N>::scheme(),
            "Key",
            r#"{"type":"apiKey","description":"D","in":"header","name":"N"}"#,
        ),
        (ApiKeyQuery::<N>::scheme(), "Key", r#"{"type":"apiKey","description":"D","in":"query","name":"N"}"#),
        (
            ApiKeyCookie::<N>::scheme(),
            "Key",
            r#"{"type":"apiKey","description":"D","in":"cookie","name":"N"}"#,
        ),
        (
            SessionCookie::<Session>::scheme(),
            "Session",
            r#"{"type":"apiKey","in":"cookie","name":"__Host-s"}"#,
        ),
        (
            OAuth2PasswordBearer::<F>::scheme(),
            "OAuth2PasswordBearer",
            r#"{"type":"oauth2","flows":{"password":{"scopes":{"me":"Read me.","items":"Read items."},"tokenUrl":"token"}}}"#,
        ),
        (
            OAuth2PasswordBearer::<Whole>::scheme(),
            "Whole",
            r#"{"type":"oauth2","description":"D","flows":{"password":{"scopes":{},"tokenUrl":"token","refreshUrl":"refresh"}}}"#,
        ),
        (
            OAuth2AuthorizationCodeBearer::<F>::scheme(),
            "OAuth2AuthorizationCodeBearer",
            r#"{"type":"oauth2","description":"D","flows":{"authorizationCode":{"refreshUrl":"refresh","scopes":{},"authorizationUrl":"authorize","tokenUrl":"token"}}}"#,
        ),
        (
            OAuth2ClientCredentials::<F>::scheme(),
            "OAuth2ClientCredentials",
            r#"{"type":"oauth2","flows":{"clientCredentials":{"scopes":{},"tokenUrl":"token"}}}"#,
        ),
        (
            OAuth2::<F>::scheme(),
            "OAuth2",
            r#"{"type":"oauth2","flows":{"password":{"refreshUrl":"refresh","scopes":{"a":"A"},"tokenUrl":"token"},"clientCredentials":{"scopes":{},"tokenUrl":"token"},"authorizationCode":{"scopes":{},"authorizationUrl":"authorize","tokenUrl":"token"}}}"#,
        ),
        (
            OpenIdConnect::<F>::scheme(),
            "OpenIdConnect",
            r#"{"type":"openIdConnect","openIdConnectUrl":"https://id.example.org/.well-known/openid-configuration"}"#,
        ),
    ];
    for (scheme, name, object) in expected {
        assert_eq!(scheme.name(), name);
        assert_eq!(*scheme.object(), serde_json::from_str::<Value>(object).unwrap(), "{name}");
        // Byte for byte, with members in the order of their names.
        let ordered = serde_json::from_str::<Value>(object).unwrap().to_string();
        assert_eq!(scheme.object().to_string(), ordered, "{name}");
    }
}

/// A 401 has at least one challenge (RFC 9110, section 15.5.2).
#[test]
fn each_scheme_has_a_challenge() {
    let challenge = |scheme: Scheme| scheme.challenge().unwrap().to_owned();
    for bearer in [
        Bearer::<()>::scheme(),
        OAuth2PasswordBearer::<F>::scheme(),
        OAuth2AuthorizationCodeBearer::<F>::scheme(),
        OAuth2ClientCredentials::<F>::scheme(),
        OAuth2::<F>::scheme(),
        OpenIdConnect::<F>::scheme(),
    ] {
        assert_eq!(challenge(bearer), "Bearer");
    }
    for key in [
        ApiKeyHeader::<N>::scheme(),
        ApiKeyQuery::<N>::scheme(),
        ApiKeyCookie::<N>::scheme(),
        SessionCookie::<Session>::scheme(),
    ] {
        assert_eq!(challenge(key), "APIKey");
    }
    assert_eq!(challenge(Basic::<()>::scheme()), r#"Basic realm="API", charset="UTF-8""#);
    assert_eq!(challenge(Digest::<()>::scheme()), r#"Digest realm="API""#);
}

mod wrong {
    use palisade::credential::Realm;

    use super::{ApiKeyScheme, Flow, OAuth2Flows};

    pub(super) struct Named;

    impl ApiKeyScheme for Named {
        const NAME: &'static str = "Named";
        const PARAMETER: &'static str = "two words";
    }

    pub(super) struct Controlled;

    impl Realm for Controlled {
        const REALM: &'static str = "a\r\nset-cookie: b";
    }

    pub(super) struct Twice;

    impl OAuth2Flows for Twice {
        const FLOWS: &'static [Flow] = &[Flow::password("a", &[]), Flow::password("b", &[])];
    }
}

#[test]
fn what_is_wrong_with_a_scheme_is_told_at_start_up() {
    let in_header = |_: Option<ApiKeyHeader<wrong::Named>>| async {};
    let in_cookie = |_: Option<ApiKeyCookie<wrong::Named>>| async {};
    let realm = |_: Option<Basic<palisade::credential::BasicCredentials, wrong::Controlled>>| async {};
    let flows = |_: Option<OAuth2<wrong::Twice>>| async {};
    let told = |router: Router| router.into_axum().unwrap_err().to_string();
    let error = told(Router::new().route("/", get(in_header).public("t")));
    assert!(
        error.contains("GET /: the security scheme `Named`: `two words` is no name of a header"),
        "{error}"
    );
    let error = told(Router::new().route("/", get(in_cookie).public("t")));
    assert!(error.contains("`two words` is no name of a cookie"), "{error}");
    let error = told(Router::new().route("/", get(realm).public("t")));
    assert!(error.contains("has control characters"), "{error}");
    let error = told(Router::new().route("/", get(flows).public("t")));
    assert!(error.contains("a flow is given twice"), "{error}");
}
