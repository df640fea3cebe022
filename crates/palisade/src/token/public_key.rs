//! Public keys: RSA and elliptic curves (RFC 7518, section 6), Ed25519 (RFC 8037). The arithmetic is aws-lc's.

use aws_lc_rs::{
    error::KeyRejected,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    },
};

use super::{
    Algorithm, UnusableKey, base64url,
    json::Object,
    jwk::{bytes, text},
};

const MIN_RSA_BITS: usize = 2048;
/// Verifying takes time that grows with the square of the size.
const MAX_RSA_BITS: usize = 8192;

/// A public key that has been found well-formed, and strong enough.
#[derive(Clone)]
pub(crate) enum PublicKey {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, pkcs1: ParsedPublicKey, pss: ParsedPublicKey },
    P256(EllipticKey),
    P384(EllipticKey),
    Ed25519(ParsedPublicKey),
}

/// A key on a curve, with its coordinates as they were written.
#[derive(Clone)]
pub(crate) struct EllipticKey {
    key: ParsedPublicKey,
    x: Vec<u8>,
    y: Vec<u8>,
}

impl PublicKey {
    /// Reads the members that `kty` asks for.
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, UnusableKey> {
        let curve = text(object, "crv")?;
        match (text(object, "kty")?, curve) {
            (Some("RSA"), _) => rsa(bytes(object, "n")?, bytes(object, "e")?),
            (Some("EC"), Some("P-256")) => {
                let algorithm = &ECDSA_P256_SHA256_FIXED;
                elliptic(object, 32, |point| ParsedPublicKey::new(algorithm, point)).map(Self::P256)
            }
            (Some("EC"), Some("P-384")) => {
                let algorithm = &ECDSA_P384_SHA384_FIXED;
                elliptic(object, 48, |point| ParsedPublicKey::new(algorithm, point)).map(Self::P384)
            }
            (Some("OKP"), Some("Ed25519")) => ed25519(&bytes(object, "x")?),
            (Some("EC" | "OKP"), None) | (None, _) => Err(UnusableKey::Malformed),
            _ => Err(UnusableKey::Unknown),
        }
    }

    /// Whether this kind of key is the one that `algorithm` needs.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    /// Whether `signature` is one by this key over `message`.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verifier(algorithm).is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        match (self, algorithm) {
            (Self::Rsa { pkcs1, .. }, Algorithm::Rs256) => Some(pkcs1),
            (Self::Rsa { pss, .. }, Algorithm::Ps256) => Some(pss),
            (Self::P256(curve), Algorithm::Es256) | (Self::P384(curve), Algorithm::Es384) => Some(&curve.key),
            (Self::Ed25519(key), Algorithm::EdDsa) => Some(key),
            _ => None,
        }
    }

    /// The members a thumbprint is made of (RFC 7638, section 3.2; RFC 8037, section 2).
    pub(crate) fn required_members(&self) -> String {
        let encode = base64url::encode;
        match self {
            Self::Rsa { modulus, exponent, .. } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(exponent), encode(modulus))
            }
            Self::P256(EllipticKey { x, y, .. }) => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, encode(x), encode(y))
            }
            Self::P384(EllipticKey { x, y, .. }) => {
                format!(r#"{{"crv":"P-384","kty":"EC","x":"{}","y":"{}"}}"#, encode(x), encode(y))
            }
            Self::Ed25519(key) => ed25519_members(key.as_ref()),
        }
    }

    /// Whether both are the same key.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rsa { modulus, exponent, .. }, Self::Rsa { modulus: n, exponent: e, .. }) => {
                modulus == n && exponent == e
            }
            (Self::P256(a), Self::P256(b)) | (Self::P384(a), Self::P384(b)) => a.x == b.x && a.y == b.y,
            (Self::Ed25519(a), Self::Ed25519(b)) => a.as_ref() == b.as_ref(),
            _ => false,
        }
    }

    /// What kind of key this is.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::P256(_) => "P-256",
            Self::P384(_) => "P-384",
            Self::Ed25519(_) => "Ed25519",
        }
    }
}

