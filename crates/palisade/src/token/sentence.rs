//! The sentences by which a profile file names its rules.

use super::rule::Rule;

/// The rule that `sentence` names; [`Rule::Unknown`], which nothing satisfies, if there is none.
pub(crate) fn rule(sentence: &str) -> Rule {
    plain(sentence)
        .or_else(|| lifetime(sentence))
        .or_else(|| freshness(sentence))
        .or_else(|| forbidden(sentence))
        .unwrap_or(Rule::Unknown)
}

/// The name of another profile whose rules hold here as well: `as NAME`.
pub(crate) fn other_profile(sentence: &str) -> Option<&str> {
    sentence.strip_prefix("as ")
}

fn plain(sentence: &str) -> Option<Rule> {
    Some(match sentence {
        "RFC 9068; aud array may hold further audiences" => Rule::AccessToken,
        "aud with further audiences rejects" => Rule::SoleAudience,
        "aud must be the issuer, as a JSON string" => Rule::PlainAudience,
        "azp, if present, must equal client" => Rule::AuthorizedParty,
        "sub: 1..255 ASCII" => Rule::ShortSubject,
        "sub must not equal the client id" => Rule::SubjectIsNotClient,
        "sub or sid" => Rule::SubjectOrSession,
        "at_hash, if present, must fit ctx.access_token" => Rule::AccessTokenHash,
        "iat mandatory; ctx.max_age: auth_time must be present and >= now - max_age - leeway" => Rule::MaxAge,
        "events has the back-channel logout member whose value is an object" => Rule::LogoutEvent,
        "key = header jwk, public asymmetric only" => Rule::EmbeddedKey,
        "htm exact; htu compared without query and fragment after RFC 3986 syntax and scheme normalisation" => {
            Rule::RequestBound
        }
        "ath = SHA-256 of ctx.access_token when given" => Rule::AccessTokenBound,
        "thumbprint = ctx.jkt when given" => Rule::Thumbprint,
        "nonce = ctx.nonce when given" => Rule::HandedOutNonce,
        "jti single use" => Rule::SingleUse,
        "jti single use per htu" => Rule::SingleUsePerUri,
        _ => return None,
    })
}

/// `exp <= now + SECONDS`
fn lifetime(sentence: &str) -> Option<Rule> {
    sentence.strip_prefix("exp <= now + ").and_then(seconds).map(Rule::Lifetime)
}

/// `iat within SECONDS s before and SECONDS s after now`
fn freshness(sentence: &str) -> Option<Rule> {
    let bounds = sentence.strip_prefix("iat within ")?.strip_suffix(" s after now")?;
    let (before, after) = bounds.split_once(" s before and ")?;
    Some(Rule::Fresh { before: seconds(before)?, after: seconds(after)? })
}

/// `NAME forbidden`, `NAME and NAME members forbidden`
fn forbidden(sentence: &str) -> Option<Rule> {
    let names = sentence.strip_suffix(" forbidden")?;
    let names: Vec<_> = names.strip_suffix(" members").unwrap_or(names).split(" and ").collect();
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    names.iter().all(is_name).then(|| Rule::Forbidden(names.into_iter().map(str::to_owned).collect()))
}

fn seconds(text: &str) -> Option<f64> {
    text.parse::<u32>().ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_with_numbers_or_names_in_it_is_read() {
        assert_eq!(rule("exp <= now + 90"), Rule::Lifetime(90.0));
        assert_eq!(rule("iat within 5 s before and 7 s after now"), Rule::Fresh { before: 5.0, after: 7.0 });
        assert_eq!(
            rule("a and b_c members forbidden"),
            Rule::Forbidden(vec!["a".to_owned(), "b_c".to_owned()])
        );
    }

    #[test]
    fn a_sentence_that_is_not_known_cannot_be_satisfied() {
        for sentence in ["", "exp <= now + soon", "all others forbidden", "jti single use per moon"] {
            assert_eq!(rule(sentence), Rule::Unknown, "{sentence}");
        }
    }
}
