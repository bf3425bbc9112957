//! Reading JSON text: the leniencies of 01 §3.2, or without them, always within limits.

use super::decode::Source;
use super::error::{JsonError, JsonErrorKind, Notice, NoticeKind};
use super::map::Map;
use super::reading::Reading;
use super::string;
use super::value::Value;

type Result<T> = std::result::Result<T, JsonError>;

/// The largest integer up to which every integer has a double of its own: 2^53.
const MAX_EXACT_INTEGER: u64 = 1 << 53;

/// A [`Source`] over JSON text.
pub struct Reader<'a> {
    bytes: &'a [u8],
    /// The same bytes when they are valid UTF-8, which spares a check for each string.
    text: Option<&'a str>,
    at: usize,
    depth: usize,
    values: usize,
    reading: Reading,
    notices: Vec<Notice>,
}

/// How many notices are kept: enough to tell, too few to fill memory.
const MAX_NOTICES: usize = 16;

impl<'a> Reader<'a> {
    /// Starts at the beginning of `bytes`.
    ///
    /// # Errors
    /// [`JsonErrorKind::TooLarge`].
    pub fn new(bytes: &'a [u8], reading: Reading) -> Result<Self> {
        if bytes.len() > reading.max_bytes {
            return Err(JsonError::new(JsonErrorKind::TooLarge));
        }
        let text = std::str::from_utf8(bytes).ok();
        Ok(Self { bytes, text, at: 0, depth: 0, values: 0, reading, notices: Vec::new() })
    }

