//! The canonicalizer: bytes of JSON in, the canonical bytes of RFC 8785 or a fault out (01 §2).
//!
//! Two grammars share it. The compatible one accepts what the reference's parser accepts, quirks included, because its
//! answers reach digests and signatures. The strict one accepts a subset: I-JSON (RFC 7493) and nothing else. For what
//! both accept they give the same bytes.
//!
//! Nesting is kept on the heap and may be of any depth; time is that of a sort, space a small multiple of the input.

use super::fault::{CanonicalError, CanonicalFault as Fault};
use super::number;
use super::order::{Order, compare_utf16};
use super::string::{StringReader, unescape};

/// The canonical form of one JSON value, as the reference computes it.
///
/// Numbers become doubles, so integers beyond 2^53 are rounded; [`canonicalize_strict`] refuses them.
///
/// # Errors
/// Where the input is no JSON value even by the wide grammar of 01 §2.2, or an object repeats a name.
///
/// ```
/// use gait_base::jcs::canonicalize;
///
/// assert_eq!(canonicalize(br#" {"b": 1.50, "a": "\u003c"} "#)?, br#"{"a":"<","b":1.5}"#);
/// # Ok::<(), gait_base::jcs::CanonicalError>(())
/// ```
pub fn canonicalize(input: &[u8]) -> Result<Vec<u8>, CanonicalError> {
    Ok(Flattened::read(input, false)?.into_bytes())
}

/// The canonical form of one I-JSON value: what is accepted, every conforming reader understands alike.
///
/// Refuses what [`canonicalize`] refuses and, beyond that, whatever is not the grammar of RFC 8259, invalid UTF-8,
/// unpaired surrogates and noncharacters, and integers beyond 2^53-1 written as such.
///
/// # Errors
/// Where the input is not such a value.
///
/// ```
/// use gait_base::jcs::{canonicalize, canonicalize_strict};
///
/// assert!(canonicalize(b"[007]").is_ok());
/// assert!(canonicalize_strict(b"[007]").is_err());
/// ```
pub fn canonicalize_strict(input: &[u8]) -> Result<Vec<u8>, CanonicalError> {
    Ok(Flattened::read(input, true)?.into_bytes())
}

/// A document without blanks, every token in canonical form, the members of its objects where they were read.
pub(super) struct Flattened {
    text: Vec<u8>,
    order: Order,
}

impl Flattened {
    /// Reads one value.
    pub(super) fn read(input: &[u8], strict: bool) -> Result<Self, CanonicalError> {
        if strict && let Err(error) = std::str::from_utf8(input) {
            return Err(CanonicalError::new(Fault::InvalidUtf8, error.valid_up_to()));
        }
        let mut reader = Reader {
            input,
            at: 0,
            strict,
            text: Vec::with_capacity(input.len()),
            frames: Vec::new(),
            members: Vec::new(),
            names: Vec::new(),
            order: Order::default(),
        };
        reader.document()?;
        Ok(Self { text: reader.text, order: reader.order })
    }

