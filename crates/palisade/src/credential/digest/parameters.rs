//! Authentication parameters (RFC 9110, section 11.2): `name=token` and `name="quoted string"`, with commas between them.

use percent_encoding::percent_decode_str;

/// The most parameters that are read.
const MOST: usize = 32;

/// The parameters of one header, each name once.
pub(super) struct Parameters(Vec<(String, Value)>);

enum Value {
    Token(String),
    Quoted(String),
}

impl Parameters {
    /// Reads the list; none if it is not of the form, or has a name twice. Names are compared without their case.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let mut rest = std::str::from_utf8(text).ok()?;
        let mut parameters: Vec<(String, Value)> = Vec::new();
        loop {
            // Empty elements are allowed (RFC 9110, section 5.6.1).
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return (!parameters.is_empty()).then_some(Self(parameters));
            }
            let (name, after) = token(rest)?;
            let name = name.to_ascii_lowercase();
            let (value, after) = value(after.strip_prefix('=')?)?;
            if parameters.len() == MOST || parameters.iter().any(|(known, _)| *known == name) {
                return None;
            }
            parameters.push((name, value));
            rest = after.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        }
    }

    /// The parameter `name`, which is written as a token. The outer `None` says that it is written otherwise.
    #[expect(clippy::option_option, reason = "written wrongly and not there are two things")]
    pub(super) fn token(&self, name: &str) -> Option<Option<&str>> {
        match self.find(name) {
            None => Some(None),
            Some(Value::Token(text)) => Some(Some(text)),
            Some(Value::Quoted(_)) => None,
        }
    }

    /// The parameter `name`, which is written as a quoted string. The outer `None` says that it is written otherwise.
    #[expect(clippy::option_option, reason = "written wrongly and not there are two things")]
    pub(super) fn quoted(&self, name: &str) -> Option<Option<&str>> {
        match self.find(name) {
            None => Some(None),
            Some(Value::Quoted(text)) => Some(Some(text)),
            Some(Value::Token(_)) => None,
        }
    }

    /// The parameter `name`, which is written as an extended value in UTF-8 (RFC 8187, section 3.2.1). The outer `None` says
    /// that it is written otherwise.
    #[expect(clippy::option_option, reason = "written wrongly and not there are two things")]
    pub(super) fn extended(&self, name: &str) -> Option<Option<String>> {
        let Some(text) = self.token(name)? else { return Some(None) };
        let mut parts = text.splitn(3, '\'');
        let (charset, language, value) = (parts.next()?, parts.next()?, parts.next()?);
        let of_language = language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !charset.eq_ignore_ascii_case("UTF-8") || !of_language || !is_extended(value) {
            return None;
        }
        let decoded = percent_decode_str(value).decode_utf8().ok()?;
        (!decoded.chars().any(char::is_control)).then(|| Some(decoded.into_owned()))
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// `value-chars` of RFC 8187, section 3.2.1: what needs no escape, and whole escapes.
fn is_extended(value: &str) -> bool {
    let escaped = value.split('%').skip(1);
    escaped.map(|rest| rest.bytes().take(2)).all(|mut two| {
        let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        is_hex(two.next()) && is_hex(two.next())
    }) && value.bytes().all(|byte| is_tchar(byte) && !matches!(byte, b'*' | b'\''))
}

/// The token `text` begins with, and what follows.
fn token(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take_while(|byte| is_tchar(*byte)).count();
    (end > 0).then(|| text.split_at(end))
}

/// The value `text` begins with, and what follows.
fn value(text: &str) -> Option<(Value, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = token(text)?;
        return Some((Value::Token(token.to_owned()), rest));
    };
    let mut unescaped = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Value::Quoted(unescaped), &quoted[at + 1..])),
            '\\' => {
                let (_, escaped) = characters.next()?;
                if escaped.is_control() {
                    return None;
                }
                unescaped.push(escaped);
            }
            character if character.is_control() => return None,
            character => unescaped.push(character),
        }
    }
    None
}
