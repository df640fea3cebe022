//! Stored hashes and parameters, read strictly.

use palisade_identity::password::{MalformedHash, Parameters, ParametersOutOfBounds, PasswordHash};
use proptest::prelude::*;

use crate::{hashed, parameters};

const SALT: &str = "c29tZXNhbHQ";
const TAG: &str = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

fn read(start: &str) -> Result<PasswordHash, MalformedHash> {
    format!("{start}${SALT}${TAG}").parse()
}

#[tokio::test]
async fn what_is_written_is_read() {
    let hash = hashed(parameters(64, 3, 2), "correct horse").await;
    let again: PasswordHash = hash.as_phc().parse().unwrap();
    assert_eq!(again, hash);
    assert_eq!(again.parameters(), parameters(64, 3, 2));
}

#[tokio::test]
async fn a_hash_does_not_print() {
    assert_eq!(format!("{:?}", hashed(parameters(8, 1, 1), "correct horse").await), "PasswordHash");
}

#[test]
fn only_argon2id_of_the_current_version() {
    read("$argon2id$v=19$m=256,t=2,p=1").unwrap();
    for start in [
        "$argon2i$v=19$m=256,t=2,p=1",
        "$argon2d$v=19$m=256,t=2,p=1",
        "$argon2id$v=16$m=256,t=2,p=1",
        "$argon2id$m=256,t=2,p=1",
        "$2b$12",
        "argon2id$v=19$m=256,t=2,p=1",
        "$argon2id$v=19$t=2,m=256,p=1",
        "$argon2id$v=19$m=256,t=2",
        "$argon2id$v=19$m=256,t=2,p=1,keyid=AAAA",
        "$argon2id$v=19$m=256,t=2,p=1,data=AAAA",
    ] {
        assert_eq!(read(start), Err(MalformedHash), "{start}");
    }
}

#[test]
fn attack_a_row_that_would_take_gigabytes() {
    for start in [
        "$argon2id$v=19$m=4294967295,t=1,p=1",
        "$argon2id$v=19$m=262145,t=1,p=1",
        "$argon2id$v=19$m=262144,t=9,p=1",
        "$argon2id$v=19$m=256,t=4294967295,p=1",
        "$argon2id$v=19$m=256,t=65,p=1",
        "$argon2id$v=19$m=262144,t=1,p=17",
        "$argon2id$v=19$m=256,t=1,p=4294967295",
    ] {
        assert_eq!(read(start), Err(MalformedHash), "{start}");
    }
    read("$argon2id$v=19$m=262144,t=8,p=16").unwrap();
}

#[test]
fn numbers_have_one_form() {
    for start in ["m=0256,t=2,p=1", "m=+256,t=2,p=1", "m=256,t=02,p=1", "m= 256,t=2,p=1", "m=0x100,t=2,p=1"] {
        assert_eq!(read(&format!("$argon2id$v=19${start}")), Err(MalformedHash), "{start}");
    }
    for start in ["m=0,t=2,p=1", "m=7,t=2,p=1", "m=15,t=2,p=2", "m=256,t=0,p=1", "m=256,t=2,p=0"] {
        assert_eq!(read(&format!("$argon2id$v=19${start}")), Err(MalformedHash), "{start}");
    }
}

#[test]
fn salt_and_tag_have_one_form_and_a_sane_length() {
    let with =
        |salt: &str, tag: &str| format!("$argon2id$v=19$m=256,t=2,p=1${salt}${tag}").parse::<PasswordHash>();
    with(SALT, TAG).unwrap();
    for (salt, tag) in [
        ("", TAG),
        (SALT, ""),
        ("c2hvcnQ", TAG),
        (SALT, "c2hvcnQ"),
        ("c29tZXNhbHQ=", TAG),
        ("c29tZXNhbHR", TAG),
        (SALT, "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/5"),
        ("c29tZXNhbHQ", "nf65EOgLrQMR_uIPnA4rEsF5h7TKyQwu9U1bMCHGi_4"),
        (SALT, "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$"),
        (&"A".repeat(200), TAG),
    ] {
        assert_eq!(with(salt, tag), Err(MalformedHash), "{salt} {tag}");
    }
}

#[test]
fn parameters_for_new_hashes_are_not_weak() {
    assert_eq!(Parameters::default(), parameters(19_456, 2, 1));
    for (memory, iterations) in [(47_104, 1), (19_456, 2), (12_288, 3), (9216, 4), (7168, 5)] {
        Parameters::new(memory, iterations, 1).unwrap();
    }
    for (memory, iterations) in [(19_456, 1), (7167, 64), (8, 1)] {
        assert_eq!(Parameters::new(memory, iterations, 1), Err(ParametersOutOfBounds::TooCheap));
    }
    assert_eq!(Parameters::new(1 << 20, 1, 1), Err(ParametersOutOfBounds::Impossible));
}

#[test]
fn a_configuration_file_cannot_weaken_them() {
    let read = serde_json::from_str::<Parameters>;
    assert_eq!(read("{}").unwrap(), Parameters::default());
    assert_eq!(read(r#"{"iterations": 3}"#).unwrap(), parameters(19_456, 3, 1));
    assert!(read(r#"{"iterations": 1}"#).unwrap_err().to_string().contains("too cheap"));
    assert!(read(r#"{"memory": 65536}"#).is_err());
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_the_same(text in r"\$argon2id\$v=19\$m=[0-9]{1,6},t=[0-9]{1,2},p=[0-9]{1,2}\$[A-Za-z0-9+/]{8,24}\$[A-Za-z0-9+/]{20,44}") {
        if let Ok(hash) = text.parse::<PasswordHash>() {
            prop_assert_eq!(hash.as_phc(), text);
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in ".{0,300}") {
        let _ = text.parse::<PasswordHash>();
        let _ = format!("$argon2id$v=19${text}").parse::<PasswordHash>();
    }
}
