//! String tokens: reading them with replacement of what is no Unicode, writing them with the escapes of each form.

use std::borrow::Cow;

use super::error::{JsonError, JsonErrorKind};

/// A string token that was read: its text, where it ends, and whether something had to be replaced.
pub(crate) struct Token<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Just behind the closing quote.
    pub(crate) end: usize,
    pub(crate) replaced: bool,
}

/// Reads the string whose opening quote stands at `start`. `text` is the whole input when it is valid UTF-8.
pub(crate) fn read<'a>(bytes: &'a [u8], text: Option<&'a str>, start: usize) -> Result<Token<'a>, JsonError> {
    let first = start + 1;
    let run = plain_run(bytes, first);
    if let (Some(text), Some(b'"')) = (text, bytes.get(run)) {
        let text = text.get(first..run).unwrap_or_default();
        return Ok(Token { text: Cow::Borrowed(text), end: run + 1, replaced: false });
    }
    read_slow(bytes, first, run)
}

/// The first byte from `at` on that cannot stand as itself in a (canonical) string.
#[inline]
pub(crate) fn plain_run(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let (words, tail) = rest.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    // The rest is looked at once more as the last word, which overlaps the one before.
    if let Some(last) = rest.last_chunk::<8>() {
        let special = special_bytes(u64::from_le_bytes(*last));
        let plain = if special == 0 { 8 } else { special.trailing_zeros() as usize / 8 };
        return at + rest.len() - 8 + plain;
    }
    let plain = tail.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\').unwrap_or(tail.len());
    at + plain
}

/// Marks, in the top bit of each byte, control characters, quotes and backslashes. Only the lowest mark is exact: a
/// subtraction may borrow from the bytes above one that it marks.
const fn special_bytes(word: u64) -> u64 {
    const EACH: u64 = u64::MAX / 0xFF;
    const TOP: u64 = EACH * 0x80;
    let quotes = word ^ (EACH * b'"' as u64);
    let escapes = word ^ (EACH * b'\\' as u64);
    let controls = word.wrapping_sub(EACH * 0x20) & !word;
    (controls | quotes.wrapping_sub(EACH) & !quotes | escapes.wrapping_sub(EACH) & !escapes) & TOP
}

fn read_slow(bytes: &[u8], first: usize, run: usize) -> Result<Token<'_>, JsonError> {
    let mut out = String::with_capacity(run - first + 16);
    let mut replaced = push_lossy(&mut out, bytes.get(first..run).unwrap_or_default());
    let mut at = run;
    loop {
        match bytes.get(at) {
            None => return Err(JsonError::at(JsonErrorKind::UnexpectedEnd, at)),
            Some(b'"') => return Ok(Token { text: Cow::Owned(out), end: at + 1, replaced }),
            Some(b'\\') => at = read_escape(bytes, at, &mut out, &mut replaced)?,
            Some(byte) if *byte < 0x20 => {
                return Err(JsonError::at(JsonErrorKind::Syntax("no control character in a string"), at));
            }
            Some(_) => {
                let end = plain_run(bytes, at);
                replaced |= push_lossy(&mut out, bytes.get(at..end).unwrap_or_default());
                at = end;
            }
        }
    }
}

/// Appends `bytes`, one U+FFFD for each byte that is not part of a valid character; tells whether there was one.
fn push_lossy(out: &mut String, bytes: &[u8]) -> bool {
    let mut replaced = false;
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for _ in chunk.invalid() {
            out.push(char::REPLACEMENT_CHARACTER);
            replaced = true;
        }
    }
    replaced
}

/// Reads the escape at `at`; returns where it ends. Half a surrogate pair becomes U+FFFD.
fn read_escape(bytes: &[u8], at: usize, out: &mut String, replaced: &mut bool) -> Result<usize, JsonError> {
    let simple = match bytes.get(at + 1) {
        None => return Err(JsonError::at(JsonErrorKind::UnexpectedEnd, at + 1)),
        Some(b'u') => {
            let (unit, end) = read_unit(bytes, at)?;
            if let Some(c) = char::from_u32(unit) {
                out.push(c);
                return Ok(end);
            }
            if unit < 0xDC00 && bytes.get(end) == Some(&b'\\') && bytes.get(end + 1) == Some(&b'u') {
                let (low, low_end) = read_unit(bytes, end)?;
                if (0xDC00..0xE000).contains(&low) {
                    out.extend(char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)));
                    return Ok(low_end);
                }
            }
            out.push(char::REPLACEMENT_CHARACTER);
            *replaced = true;
            return Ok(end);
        }
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(&c @ (b'"' | b'\\' | b'/')) => char::from(c),
        Some(_) => return Err(JsonError::at(JsonErrorKind::Syntax("a valid escape"), at)),
    };
    out.push(simple);
    Ok(at + 2)
}

fn read_unit(bytes: &[u8], at: usize) -> Result<(u32, usize), JsonError> {
    let digits = bytes.get(at + 2..at + 6).ok_or(JsonError::at(JsonErrorKind::UnexpectedEnd, bytes.len()))?;
    let unit = digits.iter().try_fold(0, |unit, &digit| char::from(digit).to_digit(16).map(|value| unit * 16 + value));
    unit.map(|unit| (unit, at + 6)).ok_or(JsonError::at(JsonErrorKind::Syntax("four hex digits"), at))
}

/// Bytes that a canonical string must escape.
pub(crate) const CANONICAL_ESCAPES: [bool; 256] = escapes(false);
/// Bytes that struct JSON must look at: also `<`, `>`, `&` and the first byte of U+2028 and U+2029.
pub(crate) const STRUCT_ESCAPES: [bool; 256] = escapes(true);

const fn escapes(html: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    if html {
        table[b'<' as usize] = true;
        table[b'>' as usize] = true;
        table[b'&' as usize] = true;
        table[0xE2] = true;
    }
    table
}

/// The escape of one byte; empty for a byte that stands as itself.
pub(crate) const fn escape_of(byte: u8) -> ([u8; 6], usize) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0A => b'n',
        0x0C => b'f',
        0x0D => b'r',
        _ => {
            return ([b'\\', b'u', b'0', b'0', HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]], 6);
        }
    };
    ([b'\\', short, 0, 0, 0, 0], 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_at_the_first_special_byte() {
        let slow = |bytes: &[u8]| {
            bytes.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\').unwrap_or(bytes.len())
        };
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255 {
                    for filler in [b'!', b'[', b' ', 0x7F, 0x80, 0xFF, b'"' + 1, b'\\' + 1] {
                        let mut bytes = vec![filler; length];
                        bytes[at] = byte;
                        assert_eq!(plain_run(&bytes, 0), slow(&bytes), "{bytes:?}");
                    }
                }
            }
        }
    }
}
