//! The outer form: three parts, base64url, JSON, and how long it may be.

use serde_json::json;

use crate::support::{NOW, access_token, b64, every_kind};

#[test]
fn a_right_token_of_every_kind_is_accepted() {
    for draft in every_kind() {
        assert_eq!(draft.verdict(), "accept", "{}", draft.profile);
    }
}

#[test]
fn only_three_parts_are_a_token() {
    let draft = access_token();
    let token = draft.token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for wrong in [
        String::new(),
        ".".to_owned(),
        "a".to_owned(),
        signed.to_owned(),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{token}.a.b.c"),
    ] {
        assert_eq!(draft.verdict_of(&wrong), "not-compact", "{wrong}");
    }
}

#[test]
fn a_json_serialization_is_refused() {
    let draft = access_token();
    let token = draft.token();
    let parts: Vec<_> = token.split('.').collect();
    let flattened = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string();
    assert_eq!(draft.verdict_of(&flattened), "not-compact");
}

#[test]
fn an_encrypted_token_is_refused_by_name() {
    for draft in every_kind() {
        assert_eq!(draft.verdict_of("eyJhbGciOiJkaXIifQ..aXY.Y3Q.dGFn"), "encrypted", "{}", draft.profile);
    }
}

#[test]
fn an_empty_part_is_refused() {
    let draft = access_token();
    let token = draft.token();
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(draft.verdict_of(".."), "not-json");
    assert_eq!(draft.verdict_of(&format!(".{}.{}", parts[1], parts[2])), "not-json");
    assert_eq!(draft.verdict_of(&format!("{}..{}", parts[0], parts[2])), "signature");
    assert_eq!(draft.verdict_of(&format!("{}.{}.", parts[0], parts[1])), "signature");
    assert_eq!(draft.verdict_of(&draft.token_of(json!(draft.header).to_string(), "")), "not-json");
}

#[test]
fn padding_is_refused() {
    let draft = access_token();
    let token = draft.token();
    assert_eq!(draft.verdict_of(&format!("{token}=")), "base64url");
    assert_eq!(draft.verdict_of(&format!("{token}==")), "base64url");
    assert_eq!(draft.verdict_of(&token.replacen('.', "=.", 1)), "base64url");
}

#[test]
fn white_space_is_refused() {
    let draft = access_token();
    let token = draft.token();
    for wrong in
        [format!(" {token}"), format!("{token}\n"), format!("{token} "), token.replacen('.', ".\t", 2)]
    {
        assert_eq!(draft.verdict_of(&wrong), "base64url");
    }
}

#[test]
fn the_other_base64_alphabet_is_refused() {
    let draft = access_token().claim("note", "\u{3ff}\u{3fe}???>>>");
    let header = json!(draft.header).to_string();
    let claims = json!(draft.claims).to_string();
    let signed = format!("{}.{}", b64(header), b64(claims).replace('-', "+").replace('_', "/"));
    assert!(signed.contains(['+', '/']));
    let token = format!("{signed}.{}", b64(draft.key.sign("EdDSA", signed.as_bytes())));
    assert_eq!(draft.verdict_of(&token), "base64url");
}

#[test]
fn unused_bits_must_be_zero() {
    // 64 bytes take 86 characters: the last carries 2 bits, and 4 that must be zero.
    let draft = access_token();
    let token = draft.token();
    let last = token.chars().last().unwrap();
    assert!("AQgw".contains(last));
    let next = char::from_u32(u32::from(last) + 1).unwrap();
    assert_eq!(draft.verdict_of(&format!("{}{next}", &token[..token.len() - 1])), "base64url");
}

