//! The offline engine: lines in, verdicts out, whatever the lines are.

use palisade::token::{InvalidProfiles, Profiles};
use serde_json::{Value, json};

use crate::support::{NOW, access_token, client_assertion, dpop, every_kind, id_token, run, run_raw};

fn verdict_on(line: &str) -> String {
    run_raw(line.as_bytes(), &Profiles::builtin())
}

#[test]
fn a_line_that_is_no_request_is_rejected_and_the_next_is_read() {
    let good = access_token().line();
    let lines = ["", "{", "[]", "null", "\u{0}", "{\"profile\":1}", "{\"profile\":\"access_token\"}"];
    for line in lines {
        assert_eq!(run(&[line, &good]), ["input", "accept"], "{line:?}");
    }
    let output = run_raw(&[b"\xff\xfe\n", good.as_bytes(), b"\n"].concat(), &Profiles::builtin());
    assert!(output.starts_with("reject input ") && output.ends_with("\naccept\n"), "{output}");
}

#[test]
fn every_verdict_is_one_line_with_a_code_and_words() {
    let output = verdict_on(&access_token().claim("exp", 1).line());
    assert_eq!(output, "reject expired the token has expired\n");
    assert_eq!(verdict_on(&access_token().line()), "accept\n");
    assert_eq!(verdict_on(""), "");
}

#[test]
fn members_of_a_line_have_their_types() {
    let line: Value = serde_json::from_str(&access_token().line()).unwrap();
    for (name, value) in [
        ("profile", json!(["access_token"])),
        ("profile", json!("unknown")),
        ("profile", json!("_common")),
        ("token", json!(null)),
        ("token", json!(1)),
        ("at", json!("1800000000")),
        ("at", json!(-1)),
        ("keys", json!([])),
        ("keys", json!({})),
        ("keys", json!({"keys": 1})),
        ("context", json!([])),
        ("context", json!({"max_age": "1"})),
        ("context", json!({"access_token": 1})),
        ("context", json!({"iss": 1})),
    ] {
        let mut line = line.clone();
        line[name] = value.clone();
        assert_eq!(run(&[line.to_string()]), ["input"], "{name} {value}");
    }
    let twice = format!("{},\"token\":\"x\"}}", &access_token().line()[..access_token().line().len() - 1]);
    assert_eq!(run(&[twice]), ["input"]);
}

#[test]
fn members_nobody_knows_are_ignored() {
    let mut line: Value = serde_json::from_str(&access_token().line()).unwrap();
    line["name"] = json!("a note");
    line["context"]["unknown"] = json!([1]);
    assert_eq!(run(&[line.to_string()]), ["accept"]);
}

#[test]
fn the_moment_is_the_lines_or_the_files_or_the_clocks() {
    let mut line: Value = serde_json::from_str(&access_token().line()).unwrap();
    line["at"] = json!(NOW + 1000);
    assert_eq!(run(&[line.to_string()]), ["expired"]);
    line.as_object_mut().unwrap().remove("at");
    assert_eq!(run(&[line.to_string()]), ["accept"], "the clock says the same moment");
    let mut file: Value = serde_json::from_str(include_str!("../../src/token/profiles.json")).unwrap();
    file["_common"]["now"] = json!(NOW + 1000);
    let profiles = Profiles::from_json(&file.to_string()).unwrap();
    assert!(run_raw(line.to_string().as_bytes(), &profiles).starts_with("reject expired"));
}

#[test]
fn a_line_says_what_is_expected_instead_of_the_profile() {
    let draft = id_token().claim("iss", "https://other.test").claim("aud", "client-2").claim("nonce", "x");
    let draft = draft.context("iss", "https://other.test").context("aud", "client-2").context("nonce", "x");
    assert_eq!(draft.verdict(), "accept");
    assert_eq!(draft.clone().context("iss", Value::Null).verdict(), "claim-mismatch", "null says nothing");
    let assertion = client_assertion().claim("sub", "client-2").context("sub", "client-2");
    assert_eq!(assertion.verdict(), "accept");
    assert_eq!(access_token().context("nonce", "x").verdict(), "accept", "this profile has none to replace");
}

#[test]
fn a_line_too_long_is_rejected_and_the_next_is_read() {
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(5_000_000));
    assert_eq!(run(&[long, access_token().line()]), ["input", "accept"]);
    let spacious = format!("{}{}", access_token().line(), " ".repeat(5_000_000));
    assert_eq!(run(&[spacious, access_token().line()]), ["input", "accept"]);
}

