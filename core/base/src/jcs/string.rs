//! Strings of the canonicalizer: any escapes in, only the necessary ones out (01 §2.1 rule 3, §2.2).

use super::fault::{CanonicalError, CanonicalFault as Fault};

/// Bytes that end a run of plain string text.
const STOPS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Reads a string whose opening quote stands before `at`; moves `at` behind what was consumed, on a fault too.
pub(super) struct StringReader<'a> {
    pub(super) input: &'a [u8],
    pub(super) at: usize,
    pub(super) strict: bool,
}

impl StringReader<'_> {
    /// Appends the canonical form up to and with the closing quote; true when it holds an escape.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> Result<bool, CanonicalError> {
        let mut escaped = false;
        loop {
            let rest = self.input.get(self.at..).unwrap_or_default();
            let length = rest.iter().position(|&byte| STOPS[usize::from(byte)]).unwrap_or(rest.len());
            let run = rest.get(..length).unwrap_or_default();
            if self.strict {
                self.refuse_noncharacters(run)?;
            }
            out.extend_from_slice(run);
            self.at += length;
            let Some(&stop) = rest.get(length) else { return Err(self.fault(Fault::UnexpectedEnd)) };
            let start = self.at;
            self.at += 1;
            match stop {
                b'"' => {
                    out.push(b'"');
                    return Ok(escaped);
                }
                b'\\' => {
                    let c = self.escape(start)?;
                    if self.strict && is_noncharacter(c) {
                        return Err(CanonicalError::new(Fault::Noncharacter, start));
                    }
                    escaped |= push(c, out);
                }
                _ => return Err(CanonicalError::new(Fault::ControlByte, start)),
            }
        }
    }

    /// The character that an escape stands for; its backslash, at `start`, is consumed already.
    fn escape(&mut self, start: usize) -> Result<char, CanonicalError> {
        let c = match self.take_ascii()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex_unit(start)?;
                return match char::from_u32(u32::from(unit)) {
                    Some(c) => Ok(c),
                    None => self.second_surrogate(unit, start),
                };
            }
            _ => return Err(CanonicalError::new(Fault::InvalidEscape, start)),
        };
        Ok(c)
    }

    /// A surrogate must be followed by another `\uXXXX`. In the compatible form the two give U+FFFD if they are no pair.
    fn second_surrogate(&mut self, first: u16, start: usize) -> Result<char, CanonicalError> {
        let lone = CanonicalError::new(Fault::LoneSurrogate, start);
        if self.take_ascii()? != b'\\' || self.take_ascii()? != b'u' {
            return Err(lone);
        }
        let second = self.hex_unit(start)?;
        match char::decode_utf16([first, second]).next() {
            Some(Ok(c)) => Ok(c),
            _ if self.strict => Err(lone),
            _ => Ok(char::REPLACEMENT_CHARACTER),
        }
    }

    /// Four hexadecimal digits; all four bytes are consumed before they are judged.
    fn hex_unit(&mut self, start: usize) -> Result<u16, CanonicalError> {
        let mut unit = Some(0);
        for _ in 0..4 {
            let digit = char::from(self.take_ascii()?).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
            unit = unit.zip(digit).map(|(unit, digit): (u16, u16)| (unit << 4) | digit);
        }
        unit.ok_or(CanonicalError::new(Fault::InvalidEscape, start))
    }

    fn take_ascii(&mut self) -> Result<u8, CanonicalError> {
        match self.input.get(self.at) {
            None => Err(self.fault(Fault::UnexpectedEnd)),
            Some(byte) if !byte.is_ascii() => Err(self.fault(Fault::InvalidEscape)),
            Some(&byte) => {
                self.at += 1;
                Ok(byte)
            }
        }
    }

    fn refuse_noncharacters(&self, run: &[u8]) -> Result<(), CanonicalError> {
        if run.is_ascii() {
            return Ok(());
        }
        let text = std::str::from_utf8(run)
            .map_err(|error| CanonicalError::new(Fault::InvalidUtf8, self.at.saturating_add(error.valid_up_to())))?;
        match text.char_indices().find(|&(_, c)| is_noncharacter(c)) {
            Some((index, _)) => Err(CanonicalError::new(Fault::Noncharacter, self.at.saturating_add(index))),
            None => Ok(()),
        }
    }

    fn fault(&self, fault: Fault) -> CanonicalError {
        CanonicalError::new(fault, self.at)
    }
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Appends a character as canonical JSON writes it within a string; true when that took an escape.
fn push(c: char, out: &mut Vec<u8>) -> bool {
    let letter = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\0'..='\u{1f}' => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            let code = c as usize;
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[code >> 4], HEX[code & 15]]);
            return true;
        }
        _ => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return false;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
    true
}

/// The bytes that the inside of a canonical string stands for.
pub(super) fn unescape(canonical: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(canonical.len());
    let mut rest = canonical;
    loop {
        rest = match rest {
            [] => return out,
            [b'\\', b'u', b'0', b'0', high, low, tail @ ..] => {
                let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
                out.push((nibble(*high) << 4) | nibble(*low));
                tail
            }
            [b'\\', letter, tail @ ..] => {
                out.push(match letter {
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}
