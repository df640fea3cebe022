//! Header fields that claim to be a signature and are not of the one form. None is admitted, none is a 500.

use palisade::{
    api_key::{ApiKeyText, HeldKey, KeyId},
    credential::Reading,
    signature::SignedRequest,
};
use proptest::prelude::*;

use super::support::*;

/// What is read of a signed request whose `Signature-Input` was changed.
fn read(from: &str, to: &str) -> Reading<()> {
    let world = World::new();
    let request = world.sign(post_items());
    let input = header(&request, "signature-input").to_owned();
    assert!(input.contains(from), "{from} in {input}");
    reading(with(request, "signature-input", Some(&input.replacen(from, to, 1))))
}

fn reading(request: http::Request<Vec<u8>>) -> Reading<()> {
    SignedRequest::read(&request.into_parts().0).map(|_| ())
}

fn is_malformed(from: &str, to: &str) {
    assert!(matches!(read(from, to), Reading::Malformed(_)), "{from} -> {to}");
}

#[test]
fn the_helpers_change_what_they_say() {
    assert_eq!(read("sig=", "sig="), Reading::Present(()));
}

#[test]
fn what_decides_about_a_request_must_be_covered() {
    for component in ["@method", "@authority", "@path", "@query", "content-digest"] {
        let quoted = format!("\"{component}\"");
        let (from, to) = if component == "content-digest" {
            (format!(" {quoted}"), "")
        } else {
            (format!("{quoted} "), "")
        };
        is_malformed(&from, to);
    }
}

#[test]
fn the_target_uri_covers_authority_path_and_query() {
    assert_eq!(read("\"@authority\" \"@path\" \"@query\"", "\"@target-uri\""), Reading::Present(()));
    is_malformed("\"@authority\" \"@path\" \"@query\"", "\"@request-target\"");
}

#[test]
fn a_component_is_covered_once_and_without_parameters() {
    is_malformed("\"@method\"", "\"@method\" \"@method\"");
    for parameter in [";sf", ";bs", ";req", ";tr", ";key=\"a\"", ";unknown=1"] {
        is_malformed("\"content-type\"", &format!("\"content-type\"{parameter}"));
        is_malformed("\"@method\"", &format!("\"@method\"{parameter}"));
    }
    for unknown in ["@status", "@query-param", "@scheme", "@signature-params", "@", "Content-Type", "a b", ""]
    {
        is_malformed("\"content-type\"", &format!("\"{unknown}\""));
    }
    is_malformed("\"@method\"", "method");
    is_malformed("\"@method\"", "1");
}

#[test]
fn the_parameters_are_there_once_and_are_what_they_must_be() {
    for (from, to) in [
        ("created=1800000000", "created=\"1800000000\""),
        ("created=1800000000", "created=1800000000.0"),
        ("created=1800000000", "created"),
        (";created=1800000000", ""),
        (";created=1800000000", ";created=1;created=1800000000"),
        ("alg=\"ed25519\"", "alg=\"hmac-sha256\""),
        ("alg=\"ed25519\"", "alg=\"rsa-v1_5-sha256\""),
        ("alg=\"ed25519\"", "alg=ed25519"),
        ("alg=\"ed25519\"", "unknown=1"),
        ("alg=\"ed25519\"", "expires=\"never\""),
        ("keyid=\"", "keyid=\"0"),
        ("nonce=\"", "nonce=\"\";nonce=\""),
    ] {
        is_malformed(from, to);
    }
    is_malformed("nonce=\"", &format!("nonce=\"{}", "0".repeat(128)));
}

#[test]
fn a_short_nonce_is_none() {
    let world = World::new();
    let request = world.sign(get_items());
    let input = header(&request, "signature-input").to_owned();
    let nonce = input.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    for short in [&nonce[..15], ""] {
        let altered = input.replace(nonce, short);
        assert!(matches!(
            reading(with(request.clone(), "signature-input", Some(&altered))),
            Reading::Malformed(_)
        ));
    }
    assert_eq!(
        reading(with(request, "signature-input", Some(&input.replace(nonce, &nonce[..16])))),
        Reading::Present(())
    );
}

#[test]
fn another_way_to_write_the_same_is_refused() {
    for (from, to) in [
        ("sig=(", "sig= ("),
        ("(\"@method\"", "( \"@method\""),
        ("\"@method\" \"", "\"@method\"  \""),
        (";created", "; created"),
        ("sig=", " sig="),
        ("sig=", "a=1,sig="),
        ("sig=", "sig=1, sig="),
        ("created=1800000000", "created=01800000000"),
    ] {
        is_malformed(from, to);
    }
}

#[test]
fn two_signatures_of_ours_are_none() {
    let world = World::new();
    let request = world.sign(get_items());
    let input = header(&request, "signature-input");
    let twice = format!("{input}, {}", input.replacen("sig=", "two=", 1));
    assert!(matches!(reading(with(request.clone(), "signature-input", Some(&twice))), Reading::Malformed(_)));
    let item = r#"sig="x";tag="palisade""#;
    assert!(matches!(reading(with(request, "signature-input", Some(item))), Reading::Malformed(_)));
}

