//! Starting: what is made, and what is refused with a sentence that says what to do.

use std::{fs, os::unix::fs::FileExt as _};

use crate::program::{Place, chmod, mode};

#[test]
fn the_first_start_makes_everything_and_keeps_it_private() {
    let place = Place::new();
    let server = place.serve();
    assert_eq!(server.send("GET", "/readyz", &[], b"").status, 200);
    assert_eq!(mode(&place.data()), 0o700);
    for entry in fs::read_dir(place.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let secret = fs::read_to_string(place.data().join("first-admin")).unwrap();
    assert!(server.first_lines.contains("/docs"));
    assert!(!server.first_lines.contains(secret.trim()), "the secret is for a terminal only");
}

#[test]
fn a_port_in_use() {
    let (place, other) = (Place::new(), Place::new());
    let server = place.serve();
    let address = server.address.to_string();
    let error = other.fails(&["serve", "--listen", &address]);
    assert!(error.contains(&address) && error.contains("--listen"), "{error}");
}

#[test]
fn a_second_server_on_the_same_data_folder() {
    let place = Place::new();
    let _server = place.serve();
    let error = place.fails(&["serve"]);
    assert!(error.contains("another server is using"), "{error}");
    assert!(error.contains(place.data().to_str().unwrap()), "{error}");
}

#[test]
fn the_folder_is_free_again_after_a_crash() {
    let place = Place::new();
    drop(place.serve());
    place.serve();
}

#[test]
fn a_data_folder_that_cannot_be_made() {
    let place = Place::new();
    let file = place.file("file", "");
    for path in [file.clone(), file.join("below")] {
        let error = place.fails(&["serve", "--data", path.to_str().unwrap()]);
        assert!(error.contains("--data"), "{error}");
    }
}

#[test]
fn a_command_makes_no_folder_by_a_slip_of_the_pen() {
    let place = Place::new();
    let error = place.fails(&["account", "list"]);
    assert!(error.contains("there is no database") && error.contains("--data"), "{error}");
    assert!(!place.data().exists());
}

#[test]
fn attack_data_folder_writable_by_others() {
    let place = Place::new();
    drop(place.serve());
    chmod(&place.data(), 0o777);
    let error = place.fails(&["serve"]);
    assert!(error.contains("chmod 700"), "{error}");
}

#[test]
fn attack_master_key_readable_by_others() {
    let place = Place::new();
    drop(place.serve());
    chmod(&place.data().join("master.key"), 0o644);
    let error = place.fails(&["serve"]);
    assert!(error.contains("chmod 600") && error.contains("master.key"), "{error}");
}

#[test]
fn a_master_key_that_is_gone_is_not_replaced() {
    let place = Place::new();
    drop(place.serve());
    fs::remove_file(place.data().join("master.key")).unwrap();
    let error = place.fails(&["serve"]);
    assert!(error.contains("no master key"), "{error}");
    assert!(!place.data().join("master.key").exists());
}

#[test]
fn another_master_key_opens_nothing() {
    let place = Place::new();
    drop(place.serve());
    let place = place.set("KEYS__MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let error = place.fails(&["serve"]);
    assert!(error.contains("does not open"), "{error}");
}

#[test]
fn the_master_key_can_come_from_elsewhere() {
    let place = Place::new();
    let key = place.file("key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let place = place.set("KEYS__MASTER_KEY_FILE", key.to_str().unwrap());
    drop(place.serve());
    assert!(!place.data().join("master.key").exists());
}

#[test]
fn a_database_of_a_newer_version() {
    let place = Place::new();
    assert_eq!(place.serve().stop(), Some(0));
    // `user_version`, where the file format keeps it.
    let database = fs::OpenOptions::new().write(true).open(place.data().join("palisade.sqlite")).unwrap();
    database.write_all_at(&999_u32.to_be_bytes(), 60).unwrap();
    let error = place.fails(&["serve"]);
    assert!(error.contains("999") && error.contains("newer"), "{error}");
}

#[test]
fn a_file_that_is_no_database() {
    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    fs::write(place.data().join("palisade.sqlite"), "something of somebody else's, and long enough to be it")
        .unwrap();
    let error = place.fails(&["serve"]);
    assert!(error.contains("palisade.sqlite"), "{error}");
}

#[test]
fn an_unknown_key_is_told_with_line_and_column() {
    let place = Place::new();
    let file = place.file("palisade.toml", "[server]\nbody_bytes = 1000\nlistn = \"127.0.0.1:1\"\n");
    let file = file.to_str().unwrap();
    let error = place.fails(&["config", "check", "--config", file]);
    assert_eq!(error.trim(), format!("palisade: {file}:3:1: unknown key `listn`: did you mean `listen`?"));
}

#[test]
fn a_wrong_value_is_told_with_line_and_column() {
    let place = Place::new();
    let file = place.file("palisade.toml", "[tokens]\nlifetime_seconds = \"ten\"\n");
    let error = place.fails(&["config", "check", "--config", file.to_str().unwrap()]);
    assert!(error.contains(":2:20: "), "{error}");
}

#[test]
fn attack_secret_in_a_complaint_about_the_file() {
    for content in [
        "[keys]\nmaster_key = 4711471147114711\n",
        "[keys]\nmaster_key = \"4711471147114711\" oops\n",
        "[keys]\nmaster_key = \"4711471147114711\"\n",
    ] {
        let place = Place::new();
        let file = place.file("palisade.toml", content);
        chmod(&file, 0o644);
        let error = place.fails(&["serve", "--config", file.to_str().unwrap()]);
        assert!(!error.contains("4711"), "{error}");
    }
}

#[test]
fn a_file_with_a_secret_is_its_owners() {
    let place = Place::new();
    let file = place.file("palisade.toml", "[keys]\nmaster_key = \"x\"\n");
    chmod(&file, 0o644);
    let error = place.fails(&["config", "check", "--config", file.to_str().unwrap()]);
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn an_address_others_can_reach_needs_a_proxy_and_an_issuer() {
    let place = Place::new();
    let error = place.fails(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(error.contains("TLS") && error.contains("--behind-proxy"), "{error}");
    let place = place.set("SERVER__ISSUER", "");
    let error = place.fails(&["serve", "--listen", "0.0.0.0:0", "--behind-proxy", "10.0.0.0/8"]);
    assert!(error.contains("server.issuer"), "{error}");
}

#[test]
fn the_configuration_is_shown_without_its_secrets() {
    let place = Place::new().set("KEYS__MASTER_KEY", "canary").set("SERVER__CONNECTIONS", "7");
    let shown = place.ok(&["config", "check"]);
    assert!(shown.contains("connections = 7") && shown.contains("master_key = \"(secret)\""), "{shown}");
    assert!(!shown.contains("canary"));
}

#[test]
fn a_command_that_makes_no_sense_ends_with_2() {
    let place = Place::new();
    for arguments in [&["nonsense"][..], &["serve", "--listen", "here"], &["account", "role", "ada"]] {
        assert_eq!(place.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