    /// Hands the canonical text to `sink`, piece by piece.
    pub(super) fn emit(self, mut sink: impl FnMut(&[u8])) {
        if self.order.is_canonical() {
            sink(&self.text);
        } else {
            self.order.emit(&self.text, sink);
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        if self.order.is_canonical() {
            return self.text;
        }
        let mut out = Vec::with_capacity(self.text.len());
        self.emit(|piece| out.extend_from_slice(piece));
        out
    }
}

/// An array or object that is not closed yet.
enum Frame {
    Array,
    Object(OpenObject),
}

#[derive(Clone, Copy)]
struct OpenObject {
    /// Where its `{` stands in the text.
    open: usize,
    /// Its first entries in `members` and `names`.
    members: usize,
    names: usize,
    /// Whether its members came in canonical order so far.
    sorted: bool,
}

/// A member of an open object.
struct Member {
    /// Its name as it is compared: a range of `names` if `separate`, of the text otherwise.
    name: (usize, usize),
    separate: bool,
    /// Where it stands in the text; the end is filled in when the object closes.
    start: usize,
    end: usize,
    /// Where its name stands in the input.
    source: usize,
}

impl Member {
    fn name<'a>(&self, text: &'a [u8], names: &'a [u8]) -> &'a [u8] {
        let from = if self.separate { names } else { text };
        from.get(self.name.0..self.name.1).unwrap_or_default()
    }
}

/// What follows a finished value.
enum Next {
    Value,
    End,
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    strict: bool,
    text: Vec<u8>,
    frames: Vec<Frame>,
    members: Vec<Member>,
    /// Names that cannot be compared as they stand in the text: those with escapes or invalid UTF-8.
    names: Vec<u8>,
    order: Order,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), CanonicalError> {
        self.skip_blanks();
        match self.peek() {
            None => return Err(self.fault(Fault::Empty)),
            Some(b'{' | b'[' | b'"') => {}
            // No blank may stand around a number or literal that is the whole document.
            Some(_) => return self.scalar(self.input, 0),
        }
        loop {
            self.skip_blanks();
            let opened = self.value()?;
            if !opened && matches!(self.after_value()?, Next::End) {
                break;
            }
        }
        self.skip_blanks();
        if self.at < self.input.len() { Err(self.fault(Fault::TrailingText)) } else { Ok(()) }
    }

