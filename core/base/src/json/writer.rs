//! Writing JSON: compact and indented struct JSON (01 §3.1), canonical JSON (01 §2.1), into any sink.

use std::marker::PhantomData;

use super::error::EncodeError;
use super::map::Map;
use super::string::{CANONICAL_ESCAPES, STRUCT_ESCAPES, escape_of, plain_run};
use super::value::Value;
use crate::time::Timestamp;

/// Where written bytes go: a buffer, or a hash function.
pub trait Sink {
    /// Takes some bytes.
    fn put(&mut self, bytes: &[u8]);

    /// Takes some bytes and a quote on either side of them.
    #[inline]
    fn put_quoted(&mut self, bytes: &[u8]) {
        self.put(b"\"");
        self.put(bytes);
        self.put(b"\"");
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// One of the written forms.
pub trait Format {
    /// Members in JCS order, JCS escapes and numbers.
    const CANONICAL: bool;
    /// Two spaces a level.
    const INDENTED: bool;
}

/// Struct JSON without white space.
#[derive(Clone, Copy, Debug)]
pub struct Compact;

/// Struct JSON with two spaces a level.
#[derive(Clone, Copy, Debug)]
pub struct Indented;

/// RFC 8785.
#[derive(Clone, Copy, Debug)]
pub struct Canonical;

impl Format for Compact {
    const CANONICAL: bool = false;
    const INDENTED: bool = false;
}

impl Format for Indented {
    const CANONICAL: bool = false;
    const INDENTED: bool = true;
}

impl Format for Canonical {
    const CANONICAL: bool = true;
    const INDENTED: bool = false;
}

/// Writes JSON token by token. Names go before values, [`Writer::item`] before each item of a list; what has no written
/// form is remembered and comes out of [`Writer::finish`].
///
/// ```
/// use gait_base::json::{Canonical, Writer};
///
/// let mut bytes = Vec::new();
/// let mut writer: Writer<'_, _, Canonical> = Writer::new(&mut bytes);
/// writer.begin_object();
/// writer.name("a");
/// writer.float(1.0);
/// writer.end_object();
/// writer.finish()?;
/// assert_eq!(bytes, br#"{"a":1}"#);
/// # Ok::<(), gait_base::json::EncodeError>(())
/// ```
pub struct Writer<'s, S: Sink, F: Format> {
    sink: &'s mut S,
    /// Whether something stands before at this level.
    filled: bool,
    depth: usize,
    error: Option<EncodeError>,
    format: PhantomData<F>,
}

impl<'s, S: Sink, F: Format> Writer<'s, S, F> {
    /// Writes to `sink` from now on.
    pub const fn new(sink: &'s mut S) -> Self {
        Self { sink, filled: false, depth: 0, error: None, format: PhantomData }
    }

    /// Ends writing.
    ///
    /// # Errors
    /// [`EncodeError`] if anything had no written form; what the sink holds is then of no use.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.error.map_or(Ok(()), Err)
    }

    #[inline]
    fn separate(&mut self) {
        if self.filled {
            self.sink.put(b",");
        }
        if F::INDENTED && self.depth > 0 {
            self.line();
        }
        self.filled = false;
    }

    fn line(&mut self) {
        self.sink.put(b"\n");
        for _ in 0..self.depth {
            self.sink.put(b"  ");
        }
    }

    #[inline]
    fn raw(&mut self, bytes: &[u8]) {
        self.sink.put(bytes);
        self.filled = true;
    }

    fn begin(&mut self, bracket: &[u8]) {
        self.sink.put(bracket);
        self.filled = false;
        self.depth += 1;
    }

    fn end(&mut self, bracket: &[u8]) {
        self.depth = self.depth.saturating_sub(1);
        if F::INDENTED && self.filled {
            self.line();
        }
        self.raw(bracket);
    }

    /// `{`
    #[inline]
    pub fn begin_object(&mut self) {
        self.begin(b"{");
    }

    /// `}`
    #[inline]
    pub fn end_object(&mut self) {
        self.end(b"}");
    }

    /// `[`
    #[inline]
    pub fn begin_array(&mut self) {
        self.begin(b"[");
    }

    /// `]`
    #[inline]
    pub fn end_array(&mut self) {
        self.end(b"]");
    }

    /// Starts an item of a list.
    #[inline]
    pub fn item(&mut self) {
        self.separate();
    }

    /// Starts a member. Canonical output needs the names in UTF-16 order: the caller gives them so.
    #[inline]
    pub fn name(&mut self, name: &str) {
        self.separate();
        self.string(name);
        self.sink.put(if F::INDENTED { b": " } else { b":" });
    }

    /// Starts a member whose name is known beforehand: `quoted` is the name in quotes and a colon.
    #[inline]
    pub fn quoted_name(&mut self, quoted: &'static str) {
        self.separate();
        self.sink.put(quoted.as_bytes());
        if F::INDENTED {
            self.sink.put(b" ");
        }
    }

    /// A value that is written already, in this very form.
    #[inline]
    pub fn written(&mut self, value: &[u8]) {
        self.raw(value);
    }

    /// `null`
    pub fn null(&mut self) {
        self.raw(b"null");
    }

