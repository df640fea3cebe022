//! Signatures: one spelling for each, and only by the right key over the right bytes.

use serde_json::json;

use crate::support::{Draft, KEYS, access_token, b64, key_set_of, unb64};

/// A draft signed by each key, with each of its algorithms.
fn each_algorithm() -> Vec<Draft> {
    let mut drafts: Vec<_> =
        [&KEYS.ed25519, &KEYS.p256, &KEYS.p384, &KEYS.rsa].map(|key| access_token().signed_by(key)).into();
    drafts.push(access_token().signed_by(&KEYS.rsa).alg("PS256"));
    drafts
}

/// The token of `draft` with its signature put through `change`.
fn resigned(draft: &Draft, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let token = draft.token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    draft.verdict_of(&format!("{signed}.{}", b64(change(unb64(signature)))))
}

#[test]
fn a_signature_has_exactly_its_length() {
    for draft in each_algorithm() {
        let alg = draft.header["alg"].clone();
        assert_eq!(resigned(&draft, |signature| signature), "accept", "{alg}");
        assert_eq!(resigned(&draft, |signature| [&signature[..], &[0]].concat()), "signature", "{alg}");
        assert_eq!(resigned(&draft, |signature| [&[0], &signature[..]].concat()), "signature", "{alg}");
        assert_eq!(resigned(&draft, |signature| signature[1..].to_vec()), "signature", "{alg}");
        assert_eq!(
            resigned(&draft, |signature| signature[..signature.len() - 1].to_vec()),
            "signature",
            "{alg}"
        );
        assert_eq!(resigned(&draft, |_| Vec::new()), "signature", "{alg}");
        assert_eq!(resigned(&draft, |signature| vec![0; signature.len()]), "signature", "{alg}");
        assert_eq!(resigned(&draft, |signature| vec![0xff; signature.len()]), "signature", "{alg}");
    }
}

#[test]
fn each_flipped_bit_of_a_signature_refuses() {
    for draft in each_algorithm() {
        let length = unb64(draft.token().rsplit_once('.').unwrap().1).len();
        for byte in (0..length).step_by(7) {
            let bit = 1 << (byte % 8);
            assert_eq!(
                resigned(&draft, |mut signature| {
                    signature[byte] ^= bit;
                    signature
                }),
                "signature"
            );
        }
    }
}

#[test]
fn a_signature_covers_header_and_claims() {
    for draft in each_algorithm() {
        let token = draft.token();
        let (_, signature) = token.rsplit_once('.').unwrap();
        for other in [draft.clone().claim("sub", "admin"), draft.clone().header("x", 1)] {
            let other = other.token();
            let (signed, _) = other.rsplit_once('.').unwrap();
            assert_eq!(draft.verdict_of(&format!("{signed}.{signature}")), "signature");
        }
    }
}

#[test]
fn another_key_of_the_same_kind_does_not_verify() {
    for (key, other) in [(&KEYS.ed25519, &KEYS.other_ed25519), (&KEYS.p256, &KEYS.other_p256)] {
        let draft = Draft { key: other, ..access_token().signed_by(key) };
        assert_eq!(draft.verdict(), "signature");
    }
}

#[test]
fn a_der_signature_is_refused() {
    for (key, algorithm) in [
        (&KEYS.p256, &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        (&KEYS.p384, &aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1_SIGNING),
    ] {
        let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(algorithm).unwrap();
        use aws_lc_rs::signature::KeyPair;
        let point = &pair.public_key().as_ref()[1..];
        let mut jwk = key.jwk();
        (jwk["x"], jwk["y"]) = (json!(b64(&point[..point.len() / 2])), json!(b64(&point[point.len() / 2..])));
        let draft = access_token().signed_by(key).keys(json!({"keys": [jwk]}));
        let token = draft.token();
        let (signed, _) = token.rsplit_once('.').unwrap();
        let signature = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), signed.as_bytes()).unwrap();
        assert_eq!(draft.verdict_of(&format!("{signed}.{}", b64(signature))), "signature");
    }
}

const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
/// The order of Ed25519's group, little endian.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// `a - b`, big endian, of equal length.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let digit = i16::from(*a) - i16::from(*b) - borrow;
            borrow = i16::from(digit < 0);
            u8::try_from(digit.rem_euclid(256)).unwrap()
        })
        .collect();
    difference.reverse();
    difference
}

