//! Integers as flags take them: optional sign, `0x`, `0o`, `0b` or leading-`0` octal, `_` between digits (01 §8.2).

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// It is not written as one.
    #[error("parse error")]
    Syntax,
    /// It does not fit 64 bits.
    #[error("value out of range")]
    Range,
}

/// Reads a signed 64-bit integer.
///
/// # Errors
/// When it is not written as one or does not fit.
///
/// ```
/// assert_eq!(gait_cli::args::parse_integer("-0x_ff"), Ok(-255));
/// assert!(gait_cli::args::parse_integer("1.0").is_err());
/// ```
pub fn parse_integer(text: &str) -> Result<i64, NumberError> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        [] => return Err(NumberError::Syntax),
        _ => (10, unsigned),
    };
    // A prefix counts as a digit here: `_` may follow it.
    let mut after_digit = digits.len() < unsigned.len();
    let mut too_large = false;
    let mut magnitude: u64 = 0;
    for c in digits.chars() {
        if c == '_' {
            if !after_digit {
                return Err(NumberError::Syntax);
            }
            after_digit = false;
            continue;
        }
        let digit = c.to_digit(radix).ok_or(NumberError::Syntax)?;
        match magnitude.checked_mul(u64::from(radix)).and_then(|m| m.checked_add(u64::from(digit))) {
            Some(next) => magnitude = next,
            None => too_large = true,
        }
        after_digit = true;
    }
    if !after_digit {
        return Err(NumberError::Syntax);
    }
    if too_large {
        return Err(NumberError::Range);
    }
    let value = if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
    value.ok_or(NumberError::Range)
}
