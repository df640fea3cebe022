//! Strict JSON (RFC 8259): UTF-8, bounded depth, and no member twice, because two readers of `{"sub":"a","sub":"b"}`
//! may disagree about who is meant. Numbers stay text until somebody says what they should be.

use std::borrow::Cow;

use super::refused::JsonFault;

/// How deep arrays and objects may be nested in each other.
pub(crate) const MAX_DEPTH: usize = 64;

/// A JSON value, borrowing what needs no unescaping.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Self>),
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// Reads one value, with nothing but white space around it and no member twice anywhere.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, JsonFault> {
        let value = Self::read_marking_repetitions(bytes)?;
        // check: json-member-twice
        if value.repeats() {
            return Err(JsonFault::Repeated);
        }
        Ok(value)
    }

    /// Reads one value; objects that have a member twice say so by [`Value::repeats`].
    ///
    /// For lists of which one faulty item must not spoil the others.
    pub(crate) fn read_marking_repetitions(bytes: &'a [u8]) -> Result<Self, JsonFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonFault::Encoding)?;
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.white_space();
        // check: json-one-value
        if reader.at != text.len() {
            return Err(JsonFault::Syntax);
        }
        Ok(value)
    }

    /// Whether some object in here has a member twice.
    pub(crate) fn repeats(&self) -> bool {
        match self {
            Self::Array(items) => items.iter().any(Self::repeats),
            Self::Object(object) => object.repeats || object.iter().any(|(_, value)| value.repeats()),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => false,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(crate) fn as_object(&self) -> Option<&Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    pub(crate) fn into_object(self) -> Result<Object<'a>, JsonFault> {
        if let Self::Object(object) = self { Ok(object) } else { Err(JsonFault::NotAnObject) }
    }
}

/// The members of an object, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
    repeats: bool,
}

impl<'a> Object<'a> {
    pub(crate) const fn empty() -> Self {
        Self { members: Vec::new(), repeats: false }
    }

    fn new(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        let repeats = names_repeat(&members);
        Self { members, repeats }
    }

    /// The member called `name`, compared by code points after unescaping.
    pub(crate) fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether this object itself has a member twice.
    pub(crate) fn repeats_itself(&self) -> bool {
        self.repeats
    }
}

/// Comparing each name with each is fastest for a few; for many it would be an attacker's choice of work.
fn names_repeat(members: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    if members.len() <= 12 {
        return members
            .iter()
            .enumerate()
            .any(|(at, (name, _))| members[..at].iter().any(|(n, _)| n == name));
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, JsonFault> {
        self.white_space();
        match self.peek() {
            Some(b'{') => self.object(depth).map(Value::Object),
            Some(b'[') => self.array(depth).map(Value::Array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(JsonFault::Syntax),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Object<'a>, JsonFault> {
        let mut members = Vec::new();
        self.list(depth, b'}', |reader| {
            reader.white_space();
            let name = reader.string()?;
            reader.white_space();
            reader.expect(b':')?;
            members.push((name, reader.value(depth + 1)?));
            Ok(())
        })?;
        Ok(Object::new(members))
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value<'a>>, JsonFault> {
        let mut items = Vec::new();
        self.list(depth, b']', |reader| {
            items.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// What stands between an opening bracket and `close`, separated by commas.
    fn list(
        &mut self,
        depth: usize,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), JsonFault>,
    ) -> Result<(), JsonFault> {
        // check: json-depth
        if depth >= MAX_DEPTH {
            return Err(JsonFault::Depth);
        }
        self.at += 1;
        self.white_space();
        if self.take(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            self.white_space();
            if self.take(close) {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonFault> {
        self.expect(b'"')?;
        let plain = self.plain_run();
        if self.take(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            match self.next()? {
                b'"' => return Ok(Cow::Owned(text)),
                b'\\' => text.push(self.escape()?),
                // A control character as itself.
                // check: json-control-characters, instead: control => text.push(char::from(control)),
                _ => return Err(JsonFault::Syntax),
            }
            text.push_str(self.plain_run());
        }
    }

    /// As much of a string as stands for itself.
    fn plain_run(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length =
            rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn escape(&mut self) -> Result<char, JsonFault> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(JsonFault::Syntax),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, JsonFault> {
        let first = self.four_digits()?;
        let code = if (0xD800..0xDC00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            let second = self.four_digits()?;
            // check: json-surrogates
            if !(0xDC00..0xE000).contains(&second) {
                return Err(JsonFault::Syntax);
            }
            0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        char::from_u32(code).ok_or(JsonFault::Syntax) // half of a surrogate pair is no character
    }

    fn four_digits(&mut self) -> Result<u32, JsonFault> {
        (0..4).try_fold(0, |code, _| {
            let digit = char::from(self.next()?).to_digit(16).ok_or(JsonFault::Syntax)?;
            Ok(code * 16 + digit)
        })
    }

    fn number(&mut self) -> Result<&'a str, JsonFault> {
        let start = self.at;
        self.take(b'-');
        // check: json-leading-zero, instead: if true {
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), JsonFault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(JsonFault::Syntax) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, JsonFault> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(JsonFault::Syntax);
        }
        self.at += word.len();
        Ok(value)
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, JsonFault> {
        let byte = self.peek().ok_or(JsonFault::Syntax)?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.take(byte) { Ok(()) } else { Err(JsonFault::Syntax) }
    }
}

#[cfg(test)]
mod tests;
