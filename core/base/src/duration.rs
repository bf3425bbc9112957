//! Durations as text: `1h30m`, `1.5s` (01 §8.2, 02 §2.3).
//!
//! A duration is a count of nanoseconds in 64 bits, about 292 years either way.

use crate::error::{Category, Classify};

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DurationError {
    /// Not a sequence of numbers with units.
    #[error("not a duration such as 1h30m (units: ns, us, ms, s, m, h)")]
    Syntax,
    /// More than 64 bits of nanoseconds.
    #[error("duration out of range")]
    OutOfRange,
}

impl Classify for DurationError {
    fn code(&self) -> &'static str {
        match self {
            Self::Syntax => "duration_syntax",
            Self::OutOfRange => "duration_out_of_range",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// Units and their nanoseconds, longer names before their prefixes. The micro sign has two code points.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

/// Nanoseconds of a duration: decimal numbers with units (`ns us µs ms s m h`) after one another, an optional sign
/// before them; `0` needs no unit. What is finer than a nanosecond is dropped.
///
/// # Errors
/// [`DurationError`] when the text is none or does not fit into 64 bits.
///
/// ```
/// use gait_base::duration::parse_duration;
///
/// assert_eq!(parse_duration("1h30m"), Ok(5_400_000_000_000));
/// assert_eq!(parse_duration("-1.5s"), Ok(-1_500_000_000));
/// assert!(parse_duration("1d").is_err());
/// ```
pub fn parse_duration(text: &str) -> Result<i64, DurationError> {
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(DurationError::Syntax);
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (part, after) = part(rest)?;
        total = total.checked_add(part).filter(|&sum| sum <= 1 << 63).ok_or(DurationError::OutOfRange)?;
        rest = after;
    }
    if negative {
        0_i64.checked_sub_unsigned(total).ok_or(DurationError::OutOfRange)
    } else {
        i64::try_from(total).map_err(|_| DurationError::OutOfRange)
    }
}

/// One number with its unit, and the text after it.
fn part(text: &str) -> Result<(u64, &str), DurationError> {
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(DurationError::Syntax)?;
    let (number, rest) = text.split_at(number_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(DurationError::Syntax);
    }
    let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let &(_, nanos) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(DurationError::Syntax)?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| DurationError::OutOfRange)? };
    let value = whole.checked_mul(nanos).ok_or(DurationError::OutOfRange)?;
    let value = value.checked_add(fraction_of(fraction, nanos)).ok_or(DurationError::OutOfRange)?;
    Ok((value, rest))
}

/// The decimals of a number in nanoseconds, rounded down. Digits that 64 bits cannot hold are dropped.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction below 1 times a unit fits; its last digits are those of double arithmetic, as in the contract"
)]
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in digits.bytes().map(|byte| u64::from(byte - b'0')) {
        match value.checked_mul(10).and_then(|tenfold| tenfold.checked_add(digit)).filter(|&sum| sum <= 1 << 63) {
            Some(next) => value = next,
            None => break,
        }
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// A duration in its canonical form: hours, minutes and seconds from the largest that is not zero on, below a second
/// one unit with decimals.
///
/// ```
/// use gait_base::duration::format_duration;
///
/// assert_eq!(format_duration(5_400_000_000_000), "1h30m0s");
/// assert_eq!(format_duration(1_500_000_000), "1.5s");
/// assert_eq!(format_duration(0), "0s");
/// ```
#[must_use]
pub fn format_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let total = nanos.unsigned_abs();
    let (unit, name) = match total {
        0 => return "0s".to_owned(),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => {
            let seconds = total / 1_000_000_000;
            let tail = decimal(total % 60_000_000_000, 1_000_000_000);
            return match (seconds / 3_600, seconds / 60 % 60) {
                (0, 0) => format!("{sign}{tail}s"),
                (0, minutes) => format!("{sign}{minutes}m{tail}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{tail}s"),
            };
        }
    };
    format!("{sign}{}{name}", decimal(total, unit))
}

/// `value / unit` in decimals without trailing zeros; the unit is a power of ten.
fn decimal(value: u64, unit: u64) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let fraction = format!("{rest:0width$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        for (written, canonical) in [
            ("90m", "1h30m0s"),
            ("90s", "1m30s"),
            ("1500ms", "1.5s"),
            ("5400s", "1h30m0s"),
            ("0", "0s"),
            ("0s", "0s"),
            ("1h", "1h0m0s"),
            ("1us", "1µs"),
            ("1µs", "1µs"),
            ("1μs", "1µs"),
            ("1.5ms", "1.5ms"),
            ("100ns", "100ns"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("-90s", "-1m30s"),
            ("+1s", "1s"),
            ("1h1.5s", "1h0m1.5s"),
            ("0.1s", "100ms"),
            ("1.000000001s", "1.000000001s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
            ("-9223372036854775808ns", "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(parse_duration(written).map(format_duration).as_deref(), Ok(canonical), "{written}");
        }
    }

    #[test]
    fn refused() {
        for text in ["", "-", "1", "1d", "s", ".s", "1.2.3s", "1 s", " 1s", "1h-1m", "1sh", "--1s", "1e3s", "1S"] {
            assert_eq!(parse_duration(text), Err(DurationError::Syntax), "{text}");
        }
        for text in ["9223372036854775808ns", "1000000000h", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), Err(DurationError::OutOfRange), "{text}");
        }
    }
}