#[test]
fn unused_bits_of_signed_parts_must_be_zero_too() {
    // The signature covers the text, so whoever signs could choose these bits; each claim set has one spelling.
    let draft = access_token();
    let claims = ["", "x", "xx"].map(|pad| json!(draft.clone().claim("pad", pad).claims).to_string());
    let claims = claims.iter().find(|claims| claims.len() % 3 == 1).unwrap();
    let encoded = b64(claims);
    let last = encoded.chars().last().unwrap();
    let next = char::from_u32(u32::from(last) + 1).unwrap();
    let signed = format!("{}.{}{next}", b64(json!(draft.header).to_string()), &encoded[..encoded.len() - 1]);
    let token = format!("{signed}.{}", b64(draft.key.sign("EdDSA", signed.as_bytes())));
    assert_eq!(draft.verdict_of(&token), "base64url");
}

#[test]
fn characters_outside_ascii_are_refused() {
    let draft = access_token();
    assert_eq!(draft.verdict_of(&format!("é{}", draft.token())), "base64url");
    assert_eq!(draft.verdict_of(&format!("{}\0", draft.token())), "base64url");
}

#[test]
fn header_and_claims_are_objects() {
    let draft = access_token();
    let (header, claims) = (json!(draft.header).to_string(), json!(draft.claims).to_string());
    for wrong in ["[]", "null", "true", "1", "\"eyJhbGciOiJub25lIn0\""] {
        assert_eq!(draft.verdict_of(&draft.token_of(wrong, &claims)), "not-an-object");
        assert_eq!(draft.verdict_of(&draft.token_of(&header, wrong)), "not-an-object");
        assert_eq!(draft.verdict_of(&draft.token_of(format!("[{header}]"), &claims)), "not-an-object");
    }
}

#[test]
fn one_object_and_nothing_after_it() {
    let draft = access_token();
    let (header, claims) = (json!(draft.header).to_string(), json!(draft.claims).to_string());
    for tail in ["{}", "x", ",", "\0", "}", "//", "\u{feff}"] {
        assert_eq!(draft.verdict_of(&draft.token_of(&header, format!("{claims}{tail}"))), "not-json");
        assert_eq!(draft.verdict_of(&draft.token_of(format!("{header}{tail}"), &claims)), "not-json");
    }
    assert_eq!(draft.verdict_of(&draft.token_of(format!("\u{feff}{header}"), &claims)), "not-json");
    let spacious = draft.token_of(format!(" {header}\n"), format!("\t{claims}\r\n"));
    assert_eq!(draft.verdict_of(&spacious), "accept");
}

#[test]
fn json_is_strict() {
    for wrong in [
        "\"x\":NaN",
        "\"x\":Infinity",
        "\"x\":01",
        "\"x\":1.",
        "\"x\":.5",
        "\"x\":+1",
        "\"x\":1e",
        "\"x\":-",
        "\"x\":0x10",
        "\"x\":'y'",
        "x:1",
        "\"x\":\"\u{1}\"",
        "\"x\":\"\\x\"",
        "\"x\":\"\\u12\"",
        "\"x\":True",
        "\"x\":[1,]",
        "\"x\":1,",
        "\"x\"",
        "\"x\":",
        "\"x\":\"",
        "/**/\"x\":1",
    ] {
        assert_eq!(access_token().verdict_with(wrong), "not-json", "{wrong}");
        assert_eq!(access_token().verdict_with_header(wrong), "not-json", "{wrong}");
    }
    for right in
        ["\"x\":-0.5e+10", "\"x\":\"\\u00e9\\ud83d\\ude00\\/\"", "\"x\":[ ]", "\"x\" : { }", "\"x\":1e999"]
    {
        assert_eq!(access_token().verdict_with(right), "accept", "{right}");
    }
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for wrong in
        [r#""x":"\ud800""#, r#""x":"\udc00""#, r#""x":"\ud800\u0041""#, r#""\ud800":1"#, r#""x":"\ud800x""#]
    {
        assert_eq!(access_token().verdict_with(wrong), "not-json", "{wrong}");
    }
}

#[test]
fn invalid_utf8_is_refused() {
    let draft = access_token();
    let (header, claims) = (json!(draft.header).to_string(), json!(draft.claims).to_string());
    for wrong in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"] {
        let spoil = |text: &str| [&text.as_bytes()[..text.len() - 1], b",\"x\":\"", wrong, b"\"}"].concat();
        assert_eq!(draft.verdict_of(&draft.token_of(&header, spoil(&claims))), "not-utf8");
        assert_eq!(draft.verdict_of(&draft.token_of(spoil(&header), &claims)), "not-utf8");
    }
}

