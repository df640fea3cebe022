//! The test that holds a router to its lock file.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::lock::{Lock, LockFileError, Lockable};

/// With this set, the file is written instead of compared.
const UPDATE: &str = "PALISADE_UPDATE_LOCK";

/// Holds `router` to the lock file at `path`: who may call what is what the file says, so a change of it stands in the diff of
/// a commit. `path` counts from the folder of the package that is tested. What means the same counts as the same, however it is
/// written; everything else fails, and says which way it goes.
///
/// `PALISADE_UPDATE_LOCK=1 cargo test` writes the file, whole or not at all, and passes; where `CI` is set it refuses to,
/// since there nobody reads what it wrote.
///
/// ```no_run
/// # use palisade::prelude::*;
/// # fn api() -> Router { Router::new().route("/health", get(async || "ok").public("liveness probe")) }
/// palisade::testing::access_lock("access.lock", &api());
/// ```
///
/// # Panics
///
/// When the routes are not what the file says, when there is no file or it is no lock, when the router cannot be built, and
/// when the file could not be written.
#[track_caller]
pub fn access_lock(path: impl AsRef<Path>, router: &impl Lockable) {
    let path = in_the_package(path.as_ref());
    let lock = match router.access_table() {
        Ok(table) => Lock::of(&table),
        Err(errors) => panic!("{errors}"),
    };
    let done = if is_set(UPDATE) { update(&lock, &path) } else { compare(&lock, &path) };
    if let Err(why) = done {
        panic!("{why}");
    }
}

/// As cargo names it to the tests it runs; without cargo, from where the test runs.
fn in_the_package(path: &Path) -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| path.to_owned(), |package| Path::new(&package).join(path))
}

fn is_set(name: &str) -> bool {
    env::var(name).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

fn update(lock: &Lock, path: &Path) -> Result<(), String> {
    if is_set("CI") {
        return Err(format!(
            "{UPDATE} is set, and so is CI: where nobody reads what was written, {} is compared and not written",
            path.display()
        ));
    }
    lock.write(path).map_err(|error| error.to_string())
}

fn compare(lock: &Lock, path: &Path) -> Result<(), String> {
    let why = match lock.differs_from(path) {
        Ok(None) => return Ok(()),
        Ok(Some(differs)) => {
            format!("{differs} If that is meant, write the file anew, and have it reviewed:")
        }
        Err(error @ LockFileError::Missing(_)) => format!("{error}. Write it, read it, and commit it:"),
        Err(error) => format!("{error}. Write it anew, and read what changed:"),
    };
    Err(format!("{why}\n\n    {UPDATE}=1 cargo test\n"))
}
