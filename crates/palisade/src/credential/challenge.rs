//! The challenge: what a refused caller is told about how to authenticate (`WWW-Authenticate`, RFC 9110, section
//! 11.6.1; its attributes for bearer tokens by RFC 6750, section 3).

use http::HeaderValue;

use super::Scheme;
use crate::denied::Denial;

/// The challenges of `schemes` for a request denied by `denial`, each once. `presented` is the challenge of the credential
/// that was refused, where that is known: the others are not told of an error that is not theirs.
pub(crate) fn challenges<'a>(
    schemes: impl IntoIterator<Item = &'a Scheme>,
    denial: &Denial,
    presented: Option<&str>,
) -> Vec<HeaderValue> {
    let mut bases: Vec<&str> = Vec::new();
    for scheme in schemes {
        if let Some(base) = scheme.challenge()
            && !bases.contains(&base)
        {
            bases.push(base);
        }
    }
    let concerned = |base: &str| presented.is_none_or(|presented| presented == base);
    bases.into_iter().filter_map(|base| challenge(base, denial, concerned(base))).collect()
}

fn challenge(base: &str, denial: &Denial, concerned: bool) -> Option<HeaderValue> {
    let bearer = base.split(' ').next() == Some("Bearer");
    let attributes = match denial {
        // No error code where nothing was sent (RFC 6750, section 3.1).
        Denial::NotAuthenticated => None,
        Denial::InvalidCredentials => (bearer && concerned).then(|| "error=\"invalid_token\"".to_owned()),
        // Scopes have no character that would need quoting (RFC 6749, section 3.3).
        Denial::InsufficientScope(scopes) if bearer => {
            Some(format!("error=\"insufficient_scope\", scope=\"{scopes}\""))
        }
        Denial::NotRecent(age) if bearer => {
            Some(format!("error=\"insufficient_user_authentication\", max_age=\"{}\"", age.as_secs()))
        }
        // No attribute names a factor; that another sign-in would do is all that can be said (RFC 9470, section 3).
        Denial::MissingFactor(_) if bearer => Some("error=\"insufficient_user_authentication\"".to_owned()),
        Denial::InsufficientScope(_)
        | Denial::NotRecent(_)
        | Denial::MissingFactor(_)
        | Denial::Forbidden
        | Denial::CrossSite
        | Denial::TooManyRequests(_)
        | Denial::Undecided => return None,
    };
    let value = match attributes {
        None => base.to_owned(),
        Some(attributes) if base.contains(' ') => format!("{base}, {attributes}"),
        Some(attributes) => format!("{base} {attributes}"),
    };
    HeaderValue::try_from(value).ok()
}
