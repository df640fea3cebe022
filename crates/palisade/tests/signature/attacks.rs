//! What somebody on the way, or with another key, may try.

use http::{Method, Request};
use palisade::{
    api_key::{ApiKeyText, Caveats, HeldKey, KeyId},
    random::SeededRandom,
};

use super::support::*;

async fn is_refused(world: &World, request: Request<Vec<u8>>, what: &str) {
    assert_eq!(world.send(request).await, 401, "{what}");
    assert_eq!(world.reached(), 0, "{what}");
}

#[tokio::test]
async fn attack_sent_again() {
    let world = World::new();
    let request = world.sign(get_items());
    assert_eq!(world.send(request.clone()).await, 200);
    for seconds in [0, 1, 69, 1, 3600] {
        world.advance(seconds);
        assert_eq!(world.send(request.clone()).await, 401);
    }
    assert_eq!(world.reached(), 1);
}

#[tokio::test]
async fn attack_sent_again_by_a_caller_whose_clock_is_ahead() {
    let world = World::new();
    world.advance(10);
    let request = world.sign(get_items());
    // The server is ten seconds behind.
    let world = World::new();
    assert_eq!(world.send(request.clone()).await, 200);
    for _ in 0..90 {
        world.advance(1);
        assert_eq!(world.send(request.clone()).await, 401);
    }
}

#[tokio::test]
async fn attack_sent_again_after_a_restart() {
    let world = World::new();
    let request = world.sign(get_items());
    assert_eq!(world.send(request.clone()).await, 200);
    let restarted = World::starting(START + 1);
    is_refused(&restarted, request, "from before the memory of nonces began").await;
}

#[tokio::test]
async fn attack_sent_again_after_a_restart_by_a_caller_whose_clock_was_ahead() {
    let ahead = World::new();
    ahead.advance(10);
    let request = ahead.sign(get_items());
    let before = World::new();
    assert_eq!(before.send(request.clone()).await, 200);

    let restarted = World::starting(START + 1);
    for _ in 0..80 {
        let answer = restarted.send(request.clone()).await;
        assert!(answer == 503 || answer == 401, "{answer}");
        restarted.advance(1);
    }
    assert_eq!(restarted.reached(), 0);
}

#[tokio::test]
async fn for_ten_seconds_after_a_start_callers_are_asked_to_come_again() {
    let world = World::starting(START);
    for _ in 0..=10 {
        assert_eq!(world.send(world.sign(get_items())).await, 503);
        world.advance(1);
    }
    assert_eq!(world.send(world.sign(get_items())).await, 200);
}

#[tokio::test]
async fn attack_a_key_that_was_taken_away_uses_up_nonces() {
    let world = World::new();
    let request = world.sign_with(get_items(), &world.derive(Caveats::none()).into());
    world.suspend(true);
    is_refused(&world, request.clone(), "suspended").await;
    world.suspend(false);
    assert_eq!(world.send(request.clone()).await, 200, "its nonce was not used by what was refused");
    assert_eq!(world.send(request).await, 401, "and is now");
}

#[tokio::test]
async fn attack_from_the_future() {
    let world = World::new();
    world.advance(11);
    let request = world.sign(get_items());
    is_refused(&World::new(), request, "kept for later").await;
}

#[tokio::test]
async fn attack_another_method() {
    let world = World::new();
    let mut request = world.sign(get_items());
    *request.method_mut() = Method::POST;
    is_refused(&world, request, "POST").await;
    let mut request = world.sign(get_items());
    *request.method_mut() = Method::HEAD;
    is_refused(&world, request, "HEAD").await;
}

#[tokio::test]
async fn attack_another_target() {
    let world = World::new();
    for target in
        ["/items/1?page=1", "/items?page=2", "/items", "/items?", "/items?page=1&page=2", "/items?page=%31"]
    {
        let mut request = world.sign(get_items());
        *request.uri_mut() = target.parse().unwrap();
        is_refused(&world, request, target).await;
    }
}

#[tokio::test]
async fn attack_a_query_added_where_there_was_none() {
    let world = World::new();
    let mut request =
        world.sign(Request::get("/items").header("host", "api.example").body(Vec::new()).unwrap());
    *request.uri_mut() = "/items?all=1".parse().unwrap();
    is_refused(&world, request, "a query").await;
}

