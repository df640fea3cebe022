//! Basic credentials (RFC 7617): strict Base64, UTF-8, one colon that counts, no control characters.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use palisade::credential::{Basic, BasicCredentials, Credential, Reading, Realm};

use crate::support::reads;

fn text(credentials: &BasicCredentials) -> String {
    format!("{} / {}", credentials.username, credentials.password.expose())
}

fn basic(values: &[&str]) -> Reading<String> {
    let values: Vec<_> = values.iter().map(|value| value.as_bytes()).collect();
    reads::<Basic>("authorization", &values, text)
}

fn encoded(text: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

fn is_malformed(value: &str) -> bool {
    matches!(basic(&[value]), Reading::Malformed(_))
}

#[test]
fn a_name_and_a_password_are_split_at_the_first_colon() {
    for (sent, read) in [
        ("ada:secret", "ada / secret"),
        ("ada:se:cr:et", "ada / se:cr:et"),
        (":", " / "),
        ("ada:", "ada / "),
        (":secret", " / secret"),
        ("zoë:pässwörd€𝄞", "zoë / pässwörd€𝄞"),
        ("a b:c d", "a b / c d"),
    ] {
        assert_eq!(basic(&[&encoded(sent)]), Reading::Present(read.into()), "{sent}");
    }
    assert_eq!(basic(&["bAsIc   YWRhOng="]), Reading::Present("ada / x".into()));
}

#[test]
fn no_header_and_other_schemes_are_absent() {
    for values in [&[][..], &["Bearer abc"], &["Basically YTpi"], &["Basic\tYTpi"], &["YTpi"], &[""]] {
        assert_eq!(basic(values), Reading::Absent, "{values:?}");
    }
}

#[test]
fn attack_a_second_spelling_of_a_password_is_refused() {
    assert_eq!(basic(&["Basic YTpi"]), Reading::Present("a / b".into()));
    for value in [
        "Basic",
        "Basic ",
        "Basic YT pi",
        "Basic YTpi!!",
        "Basic YTpi ",
        "Basic YTpi\t",
        "Basic YTpi=",
        "Basic YTpiYw",
        "Basic YTpiYx==",
        "Basic YTpiYw==YTpi",
        "Basic YT-_",
        "Basic YTpé",
        "Basic \"YTpi\"",
        "Basic YTpi,YTpi",
    ] {
        assert!(is_malformed(value), "{value}");
    }
}

#[test]
fn what_is_no_name_and_password_is_malformed() {
    assert!(is_malformed(&encoded("no colon")));
    assert!(is_malformed(&encoded("")));
    for control in ["a\0:b", "a:b\0", "a:\n", "a\r\n:b", "\u{7f}:x", "a:\u{85}"] {
        assert!(is_malformed(&encoded(control)), "{control:?}");
    }
    assert!(is_malformed(&encoded(b"z\xEB:x")), "Latin-1 is not UTF-8");
    assert!(is_malformed(&encoded(b"a:\xC0\x80")), "an overlong zero");
    assert!(is_malformed(&encoded(b"a:\xED\xA0\x80")), "half a pair");
}

#[test]
fn attack_two_headers_or_a_very_long_one() {
    assert!(matches!(basic(&["Basic YTpi", "Basic YTpi"]), Reading::Malformed(_)));
    assert!(matches!(basic(&["Basic YTpi", "Bearer abc"]), Reading::Malformed(_)));
    assert!(is_malformed(&encoded(format!("a:{}", "b".repeat(64 * 1024)))));
}

struct Quoted;

impl Realm for Quoted {
    const NAME: Option<&'static str> = Some("Quoted");
    const REALM: &'static str = r#"the "inner" \ office"#;
    const DESCRIPTION: Option<&'static str> = Some("For the office.");
}

#[test]
fn the_challenge_names_realm_and_charset() {
    let scheme = <Basic as Credential>::scheme();
    assert_eq!(scheme.challenge(), Some(r#"Basic realm="API", charset="UTF-8""#));
    let scheme = <Basic<BasicCredentials, Quoted> as Credential>::scheme();
    assert_eq!(
        scheme.challenge(),
        Some(r#"Basic realm="the \"inner\" \\ office", charset="UTF-8""#),
        "what would end the string is escaped"
    );
    assert_eq!(scheme.object()["description"], "For the office.");
}

#[test]
fn a_password_does_not_print() {
    let Reading::Present(credentials) =
        crate::support::read::<Basic>("/", &[("authorization", b"Basic YWRhOnNlY3JldA==")])
    else {
        panic!("it is well-formed")
    };
    assert_eq!(format!("{credentials:?}"), r#"BasicCredentials { username: "ada", .. }"#);
}
