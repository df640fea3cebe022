//! Did you mean ..?

/// How many letters may differ.
const NEAR: usize = 3;

/// Turns serde's "unknown field `a`, expected one of `b`, `c`" into a sentence that names the nearest one.
pub(super) fn with_suggestion(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let Some(unknown) = words.next().filter(|_| message.starts_with("unknown ")) else {
        return message.trim_end().to_owned();
    };
    let known: Vec<&str> = words.collect();
    let nearest = nearest(unknown, known.iter().copied());
    let what = if message.starts_with("unknown variant") { "value" } else { "key" };
    match nearest {
        Some(nearest) => format!("unknown {what} `{unknown}`: did you mean `{nearest}`?"),
        None => format!("unknown {what} `{unknown}`: known here are {}", known.join(", ")),
    }
}

/// The one of `known` that was probably meant, if one is near.
pub(crate) fn nearest<'k>(unknown: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let by_distance = known.map(|known| (strsim::damerau_levenshtein(unknown, known), known));
    by_distance
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= NEAR)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_suggested() {
        assert_eq!(
            with_suggestion("unknown field `listn`, expected one of `listen`, `data`"),
            "unknown key `listn`: did you mean `listen`?"
        );
        assert_eq!(
            with_suggestion("unknown field `colour`, expected `signup`"),
            "unknown key `colour`: known here are signup"
        );
        assert_eq!(
            with_suggestion("unknown variant `opne`, expected `open` or `off`"),
            "unknown value `opne`: did you mean `open`?"
        );
        assert_eq!(with_suggestion("expected a digit\n"), "expected a digit");
    }
}
