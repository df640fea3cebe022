//! Files that only their owner may read.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

/// Refuses a file that others may read or write.
pub(crate) fn private(path: &Path) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mode = permissions(&metadata);
    anyhow::ensure!(
        mode & 0o077 == 0,
        "{} can be read by others (mode {mode:04o}): run `chmod 600 {}`",
        path.display(),
        path.display()
    );
    Ok(())
}

#[cfg(unix)]
fn permissions(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn permissions(_: &fs::Metadata) -> u32 {
    0
}
