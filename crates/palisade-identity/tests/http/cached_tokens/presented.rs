//! What is sent: the same token in other forms, spoilt tokens, collisions, and floods.

use super::*;

/// A character of tokens that is not this one.
fn other_than(byte: u8) -> u8 {
    if byte == b'A' { b'B' } else { b'A' }
}

#[tokio::test]
async fn attack_a_cached_token_with_a_byte_changed() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let before = process.ran();
    for at in 0..token.len() {
        let byte = token.as_bytes()[at];
        // Also the one whose last bit alone is another: in the last character, it stands for nothing.
        for other in [other_than(byte), byte ^ 1, byte ^ 0x20] {
            let mut changed = token.clone().into_bytes();
            changed[at] = other;
            if other == byte || !other.is_ascii_graphic() {
                continue;
            }
            let changed = String::from_utf8(changed).unwrap();
            let answer = process.get(&changed, "/read").await;
            assert_invalid(&answer);
        }
    }
    assert_eq!(process.ran(), before);
    process.admits(&token).await;
}

#[tokio::test]
async fn attack_a_part_of_a_cached_token_and_one_with_more() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let before = process.ran();
    for at in (1..token.len()).filter(|at| at % 5 == 0 || at + 5 > token.len() || *at < 5) {
        assert_invalid(&process.get(&token[..at], "/read").await);
        assert_invalid(&process.get(&token[at..], "/read").await);
    }
    for changed in [
        format!("A{token}"),
        format!("{token}A"),
        format!("{token}="),
        format!("{token}{token}"),
        format!(".{token}"),
        format!("{token}."),
    ] {
        assert_invalid(&process.get(&changed, "/read").await);
    }
    assert_eq!(process.ran(), before);
}

#[tokio::test]
async fn attack_the_signature_of_one_cached_token_below_the_claims_of_another() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let process = Process::of(&app).await;
    let tokens = [app.token("root").await, app.token("ada").await, app.narrowed("root", "me:read").await];
    for token in &tokens {
        process.has_used(token).await;
    }
    let before = process.ran();
    let parts = tokens.each_ref().map(|token| token.rsplit_once('.').unwrap());
    for (number, (claims, _)) in parts.iter().enumerate() {
        for (other, (_, signature)) in parts.iter().enumerate() {
            if number != other {
                assert_invalid(&process.get(&format!("{claims}.{signature}"), "/read").await);
            }
        }
    }
    assert_eq!(process.ran(), before);
}

#[tokio::test]
async fn a_cached_token_is_found_whatever_the_case_of_its_scheme() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR   "] {
        let request = process.client.get("/read").header("authorization", format!("{scheme}{token}"));
        assert_eq!(request.send().await.status, StatusCode::OK, "{scheme}");
    }
    assert_eq!(process.verifications(), 1);
}

#[tokio::test]
async fn attack_a_cached_token_presented_in_another_way() {
    let (app, process) = served().await;
    let uncached = Process::uncached(&app).await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    let before = process.ran();
    let bearer = format!("Bearer {token}");
    let session = format!("{}={token}", cookie::NAME);
    let user_and_token = format!("Basic {}", STANDARD.encode(format!("ada:{token}")));
    for headers in [
        &[("authorization", token.clone())][..],
        &[("authorization", format!("DPoP {token}"))],
        &[("authorization", format!("Token {token}"))],
        &[("authorization", format!("Basic {token}"))],
        &[("authorization", format!("Digest {token}"))],
        &[("authorization", format!("Bearer\t{token}"))],
        &[("authorization", format!("Bearer{token}"))],
        &[("authorization", format!("Bearer: {token}"))],
        &[("authorization", format!(" {bearer}"))],
        &[("authorization", format!("{bearer} "))],
        &[("authorization", format!("{bearer}\t"))],
        &[("authorization", format!("Bearer \t{token}"))],
        &[("authorization", format!("{bearer} {token}"))],
        &[("authorization", format!("{bearer},{bearer}"))],
        &[("authorization", format!("Bearer \"{token}\""))],
        &[("authorization", bearer.clone()), ("authorization", bearer.clone())],
        &[("authorization", bearer.clone()), ("authorization", "Basic Og==".to_owned())],
        &[("authorization", "Basic Og==".to_owned()), ("authorization", bearer.clone())],
        &[("authorization", bearer.clone()), ("authorization", String::new())],
        &[("proxy-authorization", bearer.clone())],
        &[("x-authorization", bearer.clone())],
        &[("x-api-key", token.clone())],
        &[("cookie", session)],
        &[("authorization", user_and_token)],
    ] {
        let send = |process: &Process| {
            let request = process.client.get("/read").header("sec-fetch-site", "same-origin");
            headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
        };
        let (cached, fresh) = (send(&process).await, send(&uncached).await);
        assert_problem(&cached, StatusCode::UNAUTHORIZED);
        assert_eq!(cached.text_without_decision(), fresh.text_without_decision(), "{headers:?}");
        assert_eq!(cached.headers, fresh.headers, "{headers:?}");
    }
    assert_eq!(process.ran(), before);
    assert_eq!(uncached.ran(), 0);
}