    /// Checks that only blanks are left.
    ///
    /// # Errors
    /// [`JsonErrorKind::TrailingData`].
    pub fn finish(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error(JsonErrorKind::TrailingData)),
        }
    }

    /// What was not kept exactly so far (00 D11).
    #[must_use]
    pub fn into_notices(self) -> Vec<Notice> {
        self.notices
    }

    fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError::at(kind, self.at)
    }

    fn wrong_type(&mut self, expected: &'static str) -> JsonError {
        match self.peek() {
            None => self.error(JsonErrorKind::UnexpectedEnd),
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                self.error(JsonErrorKind::WrongType { expected })
            }
            Some(_) => self.error(JsonErrorKind::Syntax("a value")),
        }
    }

    /// Passes over blanks and shows the next byte.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<()> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.error(JsonErrorKind::Syntax(what))),
            None => Err(self.error(JsonErrorKind::UnexpectedEnd)),
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        if word.as_bytes().starts_with(rest) {
            return Err(JsonError::at(JsonErrorKind::UnexpectedEnd, self.bytes.len()));
        }
        Err(self.error(JsonErrorKind::Syntax("a value")))
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > self.reading.max_depth {
            return Err(self.error(JsonErrorKind::TooDeep));
        }
        Ok(())
    }

    fn note(&mut self, kind: NoticeKind, refused_as: JsonErrorKind, offset: usize) -> Result<()> {
        if self.reading.strict {
            return Err(JsonError::at(refused_as, offset));
        }
        if self.notices.len() < MAX_NOTICES {
            self.notices.push(Notice { kind, offset });
        }
        Ok(())
    }

    fn string_token(&mut self, what: &'static str) -> Result<std::borrow::Cow<'a, str>> {
        match self.peek() {
            Some(b'"') => {}
            Some(_) => return Err(self.error(JsonErrorKind::Syntax(what))),
            None => return Err(self.error(JsonErrorKind::UnexpectedEnd)),
        }
        let start = self.at;
        let token = string::read(self.bytes, self.text, start)?;
        self.at = token.end;
        if token.replaced {
            self.note(NoticeKind::TextReplaced, JsonErrorKind::LossyText, start)?;
        }
        Ok(token.text)
    }

    /// Passes over a number of RFC 8259; returns its text and whether it is written as an integer.
    fn number_token(&mut self) -> Result<(&'a str, bool)> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let digits = |from: usize| rest.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = usize::from(rest.first() == Some(&b'-'));
        let bad = |at: usize| {
            let kind = if start + at >= self.bytes.len() {
                JsonErrorKind::UnexpectedEnd
            } else {
                JsonErrorKind::Syntax("a digit")
            };
            JsonError::at(kind, start + at)
        };
        end += match (rest.get(end), digits(end)) {
            (_, 0) => return Err(bad(end)),
            (Some(b'0'), _) => 1,
            (_, count) => count,
        };
        let mut integer = true;
        if rest.get(end) == Some(&b'.') {
            integer = false;
            end += 1 + match digits(end + 1) {
                0 => return Err(bad(end + 1)),
                count => count,
            };
        }
        if let Some(b'e' | b'E') = rest.get(end) {
            integer = false;
            end += 1 + usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
            end += match digits(end) {
                0 => return Err(bad(end)),
                count => count,
            };
        }
        self.at = start + end;
        let token = rest.get(..end).and_then(|token| std::str::from_utf8(token).ok()).unwrap_or_default();
        Ok((token, integer))
    }

    fn double(&mut self, exact: bool) -> Result<f64> {
        let start = self.at;
        let (token, integer) = self.number_token()?;
        let number: f64 = token.parse().map_err(|_| JsonError::at(JsonErrorKind::NumberOutOfRange, start))?;
        if number.is_infinite() {
            return Err(JsonError::at(JsonErrorKind::NumberOutOfRange, start));
        }
        if exact && integer && token.len() > 15 {
            let magnitude = token.trim_start_matches('-').parse::<u64>().unwrap_or(u64::MAX);
            if magnitude > MAX_EXACT_INTEGER {
                self.note(NoticeKind::IntegerRounded, JsonErrorKind::LossyInteger, start)?;
            }
        }
        Ok(number)
    }

    /// Reads one value with an explicit stack: depth costs heap, not stack. With `KEEP` false it only checks.
    fn value<const KEEP: bool>(&mut self) -> Result<Value> {
        enum Frame {
            Array(Vec<Value>),
            Object { members: Vec<(String, Value)>, name: String, start: usize },
        }
        let base = self.depth;
        let mut frames: Vec<Frame> = Vec::new();
        loop {
            self.values += 1;
            if self.values > self.reading.max_values {
                return Err(self.error(JsonErrorKind::TooLarge));
            }
            let mut done = match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    let start = self.at;
                    self.at += 1;
                    self.enter()?;
                    let next = self.peek();
                    if open == b'[' && next != Some(b']') {
                        frames.push(Frame::Array(Vec::new()));
                        continue;
                    }
                    if open == b'{' && next != Some(b'}') {
                        let name = self.member_name::<KEEP>()?;
                        frames.push(Frame::Object { members: Vec::new(), name, start });
                        continue;
                    }
                    self.at += 1;
                    self.depth -= 1;
                    if open == b'[' { Value::Array(Vec::new().into()) } else { Value::Object(Map::new()) }
                }
                Some(b'"') => {
                    let text = self.string_token("a string")?;
                    if KEEP { Value::String(text.into_owned()) } else { Value::Null }
                }
                Some(b't') => self.literal("true").map(|()| Value::Bool(true))?,
                Some(b'f') => self.literal("false").map(|()| Value::Bool(false))?,
                Some(b'n') => self.literal("null").map(|()| Value::Null)?,
                // What is passed over need not fit a double.
                Some(b'-' | b'0'..=b'9') if !KEEP => self.number_token().map(|_| Value::Null)?,
                Some(b'-' | b'0'..=b'9') => Value::Number(self.double(true)?),
                Some(_) => return Err(self.error(JsonErrorKind::Syntax("a value"))),
                None => return Err(self.error(JsonErrorKind::UnexpectedEnd)),
            };
            loop {
                let next = if frames.is_empty() { None } else { self.peek() };
                match frames.last_mut() {
                    None => {
                        self.depth = base;
                        return Ok(done);
                    }
                    Some(Frame::Array(items)) => {
                        if KEEP {
                            items.push(done);
                        }
                        match next {
                            Some(b',') => {
                                self.at += 1;
                                break;
                            }
                            Some(b']') => done = Value::Array(std::mem::take(items).into()),
                            Some(_) => return Err(self.error(JsonErrorKind::Syntax("`,` or `]`"))),
                            None => return Err(self.error(JsonErrorKind::UnexpectedEnd)),
                        }
                    }
                    Some(Frame::Object { members, name, start }) => {
                        if KEEP {
                            members.push((std::mem::take(name), done));
                        }
                        match next {
                            Some(b',') => {
                                self.at += 1;
                                *name = self.member_name::<KEEP>()?;
                                break;
                            }
                            Some(b'}') => {
                                let (members, start) = (std::mem::take(members), *start);
                                done = Value::Object(self.object(members, start)?);
                            }
                            Some(_) => return Err(self.error(JsonErrorKind::Syntax("`,` or `}`"))),
                            None => return Err(self.error(JsonErrorKind::UnexpectedEnd)),
                        }
                    }
                }
                self.at += 1;
                self.depth -= 1;
                frames.pop();
            }
        }
    }

    fn member_name<const KEEP: bool>(&mut self) -> Result<String> {
        let name = self.string_token("a member name")?;
        self.expect(b':', "`:`")?;
        Ok(if KEEP { name.into_owned() } else { String::new() })
    }

    fn object(&self, members: Vec<(String, Value)>, start: usize) -> Result<Map> {
        if self.reading.strict {
            return Map::from_unique_members(members)
                .map_err(|name| JsonError::at(JsonErrorKind::DuplicateMember(name), start));
        }
        Ok(Map::from_members(members))
    }
}