#[test]
fn both_of_the_two_ecdsa_signatures_are_accepted() {
    // ES256 does not ask for the smaller `s` (RFC 7518, section 3.4), and many libraries write the larger one.
    for (key, order) in [(&KEYS.p256, unhex(P256_ORDER)), (&KEYS.p384, unhex(P384_ORDER))] {
        let half = order.len();
        let draft = access_token().signed_by(key);
        let other = |signature: Vec<u8>| [&signature[..half], &minus(&order, &signature[half..])].concat();
        assert_eq!(resigned(&draft, other), "accept");
    }
}

#[test]
fn r_and_s_lie_between_nothing_and_the_order() {
    for (key, order) in [(&KEYS.p256, unhex(P256_ORDER)), (&KEYS.p384, unhex(P384_ORDER))] {
        let half = order.len();
        let draft = access_token().signed_by(key);
        let (zero, mut one) = (vec![0; half], vec![0; half]);
        one[half - 1] = 1;
        for r in [&zero, &order] {
            assert_eq!(resigned(&draft, |signature| [r, &signature[half..]].concat()), "signature");
        }
        for s in [&zero, &order] {
            assert_eq!(resigned(&draft, |signature| [&signature[..half], s].concat()), "signature");
        }
        for (r, s) in [(&zero, &zero), (&one, &zero), (&zero, &one), (&order, &order)] {
            assert_eq!(resigned(&draft, |_| [&r[..], s].concat()), "signature");
        }
    }
}

#[test]
fn an_ed25519_s_beyond_the_order_is_refused() {
    // The same signature by arithmetic, but a second spelling of it (RFC 8032, section 5.1.7).
    let order = unhex(ED25519_ORDER);
    let beyond = |signature: Vec<u8>| {
        let mut carry = 0;
        let s = signature[32..].iter().zip(&order).map(|(a, b)| {
            let sum = u16::from(*a) + u16::from(*b) + carry;
            carry = sum >> 8;
            u8::try_from(sum & 0xff).unwrap()
        });
        [signature[..32].to_vec(), s.collect()].concat()
    };
    assert_eq!(resigned(&access_token(), beyond), "signature");
}

#[test]
fn rsa_padding_is_the_algorithms() {
    let rsa = |alg: &str, signed_as: &str| {
        let draft = access_token().signed_by(&KEYS.rsa).alg(alg);
        let token = draft.token();
        let (signed, _) = token.rsplit_once('.').unwrap();
        draft.verdict_of(&format!("{signed}.{}", b64(KEYS.rsa.sign(signed_as, signed.as_bytes()))))
    };
    assert_eq!(rsa("RS256", "RS256"), "accept");
    assert_eq!(rsa("PS256", "PS256"), "accept");
    assert_eq!(rsa("RS256", "PS256"), "signature");
    assert_eq!(rsa("PS256", "RS256"), "signature");
}

#[test]
fn a_pss_salt_is_as_long_as_the_hash() {
    use aws_lc_rs::signature::{RSA_PSS_SHA256, RSA_PSS_SHA384, RsaPssSaltLength};
    static EMPTY: aws_lc_rs::signature::RsaSignatureEncoding =
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(0));
    static LONGEST: aws_lc_rs::signature::RsaSignatureEncoding =
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max);
    let crate::support::Private::Rsa(pair) = &KEYS.rsa.private else { unreachable!() };
    let draft = access_token().signed_by(&KEYS.rsa).alg("PS256");
    let token = draft.token();
    let (signed, _) = token.rsplit_once('.').unwrap();
    for encoding in [&EMPTY, &LONGEST, &RSA_PSS_SHA384] {
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        pair.sign(encoding, &random, signed.as_bytes(), &mut signature).unwrap();
        assert_eq!(draft.verdict_of(&format!("{signed}.{}", b64(signature))), "signature");
    }
}

#[test]
fn an_rsa_signature_beyond_the_modulus_is_refused() {
    let draft = access_token().signed_by(&KEYS.rsa);
    let n = unb64(KEYS.rsa.jwk()["n"].as_str().unwrap());
    assert_eq!(resigned(&draft, |_| n), "signature");
}

#[test]
fn a_token_of_another_curve_is_refused_before_any_arithmetic() {
    let draft = access_token().signed_by(&KEYS.p384).alg("ES256").keys(key_set_of(&[&KEYS.p384]));
    assert_eq!(draft.verdict(), "key-unfit");
}