    /// `true` or `false`
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { b"true" } else { b"false" });
    }

    /// An integer. In canonical form numbers are doubles, so it is rounded like one beyond 2^53.
    #[expect(clippy::cast_precision_loss, reason = "the rounding is the contract's")]
    pub fn int(&mut self, value: i64) {
        if F::CANONICAL && value.unsigned_abs() > 1 << 53 {
            return self.float(value as f64);
        }
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = value.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        self.raw(&digits[at..]);
    }

    /// A double, printed the ECMAScript way; negative zero is `-0` in struct JSON and `0` in canonical form.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before the cast")]
    pub fn float(&mut self, value: f64) {
        if value == 0.0 {
            return self.raw(if value.is_sign_negative() && !F::CANONICAL { b"-0" } else { b"0" });
        }
        if value.trunc() == value && value.abs() < 9e15 {
            return self.int(value as i64);
        }
        if !value.is_finite() {
            self.error.get_or_insert(EncodeError::NotFinite);
            return self.null();
        }
        self.raw(ryu_js::Buffer::new().format_finite(value).as_bytes());
    }

    /// A string with the escapes of the form.
    #[inline]
    pub fn string(&mut self, text: &str) {
        let escapes = if F::CANONICAL { &CANONICAL_ESCAPES } else { &STRUCT_ESCAPES };
        let bytes = text.as_bytes();
        let first = if F::CANONICAL {
            plain_run(bytes, 0)
        } else {
            bytes.iter().position(|&byte| escapes[usize::from(byte)]).unwrap_or(bytes.len())
        };
        if first == bytes.len() {
            self.sink.put_quoted(bytes);
        } else {
            self.sink.put(b"\"");
            self.escaped(bytes, first, escapes);
            self.sink.put(b"\"");
        }
        self.filled = true;
    }

    fn escaped(&mut self, bytes: &[u8], first: usize, escapes: &[bool; 256]) {
        let (mut done, mut at) = (0, first);
        while let Some(&byte) = bytes.get(at) {
            if !escapes[usize::from(byte)] {
                at += 1;
                continue;
            }
            let width = match (byte, bytes.get(at + 1), bytes.get(at + 2)) {
                (0xE2, Some(0x80), Some(0xA8 | 0xA9)) => 3,
                (0xE2, ..) => {
                    at += 1;
                    continue;
                }
                _ => 1,
            };
            self.sink.put(&bytes[done..at]);
            if width == 3 {
                self.sink.put(if bytes[at + 2] == 0xA8 { b"\\u2028" } else { b"\\u2029" });
            } else {
                let (escape, len) = escape_of(byte);
                self.sink.put(&escape[..len]);
            }
            at += width;
            done = at;
        }
        self.sink.put(&bytes[done..]);
    }

    /// A time in RFC 3339.
    pub fn time(&mut self, time: &Timestamp) {
        match time.write_rfc3339(&mut [0; 35]) {
            // Digits and `-:.TZ+` need no escape.
            Ok(text) => {
                self.sink.put(b"\"");
                self.sink.put(text.as_bytes());
                self.raw(b"\"");
            }
            Err(_) => {
                self.error.get_or_insert(EncodeError::TimeOutOfRange);
                self.null();
            }
        }
    }

    /// An object with the members of `map`, in the order of the form.
    pub fn map(&mut self, map: &Map) {
        self.nested(Nested::object::<F>(map));
    }

    /// Any value, however deep: the stack that it needs lies on the heap.
    pub fn value(&mut self, value: &Value) {
        if let Some(nested) = self.scalar_or_open(value) {
            self.nested_opened(nested);
        }
    }

    fn nested(&mut self, nested: Nested<'_>) {
        self.begin_object();
        self.nested_opened(nested);
    }

    /// Writes a scalar, or opens a container and returns what is in it.
    fn scalar_or_open<'v>(&mut self, value: &'v Value) -> Option<Nested<'v>> {
        match value {
            Value::Null => self.null(),
            Value::Bool(value) => self.bool(*value),
            Value::Number(number) => self.float(*number),
            Value::String(text) => self.string(text),
            Value::Array(items) => {
                self.begin_array();
                return Some(Nested::Items(items.iter()));
            }
            Value::Object(map) => {
                self.begin_object();
                return Some(Nested::object::<F>(map));
            }
        }
        None
    }

    fn member<'v>(&mut self, (name, value): &'v (String, Value)) -> &'v Value {
        self.name(name);
        value
    }

    fn nested_opened(&mut self, outermost: Nested<'_>) {
        let mut outer = Vec::new();
        let mut current = outermost;
        loop {
            let next = match &mut current {
                Nested::Items(items) => items.next().inspect(|_| self.item()),
                Nested::Members(members) => members.next().map(|member| self.member(member)),
                Nested::Reordered(members) => members.next().map(|member| self.member(member)),
            };
            match next {
                Some(value) => {
                    if let Some(inner) = self.scalar_or_open(value) {
                        outer.push(std::mem::replace(&mut current, inner));
                    }
                }
                None => {
                    if matches!(current, Nested::Items(_)) {
                        self.end_array();
                    } else {
                        self.end_object();
                    }
                    match outer.pop() {
                        Some(enclosing) => current = enclosing,
                        None => return,
                    }
                }
            }
        }
    }
}

/// What is left to write of an open container.
enum Nested<'v> {
    Items(std::slice::Iter<'v, Value>),
    Members(std::slice::Iter<'v, (String, Value)>),
    Reordered(std::vec::IntoIter<&'v (String, Value)>),
}

impl<'v> Nested<'v> {
    fn object<F: Format>(map: &'v Map) -> Self {
        let members = map.members();
        // UTF-8 and UTF-16 order differ only where characters from U+E000 on meet those beyond U+FFFF.
        let high = |name: &String| !name.is_ascii() && name.bytes().any(|byte| byte >= 0xEE);
        if F::CANONICAL && members.iter().any(|(name, _)| high(name)) {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            return Self::Reordered(sorted.into_iter());
        }
        Self::Members(members.iter())
    }
}
