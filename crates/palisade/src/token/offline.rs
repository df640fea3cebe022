//! Verifying tokens without a server: one JSON object per line in, one verdict per line out.
//!
//! A line names a `profile` and gives a `token`, and usually `keys` (a JWK set), `at` (the moment, else the profile
//! file's or the clock's) and `context`: what the request would say. `context` may hold `access_token`, `max_age`,
//! `jkt`, `nonce`, `htm` and `htu`, as the profile's rules name them; `jti_seen`, a list of ids that were used before;
//! and `iss`, `aud`, `sub`, `client_id` and `nonce` in place of the profile's own.

use std::io::{self, BufRead, Read, Write};

use super::{
    KeySet, Profiles, Refused,
    claims::Claims,
    json::{Object, Value},
    numeric_date::NumericDate,
    profile::{Context, Expected, Profile},
    profiles::Kind,
    replay::UsedTokens,
    rule::{Facts, Rule},
    uri,
};
use crate::clock::Clock;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 4 * 1024 * 1024;
/// How many single-use tokens one run remembers.
const MAX_USED: usize = 1 << 20;

/// How many tokens were accepted and rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// How many lines were answered `accept`.
    pub accepted: u64,
    /// How many lines were answered `reject`, malformed ones among them.
    pub rejected: u64,
}

/// Answers each line of `input` with `accept` or `reject CODE explanation`.
///
/// A line that is not as described above is rejected with the code `input`, and the next one is read. Tokens whose
/// profile says single use are remembered until the end of the input.
///
/// # Errors
///
/// Those of reading `input` and writing `output`; never because of what a line says.
pub fn run(
    mut input: impl BufRead,
    mut output: impl Write,
    profiles: &Profiles,
    clock: &dyn Clock,
) -> io::Result<Tally> {
    let mut engine = Engine { profiles, clock, used: UsedTokens::with_capacity(MAX_USED) };
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        match engine.judge(&line) {
            Ok(()) => {
                tally.accepted += 1;
                writeln!(output, "accept")?;
            }
            Err(rejected) => {
                tally.rejected += 1;
                writeln!(output, "reject {} {rejected}", rejected.code())?;
            }
        }
        output.flush()?;
    }
    Ok(tally)
}

/// Reads a line, without what exceeds [`MAX_LINE`] by more than a byte. False at the end.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', line)?;
    if line.len() > MAX_LINE && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

/// Why a line is answered `reject`.
#[derive(Debug, thiserror::Error)]
enum Rejected {
    #[error("{0}")]
    Input(&'static str),
    #[error(transparent)]
    Token(#[from] Refused),
}

impl Rejected {
    fn code(&self) -> &'static str {
        match self {
            Self::Input(_) => "input",
            Self::Token(refused) => refused.code(),
        }
    }
}

struct Engine<'e> {
    profiles: &'e Profiles,
    clock: &'e dyn Clock,
    used: UsedTokens,
}

impl Engine<'_> {
    fn judge(&mut self, line: &[u8]) -> Result<(), Rejected> {
        // check: line-length
        if line.len() > MAX_LINE {
            return Err(Rejected::Input("the line is longer than 4 MiB"));
        }
        let line = Value::read_marking_repetitions(line).ok();
        let line = line.as_ref().and_then(Value::as_object).filter(|line| !line.repeats_itself());
        let line = Line(line.ok_or(Rejected::Input("the line is not one JSON object"))?);
        let name = line.text("profile")?.ok_or(Rejected::Input("`profile` is missing"))?;
        let token = line.text("token")?.ok_or(Rejected::Input("`token` is missing"))?;
        let now = line.moment("at")?.or(self.profiles.now()).unwrap_or_else(|| self.clock.now().into());
        let keys = line.keys()?;
        let request = line.request()?;
        match self.profiles.kind(name).ok_or(Rejected::Input("no profile has this name"))? {
            Kind::Encrypted => Err(Refused::Encrypted.into()),
            Kind::Signed(profile) => {
                let profile =
                    Profile { expected: request.expected(&profile.expected)?, ..(**profile).clone() };
                self.verify(name, &profile, token, &keys, &request, now.seconds())
            }
        }
    }

    fn verify(
        &mut self,
        name: &str,
        profile: &Profile,
        token: &str,
        keys: &KeySet,
        request: &Line<'_>,
        now: f64,
    ) -> Result<(), Rejected> {
        let context = request.context()?;
        let authentic = profile.authenticate(token, keys)?;
        let claims = Claims::read(&authentic)?;
        let (algorithm, sender) = (authentic.algorithm(), authentic.sender());
        let facts = Facts { context: &context, algorithm, sender, now };
        profile.check_claims(&claims, &facts)?;
        self.use_once(name, profile, &claims, request, now)
    }

    /// Last, so that a token that is refused for another reason does not use up its name.
    fn use_once(
        &mut self,
        name: &str,
        profile: &Profile,
        claims: &Claims<'_>,
        request: &Line<'_>,
        now: f64,
    ) -> Result<(), Rejected> {
        let scope = if profile.rules.contains(&Rule::SingleUse) {
            claims.text("iss")?.unwrap_or_default().to_owned()
        } else if profile.rules.contains(&Rule::SingleUsePerUri) {
            uri::normalized(claims.required_text("htu")?).unwrap_or_default()
        } else {
            return Ok(());
        };
        let id = claims.required_text("jti")?;
        // check: jti-seen
        if request.used_before()?.contains(&id) {
            return Err(Refused::Replayed.into());
        }
        // The moment of each line is its own, so nothing is ever certainly over.
        Ok(self.used.use_once(&[name, &scope, id], f64::INFINITY, now)?)
    }
}

