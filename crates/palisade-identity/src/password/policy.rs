//! What a new password must be: long enough, hard to guess, and not known already.
//!
//! The rules are those of NIST SP 800-63B, section 3.1.1.2: a minimum length, no demands on the kinds of
//! characters, no expiry, and a comparison with what attackers try first.

use palisade::secret::SecretString;
use zxcvbn::{Entropy, Score, matching::patterns::MatchPattern, zxcvbn};

use super::{
    BreachedList, HashError, Refused,
    prepare::{MAXIMUM_BYTES, prepare},
};

/// The most characters of a password, unless configured otherwise.
const MAXIMUM_CHARACTERS: usize = 128;
/// Characters whose strength is estimated at once. The estimate tries every way to read digits and symbols as
/// letters, so its cost grows steeply with the length: 100 hostile characters take most of a second, 32 take the
/// time of a few hashes.
const WINDOW: usize = 32;
/// The most bytes of each thing known of the person that are compared with the password.
const OWN_BYTES: usize = 256;

/// The rules for a new password.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The fewest characters (Unicode code points, after preparation). By default 8.
    pub minimum_characters: usize,
    /// The least estimated strength, from 0 (nothing is estimated) to 4 (more than 10^10 guesses). By default 2:
    /// more than 10^6 guesses. The first estimate loads word lists of about eight megabytes, which stay.
    pub minimum_score: u8,
    /// Passwords known from breaches. By default none.
    pub breached: Option<BreachedList>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { minimum_characters: 8, minimum_score: 2, breached: None }
    }
}

/// Why a new password is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// All that is wrong with it; at least one.
    #[error("{}", in_words(.0))]
    Weak(Vec<Weakness>),
    /// It could not be judged. The person did nothing wrong and may try again.
    #[error(transparent)]
    NotJudged(#[from] HashError),
}

/// One thing that is wrong with a new password. Its text tells the person what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Weakness {
    /// It cannot be a password at all.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Too few characters.
    #[error("Use at least {minimum} characters.")]
    TooShort {
        /// The fewest that will do.
        minimum: usize,
    },
    /// Too many characters.
    #[error("Use at most {maximum} characters.")]
    TooLong {
        /// The most that will do.
        maximum: usize,
    },
    /// It contains the username, the e-mail address or something else that others know of the person.
    #[error("Leave out your name and your e-mail address.")]
    Personal,
    /// It is among the first that an attacker would try.
    #[error("This is easy to guess. {advice}")]
    Guessable {
        /// What makes it so, and what would help.
        advice: String,
    },
    /// It has become known in a breach, here or elsewhere.
    #[error("This password is known from a data breach. Use one you have never used anywhere.")]
    Breached,
}

impl Policy {
    /// Judges a new password. `own` is what others know of the person: username, e-mail address.
    ///
    /// This takes milliseconds and may read from disk:
    /// [`PasswordHasher::judge`](super::PasswordHasher::judge) does it away from the async workers.
    ///
    /// # Errors
    ///
    /// [`Unfit::Weak`] with everything that is wrong, or [`Unfit::NotJudged`] when the breached list cannot be read.
    pub fn judge(&self, password: &SecretString, own: &[String]) -> Result<(), Unfit> {
        let password = match prepare(password) {
            Ok(password) => password,
            Err(refused) => return Err(Unfit::Weak(vec![refused.into()])),
        };
        let mut weaknesses = self.length(&password);
        if !weaknesses.iter().any(|weakness| matches!(weakness, Weakness::TooLong { .. })) {
            weaknesses.extend(self.guessability(&password, own));
            if self.is_breached(&password)? {
                weaknesses.push(Weakness::Breached);
            }
        }
        if weaknesses.is_empty() { Ok(()) } else { Err(Unfit::Weak(weaknesses)) }
    }

    fn length(&self, password: &SecretString) -> Vec<Weakness> {
        let characters = password.expose().chars().count();
        let maximum = MAXIMUM_CHARACTERS.max(self.minimum_characters).min(MAXIMUM_BYTES);
        if characters < self.minimum_characters {
            vec![Weakness::TooShort { minimum: self.minimum_characters }]
        } else if characters > maximum {
            vec![Weakness::TooLong { maximum }]
        } else {
            Vec::new()
        }
    }

    /// A password is as hard to guess as its hardest window.
    fn guessability(&self, password: &SecretString, own: &[String]) -> Vec<Weakness> {
        if self.minimum_score == 0 {
            return Vec::new();
        }
        let own = own_words(own);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let mut hardest: Option<Entropy> = None;
        for window in windows(without_repeats(password.expose())) {
            let estimate = zxcvbn(window, &own);
            if u8::from(estimate.score()) >= self.minimum_score {
                return Vec::new();
            }
            if hardest.as_ref().is_none_or(|hardest| estimate.guesses() > hardest.guesses()) {
                hardest = Some(estimate);
            }
        }
        let Some(estimate) = hardest else {
            return Vec::new();
        };
        let personal = is_personal(&estimate, &own).then_some(Weakness::Personal);
        personal.into_iter().chain([Weakness::Guessable { advice: advice(&estimate) }]).collect()
    }

    fn is_breached(&self, password: &SecretString) -> Result<bool, HashError> {
        let Some(list) = &self.breached else {
            return Ok(false);
        };
        list.contains(password).map_err(|error| {
            tracing::error!(%error, "the list of breached passwords cannot be read");
            HashError::Unavailable
        })
    }
}

/// A password that is nothing but repetitions, cut after the first of them: windows would hide that it repeats.
fn without_repeats(password: &str) -> &str {
    let period = (1..=password.len() / 2)
        .find(|period| password.as_bytes()[*period..] == password.as_bytes()[..password.len() - period]);
    period.and_then(|period| password.get(..2 * period)).unwrap_or(password)
}

/// The password in pieces of [`WINDOW`] characters; the last may be shorter.
fn windows(password: &str) -> impl Iterator<Item = &str> {
    let mut rest = password;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(WINDOW).map_or(rest.len(), |(end, _)| end);
        let window;
        (window, rest) = rest.split_at(end);
        (!window.is_empty()).then_some(window)
    })
}

/// Each thing known of the person, and the parts of an e-mail address, in lower case and of bounded length.
fn own_words(own: &[String]) -> Vec<String> {
    let whole = own.iter().filter(|word| word.len() <= OWN_BYTES).map(|word| word.to_lowercase());
    whole
        .flat_map(|word| {
            let parts: Vec<String> = word.split(['@', '.', ' ']).map(str::to_owned).collect();
            std::iter::once(word).chain(parts)
        })
        // What is very short is found in every password by chance.
        .filter(|word| word.chars().count() > 2)
        .collect()
}

fn is_personal(estimate: &Entropy, own: &[&str]) -> bool {
    estimate.sequence().iter().any(|part| match &part.pattern {
        MatchPattern::Dictionary(found) => own.contains(&found.matched_word.as_str()),
        _ => false,
    })
}

fn advice(estimate: &Entropy) -> String {
    let advice = estimate.feedback().map(ToString::to_string).unwrap_or_default();
    let advice = advice.trim();
    if advice.is_empty() || estimate.score() >= Score::Three {
        return "Add another word or two; uncommon ones are better.".to_owned();
    }
    advice.to_owned()
}

fn in_words(weaknesses: &[Weakness]) -> String {
    weaknesses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
