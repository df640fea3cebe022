//! Whatever is done to a good token, it is refused; whatever comes in, something sensible comes out.

use palisade::token::{KeySet, Profiles, inspect};
use proptest::prelude::*;

use crate::support::{Draft, KEYS, NOW, access_token, every_kind, run, run_raw};

fn drafts() -> Vec<Draft> {
    let mut drafts = every_kind();
    drafts.extend([&KEYS.p256, &KEYS.p384, &KEYS.rsa].map(|key| access_token().signed_by(key)));
    drafts.push(access_token().signed_by(&KEYS.rsa).alg("PS256"));
    drafts
}

proptest! {
    #[test]
    fn each_changed_character_refuses(draft in 0..11_usize, at in any::<prop::sample::Index>(), other in "[A-Za-z0-9_.=-]") {
        let draft = &drafts()[draft];
        let mut token = draft.token();
        let at = at.index(token.len());
        prop_assume!(token[at..=at] != other);
        token.replace_range(at..=at, &other);
        prop_assert_ne!(draft.verdict_of(&token), "accept");
    }

    #[test]
    fn each_flipped_bit_refuses(draft in 0..11_usize, at in any::<prop::sample::Index>(), bit in 0..7_u8) {
        let draft = &drafts()[draft];
        let mut token = draft.token().into_bytes();
        let at = at.index(token.len());
        token[at] ^= 1 << bit;
        prop_assert_ne!(draft.verdict_of(&String::from_utf8(token).unwrap()), "accept");
    }

    #[test]
    fn each_missing_or_doubled_piece_refuses(draft in 0..11_usize, from in any::<prop::sample::Index>(), length in 1..40_usize, twice: bool) {
        let draft = &drafts()[draft];
        let token = draft.token();
        let from = from.index(token.len());
        let to = (from + length).min(token.len());
        let middle = if twice { token[from..to].repeat(2) } else { String::new() };
        prop_assert_ne!(draft.verdict_of(&format!("{}{middle}{}", &token[..from], &token[to..])), "accept");
    }

    #[test]
    fn the_parts_of_two_tokens_make_no_third(draft in 0..11_usize, other in 0..11_usize, parts in 1..7_u8) {
        let (drafts, mut mixed) = (drafts(), Vec::new());
        let (a, b) = (drafts[draft].token(), drafts[other].clone().claim("x", 1).token());
        for (at, (a, b)) in a.split('.').zip(b.split('.')).enumerate() {
            mixed.push(if parts >> at & 1 == 1 { b } else { a });
        }
        let mixed = mixed.join(".");
        prop_assume!(mixed != a && mixed != b);
        prop_assert_ne!(drafts[draft].verdict_of(&mixed), "accept");
    }

    #[test]
    fn no_text_is_a_token_and_none_panics(text in ".{0,200}") {
        prop_assert_ne!(access_token().verdict_of(&text), "accept");
        let _ = inspect(&text, &Profiles::builtin(), palisade::clock::Timestamp::from_unix(NOW));
        let _ = KeySet::from_json(&text);
    }

    #[test]
    fn any_header_and_any_claims_are_judged_without_panic(header in any_json(), claims in any_json()) {
        let draft = access_token();
        let token = draft.token_of(&header, &claims);
        prop_assert_ne!(draft.verdict_of(&token), "accept");
        let _ = inspect(&token, &Profiles::builtin(), palisade::clock::Timestamp::from_unix(NOW));
        prop_assert_ne!(draft.verdict_of(&draft.token_of(serde_json::json!(draft.header).to_string(), &claims)), "accept");
    }

    #[test]
    fn any_value_of_any_claim_is_judged_without_panic(draft in 0..11_usize, name in any::<prop::sample::Index>(), value in any_json()) {
        let draft = &drafts()[draft];
        let names: Vec<_> = draft.claims.keys().cloned().collect();
        let name = &names[name.index(names.len())];
        let spoiled = draft.clone().without(name);
        let verdict = spoiled.verdict_with(&format!("{name:?}:{value}"));
        prop_assert!(!verdict.is_empty());
        let in_header = spoiled.verdict_with_header(&format!("\"jwk\":{value}"));
        prop_assert!(!in_header.is_empty());
    }

    #[test]
    fn every_line_has_one_answer(lines in prop::collection::vec(prop_oneof![any_json(), "[^\n]{0,80}".prop_map(String::from)], 0..5)) {
        let mut input = lines.join("\n");
        input.push('\n');
        let output = run_raw(input.as_bytes(), &Profiles::builtin());
        prop_assert_eq!(output.lines().count(), input.lines().count());
        prop_assert!(output.lines().all(|line| line.starts_with("reject ")));
    }

    #[test]
    fn any_key_set_is_judged_without_panic(keys in any_json()) {
        let line = access_token().line();
        let line = line.replacen(&serde_json::json!(access_token().keys).to_string(), &keys, 1);
        prop_assert_eq!(run(&[line]).len(), 1);
    }
}

/// JSON whose names and values are those that tokens and keys use, in combinations nobody wrote.
fn any_json() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "alg", "kid", "typ", "crit", "b64", "jwk", "kty", "crv", "x", "y", "n", "e", "k", "keys", "iss",
            "aud", "exp", "iat", "nbf", "jti", "events", "EdDSA", "ES256", "OKP", "EC", "RSA", "oct",
            "P-256", "AQAB", "none",
        ])
        .prop_map(String::from),
        ".{0,6}",
    ]
    .prop_map(|word| serde_json::json!(word).to_string());
    let leaf = prop_oneof![
        word.clone(),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        any::<i64>().prop_map(|number| number.to_string()),
        prop::sample::select(vec!["null", "true", "false", "-0", "1e999", "[]", "{}", "\"\\ud800\""])
            .prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((word.clone(), inner), 0..5).prop_map(|members| {
                let members: Vec<_> =
                    members.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}