#[test]
fn a_profile_is_data() {
    let file = json!({
        "_common": {"leeway_s": 5},
        "visitor": {
            "algs": ["EdDSA"], "typ": ["visitor+jwt", "(absent)"], "iss": "https://door.test",
            "required": ["badge"], "rules": ["exp <= now + 100", "name and iss2 members forbidden"],
        },
        "strict": {"algs": ["EdDSA"], "typ": ["(absent)"], "rules": ["the moon is full"]},
        "same": {"algs": ["EdDSA"], "typ": ["(absent)"], "rules": ["as strict"]},
        "fresh": {"algs": ["EdDSA"], "typ": ["(absent)"], "rules": ["iat within 7 s before and 2 s after now"]},
        "sealed": {"alg": ["ECDH-ES"], "enc": ["A256GCM"]},
    });
    let profiles = Profiles::from_json(&file.to_string()).unwrap();
    assert_eq!(profiles.names().collect::<Vec<_>>(), ["fresh", "same", "sealed", "strict", "visitor"]);
    let base =
        access_token().without_header("typ").claim("iss", "https://door.test").claim("badge", json!([]));
    let base = base.claim("exp", NOW + 100);
    let judge = |profile: &'static str, draft: crate::support::Draft| {
        let line = crate::support::Draft { profile, ..draft }.line();
        run_raw(line.as_bytes(), &profiles).split(' ').nth(1).unwrap_or("accept").trim().to_owned()
    };
    assert_eq!(judge("visitor", base.clone()), "accept");
    assert_eq!(judge("visitor", base.clone().header("typ", "Visitor+JWT")), "accept");
    assert_eq!(judge("visitor", base.clone().claim("exp", NOW + 101)), "too-long-lived");
    assert_eq!(judge("visitor", base.clone().claim("exp", NOW - 5)), "expired");
    assert_eq!(judge("visitor", base.clone().claim("name", 1)), "claim-forbidden");
    assert_eq!(judge("visitor", base.clone().without("badge")), "claim-missing");
    assert_eq!(judge("strict", base.clone()), "unknown-rule");
    assert_eq!(judge("same", base.clone()), "unknown-rule");
    assert_eq!(judge("fresh", base.clone().claim("iat", NOW + 2)), "accept");
    assert_eq!(judge("fresh", base.clone().claim("iat", NOW + 3)), "issued-in-future");
    assert_eq!(judge("fresh", base.clone().claim("iat", NOW - 7)), "accept");
    assert_eq!(judge("fresh", base.clone().claim("iat", NOW - 8)), "too-old");
    assert_eq!(judge("sealed", base), "encrypted");
}

#[test]
fn profiles_that_cannot_be_read_are_refused_by_name() {
    let read = |file: Value| Profiles::from_json(&file.to_string()).unwrap_err();
    assert!(matches!(Profiles::from_json("{"), Err(InvalidProfiles::Json(_))));
    assert!(matches!(Profiles::from_json(r#"{"a":{},"a":{}}"#), Err(InvalidProfiles::Json(_))));
    let member = |profile: &str, member| InvalidProfiles::Member { profile: profile.to_owned(), member };
    assert_eq!(read(json!({"a": {"algs": "EdDSA"}})), member("a", "algs"));
    assert_eq!(read(json!({"a": {"algs": [], "iss": 1}})), member("a", "iss"));
    assert_eq!(read(json!({"_common": {"leeway_s": "60"}})), member("_common", "leeway_s"));
    let circle = json!({"a": {"algs": [], "rules": ["as b"]}, "b": {"rules": ["as a"]}});
    assert!(matches!(read(circle), InvalidProfiles::Reference(_)));
    assert!(matches!(read(json!({"a": {"algs": [], "rules": ["as c"]}})), InvalidProfiles::Reference(_)));
}

#[test]
fn every_kind_is_built_in() {
    let builtin = Profiles::builtin();
    let names: Vec<_> = builtin.names().collect();
    for draft in every_kind() {
        assert!(names.contains(&draft.profile), "{}", draft.profile);
    }
    assert!(names.contains(&"jwe_id_token"));
    assert_eq!(crate::support::Draft { profile: "jwe_id_token", ..id_token() }.verdict(), "encrypted");
}

#[test]
fn a_proof_needs_no_keys() {
    let mut line: Value = serde_json::from_str(&dpop().line()).unwrap();
    line.as_object_mut().unwrap().remove("keys");
    assert_eq!(run(&[line.to_string()]), ["accept"]);
}
