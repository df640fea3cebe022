//! How a new server gets its first admin: whoever reads a secret from the server's machine may make one, once.
//!
//! The secret has 256 bits, is kept as its SHA-256 only, and is void after 24 hours or once an admin exists.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{clock::Clock, random::Random, secret::SecretString};
use zeroize::Zeroizing;

use crate::{
    accounts::AccountsError,
    store::{FirstAdminSecretHash, Offer, Store},
};

/// The secret that makes the first admin, or `None` when there is an admin.
///
/// `kept` is what was kept of an earlier call, in a file for instance: if it is still good it is answered again, so
/// that a restart does not void it; otherwise a new one takes its place.
///
/// # Errors
///
/// [`AccountsError::Store`] and [`AccountsError::Random`].
pub async fn offer(
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
    kept: Option<SecretString>,
) -> Result<Option<SecretString>, AccountsError> {
    let now = clock.now();
    if let (Some(kept), Some(offer)) = (kept, store.first_admin_offer().await?)
        && offer.secret == hash(&kept)
        && offer.stands(now)
    {
        return Ok(Some(kept));
    }
    let secret = draw(random)?;
    let offered = store.offer_first_admin(Offer { secret: hash(&secret), created_at: now }).await?;
    Ok(offered.then_some(secret))
}

fn draw(random: &dyn Random) -> Result<SecretString, AccountsError> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(&mut *bytes)?;
    Ok(SecretString::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// The hash a store keeps. White space around the secret does not matter: it is copied from a terminal or a file.
pub(crate) fn hash(secret: &SecretString) -> FirstAdminSecretHash {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, secret.expose().trim().as_bytes()).as_ref());
    FirstAdminSecretHash::from_bytes(bytes)
}
