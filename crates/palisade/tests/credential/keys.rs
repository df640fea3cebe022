//! API keys in a header and in the query: there once, visible, decoded once.

use palisade::credential::{ApiKeyHeader, ApiKeyQuery, Credential, PresentedKey, Reading};

use crate::support::{HeaderKey, QueryKey, read, reads};

type InHeader = ApiKeyHeader<HeaderKey>;
type InQuery = ApiKeyQuery<QueryKey>;

fn text(key: &PresentedKey) -> String {
    key.expose().to_owned()
}

fn header(values: &[&str]) -> Reading<String> {
    let values: Vec<_> = values.iter().map(|value| value.as_bytes()).collect();
    reads::<InHeader>("X-Key", &values, text)
}

fn query(query: &str) -> Reading<String> {
    read::<InQuery>(&format!("/x?{query}"), &[]).map(|key| text(&key))
}

#[test]
fn a_key_in_a_header_is_read_as_it_is() {
    for key in ["k", "a-b_c.d/e+f==", "%41", "\"quoted\"", "with spaces inside", "a,b;c=d"] {
        assert_eq!(header(&[key]), Reading::Present(key.into()), "{key}");
    }
    assert_eq!(header(&[]), Reading::Absent);
    assert_eq!(header(&[&"k".repeat(4096)]), Reading::Present("k".repeat(4096)));
}

#[test]
fn attack_a_key_header_twice_empty_or_strange() {
    for values in [
        &[""][..],
        &[" "],
        &["good", "good"],
        &["good", "bad"],
        &["good", ""],
        &["a\tb"],
        &["ключ"],
        &["k\u{a0}"],
        &[" good"],
        &["good "],
    ] {
        assert!(matches!(header(values), Reading::Malformed(_)), "{values:?}");
    }
    assert!(matches!(header(&[&"k".repeat(64 * 1024)]), Reading::Malformed(_)));
}

#[test]
fn a_key_in_the_query_is_decoded_once() {
    for (sent, key) in [
        ("api_key=good", "good"),
        ("a=1&api_key=good&b=2", "good"),
        ("api%5Fkey=good", "good"),
        ("api_key=a%2Bb%20c+d", "a+b c d"),
        ("api_key=%2541", "%41"),
        ("api_key=a=b", "a=b"),
        ("api_key=a;b", "a;b"),
        ("x=%zz&api_key=good", "good"),
    ] {
        assert_eq!(query(sent), Reading::Present(key.into()), "{sent}");
    }
    for sent in
        ["", "a=1", "API_KEY=good", "api_key2=good", "xapi_key=good", "a=api_key=good", "a;api_key=good"]
    {
        assert_eq!(query(sent), Reading::Absent, "{sent}");
    }
    assert_eq!(read::<InQuery>("/x", &[]).map(|key| text(&key)), Reading::Absent);
}

#[test]
fn attack_a_key_in_the_query_twice_empty_or_broken() {
    for sent in [
        "api_key",
        "api_key=",
        "api_key=good&api_key=good",
        "api_key=good&api%5fkey=bad",
        "api_key=good&api_key",
        "api_key=%zz",
        "api_key=a%",
        "api_key=a%4",
        "api_key=a%+4",
        "api_key=%FF",
        "api_key=%C3%A9",
        "api_key=a%00b",
        "api_key=a%0Ab",
        "api_key=+good",
        "api_key=a%09b",
    ] {
        assert!(matches!(query(sent), Reading::Malformed(_)), "{sent}");
    }
    assert!(matches!(query(&format!("api_key={}", "k".repeat(32 * 1024))), Reading::Malformed(_)));
}

#[test]
fn a_key_does_not_print() {
    let Reading::Present(key) = read::<InQuery>("/?api_key=hunter2", &[]) else { panic!("it is there") };
    assert_eq!(format!("{key:?}"), "PresentedKey");
    assert_eq!(<InQuery as Credential>::scheme().challenge(), Some("APIKey"), "a 401 has a challenge");
}