#[test]
fn a_signature_is_64_bytes_under_its_label() {
    let world = World::new();
    let request = world.sign(get_items());
    let signature = header(&request, "signature").to_owned();
    let repeated = format!("{signature}, {signature}");
    let unpadded = signature.replacen("=:", ":", 1);
    let parameter = format!("{signature};a");
    for value in [
        None,
        Some(""),
        Some("sig=:AAAA:"),
        Some("sig=\"text\""),
        Some("sig"),
        Some("sig=()"),
        Some(&*repeated),
        Some(&*unpadded),
        Some(&*parameter),
        Some(&*signature.replacen("sig=", "other=", 1)),
    ] {
        let request = with(request.clone(), "signature", value);
        assert!(matches!(reading(request), Reading::Malformed(_)), "{value:?}");
    }
}

#[test]
fn a_signature_without_its_input_and_one_that_is_not_ours_are_absent() {
    let world = World::new();
    let request = world.sign(get_items());
    assert_eq!(reading(with(request.clone(), "signature-input", None)), Reading::Absent);
    for input in ["sig=()", "sig=();tag=\"other\"", "sig=();tag=palisade"] {
        assert_eq!(
            reading(with(request.clone(), "signature-input", Some(input))),
            Reading::Absent,
            "{input}"
        );
    }
}

#[test]
fn a_chain_is_one_line_and_that_of_the_key() {
    let world = World::new();
    let derived = world.derive(Default::default());
    let chain = derived.chain().to_text();
    let request = world.sign_with(get_items(), &derived.into());
    let mut two = request.clone();
    two.headers_mut().append("palisade-key-chain", chain.parse().unwrap());
    assert!(matches!(reading(two), Reading::Malformed(_)));
    let other_key: HeldKey = ApiKeyText::from_secret(KeyId::from_bytes([8; 16]), [8; 32]).into();
    let of_another_key = other_key.derive(Default::default(), &*world.random).unwrap().chain().to_text();
    for other in ["", "palc_", &of_another_key, &chain[..chain.len() - 1], &chain.replacen('0', "1", 1)] {
        let request = with(request.clone(), "palisade-key-chain", Some(other));
        assert!(matches!(reading(request), Reading::Malformed(_)), "{other}");
    }
}

#[test]
fn a_chain_that_is_not_covered_is_malformed() {
    let world = World::new();
    let chain = world.derive(Default::default()).chain().to_text();
    let request = with(world.sign(get_items()), "palisade-key-chain", Some(&chain));
    assert!(matches!(reading(request), Reading::Malformed(_)));
}

#[tokio::test]
async fn long_and_binary_headers_are_refused_quietly() {
    let world = World::new();
    let long = format!("sig=({});tag=\"palisade\"", "\"@method\" ".repeat(8000));
    assert_eq!(world.send(with(get_items(), "signature-input", Some(&long))).await, 401);
    let many: Vec<_> = (0..100).map(|number| format!("\"x-{number}\"")).collect();
    let many = format!("sig=(\"@method\" \"@target-uri\" {});tag=\"palisade\"", many.join(" "));
    assert_eq!(world.send(with(get_items(), "signature-input", Some(&many))).await, 401);
    let mut binary = world.sign(get_items());
    binary.headers_mut().insert("signature-input", http::HeaderValue::from_bytes(b"sig=(\xff)").unwrap());
    assert_eq!(world.send(binary).await, 401);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_header_fields_make_it_panic(
        input in "\\PC{0,80}|sig=\\([\"@a-z ;=]{0,60}\\)[;a-z=\"0-9]{0,80};tag=\"palisade\"",
        signature in "\\PC{0,80}|sig=:[A-Za-z0-9+/=]{0,90}:",
        digest in "\\PC{0,40}|sha-256=:[A-Za-z0-9+/=]{0,50}:",
        chain in "\\PC{0,40}|palc_[0-9A-Za-z_]{0,300}",
    ) {
        let mut request = get_items();
        for (name, value) in
            [("signature-input", input), ("signature", signature), ("content-digest", digest), ("palisade-key-chain", chain)]
        {
            if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
                request.headers_mut().insert(name, value);
            }
        }
        let _ = SignedRequest::read(&request.into_parts().0);
    }

    #[test]
    fn a_request_with_one_character_of_a_field_altered_is_not_admitted(
        field in prop::sample::select(&["signature-input", "signature", "content-digest", "content-type", "palisade-key-chain"][..]),
        position: prop::sample::Index,
        replacement in "[ -~]",
    ) {
        let world = World::new();
        let request = world.sign_with(post_items(), &world.derive(Default::default()).into());
        let value = header(&request, field).to_owned();
        let position = position.index(value.len());
        let mut altered = value.clone();
        altered.replace_range(position..=position, &replacement);
        // Space at an end is no part of a field's value, and structured fields have one spelling only.
        prop_assume!(altered != value);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let status = runtime.block_on(world.send(with(request, field, Some(&altered))));
        prop_assert!(status == 401 || status == 400, "{}", status);
        prop_assert_eq!(world.reached(), 0);
    }
}