impl Source for Reader<'_> {
    fn reading(&self) -> Reading {
        self.reading
    }

    fn read_null(&mut self) -> Result<bool> {
        if self.peek() == Some(b'n') { self.literal("null").map(|()| true) } else { Ok(false) }
    }

    fn read_bool(&mut self) -> Result<bool> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.wrong_type("a boolean")),
        }
    }

    fn read_int(&mut self) -> Result<i64> {
        let Some(b'-' | b'0'..=b'9') = self.peek() else {
            return Err(self.wrong_type("an integer"));
        };
        let start = self.at;
        let (token, integer) = self.number_token()?;
        if !integer {
            return Err(JsonError::at(JsonErrorKind::WrongType { expected: "an integer" }, start));
        }
        let value: i64 = token.parse().map_err(|_| JsonError::at(JsonErrorKind::NumberOutOfRange, start))?;
        if self.reading.strict && value.unsigned_abs() > MAX_EXACT_INTEGER {
            return Err(JsonError::at(JsonErrorKind::LossyInteger, start));
        }
        Ok(value)
    }

    fn read_float(&mut self) -> Result<f64> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.double(false),
            _ => Err(self.wrong_type("a number")),
        }
    }

    fn read_string(&mut self, into: &mut String) -> Result<()> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong_type("a string"));
        }
        let text = self.string_token("a string")?;
        match text {
            std::borrow::Cow::Owned(text) => *into = text,
            // A first value gets its exact room, a repeated one the room that is there.
            std::borrow::Cow::Borrowed(text) if into.capacity() == 0 => *into = text.to_owned(),
            std::borrow::Cow::Borrowed(text) => text.clone_into(into),
        }
        Ok(())
    }

    fn read_value(&mut self) -> Result<Value> {
        self.value::<true>()
    }

    fn skip(&mut self) -> Result<()> {
        self.value::<false>().map(|_| ())
    }

    fn read_object<F>(&mut self, mut member: F) -> Result<()>
    where
        F: FnMut(&str, &mut Self) -> Result<()>,
    {
        if self.peek() != Some(b'{') {
            return Err(self.wrong_type("an object"));
        }
        self.at += 1;
        self.enter()?;
        if self.peek() != Some(b'}') {
            loop {
                let name = self.string_token("a member name")?;
                self.expect(b':', "`:`")?;
                member(&name, self).map_err(|error| error.in_member(&name))?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    Some(_) => return Err(self.error(JsonErrorKind::Syntax("`,` or `}`"))),
                    None => return Err(self.error(JsonErrorKind::UnexpectedEnd)),
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    fn read_array<F>(&mut self, mut item: F) -> Result<()>
    where
        F: FnMut(usize, &mut Self) -> Result<()>,
    {
        if self.peek() != Some(b'[') {
            return Err(self.wrong_type("a list"));
        }
        self.at += 1;
        self.enter()?;
        if self.peek() != Some(b']') {
            for index in 0.. {
                self.values += 1;
                if self.values > self.reading.max_values {
                    return Err(self.error(JsonErrorKind::TooLarge));
                }
                item(index, self).map_err(|error| error.in_item(index))?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    Some(_) => return Err(self.error(JsonErrorKind::Syntax("`,` or `]`"))),
                    None => return Err(self.error(JsonErrorKind::UnexpectedEnd)),
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }
}
