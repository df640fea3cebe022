//! The same tokens given to another library, `jsonwebtoken`, as a straightforward user would call it. Where the two
//! disagree, the reason stands beside it; where one of them changes its mind, a test fails.
//!
//! Times are left out: that library asks the operating system for them.

use aws_lc_rs::hmac;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};

use crate::support::{Draft, KEYS, access_token, b64, client_secret_jwt};

fn theirs(draft: &Draft, token: &str) -> bool {
    verified_by_theirs(draft, token).is_ok()
}

fn verified_by_theirs(draft: &Draft, token: &str) -> Result<(), Box<dyn std::error::Error>> {
    let keys: JwkSet = serde_json::from_value(draft.keys.clone())?;
    let key = match decode_header(token)?.kid {
        Some(kid) => keys.find(&kid),
        None => keys.keys.first(),
    };
    let key = DecodingKey::from_jwk(key.ok_or("no key")?)?;
    let allowed = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::ES384, Algorithm::PS256, Algorithm::RS256];
    let algorithms = allowed.into_iter().filter(|alg| alg.family() == key.family()).collect();
    let mut validation = Validation { algorithms, validate_exp: false, ..Validation::default() };
    validation.set_issuer(&["https://op.test"]);
    validation.set_audience(&["https://api.test"]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    decode::<Value>(token, &key, &validation)?;
    Ok(())
}

/// What both say to `token` under the circumstances of `draft`: ours, then theirs.
fn both(draft: &Draft, token: &str) -> (bool, bool) {
    (draft.verdict_of(token) == "accept", theirs(draft, token))
}

fn spoiled(draft: &Draft, change: impl FnOnce(&mut Value)) -> (bool, bool) {
    let mut draft = draft.clone();
    change(&mut draft.keys);
    both(&draft, &draft.token())
}

const BOTH: (bool, bool) = (true, true);
const NEITHER: (bool, bool) = (false, false);
const ONLY_OURS: (bool, bool) = (true, false);
const ONLY_THEIRS: (bool, bool) = (false, true);

#[test]
fn both_accept_what_is_right() {
    for key in [&KEYS.ed25519, &KEYS.p256, &KEYS.p384, &KEYS.rsa] {
        let draft = access_token().signed_by(key);
        assert_eq!(both(&draft, &draft.token()), BOTH, "{}", key.kid);
    }
    let draft = access_token().signed_by(&KEYS.rsa).alg("PS256");
    assert_eq!(both(&draft, &draft.token()), BOTH);
    let draft = access_token().claim("aud", json!(["x", "https://api.test"]));
    assert_eq!(both(&draft, &draft.token()), BOTH);
}

#[test]
fn both_refuse_what_is_plainly_wrong() {
    let good = access_token();
    let token = good.token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let elsewhere = access_token().claim("sub", "admin").token();
    let forgeries = [
        format!("{signed}."),
        format!("{}.{signature}", elsewhere.rsplit_once('.').unwrap().0),
        format!("{token}="),
        format!("{token}\n"),
        signed.to_owned(),
        String::new(),
        access_token().alg("none").token(),
        access_token().alg("HS256").token(),
        access_token().header("kid", "nobody").token(),
        access_token().header("kid", "p256").token(),
        access_token().claim("iss", "https://attacker.test").token(),
        access_token().claim("aud", "https://other.test").token(),
        access_token().without("sub").token(),
        good.token_of(json!(good.header).to_string(), "[]"),
        good.token_of(json!(good.header).to_string(), format!("{}x", json!(good.claims))),
        Draft { key: &KEYS.other_ed25519, ..access_token() }.token(),
    ];
    for forgery in forgeries {
        assert_eq!(both(&good, &forgery), NEITHER, "{forgery}");
    }
}

#[test]
fn they_do_not_ask_what_kind_of_token_it_is() {
    let draft = access_token().header("typ", "JWT");
    assert_eq!(both(&draft, &draft.token()), ONLY_THEIRS, "`typ` is not checked");
    let draft = access_token().without("client_id");
    assert_eq!(both(&draft, &draft.token()), ONLY_THEIRS, "only registered claims can be required");
}

