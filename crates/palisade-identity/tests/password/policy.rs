//! What a new password must be.

use std::{fmt::Write as _, io::Write as _, sync::Arc};

use palisade_identity::password::{
    BreachedList, HashError, MAXIMUM_BYTES, NotAList, Policy, Queue, Refused, Unfit, Weakness,
};
use tempfile::NamedTempFile;

use crate::{cheap, config, hasher, secret};

fn weaknesses(policy: &Policy, password: &str, own: &[&str]) -> Vec<Weakness> {
    let own: Vec<String> = own.iter().map(|word| (*word).to_owned()).collect();
    match policy.judge(&secret(password), &own) {
        Ok(()) => Vec::new(),
        Err(Unfit::Weak(weaknesses)) => weaknesses,
        Err(other) => panic!("{other:?}"),
    }
}

fn in_words(password: &str, own: &[&str]) -> String {
    let weaknesses = weaknesses(&Policy::default(), password, own);
    Unfit::Weak(weaknesses).to_string()
}

#[test]
fn a_few_uncommon_words_will_do_and_no_kind_of_character_is_demanded() {
    for password in ["correct horse battery", "otterbridgelamp", "пароль из четырёх слов", "🌉💡🎻🐙🍋🚲🎈🌵"]
    {
        assert_eq!(weaknesses(&Policy::default(), password, &["ada"]), [], "{password}");
    }
}

#[test]
fn every_reason_is_told_at_once_in_words() {
    assert_eq!(
        in_words("abc", &[]),
        "Use at least 8 characters. This is easy to guess. Sequences like abc or 6543 are easy to guess. \
         Add another word or two. Uncommon words are better. Avoid sequences."
    );
    assert_eq!(
        in_words("password1", &[]),
        "This is easy to guess. This is a very common password. Add another word or two. Uncommon words are \
         better."
    );
    assert_eq!(
        in_words("lovelace1815", &["lovelace", "lovelace@example.org"]),
        "Leave out your name and your e-mail address. This is easy to guess. Add another word or two. Uncommon \
         words are better."
    );
    assert_eq!(in_words(&"long".repeat(33), &[]), "Use at most 128 characters.");
    assert_eq!(
        in_words("nul\0nul\0nul", &[]),
        "Use letters, digits, punctuation, symbols and spaces; control characters and the newest emoji are not \
         possible."
    );
    assert_eq!(in_words("", &[]), "Enter a password.");
}

#[test]
fn length_is_counted_in_characters_of_the_prepared_password() {
    let policy = Policy { minimum_score: 0, ..Policy::default() };
    assert_eq!(weaknesses(&policy, "éééééééé", &[]), []);
    let decomposed = "e\u{301}".repeat(7);
    assert_eq!(weaknesses(&policy, &decomposed, &[]), [Weakness::TooShort { minimum: 8 }]);
    assert_eq!(weaknesses(&policy, &"é".repeat(128), &[]), []);
    assert_eq!(weaknesses(&policy, &"é".repeat(129), &[]), [Weakness::TooLong { maximum: 128 }]);
}

#[test]
fn attack_a_password_of_megabytes_is_not_looked_at() {
    let weaknesses = weaknesses(&Policy::default(), &"\0".repeat(MAXIMUM_BYTES + 1), &[]);
    assert_eq!(weaknesses, [Weakness::Refused(Refused::TooLong)], "its characters were not read");
}

#[test]
fn the_minimum_can_be_configured() {
    let policy = Policy { minimum_characters: 15, ..Policy::default() };
    assert_eq!(weaknesses(&policy, "otterbridge", &[])[0], Weakness::TooShort { minimum: 15 });
    let strict = Policy { minimum_score: 4, ..Policy::default() };
    assert!(matches!(weaknesses(&strict, "otterbridge", &[])[..], [Weakness::Guessable { .. }]));
}

#[test]
fn a_password_is_as_strong_as_its_strongest_part() {
    let long = "a".repeat(40) + "otterbridgelamp";
    assert_eq!(weaknesses(&Policy::default(), &long, &[]), []);
}

