//! What a person is told when the server is ready. The first line has a fixed form, for programs that start one.

use std::{
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
};

use palisade::secret::SecretString;

use crate::data_folder::DataFolder;

/// Prints where the server listens and what to do next.
pub(super) fn announce(
    address: SocketAddr,
    folder: &DataFolder,
    mail: Option<&str>,
    secret: Option<&SecretString>,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Listening on http://{address}")?;
    writeln!(out, "Try it at    http://{address}/docs")?;
    writeln!(out, "Data in      {}", folder.path().display())?;
    match mail {
        Some(host) => writeln!(out, "Mail by      {host}")?,
        None => writeln!(out, "Mail         is off: [mail] in the configuration turns it on")?,
    }
    if let Some(secret) = secret {
        writeln!(
            out,
            "First admin  whoever signs up with the `first_admin_secret` in {}",
            folder.first_admin().display()
        )?;
        if out.is_terminal() {
            writeln!(out, "             which is {} (for 24 hours, and once)", secret.expose())?;
        }
    }
    out.flush()
}