/// A line, or its `context`.
struct Line<'l>(&'l Object<'l>);

impl<'l> Line<'l> {
    fn keys(&self) -> Result<KeySet, Rejected> {
        const FAULT: Rejected = Rejected::Input("`keys` is not a JWK set of at most 256 keys");
        let Some(keys) = self.member("keys") else { return Ok(KeySet::default()) };
        KeySet::read(keys.as_object().ok_or(FAULT)?).map_err(|_| FAULT)
    }

    fn request(&self) -> Result<Line<'_>, Rejected> {
        const FAULT: Rejected = Rejected::Input("`context` is not an object without repetitions");
        static EMPTY: Object<'static> = Object::empty();
        let Some(context) = self.member("context") else { return Ok(Line(&EMPTY)) };
        context.as_object().filter(|_| !context.repeats()).map(Line).ok_or(FAULT)
    }

    fn context(&self) -> Result<Context, Rejected> {
        let owned = |name| Ok::<_, Rejected>(self.text(name)?.map(str::to_owned));
        Ok(Context {
            access_token: owned("access_token")?,
            max_age: self.moment("max_age")?.map(NumericDate::seconds),
            jkt: owned("jkt")?,
            nonce: owned("nonce")?,
            htm: owned("htm")?,
            htu: owned("htu")?,
        })
    }

    /// What the profile expects, replaced where the line says something else.
    fn expected(&self, profile: &Expected) -> Result<Expected, Rejected> {
        let replaced = |name, expected: &Option<String>| match (expected, self.text(name)?) {
            (Some(_), Some(text)) => Ok::<_, Rejected>(Some(text.to_owned())),
            (expected, _) => Ok(expected.clone()),
        };
        Ok(Expected {
            issuer: replaced("iss", &profile.issuer)?,
            audience: replaced("aud", &profile.audience)?,
            subject: replaced("sub", &profile.subject)?,
            client_id: replaced("client_id", &profile.client_id)?,
            nonce: replaced("nonce", &profile.nonce)?,
        })
    }

    fn used_before(&self) -> Result<Vec<&str>, Rejected> {
        let Some(used) = self.member("jti_seen") else { return Ok(Vec::new()) };
        let ids = used.as_array().and_then(|ids| ids.iter().map(Value::as_str).collect());
        ids.ok_or(Rejected::Input("`jti_seen` is not a list of strings"))
    }

    fn text(&self, name: &'static str) -> Result<Option<&str>, Rejected> {
        self.member(name).map(|value| value.as_str().ok_or(wrong_type(name))).transpose()
    }

    fn moment(&self, name: &'static str) -> Result<Option<NumericDate>, Rejected> {
        self.member(name).map(|value| NumericDate::read(value).ok_or(wrong_type(name))).transpose()
    }

    /// A member that is there; `null` counts as not there.
    fn member(&self, name: &str) -> Option<&Value<'l>> {
        self.0.member(name).filter(|value| **value != Value::Null)
    }
}

fn wrong_type(name: &'static str) -> Rejected {
    Rejected::Input(match name {
        "profile" => "`profile` is not a string",
        "token" => "`token` is not a string",
        "at" => "`at` is not a moment",
        "max_age" => "`max_age` is not a number of seconds",
        _ => "a member of `context` is not a string",
    })
}
