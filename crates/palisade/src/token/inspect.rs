//! A token shown to a person: what it says, when it is good, and what would refuse it, as far as that can be told
//! without a key.

use std::fmt::{self, Write as _};

use super::{
    Algorithm, Part, Profiles, Refused,
    claims::Claims,
    json::Value,
    jws::{Compact, Header},
    numeric_date::NumericDate,
    profile::{Context, Expected, Profile},
    profiles::Kind,
    rule::Facts,
};
use crate::clock::Timestamp;

/// Shows `token` as text of several lines, each ended by a line feed.
///
/// Nothing of it has been verified, and the text says so. Characters that could disturb a terminal are escaped.
pub fn inspect(token: &str, profiles: &Profiles, now: Timestamp) -> String {
    let mut page = String::from("Nobody has vouched for any of this: no signature was checked.\n");
    // Writing to a string does not fail.
    let _ = write_page(&mut page, token, profiles, now);
    page
}

fn write_page(page: &mut String, token: &str, profiles: &Profiles, now: Timestamp) -> fmt::Result {
    let compact = match Compact::split(token.trim()) {
        Ok(compact) => compact,
        Err(refused) => return writeln!(page, "\nrefused: {} ({refused})", refused.code()),
    };
    let (header, claims) = (compact.header(), compact.unverified_claims());
    write_part(page, Part::Header, &header)?;
    write_part(page, Part::Claims, &claims)?;
    let (Ok(header), Ok(claims)) = (header, claims) else { return Ok(()) };
    match (Header::read(&header), Claims::read_unverified(&claims)) {
        (Ok(header), Ok(claims)) => {
            write_times(page, &claims, now)?;
            write_verdicts(page, &header, &claims, profiles, now)
        }
        (Err(refused), _) | (_, Err(refused)) => writeln!(page, "\nrefused: {} ({refused})", refused.code()),
    }
}

fn write_part(page: &mut String, part: Part, bytes: &Result<Vec<u8>, Refused>) -> fmt::Result {
    writeln!(page, "\n{part}:")?;
    match bytes {
        Err(refused) => writeln!(page, "  refused: {} ({refused})", refused.code()),
        Ok(bytes) => match Value::read_marking_repetitions(bytes) {
            Ok(value) => writeln!(page, "  {}", Shown { value: &value, indent: 2 }),
            Err(fault) => writeln!(page, "  refused: {fault}"),
        },
    }
}

fn write_times(page: &mut String, claims: &Claims<'_>, now: Timestamp) -> fmt::Result {
    const TIMES: [(&str, &str); 4] =
        [("iat", "issued"), ("nbf", "not good before"), ("exp", "expires"), ("auth_time", "signed in")];
    writeln!(page, "\ntimes (now is {now}):")?;
    for (name, meaning) in TIMES {
        match claims.date(name) {
            Ok(Some(date)) => {
                let moment = date.timestamp();
                writeln!(page, "  {meaning:<16} {moment}, {}", from_now(moment, now))?;
            }
            Ok(None) => {}
            Err(refused) => writeln!(page, "  {meaning:<16} refused: {refused}")?,
        }
    }
    Ok(())
}

fn write_verdicts(
    page: &mut String,
    header: &Header<'_>,
    claims: &Claims<'_>,
    profiles: &Profiles,
    now: Timestamp,
) -> fmt::Result {
    writeln!(page, "\nwhat refuses it, apart from key, signature and the values that are expected:")?;
    for name in profiles.names() {
        let Some(Kind::Signed(profile)) = profiles.kind(name) else { continue };
        match check(header, claims, profile, now) {
            Ok(()) => writeln!(page, "  as {name}: nothing")?,
            Err(refused) => writeln!(page, "  as {name}: {} ({refused})", refused.code())?,
        }
    }
    Ok(())
}

fn check(header: &Header<'_>, claims: &Claims<'_>, profile: &Profile, now: Timestamp) -> Result<(), Refused> {
    let algorithm: Algorithm = profile.check_header(header)?;
    let profile = Profile { expected: Expected::default(), ..profile.clone() };
    let now = NumericDate::from(now).seconds();
    profile.check_claims(claims, &Facts { context: &Context::default(), algorithm, sender: None, now })
}

/// JSON over several lines, printable whatever it holds.
struct Shown<'v> {
    value: &'v Value<'v>,
    indent: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.indent + 2;
        let shown = |value| Shown { value, indent: inner };
        match self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Number(text) => f.write_str(text),
            Value::String(text) => write!(f, "\"{}\"", text.escape_debug()),
            Value::Array(items) if items.is_empty() => f.write_str("[]"),
            Value::Array(items) => {
                f.write_str("[\n")?;
                for item in items {
                    writeln!(f, "{:inner$}{}", "", shown(item))?;
                }
                write!(f, "{:1$}]", "", self.indent)
            }
            Value::Object(object) => {
                f.write_str("{\n")?;
                for (name, value) in object.iter() {
                    writeln!(f, "{:inner$}\"{}\": {}", "", name.escape_debug(), shown(value))?;
                }
                write!(f, "{:1$}}}", "", self.indent)
            }
        }
    }
}

fn from_now(moment: Timestamp, now: Timestamp) -> String {
    match moment.as_unix() - now.as_unix() {
        0 => "now".to_owned(),
        seconds @ 1.. => format!("in {}", duration(seconds)),
        seconds => format!("{} ago", duration(-seconds)),
    }
}

/// A number of seconds in its two largest units.
fn duration(seconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut left = seconds;
    let mut words = Vec::new();
    for (size, unit) in UNITS {
        let count = left / size;
        left %= size;
        if count > 0 && words.len() < 2 {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_in_two_units() {
        assert_eq!(duration(59), "59 seconds");
        assert_eq!(duration(3_661), "1 hour 1 minute");
        assert_eq!(duration(86_400 * 400), "400 days");
    }
}
