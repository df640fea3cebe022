//! The master key's file.

use std::fs;

use palisade::{random::SeededRandom, secret::SecretString};
use palisade_identity::keys::{MasterKey, MasterKeyError};

#[test]
fn a_key_is_made_once_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    assert!(matches!(MasterKey::from_file(&path), Err(MasterKeyError::Missing(missing)) if missing == path));
    MasterKey::create_file(&path, &*SeededRandom::shared(1)).unwrap();
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written.trim_end().len(), 44);
    MasterKey::from_file(&path).unwrap();

    // Who comes second has the key of the first, and leaves nothing lying about.
    MasterKey::create_file(&path, &*SeededRandom::shared(2)).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn attack_master_key_with_mode_0644() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    MasterKey::create_file(&path, &*SeededRandom::shared(1)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    for mode in [0o644, 0o640, 0o604, 0o602, 0o660, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = MasterKey::from_file(&path).unwrap_err().to_string();
        assert_eq!(
            refused,
            format!(
                "others can read the master key {0} (mode {mode:04o}): run `chmod 600 {0}`",
                path.display()
            )
        );
        assert!(MasterKey::create_file(&path, &*SeededRandom::shared(1)).is_err());
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(MasterKey::from_file(&path).is_ok());
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    MasterKey::create_file(&path, &*SeededRandom::shared(1)).unwrap();
    for content in [
        &b""[..],
        b"c2hvcnQ=",
        b"not base64 at all, and 44 characters long!!!",
        &[0xff; 44],
        &[b'A'; 100_000],
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        fs::write(&path, content).unwrap();
        let refused = MasterKey::from_file(&path).unwrap_err();
        assert!(matches!(refused, MasterKeyError::Malformed), "{refused:?}");
        assert_eq!(
            format!("{refused} {refused:?}"),
            "a master key is 32 bytes in base64, as `openssl rand -base64 32` prints them Malformed"
        );
    }
}

#[test]
fn a_key_from_the_environment_is_read_and_never_printed() {
    let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let key = MasterKey::from_base64(&SecretString::new(format!("{text}\n"))).unwrap();
    assert_eq!(format!("{key:?}"), "MasterKey");
    assert!(MasterKey::from_base64(&SecretString::new(&text[1..])).is_err());
}
