//! Keys and sessions in cookies.

use palisade::credential::{ApiKeyCookie, Reading, SessionCookie};

use crate::support::{CookieKey, Session, reads};

fn key(values: &[&str]) -> Reading<String> {
    let values: Vec<_> = values.iter().map(|value| value.as_bytes()).collect();
    reads::<ApiKeyCookie<CookieKey>>("cookie", &values, |key| key.expose().to_owned())
}

fn session(values: &[&str]) -> Reading<String> {
    let values: Vec<_> = values.iter().map(|value| value.as_bytes()).collect();
    reads::<SessionCookie<Session>>("cookie", &values, |text| text.expose().to_owned())
}

#[test]
fn a_cookie_is_found_among_others() {
    for values in [
        &["key=good"][..],
        &["a=1; key=good; b=2"],
        &["a=1;key=good"],
        &["a=1 ;  key=good  ; b"],
        &["key=\"good\""],
        &["a=1", "key=good"],
        &["=nameless; key=good"],
        &["key2=bad; xkey=bad; KEY=bad; key=good"],
        &["a=\"key=bad\"; key=good"],
    ] {
        assert_eq!(key(values), Reading::Present("good".into()), "{values:?}");
    }
    assert_eq!(key(&["key=a=b%3D"]), Reading::Present("a=b%3D".into()), "nothing is decoded");
    for values in [&[][..], &[""], &["a=1"], &["key"], &["xkey=good"], &[";;;"]] {
        assert_eq!(key(values), Reading::Absent, "{values:?}");
    }
}

/// A browser protects names that begin with `__Host-`, and no names that a server would only take for one.
#[test]
fn attack_a_name_that_is_protected_but_for_white_space() {
    for value in [
        "\t__Host-session=evil",
        "__Host-session =evil",
        "__Host-session\t=evil",
        "\u{a0}__Host-session=evil",
        "\u{2000}__Host-session=evil",
        "\u{feff}__Host-session=evil",
        "\"__Host-session\"=evil",
        "%5F_Host-session=evil",
    ] {
        assert_eq!(session(&[value]), Reading::Absent, "{value:?}");
    }
    assert!(matches!(key(&["key= good"]), Reading::Malformed(_)));
    assert!(matches!(key(&["key=good\t"]), Reading::Malformed(_)));
}

/// Another host of the same site may set a cookie beside ours; which one stands first says nothing.
#[test]
fn attack_cookie_tossing() {
    for values in [
        &["key=good; key=bad"][..],
        &["key=bad; key=good"],
        &["key=good", "key=bad"],
        &["key=good; key=good"],
        &["key=; key=good"],
        &["key=good; key=\"good"],
    ] {
        assert!(matches!(key(values), Reading::Malformed(_)), "{values:?}");
    }
    assert_eq!(session(&["__Host-session=good; __Host-session=bad"]), Reading::Absent);
}

#[test]
fn a_key_that_is_not_of_the_form_of_a_cookie_is_malformed() {
    for value in [
        "key=", "key=\"\"", "key=\"", "key=\"a", "key=a\"", "key=a b", "key=a,b", "key=a\\b", "key=é",
        "key=a\tb",
    ] {
        assert!(matches!(key(&[value]), Reading::Malformed(_)), "{value}");
    }
    assert!(matches!(key(&[&format!("key={}", "k".repeat(64 * 1024))]), Reading::Malformed(_)));
}

/// A browser keeps sending what it once was given, so what is no session is none.
#[test]
fn a_session_that_is_not_of_its_form_is_absent() {
    assert_eq!(session(&["a=1; __Host-session=good"]), Reading::Present("good".into()));
    for value in
        ["__Host-session=", "__Host-session=a b", "__Host-session=\"", "__host-session=good", "session=good"]
    {
        assert_eq!(session(&[value]), Reading::Absent, "{value}");
    }
}