    /// Reads a scalar, or opens a container up to its first value; true when a value is expected next.
    fn value(&mut self) -> Result<bool, CanonicalError> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.text.push(b'"');
                self.string()?;
                Ok(false)
            }
            Some(b'[') => {
                self.at += 1;
                self.text.push(b'[');
                self.skip_blanks();
                if self.take(b']') {
                    self.text.push(b']');
                    return Ok(false);
                }
                self.frames.push(Frame::Array);
                Ok(true)
            }
            Some(b'{') => {
                self.at += 1;
                let open = self.text.len();
                self.text.push(b'{');
                self.skip_blanks();
                if self.take(b'}') {
                    self.text.push(b'}');
                    return Ok(false);
                }
                let (members, names) = (self.members.len(), self.names.len());
                self.member(OpenObject { open, members, names, sorted: true })
            }
            _ => {
                self.token()?;
                Ok(false)
            }
        }
    }

    /// Closes what ends here and goes to the next value, if there is one.
    fn after_value(&mut self) -> Result<Next, CanonicalError> {
        loop {
            let Some(frame) = self.frames.pop() else { return Ok(Next::End) };
            self.skip_blanks();
            match (frame, self.peek()) {
                (_, None) => return Err(self.fault(Fault::UnexpectedEnd)),
                (Frame::Array, Some(b']')) => {
                    self.at += 1;
                    self.text.push(b']');
                }
                (Frame::Array, Some(b',')) => {
                    self.at += 1;
                    self.text.push(b',');
                    self.frames.push(Frame::Array);
                    return Ok(Next::Value);
                }
                (Frame::Object(object), Some(b'}')) => {
                    self.at += 1;
                    self.close_object(object)?;
                }
                (Frame::Object(object), Some(b',')) => {
                    self.at += 1;
                    if self.member(object)? {
                        return Ok(Next::Value);
                    }
                }
                (_, Some(_)) => return Err(self.fault(Fault::UnexpectedByte)),
            }
        }
    }

    /// Reads a name and its colon, keeping the object open; or, in the compatible form, ends the object at a broken
    /// name, then false: whatever the name swallowed is gone.
    fn member(&mut self, mut object: OpenObject) -> Result<bool, CanonicalError> {
        self.skip_blanks();
        let (source, before) = (self.at, self.text.len());
        if !self.take(b'"') {
            return Err(self.unexpected());
        }
        if self.members.len() > object.members {
            self.text.push(b',');
        }
        let start = self.text.len();
        self.text.push(b'"');
        let escaped = match self.string() {
            Ok(escaped) => escaped,
            Err(error) if self.strict => return Err(error),
            Err(_) => {
                self.text.truncate(before);
                self.close_object(object)?;
                return Ok(false);
            }
        };
        let written = (start + 1, self.text.len() - 1);
        let (separate, name) = self.comparable(written, escaped);
        let member = Member { name, separate, start, end: 0, source };
        if object.sorted && self.members.len() > object.members {
            let last = self.members.last().map(|last| last.name(&self.text, &self.names)).unwrap_or_default();
            object.sorted = compare_utf16(last, member.name(&self.text, &self.names)).is_lt();
        }
        self.members.push(member);
        self.frames.push(Frame::Object(object));
        self.skip_blanks();
        if !self.take(b':') {
            return Err(self.unexpected());
        }
        self.text.push(b':');
        Ok(true)
    }

    /// The bytes by which a written name is compared: unescaped, each byte that is not UTF-8 as U+FFFD.
    fn comparable(&mut self, written: (usize, usize), escaped: bool) -> (bool, (usize, usize)) {
        let name = self.text.get(written.0..written.1).unwrap_or_default();
        if !escaped && (self.strict || name.is_ascii() || std::str::from_utf8(name).is_ok()) {
            return (false, written);
        }
        let from = self.names.len();
        let unescaped = if escaped { unescape(name) } else { name.to_vec() };
        for chunk in unescaped.utf8_chunks() {
            self.names.extend_from_slice(chunk.valid().as_bytes());
            for _ in chunk.invalid() {
                self.names.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
        (true, (from, self.names.len()))
    }

    fn close_object(&mut self, object: OpenObject) -> Result<(), CanonicalError> {
        let close = self.text.len();
        self.text.push(b'}');
        if !object.sorted {
            let (text, names) = (&self.text, &self.names);
            let members = self.members.get_mut(object.members..).unwrap_or_default();
            let mut end = close;
            for member in members.iter_mut().rev() {
                member.end = end;
                end = member.start.saturating_sub(1);
            }
            members.sort_by(|a, b| compare_utf16(a.name(text, names), b.name(text, names)));
            let repeated = members.windows(2).filter_map(|pair| match pair {
                [a, b] if a.name(text, names) == b.name(text, names) => Some(b.source),
                _ => None,
            });
            if let Some(source) = repeated.min() {
                return Err(CanonicalError::new(Fault::DuplicateKey, source));
            }
            self.order.add(object.open, close, members.iter().map(|member| (member.start, member.end)));
        }
        self.members.truncate(object.members);
        self.names.truncate(object.names);
        Ok(())
    }

    /// A number or literal within a container: up to the next separator, its blanks dropped in the compatible form.
    fn token(&mut self) -> Result<(), CanonicalError> {
        let start = self.at;
        let strict = self.strict;
        let rest = self.input.get(start..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || (strict && is_blank(*byte));
        let Some(length) = rest.iter().position(ends) else {
            return Err(CanonicalError::new(Fault::UnexpectedEnd, self.input.len()));
        };
        if length == 0 {
            return Err(self.unexpected());
        }
        let token = rest.get(..length).unwrap_or_default();
        self.at += length;
        if token.iter().any(|&byte| is_blank(byte)) {
            let joined: Vec<u8> = token.iter().copied().filter(|&byte| !is_blank(byte)).collect();
            self.scalar(&joined, start)
        } else {
            self.scalar(token, start)
        }
    }

    fn scalar(&mut self, token: &[u8], start: usize) -> Result<(), CanonicalError> {
        if matches!(token, b"true" | b"false" | b"null") {
            self.text.extend_from_slice(token);
            return Ok(());
        }
        number::write(token, self.strict, &mut self.text).map_err(|fault| CanonicalError::new(fault, start))
    }

    /// Reads a string behind its opening quote; true when its canonical form holds an escape.
    fn string(&mut self) -> Result<bool, CanonicalError> {
        let mut reader = StringReader { input: self.input, at: self.at, strict: self.strict };
        let escaped = reader.read(&mut self.text);
        self.at = reader.at;
        escaped
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn fault(&self, fault: Fault) -> CanonicalError {
        CanonicalError::new(fault, self.at)
    }

    fn unexpected(&self) -> CanonicalError {
        self.fault(if self.at < self.input.len() { Fault::UnexpectedByte } else { Fault::UnexpectedEnd })
    }
}

/// The four blanks of JSON.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
