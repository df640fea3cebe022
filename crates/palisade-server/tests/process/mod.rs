//! A server started from the real binary, in a folder of its own, on a port the system chose; ended with its test.

#![allow(dead_code, reason = "each of the tests uses a part of it")]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A program that is ended, and waited for, when its test is over, however that ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
pub(crate) struct Server {
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) address: String,
    _process: Running,
    folder: TempDir,
}

impl Server {
    /// Starts one with all defaults, but for the port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with these settings, each as in `("LIMITS__SIGN_IN_BURST", "3")`.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_palisade"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .envs(settings.iter().map(|(key, value)| (format!("PALISADE__{key}"), value)))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .unwrap();
        let address = line_after(&mut process, "Listening on ");
        Self { address, _process: process, folder }
    }

    /// Where it was started, so that its data is in `palisade-data` there.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Waits for the line on standard output that begins so, and gives the rest of it. Reads on in the background, so that
/// the program never waits for a reader.
pub(crate) fn line_after(process: &mut Running, beginning: &str) -> String {
    let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
    let found = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once(beginning).map(|(_, rest)| rest.to_owned()));
    std::thread::spawn(move || lines.for_each(drop));
    found.unwrap_or_else(|| panic!("the program ended without saying `{beginning}`"))
}

/// Whether `what` has to be there: a test that cannot run says so, and fails where it was to run.
pub(crate) fn required(what: &str) -> bool {
    let required = std::env::var("PALISADE_TEST_REQUIRE").unwrap_or_default();
    required.split(',').any(|name| name.trim() == what)
}

/// Whether a program is there and starts.
pub(crate) fn has(program: &str) -> bool {
    let version = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Says that a test did not run, or fails it where it had to.
#[expect(clippy::print_stderr, reason = "who runs the tests is to see that this one did not run")]
pub(crate) fn skip(missing: &str, required_as: &str) {
    assert!(
        !required(required_as),
        "{missing} is not installed, and PALISADE_TEST_REQUIRE asks for {required_as}"
    );
    eprintln!("skipped: {missing} is not installed");
}