/// The required members of an Ed25519 key.
pub(crate) fn ed25519_members(public_key: &[u8]) -> String {
    format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url::encode(public_key))
}

fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<PublicKey, UnusableKey> {
    // A leading zero would be a second spelling of the same key, with another thumbprint (RFC 7518, section 2).
    let (Some(&first @ 1..), Some(1..)) = (modulus.first(), exponent.first()) else {
        return Err(UnusableKey::Malformed);
    };
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    // check: rsa-odd
    if !odd(&modulus) || !odd(&exponent) {
        return Err(UnusableKey::Malformed);
    }
    // check: rsa-exponent-length
    if exponent.len() > 4 {
        return Err(UnusableKey::Malformed);
    }
    // check: rsa-exponent-1
    if exponent == [1] {
        return Err(UnusableKey::Weak);
    }
    let bits = modulus.len() * 8 - first.leading_zeros() as usize;
    // check: rsa-2048
    if bits < MIN_RSA_BITS {
        return Err(UnusableKey::Weak);
    }
    // check: rsa-8192
    if bits > MAX_RSA_BITS {
        return Err(UnusableKey::TooLarge);
    }
    let components = RsaPublicKeyComponents { n: &modulus, e: &exponent };
    let parse = |parameters| components.to_parsed_public_key(parameters).map_err(|_| UnusableKey::Malformed);
    let (pkcs1, pss) = (parse(&RSA_PKCS1_2048_8192_SHA256)?, parse(&RSA_PSS_2048_8192_SHA256)?);
    Ok(PublicKey::Rsa { modulus, exponent, pkcs1, pss })
}

fn elliptic(
    object: &Object<'_>,
    size: usize,
    parse: impl FnOnce(&[u8]) -> Result<ParsedPublicKey, KeyRejected>,
) -> Result<EllipticKey, UnusableKey> {
    let (x, y) = (bytes(object, "x")?, bytes(object, "y")?);
    // Each coordinate has the full size of the field (RFC 7518, section 6.2.1.2), not only both together.
    // check: ec-coordinate-size
    if x.len() != size || y.len() != size {
        return Err(UnusableKey::Malformed);
    }
    // Uncompressed; that the point is on the curve is checked by the parser.
    let point = [&[4], x.as_slice(), &y].concat();
    let key = parse(&point).map_err(|_| UnusableKey::Malformed)?;
    Ok(EllipticKey { key, x, y })
}

fn ed25519(public_key: &[u8]) -> Result<PublicKey, UnusableKey> {
    // The parser would take longer input as another encoding of a key.
    // check: ed25519-length
    if public_key.len() != 32 {
        return Err(UnusableKey::Malformed);
    }
    // check: ed25519-small-order
    if has_small_order(public_key) {
        return Err(UnusableKey::Weak);
    }
    ParsedPublicKey::new(&ED25519, public_key).map(PublicKey::Ed25519).map_err(|_| UnusableKey::Malformed)
}

/// Under a point of small order one signature fits many messages. The y coordinates of the eight points of order
/// 1, 2, 4 and 8 and their second spellings, little endian, without the sign of x.
fn has_small_order(public_key: &[u8]) -> bool {
    const ORDER_8: [&str; 2] =
        ["xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o", "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"];
    let mut y = public_key.to_vec();
    let Some(last) = y.last_mut() else { return true };
    *last &= 0x7f;
    let middle = &y[1..31];
    let near_zero = y[0] <= 1 && middle.iter().all(|byte| *byte == 0) && y[31] == 0;
    // p - 1, and p and p + 1 as second spellings of 0 and 1
    let near_p = (0xec..=0xee).contains(&y[0]) && middle.iter().all(|byte| *byte == 0xff) && y[31] == 0x7f;
    near_zero || near_p || ORDER_8.contains(&base64url::encode(&y).as_str())
}
