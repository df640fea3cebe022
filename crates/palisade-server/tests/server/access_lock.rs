//! Who may call what at this server is what the lock file says; and the command that compares the two.

use std::fs;

use crate::program::Place;

const LOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/access.lock");

/// As `palisade::testing::access_lock`, for routes that are in a binary.
#[test]
fn who_may_call_what_is_what_the_lock_says() {
    let set = |name| std::env::var(name).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    let place = Place::new();
    if set("PALISADE_UPDATE_LOCK") && !set("CI") {
        place.ok(&["routes", "--lock", LOCK, "--update"]);
    }
    let output = place.run(&["routes", "--lock", LOCK]);
    assert!(
        output.status.success(),
        "{}{}\n    PALISADE_UPDATE_LOCK=1 cargo test",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stdout.is_empty(), "nothing is said when nothing changed");
}

#[test]
fn what_changed_is_printed_and_is_a_failure() {
    let place = Place::new();
    let lock = fs::read_to_string(LOCK).unwrap();
    let stricter = lock.replace("\nGET /me: scope(me:read)\n", "\nGET /me: scope(me:read) & undelegated()\n");
    assert_ne!(stricter, lock);
    let file = place.file("access.lock", &stricter);
    let file = file.to_str().unwrap();
    let output = place.run(&["routes", "--lock", file]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let line = "  GET /me: was `scope(me:read) & undelegated()`, is `scope(me:read)`: WEAKER\n";
    assert!(said.contains(line), "{said}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("--update` writes it"));

    place.ok(&["routes", "--lock", file, "--update"]);
    assert_ne!(fs::read_to_string(file).unwrap(), stricter);
    place.ok(&["routes", "--lock", file]);
}

#[test]
fn a_file_that_is_not_there_or_is_no_lock_is_explained() {
    let place = Place::new();
    let missing = place.fails(&["routes", "--lock", place.path("none.lock").to_str().unwrap()]);
    assert!(missing.contains("there is no lock file") && missing.contains("--update"), "{missing}");
    let file = place.file("access.lock", "version 2\n");
    let future = place.fails(&["routes", "--lock", file.to_str().unwrap()]);
    assert!(future.contains("line 1: the lock is of version 2"), "{future}");
}

#[test]
fn the_page_is_printed_or_written() {
    let place = Place::new();
    let printed = place.ok(&["routes", "--html"]);
    assert!(printed.starts_with("<!DOCTYPE html>") && printed.contains("/<wbr>admin/<wbr>accounts"));
    let file = place.path("routes.html");
    assert_eq!(place.ok(&["routes", "--html", file.to_str().unwrap()]), "");
    assert_eq!(fs::read_to_string(file).unwrap().trim_end(), printed.trim_end());
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    for arguments in [
        &["routes", "--update"][..],
        &["routes", "--json", "--lock", "x"],
        &["routes", "--html", "--lock", "x"],
    ] {
        assert_eq!(Place::new().run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
