//! Sealing a private key: AES-256-GCM (NIST SP 800-38D) under a key derived from the master key, with the key's id
//! as associated data, so that a sealed key opens only as the key it was sealed as.
//!
//! Written as one byte of version, twelve of nonce, and the ciphertext with its tag.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
};
use palisade::{random::Random, secret::SecretBytes};
use zeroize::Zeroizing;

use super::{KeysError, MasterKey};

const VERSION: u8 = 1;

/// Keys for other purposes are derived with other words, so no ciphertext of one passes for one of another.
const PURPOSE: &[u8] = b"palisade signing keys 1";

/// Seals `secret` as the key `kid`.
pub(super) fn seal(
    master: &MasterKey,
    kid: &str,
    secret: &SecretBytes,
    random: &dyn Random,
) -> Result<Vec<u8>, KeysError> {
    // Random nonces are safe here: 2^32 seals under one key, and a server makes a few a year.
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce)?;
    let mut sealed = Zeroizing::new(secret.expose().to_vec());
    derive(master)
        .and_then(|key| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(nonce, Aad::from(kid.as_bytes()), &mut *sealed)
        })
        .map_err(|Unspecified| KeysError::Sealing)?;
    Ok([&[VERSION], &nonce[..], &sealed[..]].concat())
}

/// Opens what was sealed as the key `kid`; `None` when it was not, or not under this master key.
pub(super) fn open(master: &MasterKey, kid: &str, sealed: &[u8]) -> Option<SecretBytes> {
    let (&version, rest) = sealed.split_first()?;
    let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN)?;
    if version != VERSION {
        return None;
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut opened = Zeroizing::new(ciphertext.to_vec());
    let secret = derive(master).ok()?.open_in_place(nonce, Aad::from(kid.as_bytes()), &mut opened).ok()?;
    Some(SecretBytes::new(&*secret))
}

fn derive(master: &MasterKey) -> Result<LessSafeKey, Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, master.derive(PURPOSE).expose())?))
}

#[cfg(test)]
mod tests {
    use palisade::{random::SeededRandom, secret::SecretString};

    use super::*;

    fn master(byte: u8) -> MasterKey {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        MasterKey::from_base64(&SecretString::new(STANDARD.encode([byte; 32]))).unwrap()
    }

    fn sealed() -> Vec<u8> {
        seal(&master(1), "kid", &SecretBytes::new(*b"secret"), &*SeededRandom::shared(1)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_as_itself() {
        assert_eq!(open(&master(1), "kid", &sealed()), Some(SecretBytes::new(*b"secret")));
        assert!(!sealed().windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn attack_tampered_sealed_key() {
        for position in 0..sealed().len() {
            let mut tampered = sealed();
            tampered[position] ^= 1;
            assert_eq!(open(&master(1), "kid", &tampered), None, "byte {position}");
            assert_eq!(open(&master(1), "kid", &sealed()[..position]), None, "cut to {position}");
        }
    }

    #[test]
    fn attack_sealed_key_moved_to_another_kid() {
        assert_eq!(open(&master(1), "other", &sealed()), None);
        assert_eq!(open(&master(1), "", &sealed()), None);
    }

    #[test]
    fn another_master_key_opens_nothing() {
        assert_eq!(open(&master(2), "kid", &sealed()), None);
    }

    #[test]
    fn no_nonce_is_used_twice() {
        let random = SeededRandom::shared(1);
        let once = || seal(&master(1), "kid", &SecretBytes::new(*b"secret"), &*random).unwrap();
        assert_ne!(once(), once());
    }
}
