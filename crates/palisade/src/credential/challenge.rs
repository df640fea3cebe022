//! The challenge: what a refused caller is told about how to authenticate (`WWW-Authenticate`, RFC 9110, section
//! 11.6.1; its attributes for bearer tokens by RFC 6750, section 3).

use http::HeaderValue;

use super::Scheme;
use crate::denied::Denial;

/// The challenges of `schemes` for a request denied by `denial`, each authentication scheme once.
pub(crate) fn challenges<'a>(
    schemes: impl IntoIterator<Item = &'a Scheme>,
    denial: &Denial,
) -> Vec<HeaderValue> {
    let mut words: Vec<&str> = Vec::new();
    for scheme in schemes {
        if let Some(word) = scheme.challenge
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    words.into_iter().filter_map(|word| challenge(word, denial)).collect()
}

fn challenge(word: &str, denial: &Denial) -> Option<HeaderValue> {
    let value = match denial {
        // No error code where nothing was sent (RFC 6750, section 3.1).
        Denial::NotAuthenticated => word.to_owned(),
        Denial::InvalidCredentials if word == "Bearer" => "Bearer error=\"invalid_token\"".to_owned(),
        Denial::InvalidCredentials => word.to_owned(),
        // Scopes have no character that would need quoting (RFC 6749, section 3.3).
        Denial::InsufficientScope(scopes) if word == "Bearer" => {
            format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"")
        }
        Denial::NotRecent(age) if word == "Bearer" => {
            format!("Bearer error=\"insufficient_user_authentication\", max_age=\"{}\"", age.as_secs())
        }
        Denial::InsufficientScope(_) | Denial::NotRecent(_) | Denial::Forbidden | Denial::Undecided => {
            return None;
        }
    };
    HeaderValue::try_from(value).ok()
}