#[tokio::test]
async fn attack_a_cached_token_of_one_issuer_presented_to_another_with_the_same_keys() {
    let (app, process) = served().await;
    let other = Process::with(&app, |settings| settings.issuer = "https://other.example").await;
    let ours = app.token("ada").await;
    let fields = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let theirs = other.client.post("/token").form(&fields).send().await;
    let theirs = crate::app::token_in(&theirs);
    assert_eq!(kid(&ours), kid(&theirs), "the signature tells nothing");
    process.has_used(&ours).await;
    other.has_used(&theirs).await;
    process.refuses(&theirs).await;
    other.refuses(&ours).await;
    let ada = app.account("ada").await;
    let audience = app.forged(&ada, |claims| claims.audience = "https://other.example".to_owned()).await;
    process.refuses(&audience).await;
    other.refuses(&audience).await;
}

#[tokio::test]
async fn attack_credentials_that_were_used_rightly_presented_as_one_another() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let key = key.to_text().expose().to_owned();
    let session = app.browser("ada").await.cookie.unwrap();
    let send = async |name: &str, value: String| {
        let request = process.client.get("/read").header("sec-fetch-site", "same-origin");
        request.header(name, value).send().await
    };
    let bearer = |text: &str| ("authorization", format!("Bearer {text}"));
    let in_cookie = |text: &str| ("cookie", format!("{}={text}", cookie::NAME));
    let as_key = |text: &str| ("x-api-key", text.to_owned());
    for _ in 0..2 {
        for (name, value) in [bearer(&token), as_key(&key), in_cookie(&session)] {
            assert_eq!(send(name, value).await.status, StatusCode::OK, "{name}");
        }
    }
    let before = process.ran();
    for _ in 0..2 {
        for (name, value) in [
            bearer(&key),
            bearer(&session),
            as_key(&token),
            as_key(&session),
            in_cookie(&token),
            in_cookie(&key),
        ] {
            assert_problem(&send(name, value).await, StatusCode::UNAUTHORIZED);
        }
    }
    assert_eq!(process.ran(), before);
    assert!(!app.lets_in(&key).await && !app.lets_in(&session).await);
}

#[tokio::test]
async fn attack_a_flood_of_forged_tokens_evicts_no_cached_one() {
    let app = App::with_user("ada").await;
    let process = Process::with(&app, |settings| settings.cached = 64).await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        let token = app.token("ada").await;
        process.has_used(&token).await;
        tokens.push(token);
    }
    let random = SeededRandom::shared(7);
    for number in 0..1_000 {
        let (claims, _) = tokens[number % 8].rsplit_once('.').unwrap();
        let mut signature = [0; 64];
        random.fill(&mut signature).unwrap();
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let answer = process.get(&format!("{claims}.{signature}"), "/read").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let before = process.verifications();
    for token in &tokens {
        process.admits(token).await;
    }
    assert_eq!(process.verifications(), before, "all are cached still");
}
