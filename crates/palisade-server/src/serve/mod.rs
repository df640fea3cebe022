//! Serving: bind, open, announce, accept, and end in order.
//!
//! A request comes in at `listener`, is read by `connection`, passes the `edge`, and is then the router's, whose answer
//! is sent as `response` makes it. `activity` says whether a connection is busy, and `idle_timer` ends one that is not.
//! `shutdown` says when to stop, `ready` what a person is told at the start.

mod activity;
mod connection;
mod edge;
mod first_admin;
#[cfg(test)]
mod foreign;
mod idle_timer;
mod listener;
mod patient;
mod ready;
mod response;
mod shutdown;
mod timely;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use tokio::time::timeout;

use self::{edge::Edge, listener::Listener, shutdown::Shutdown};
use crate::{
    app::{self, Services},
    config::Config,
    data_folder::DataFolder,
    log, smtp,
};

/// Serves until a signal says otherwise.
pub(crate) fn run(config: &Config) -> Result<()> {
    log::start(&config.log)?;
    let folder = DataFolder::create(&config.server.data)?;
    let _lock = folder.lock()?;
    let runtime = runtime().context("the system gives no threads")?;
    let ended = runtime.block_on(serve(config, &folder));
    // Whatever ignored its deadline does not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

/// On one core one thread does it all: handing work from thread to thread would only cost.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = if cores == 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    builder.enable_all().build()
}

async fn serve(config: &Config, folder: &DataFolder) -> Result<()> {
    let shutdown = Shutdown::on_signal()?;
    let listener = Listener::bind(config.server.listen).await?;
    let issuer = config.issuer(listener.address());
    let services = Services::open(config, folder)?;
    let outbox = smtp::outbox(&config.mail, &services.clock, &services.random)?;
    let identity = services.identity(config, folder, &issuer, outbox.clone()).await?;
    let built = app::build(identity, &services, config)?;
    if config.server.development {
        tracing::warn!("development: refusals say why, to this machine");
    }
    let edge = Edge::new(&config.server, &issuer, listener.address(), built.service)?;
    let secret = first_admin::offer(&services, folder).await?;
    ready::announce(listener.address(), folder, config.mail.host.as_deref(), secret.as_ref())
        .context("standard output")?;
    let clearing = secret.is_some().then(|| {
        tokio::spawn(first_admin::clear_when_void(
            Arc::clone(&services.store),
            Arc::clone(&services.clock),
            folder.clone(),
        ))
    });

    let deadline = Duration::from_secs(config.server.shutdown_seconds);
    listener.accept(Arc::new(edge), &config.server, &shutdown, deadline).await;
    if timeout(deadline, built.tasks.finished()).await.is_err() {
        tracing::warn!("some work had not ended when the time for it was over");
    }
    if let Some(outbox) = outbox
        && timeout(deadline, outbox.finish()).await.is_err()
    {
        tracing::warn!("some messages had not been sent when the time for it was over");
    }
    if let Some(clearing) = clearing {
        clearing.abort();
        first_admin::clear_if_void(&*services.store, &*services.clock, folder).await?;
    }
    tracing::info!("stopped");
    Ok(())
}