#[test]
fn no_member_twice_in_the_header() {
    for twice in
        [r#""alg":"EdDSA""#, r#""\u0061lg":"none""#, r#""kid":"x""#, r#""x":1,"x":1"#, r#""x":{"y":1,"y":1}"#]
    {
        assert_eq!(access_token().verdict_with_header(twice), "duplicate-member", "{twice}");
    }
}

#[test]
fn no_member_twice_in_the_claims_at_any_depth() {
    for twice in [
        r#""sub":"account-1""#,
        r#""sub":"admin""#,
        r#""s\u0075b":"admin""#,
        r#""x":{"y":[{"z":1,"z":2}]}"#,
        r#""":1,"":2"#,
    ] {
        assert_eq!(access_token().verdict_with(twice), "duplicate-member", "{twice}");
    }
    let many: Vec<_> = (0..200).map(|n| format!("\"m{n}\":{n}")).collect();
    assert_eq!(access_token().verdict_with(&many.join(",")), "accept");
    assert_eq!(access_token().verdict_with(&format!("{},\"m17\":0", many.join(","))), "duplicate-member");
    // Different code points are different names, however alike they look.
    assert_eq!(access_token().verdict_with("\"ſub\":\"x\",\"SUB\":\"y\",\"e\u{301}\":1,\"é\":2"), "accept");
}

#[test]
fn a_depth_bomb_is_refused() {
    let nested = |depth: usize| format!("\"x\":{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(access_token().verdict_with(&nested(60)), "accept");
    assert_eq!(access_token().verdict_with(&nested(64)), "too-deep");
    assert_eq!(access_token().verdict_with(&nested(5000)), "too-deep");
    assert_eq!(access_token().verdict_with(&format!("\"x\":{}", "[".repeat(9000))), "too-deep");
    assert_eq!(access_token().verdict_with_header(&format!("\"x\":{}", "{\"a\":".repeat(1500))), "too-deep");
}

#[test]
fn an_oversize_token_is_refused_before_it_is_read() {
    let draft = access_token();
    let pad = |length: usize| draft.clone().claim("pad", "x".repeat(length)).token();
    let overhead = pad(0).len();
    let mut length = (16_384 - overhead) * 3 / 4 - 3;
    while pad(length + 1).len() <= 16_384 {
        length += 1;
    }
    assert!((16_383..=16_384).contains(&pad(length).len()));
    assert_eq!(draft.verdict_of(&pad(length)), "accept");
    assert_eq!(draft.verdict_of(&pad(length + 1)), "too-long");
    assert_eq!(draft.verdict_of(&"a".repeat(16_385)), "too-long");
    assert_eq!(draft.verdict_of(&".".repeat(1_000_000)), "too-long");
}

#[test]
fn a_token_in_a_token_is_refused() {
    let inner = access_token().token();
    let draft = access_token().header("cty", "JWT");
    assert_eq!(draft.verdict_of(&draft.token_of(json!(draft.header).to_string(), inner)), "not-json");
    assert_eq!(draft.verdict(), "accept", "`cty` says nothing about claims that are an object");
}

#[test]
fn claims_that_nobody_knows_are_no_reason_to_refuse() {
    let draft = access_token().claim("roles", json!(["x"])).claim("nonce", 5).claim("updated_at", NOW - 1);
    assert_eq!(draft.verdict(), "accept");
}