#[test]
fn attack_making_a_weak_password_long_by_repeating_it() {
    for weak in ["password", "é", "qwertyuiop", "abcdefghij", "1234567890", "abc", "qwertyuiopé"] {
        let repeated: String = weak.chars().cycle().take(125).collect();
        let found = weaknesses(&Policy::default(), &repeated, &[]);
        assert!(matches!(found[..], [Weakness::Guessable { .. }]), "{weak}: {found:?}");
    }
}

#[test]
fn attack_guessing_from_the_username_and_the_address() {
    let own = ["grace.hopperstone", "Hopperstone@Example.ORG"];
    for password in ["hopperstone1", "Grace.Hopperstone", "hopperstone@example.org", "HOPPERST0NE"] {
        let found = weaknesses(&Policy::default(), password, &own);
        assert_eq!(found.first(), Some(&Weakness::Personal), "{password}");
    }
    assert_eq!(weaknesses(&Policy::default(), "hopperstone otterbridge", &own), [], "it is not all there is");
}

/// A list as it is given to download: sorted, with counts, lines ended as on Windows.
fn list_of(hashes: impl IntoIterator<Item = String>, line_end: &str) -> (NamedTempFile, BreachedList) {
    let mut hashes: Vec<String> = hashes.into_iter().collect();
    hashes.sort();
    let mut text = String::new();
    for (number, hash) in hashes.iter().enumerate() {
        write!(text, "{hash}:{}{line_end}", 7_u64.pow(u32::try_from(number % 12).unwrap())).unwrap();
    }
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let list = BreachedList::open(file.path()).unwrap();
    (file, list)
}

fn sha1(password: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn every_line_of_a_breached_list_is_found_and_nothing_else() {
    for (lines, line_end) in [(1, "\n"), (2, "\r\n"), (3, "\n"), (64, "\r\n"), (1000, "\n"), (1001, "\r\n")] {
        let (_file, list) = list_of((0..lines).map(|n| sha1(&format!("known {n}"))), line_end);
        for n in 0..lines {
            assert!(list.contains(&secret(&format!("known {n}"))).unwrap(), "{n} of {lines}");
            assert!(!list.contains(&secret(&format!("unknown {n}"))).unwrap(), "{n} of {lines}");
        }
    }
}

#[test]
fn the_published_hash_of_password_is_found() {
    let (_file, list) = list_of(["5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8".to_owned()], "\r\n");
    assert!(list.contains(&secret("password")).unwrap());
}

#[tokio::test]
async fn a_strong_password_from_a_breach_is_not_taken() {
    let (file, list) = list_of([sha1("otterbridgelamp")], "\n");
    let policy = Arc::new(Policy { breached: Some(list), ..Policy::default() });
    let hasher = hasher(&config(cheap()));
    let judge = async |text: &str| hasher.judge(Queue::SignUp, policy.clone(), secret(text), vec![]).await;
    assert_eq!(judge("otterbridgelamp").await, Err(Unfit::Weak(vec![Weakness::Breached])));
    assert_eq!(judge("otterbridgelamp 2").await, Ok(()));
    file.close().unwrap();
    assert_eq!(
        judge("otterbridgelamp 2").await,
        Err(Unfit::NotJudged(HashError::Unavailable)),
        "fails closed"
    );
}

#[test]
fn what_is_no_list_is_refused_at_start() {
    for content in ["", "password\n", "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8:3\n", "5BAA61E4C9B93F3F:3\n"]
    {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        assert!(matches!(BreachedList::open(file.path()), Err(NotAList::Format { .. })), "{content:?}");
    }
    assert!(matches!(BreachedList::open("no/such/file"), Err(NotAList::Unreadable { .. })));
}

#[test]
fn a_list_damaged_in_the_middle_is_an_error_not_a_pass() {
    let (mut file, list) = list_of((0..100).map(|n| sha1(&n.to_string())), "\n");
    file.write_all(&[b'x'; 10_000]).unwrap();
    let answers: Vec<_> = (0..100).map(|n| list.contains(&secret(&format!("unknown {n}")))).collect();
    assert!(answers.iter().any(Result::is_err));
    assert!(answers.iter().all(|answer| !matches!(answer, Ok(true))));
}
