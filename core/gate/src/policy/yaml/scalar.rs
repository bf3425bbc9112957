//! What a plain scalar is, and how scalars become the types of the policy's fields (02 §2.1).

use std::borrow::Cow;

use super::tree::{ScalarStyle, ScalarTag};

/// What a plain scalar reads as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of at most 64 bits.
    Int {
        /// Whether it is below zero.
        negative: bool,
        /// Its absolute value.
        magnitude: u64,
    },
    /// A number with a point; infinities and not-a-number too.
    Float(f64),
    /// Anything else: text, dates, integers and doubles out of range.
    Text,
}

/// Why a scalar does not fit its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarFault {
    /// It is of another type.
    WrongType,
    /// It is a number beyond what the field holds.
    OutOfRange,
}

impl Plain {
    /// What a plain scalar of this text is.
    pub(crate) fn of(text: &str) -> Self {
        match text.as_bytes().first() {
            None => Self::Null,
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text).unwrap_or(Self::Text),
            Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => match text {
                "null" | "Null" | "NULL" | "~" => Self::Null,
                "true" | "True" | "TRUE" => Self::Bool(true),
                "false" | "False" | "FALSE" => Self::Bool(false),
                _ => Self::Text,
            },
            Some(_) => Self::Text,
        }
    }

    /// What a scalar is, its style and tag considered.
    pub(crate) fn of_scalar(text: &str, style: ScalarStyle, tag: ScalarTag) -> Self {
        if style == ScalarStyle::Text || tag == ScalarTag::Str { Self::Text } else { Self::of(text) }
    }
}

fn number(text: &str) -> Option<Plain> {
    match text {
        ".inf" | ".Inf" | ".INF" => return Some(Plain::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Plain::Float(f64::NEG_INFINITY)),
        ".nan" | ".NaN" | ".NAN" => return Some(Plain::Float(f64::NAN)),
        _ => {}
    }
    let negative = text.starts_with('-');
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    // An underscore counts for nothing after the first digit, and makes text of all else.
    let solid: Cow<'_, str> = match body.find('_') {
        None => Cow::Borrowed(body),
        Some(at) if body.get(..at)?.bytes().any(|byte| byte.is_ascii_digit()) => Cow::Owned(body.replace('_', "")),
        Some(_) => return None,
    };
    if solid.contains('.') { float(negative, &solid) } else { int(negative, &solid) }
}

fn int(negative: bool, digits: &str) -> Option<Plain> {
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x', ..] => (digits.get(2..)?, 16),
        [b'0', b'o', ..] => (digits.get(2..)?, 8),
        [b'0', b'b', ..] => (digits.get(2..)?, 2),
        [b'0', _, ..] => (digits.get(1..)?, 8),
        _ => (digits, 10),
    };
    // `from_str_radix` takes a sign of its own.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let fits = !negative || magnitude <= 1 << 63;
    fits.then_some(Plain::Int { negative: negative && magnitude != 0, magnitude })
}

fn float(negative: bool, digits: &str) -> Option<Plain> {
    let mantissa_end = digits.find(['e', 'E']).unwrap_or(digits.len());
    let (mantissa, exponent) = digits.split_at(mantissa_end);
    let point = mantissa.bytes().filter(|&byte| byte == b'.').count() == 1;
    let figures = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    if !point || !figures || !mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    if !exponent.is_empty() {
        let power = exponent.get(1..)?;
        let power = power.strip_prefix(['-', '+']).unwrap_or(power);
        if power.is_empty() || !power.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
    }
    let value: f64 = digits.parse().ok()?;
    value.is_finite().then_some(Plain::Float(if negative { -value } else { value }))
}

/// The text of a string field; nothing when the scalar's own text serves.
pub(crate) fn text_of(plain: Plain) -> Option<Cow<'static, str>> {
    match plain {
        Plain::Text => None,
        Plain::Null => Some(Cow::Borrowed("")),
        Plain::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
        Plain::Int { negative, magnitude } => {
            Some(Cow::Owned(if negative { format!("-{magnitude}") } else { magnitude.to_string() }))
        }
        Plain::Float(value) => Some(Cow::Owned(float_text(value))),
    }
}

/// Shortest digits without trailing zeros, plain from 1e-4 to below 1e6, else with an exponent of at least two digits.
fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", power.unsigned_abs())
        }
        _ => value.to_string(),
    }
}

