//! The lock file: what is read is printed and read back as the same lock, from which nothing has changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::lock::Lock;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(lock) = text.parse::<Lock>() else { return };
    let printed = lock.to_string();
    assert!(!printed.chars().any(|character| character.is_control() && character != '\n'), "{printed:?}");
    let read: Lock = printed.parse().unwrap_or_else(|error| panic!("{error}:\n{printed}"));
    assert_eq!(read, lock, "{printed}");
    assert_eq!(read.to_string(), printed);
    assert_eq!(lock.changes(&lock), []);
    assert_eq!(lock.changes(&read), []);
});