#[test]
fn they_do_not_ask_what_a_key_is_for() {
    let draft = access_token();
    for (member, value) in
        [("use", json!("enc")), ("key_ops", json!(["encrypt"])), ("alg", json!("RSA-OAEP"))]
    {
        let verdicts = spoiled(&draft, |keys| keys["keys"][0][member] = value.clone());
        assert_eq!(verdicts, ONLY_THEIRS, "`{member}` is not compared");
    }
}

#[test]
fn both_refuse_a_small_rsa_key() {
    let line: Value = serde_json::from_str(include_str!("data/rsa-1024.json")).unwrap();
    let draft = access_token().keys(line["keys"].clone());
    assert_eq!(both(&draft, line["token"].as_str().unwrap()), NEITHER);
}

#[test]
fn they_accept_a_short_secret() {
    let draft = client_secret_jwt();
    let token = draft.token();
    let (signed, _) = token.rsplit_once('.').unwrap();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
    let token = format!("{signed}.{}", b64(hmac::sign(&secret, signed.as_bytes())));
    let jwk = json!({"kty": "oct", "kid": "secret", "k": b64("secret")});
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["https://op.test"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
    assert!(decode::<Value>(&token, &key, &validation).is_ok(), "48 bits are a secret to them");
    assert_eq!(draft.keys(json!({"keys": [jwk]})).verdict_of(&token), "key-unusable");
}

#[test]
fn they_refuse_a_key_set_for_one_odd_key() {
    for odd in [json!(null), json!({"kty": "EC", "kid": 5}), json!({"kty": "RSA", "use": ["sig"]})] {
        let verdicts =
            spoiled(&access_token(), |keys| keys["keys"].as_array_mut().unwrap().push(odd.clone()));
        assert_eq!(verdicts, ONLY_OURS, "{odd} spoils the set");
    }
}

#[test]
fn they_refuse_headers_with_members_of_other_types() {
    let draft = access_token().header("x5c", 17);
    assert_eq!(both(&draft, &draft.token()), ONLY_OURS, "members nobody asked for must have their types");
    let draft = access_token().header("zip", 17);
    assert_eq!(
        both(&draft, &draft.token()),
        ONLY_OURS,
        "members of other kinds of token must have their types"
    );
}

#[test]
fn they_do_not_heed_crit() {
    for critical in [json!(["x"]), json!([]), json!(["b64"])] {
        let draft = access_token().header("crit", critical.clone());
        assert_eq!(both(&draft, &draft.token()), ONLY_THEIRS, "{critical} is read and not heeded");
    }
    let draft = access_token().header("b64", false);
    assert_eq!(both(&draft, &draft.token()), ONLY_THEIRS, "`b64` is not looked at");
}

#[test]
fn they_take_the_last_of_two_claims() {
    let draft = access_token();
    let twice = draft.token_of(json!(draft.header).to_string(), draft.claims_with("\"client_id\":\"admin\""));
    assert_eq!(both(&draft, &twice), ONLY_THEIRS, "a claim that stands there twice");
    let twice = draft.token_of(draft.header_with("\"x\":1,\"x\":2"), json!(draft.claims).to_string());
    assert_eq!(both(&draft, &twice), ONLY_THEIRS, "a member nobody knows that stands there twice");
}

#[test]
fn they_guess_between_two_keys() {
    let mut draft = access_token().without_header("kid");
    draft.keys = json!({"keys": [KEYS.ed25519.bare_jwk(), KEYS.other_ed25519.bare_jwk()]});
    assert_eq!(
        both(&draft, &draft.token()),
        ONLY_THEIRS,
        "the caller takes the first; there is no rule for it"
    );
}

#[test]
fn they_have_no_limit_of_size() {
    let draft = access_token().claim("pad", "x".repeat(20_000));
    assert_eq!(both(&draft, &draft.token()), ONLY_THEIRS);
}

#[test]
fn both_refuse_the_second_spellings_of_a_signature() {
    for key in [&KEYS.ed25519, &KEYS.p256, &KEYS.p384, &KEYS.rsa] {
        let draft = access_token().signed_by(key);
        let token = draft.token();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let longer = format!("{signed}.{}", b64([&crate::support::unb64(signature)[..], &[0]].concat()));
        assert_eq!(both(&draft, &longer), NEITHER, "{}", key.kid);
    }
}