/// An integer field. `text` is the scalar's own text, which counts when it is no plain number.
pub(crate) fn int_of(plain: Plain, text: &str) -> Result<i64, ScalarFault> {
    match plain {
        Plain::Null => Ok(0),
        Plain::Bool(_) => Err(ScalarFault::WrongType),
        Plain::Int { negative, magnitude } => {
            let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
            i64::try_from(value).map_err(|_| ScalarFault::OutOfRange)
        }
        Plain::Float(value) => truncated(value),
        Plain::Text => {
            let digits = grouped(text.trim_matches(' '));
            if !is_decimal(&digits) {
                return Err(ScalarFault::WrongType);
            }
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return digits.parse().map_err(|_| ScalarFault::OutOfRange);
            }
            truncated(digits.parse().map_err(|_| ScalarFault::WrongType)?)
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked before the cast, and truncation is the rule")]
fn truncated(value: f64) -> Result<i64, ScalarFault> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if (-BEYOND..BEYOND).contains(&value) { Ok(value as i64) } else { Err(ScalarFault::OutOfRange) }
}

/// Digits without the underscores that group them.
fn grouped(text: &str) -> Cow<'_, str> {
    if text.starts_with(|first: char| first.is_ascii_digit()) && text.contains('_') {
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Digits with at most one point and an exponent, without a sign.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let figures = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_holds = mantissa.bytes().any(|byte| byte.is_ascii_digit())
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && mantissa.bytes().filter(|&byte| byte == b'.').count() <= 1;
    mantissa_holds && exponent.is_none_or(|power| figures(power.strip_prefix(['-', '+']).unwrap_or(power)))
}

/// A float field.
#[expect(clippy::cast_precision_loss, reason = "an integer in a float field is rounded")]
pub(crate) fn float_of(plain: Plain, text: &str) -> Result<f64, ScalarFault> {
    let value = match plain {
        Plain::Null => 0.0,
        Plain::Bool(_) => return Err(ScalarFault::WrongType),
        Plain::Int { negative, magnitude } => magnitude as f64 * if negative { -1.0 } else { 1.0 },
        Plain::Float(value) => value,
        Plain::Text => {
            let number = text.trim_matches(' ');
            if !is_decimal(number.strip_prefix(['-', '+']).unwrap_or(number)) {
                return Err(ScalarFault::WrongType);
            }
            number.parse().map_err(|_| ScalarFault::WrongType)?
        }
    };
    if value.is_finite() { Ok(value) } else { Err(ScalarFault::OutOfRange) }
}

/// A bool field; nothing for `null`.
pub(crate) const fn bool_of(plain: Plain) -> Result<Option<bool>, ScalarFault> {
    match plain {
        Plain::Bool(value) => Ok(Some(value)),
        Plain::Null => Ok(None),
        _ => Err(ScalarFault::WrongType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> String {
        text_of(Plain::of(text)).map_or_else(|| text.to_owned(), Cow::into_owned)
    }

    #[test]
    fn numbers_become_text() {
        for (written, read) in [
            ("0x1F", "31"),
            ("010", "8"),
            ("1_000", "1000"),
            ("1_", "1"),
            ("0b101", "5"),
            ("0o17", "15"),
            ("+5", "5"),
            ("-0x10", "-16"),
            ("0X1F", "0X1F"),
            ("08", "08"),
            ("0x", "0x"),
            ("_1", "_1"),
            ("1e3", "1e3"),
            ("2.50", "2.5"),
            ("1.0e5", "100000"),
            ("1234567.5", "1.2345675e+06"),
            ("0.00001", "1e-05"),
            ("1000000.0", "1e+06"),
            ("999999.0", "999999"),
            ("0.0001", "0.0001"),
            (".5", "0.5"),
            ("1.", "1"),
            (".inf", "+Inf"),
            ("-.inf", "-Inf"),
            (".nan", "NaN"),
            ("1.5e400", "1.5e400"),
            ("1.2.3", "1.2.3"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "18446744073709551616"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("-9223372036854775809", "-9223372036854775809"),
            ("True", "true"),
            ("FALSE", "false"),
            ("~", ""),
            ("null", ""),
            ("nUll", "nUll"),
            ("2026-01-01", "2026-01-01"),
            ("-", "-"),
            ("+", "+"),
            (".", "."),
            ("...", "..."),
            ("1.5e", "1.5e"),
            ("-0", "0"),
            ("1__0", "10"),
            ("0+1", "0+1"),
        ] {
            assert_eq!(string(written), read, "{written}");
        }
        assert_eq!(string(&"0".repeat(64)), "0");
        assert_eq!(string(&"1".repeat(64)), "1".repeat(64));
        assert_eq!(string(&format!("0{}", "7".repeat(63))), format!("0{}", "7".repeat(63)));
    }

    #[test]
    fn integers() {
        let plain = |text: &str| int_of(Plain::of(text), text);
        let quoted = |text: &str| int_of(Plain::Text, text);
        assert_eq!(plain("1.5"), Ok(1));
        assert_eq!(plain("-1.9"), Ok(-1));
        assert_eq!(plain("1e3"), Ok(1000));
        assert_eq!(plain("0x10"), Ok(16));
        assert_eq!(plain("~"), Ok(0));
        assert_eq!(plain("true"), Err(ScalarFault::WrongType));
        assert_eq!(plain("99999999999999999999"), Err(ScalarFault::OutOfRange));
        assert_eq!(plain("9223372036854775808"), Err(ScalarFault::OutOfRange));
        assert_eq!(plain(".inf"), Err(ScalarFault::OutOfRange));
        assert_eq!(quoted("10"), Ok(10));
        assert_eq!(quoted("010"), Ok(10));
        assert_eq!(quoted("1.5"), Ok(1));
        assert_eq!(quoted("1_000"), Ok(1000));
        for refused in ["-1", "0x10", "1 0", "", "ten", "1e", ".", "_1"] {
            assert_eq!(quoted(refused), Err(ScalarFault::WrongType), "{refused}");
        }
    }

    #[test]
    fn floats_and_bools() {
        assert_eq!(float_of(Plain::of("1"), "1"), Ok(1.0));
        assert_eq!(float_of(Plain::Text, "-0.5"), Ok(-0.5));
        assert_eq!(float_of(Plain::of(".nan"), ".nan"), Err(ScalarFault::OutOfRange));
        assert_eq!(bool_of(Plain::of("TRUE")), Ok(Some(true)));
        assert_eq!(bool_of(Plain::of("~")), Ok(None));
        assert_eq!(bool_of(Plain::of("yes")), Err(ScalarFault::WrongType));
        assert_eq!(bool_of(Plain::of("1")), Err(ScalarFault::WrongType));
    }
}
