//! What a client answers to a digest challenge (RFC 7616, section 3.4), read strictly.

use palisade::credential::{Credential, Digest, DigestCredentials, Reading};

use crate::support::reads;

/// RFC 7616, section 3.9.1, on one line.
const EXAMPLE: &str = r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;

fn digest(value: &str) -> Reading<DigestCredentials> {
    crate::support::read::<Digest>("/", &[("authorization", value.as_bytes())])
}

fn present(value: &str) -> DigestCredentials {
    match digest(value) {
        Reading::Present(credentials) => credentials,
        other => panic!("{other:?} for {value}"),
    }
}

fn is_malformed(value: &str) -> bool {
    matches!(digest(value), Reading::Malformed(_))
}

#[test]
fn the_example_of_the_rfc_is_read() {
    let read = present(EXAMPLE);
    assert_eq!((read.username.as_str(), read.realm.as_str()), ("Mufasa", "http-auth@example.org"));
    assert_eq!((read.uri.as_str(), read.algorithm.as_deref()), ("/dir/index.html", Some("SHA-256")));
    assert_eq!((read.nc, read.covers_body, read.userhash), (1, false, false));
    assert!(read.response.starts_with("753927fa") && read.opaque.is_some());
    assert_eq!(present(&EXAMPLE.replace("Digest ", "dIGEST   ").replace(", ", " ,,\t")), read);
    assert_eq!(present(&EXAMPLE.replace("username=", "UserName=")), read, "names have no case");
}

#[test]
fn a_name_beyond_ascii_is_read() {
    let named = |name: &str| EXAMPLE.replace(r#"username="Mufasa""#, name);
    assert_eq!(present(&named("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe")).username, "Jäsøn Doe");
    assert_eq!(present(&named("username*=utf-8'en'a")).username, "a");
    assert_eq!(present(&named(r#"username="a\"b\\c""#)).username, r#"a"b\c"#);
    assert_eq!(present(&named(r#"username="Zoë""#)).username, "Zoë");
    let hashed = present(&named(r#"username="488869477bf257147b804c45308cd62a", userhash=true"#));
    assert!(hashed.userhash);
    for name in [
        r#"username="a", username*=UTF-8''a"#,
        "username*=ISO-8859-1''a",
        "username*=UTF-8''%C3",
        "username*=UTF-8''%zz",
        "username*=UTF-8''%C",
        "username*=UTF-8''a%00",
        "username*=UTF-8'a",
        r#"username*="UTF-8''a""#,
        "username*=UTF-8''a, userhash=true",
        r#"username="a", userhash=maybe"#,
        r#"username="a", userhash="true""#,
        "username=Mufasa",
        "x=1",
    ] {
        assert!(is_malformed(&named(name)), "{name}");
    }
}

#[test]
fn attack_a_parameter_twice_is_refused() {
    for again in [
        r#", nonce="other""#,
        r#", uri="/other""#,
        r#", USERNAME="other""#,
        ", nc=00000002",
        ", unknown=1, unknown=1",
    ] {
        assert!(is_malformed(&format!("{EXAMPLE}{again}")), "{again}");
    }
    assert!(
        matches!(digest(&format!("{EXAMPLE}, unknown=1")), Reading::Present(_)),
        "extensions are ignored"
    );
}

#[test]
fn each_parameter_is_of_its_form() {
    for (from, to) in [
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=\"00000001\""),
        ("nc=00000001", "nc=0000000G"),
        ("nc=00000001, ", ""),
        ("qop=auth", "qop=\"auth\""),
        ("qop=auth", "qop=other"),
        ("qop=auth, ", ""),
        ("algorithm=SHA-256", "algorithm=\"SHA-256\""),
        ("\"753927fa", "\"753927FA"),
        ("\"753927fa", "\""),
        ("cnonce=", "other="),
        ("nonce=\"7", "other=\"7"),
        ("realm=\"http-auth@example.org\"", "realm=http"),
        ("uri=\"/dir/index.html\"", "uri=\"\""),
        ("Mufasa", "Muf\u{1}asa"),
        (", uri", " uri"),
        ("Mufasa\"", "Mufasa"),
        ("username=", "username ="),
        ("\"Mufasa\"", "\"Mufasa\"x"),
    ] {
        let value = EXAMPLE.replacen(from, to, 1);
        assert_ne!(value, EXAMPLE, "{from}");
        if http::HeaderValue::from_bytes(value.as_bytes()).is_ok() {
            assert!(is_malformed(&value), "{from} as {to}");
        }
    }
    for value in
        ["Digest", "Digest ", "Digest ,", "Digest =", "Digest a", "Digest a=", "Digest a=\"", "Digest a=\"\\"]
    {
        assert!(is_malformed(value), "{value}");
    }
}

#[test]
fn other_schemes_are_absent_and_two_headers_malformed() {
    assert_eq!(digest("Digesting username=\"a\""), Reading::Absent);
    assert_eq!(digest("Basic YTpi"), Reading::Absent);
    let two = reads::<Digest>("authorization", &[EXAMPLE.as_bytes(), EXAMPLE.as_bytes()], |read| {
        read.username.clone()
    });
    assert!(matches!(two, Reading::Malformed(_)));
}

#[test]
fn attack_long_and_many() {
    assert!(is_malformed(&EXAMPLE.replace("Mufasa", &"M".repeat(64 * 1024))));
    let many: String = (0..100).map(|number| format!(", p{number}=1")).collect();
    assert!(is_malformed(&format!("{EXAMPLE}{many}")));
}

#[test]
fn a_proof_does_not_print() {
    let printed = format!("{:?}", present(EXAMPLE));
    assert!(
        printed.contains("Mufasa") && !printed.contains("753927fa") && !printed.contains("7ypf"),
        "{printed}"
    );
    assert_eq!(<Digest as Credential>::scheme().challenge(), Some(r#"Digest realm="API""#));
}