#[tokio::test]
async fn attack_another_host() {
    let world = World::new();
    for host in ["evil.example", "api.example.evil", "api.example:8080", ""] {
        is_refused(&world, with(world.sign(get_items()), "host", Some(host)), host).await;
    }
    is_refused(&world, with(world.sign(get_items()), "host", None), "none").await;
    let mut two = world.sign(get_items());
    two.headers_mut().append("host", "api.example".parse().unwrap());
    is_refused(&world, two, "two").await;
}

#[tokio::test]
async fn attack_another_key() {
    let world = World::new();
    let other: HeldKey = ApiKeyText::generate(ID, &*SeededRandom::shared(9)).unwrap().into();
    is_refused(&world, world.sign_with(get_items(), &other), "the same id").await;
    let unknown = KeyId::from_bytes([8; 16]);
    let other: HeldKey = ApiKeyText::generate(unknown, &*SeededRandom::shared(9)).unwrap().into();
    is_refused(&world, world.sign_with(get_items(), &other), "an unknown id").await;
}

#[tokio::test]
async fn attack_any_bit_of_the_signature_altered() {
    let world = World::new();
    let request = world.sign(get_items());
    let signature = header(&request, "signature").to_owned();
    let start = signature.find(':').unwrap() + 1;
    for position in start..signature.len() - 3 {
        let mut altered = signature.clone().into_bytes();
        altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        is_refused(&world, with(request.clone(), "signature", Some(&altered)), &altered).await;
    }
}

#[tokio::test]
async fn attack_any_parameter_altered() {
    let world = World::new();
    let request = world.sign(get_items());
    let input = header(&request, "signature-input").to_owned();
    let later = format!("created={}", START + 1);
    for (from, to) in [
        ("created=1800000000", &*later),
        ("nonce=\"", "nonce=\"0"),
        ("\"@path\" ", ""),
        ("\"@method\" \"@authority\"", "\"@authority\" \"@method\""),
        (";alg=\"ed25519\"", ""),
        (";tag=\"palisade\"", ""),
        (";tag=\"palisade\"", ";expires=1800000060;tag=\"palisade\""),
        ("sig=", "other="),
    ] {
        assert!(input.contains(from), "{from}");
        let altered = input.replacen(from, to, 1);
        is_refused(&world, with(request.clone(), "signature-input", Some(&altered)), to).await;
    }
}

#[tokio::test]
async fn attack_chain_left_out_so_that_the_key_itself_would_have_signed() {
    let world = World::new();
    let derived: HeldKey = world.derive(Caveats::none().scopes("items:read".parse().unwrap())).into();
    let request = world.sign_with(get_items(), &derived);
    is_refused(&world, with(request, "palisade-key-chain", None), "without its chain").await;
    // Nor is what the derived key's secret signs by itself the key's.
    let text = derived.to_text();
    let forged = world.sign_with(get_items(), &HeldKey::Whole(as_if_whole(text.expose())));
    is_refused(&world, forged, "signed without a chain").await;
}

/// The secret of a derived key, put into the form of a whole one.
fn as_if_whole(text: &str) -> ApiKeyText {
    let text = format!("pal_{}", &text[5..5 + 22 + 1 + 43]);
    let checksum = u64::from(crc32fast::hash(text.as_bytes()));
    let digits: String = (0..6)
        .rev()
        .map(|place| u8::try_from(checksum / 62_u64.pow(place) % 62).unwrap())
        .map(|digit| {
            char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[usize::from(digit)])
        })
        .collect();
    ApiKeyText::parse(&(text + &digits)).unwrap()
}

#[tokio::test]
async fn attack_chain_of_another_derived_key() {
    let world = World::new();
    let narrow = world.derive(Caveats::none().scopes("items:read".parse().unwrap()));
    let wide = world.derive(Caveats::none());
    let request = world.sign_with(get_items(), &narrow.into());
    let wider = wide.chain().to_text();
    is_refused(&world, with(request, "palisade-key-chain", Some(&wider)), "a wider chain").await;
}

#[tokio::test]
async fn attack_chain_added_to_the_signature_of_the_key_itself() {
    let world = World::new();
    let chain = world.derive(Caveats::none()).chain().to_text();
    let request = with(world.sign(get_items()), "palisade-key-chain", Some(&chain));
    is_refused(&world, request, "not covered").await;
}

#[tokio::test]
async fn attack_a_flood_of_nonces_locks_out_only_its_own_key() {
    // The bound itself is tested where the nonces are; here, that a refused request costs none.
    let world = World::new();
    for _ in 0..100 {
        let request = with(world.sign(get_items()), "host", Some("evil.example"));
        assert_eq!(world.send(request).await, 401);
    }
    assert_eq!(world.send(world.sign(get_items())).await, 200);
}
