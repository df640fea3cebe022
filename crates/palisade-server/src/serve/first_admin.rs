//! The file with the secret that makes the first admin.

use std::time::Duration;

use anyhow::{Context as _, Result};
use palisade::{
    clock::{Clock, SharedClock},
    secret::SecretString,
};
use palisade_identity::{
    first_admin,
    store::{SharedStore, Store},
};

use crate::{app::Services, data_folder::DataFolder};

/// How often to look whether the secret still stands.
const LOOK: Duration = Duration::from_secs(10);

/// Leaves the secret in the folder while there is no admin.
pub(super) async fn offer(services: &Services, folder: &DataFolder) -> Result<Option<SecretString>> {
    let kept = folder.read_first_admin()?;
    let secret = first_admin::offer(&*services.store, &*services.clock, &*services.random, kept)
        .await
        .context("the first-admin secret cannot be made")?;
    folder.write_first_admin(secret.as_ref())?;
    Ok(secret)
}

/// Takes the file away once its secret is good for nothing.
pub(super) async fn clear_when_void(store: SharedStore, clock: SharedClock, folder: DataFolder) {
    loop {
        tokio::time::sleep(LOOK).await;
        match clear_if_void(&*store, &*clock, &folder).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the first-admin file was not looked after");
            }
        }
    }
}

/// Answers whether it was void.
pub(super) async fn clear_if_void(store: &dyn Store, clock: &dyn Clock, folder: &DataFolder) -> Result<bool> {
    let offer = store.first_admin_offer().await?;
    let void = !offer.is_some_and(|offer| offer.stands(clock.now()));
    if void {
        folder.write_first_admin(None)?;
    }
    Ok(void)
}
