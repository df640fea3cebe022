//! The test that a user writes, run as cargo runs it: in a process of its own, with its own environment.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use palisade::{prelude::*, testing::access_lock};

use crate::support::{lock, requiring};

/// A folder that stands for a package, and goes with the test.
struct Package(PathBuf);

impl Package {
    fn new(name: &str) -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lock-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.join("access.lock")
    }

    fn write(&self, content: &str) {
        fs::write(self.path(), content).unwrap();
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// Runs the test below with these variables: whether it passed, and what it said.
    fn tested(&self, variables: &[(&str, &str)]) -> (bool, String) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "file::a_test_of_a_user", "--ignored", "--nocapture"])
            .env_remove("CI")
            .env_remove("PALISADE_UPDATE_LOCK")
            .env("CARGO_MANIFEST_DIR", &self.0)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn api() -> Router<(), crate::support::Caller> {
    requiring(scope("items:write"))
}

#[test]
#[ignore = "run by the tests here, each in a package of its own"]
fn a_test_of_a_user() {
    access_lock("access.lock", &api());
}

const ADVICE: &str = "\n\n    PALISADE_UPDATE_LOCK=1 cargo test\n";

#[test]
fn a_lock_that_says_the_same_passes() {
    let package = Package::new("same");
    package.write(&lock(api()).to_string());
    let (passed, said) = package.tested(&[("CI", "true")]);
    assert!(passed, "{said}");
}

#[test]
fn a_lock_that_is_written_otherwise_and_means_the_same_passes() {
    let package = Package::new("equivalent");
    let other = lock(requiring(scope("items:write") | scope("items:write") & signed_in())).to_string();
    package.write(&other);
    assert!(package.tested(&[]).0);
    assert_eq!(package.read(), other, "it is left alone");
}

#[test]
fn a_change_fails_with_what_it_is_and_what_to_do() {
    let package = Package::new("differs");
    package.write(&lock(requiring(scope("items:write") & signed_in())).to_string());
    let (passed, said) = package.tested(&[]);
    assert!(!passed);
    let line = "  POST /items: was `scope(items:write) & signed_in()`, is `scope(items:write)`: WEAKER\n";
    assert!(said.contains(line) && said.contains(ADVICE), "{said}");
    assert!(said.contains("1 change; 1 of them admits callers who were refused."), "{said}");
}

#[test]
fn a_missing_file_fails_with_the_same_advice() {
    let package = Package::new("missing");
    let (passed, said) = package.tested(&[]);
    assert!(!passed && said.contains("there is no lock file") && said.contains(ADVICE), "{said}");
    assert!(!package.path().exists(), "nothing is written unasked");
}

#[test]
fn a_file_that_is_no_lock_fails_with_its_line() {
    let package = Package::new("broken");
    package.write("version 1\n\n[routes]\nGET /items\n");
    let (passed, said) = package.tested(&[]);
    assert!(
        !passed && said.contains("access.lock, line 4: a route is written as") && said.contains(ADVICE),
        "{said}"
    );
}

#[test]
fn asked_to_update_it_writes_the_file_and_passes() {
    let package = Package::new("update");
    let update = [("PALISADE_UPDATE_LOCK", "1")];
    for before in [None, Some("not a lock at all"), Some("version 9\n")] {
        if let Some(before) = before {
            package.write(before);
        }
        let (passed, said) = package.tested(&update);
        assert!(passed, "{said}");
        assert_eq!(package.read(), lock(api()).to_string());
    }
    let left: Vec<_> = fs::read_dir(&package.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["access.lock"], "nothing is left beside it");
}

#[test]
fn where_ci_is_set_it_does_not_write() {
    let package = Package::new("ci");
    package.write("old");
    let (passed, said) = package.tested(&[("PALISADE_UPDATE_LOCK", "1"), ("CI", "true")]);
    assert!(!passed && said.contains("PALISADE_UPDATE_LOCK is set, and so is CI"), "{said}");
    assert_eq!(package.read(), "old");
}

#[test]
fn zero_is_not_set() {
    let package = Package::new("zero");
    let (passed, _) = package.tested(&[("PALISADE_UPDATE_LOCK", "0")]);
    assert!(!passed && !package.path().exists());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told() {
    let package = Package::new("no-folder");
    fs::create_dir(package.path()).unwrap();
    let (passed, said) = package.tested(&[("PALISADE_UPDATE_LOCK", "1")]);
    assert!(!passed && said.contains("the lock file"), "{said}");
    assert_eq!(fs::read_dir(&package.0).unwrap().count(), 1, "nothing is left beside it");
}
