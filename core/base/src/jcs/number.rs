//! Number texts of the canonicalizer: the wide grammar of the compatible form, RFC 8259's for the strict one, and the
//! ECMAScript printing that both share (01 §2.1 rule 4, §2.2).

use super::fault::CanonicalFault;

/// The largest integer whose neighbours a double still tells apart.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Appends the canonical form of the number that `text` spells.
///
/// A token of at most fifteen digits that is already canonical is copied: a double keeps every one of them.
pub(super) fn write(text: &[u8], strict: bool, out: &mut Vec<u8>) -> Result<(), CanonicalFault> {
    if is_short_integer(text) {
        out.extend_from_slice(text);
        return Ok(());
    }
    let number = if strict { read_strict(text)? } else { read_lenient(text)? };
    if !number.is_finite() {
        return Err(CanonicalFault::NumberRange);
    }
    out.extend_from_slice(ryu_js::Buffer::new().format_finite(number).as_bytes());
    Ok(())
}

fn is_short_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        [b'0'] => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 15 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn read_strict(text: &[u8]) -> Result<f64, CanonicalFault> {
    let body = text.strip_prefix(b"-").unwrap_or(text);
    let parts = Decimal::split(body).ok_or(CanonicalFault::InvalidToken)?;
    let whole_ok = matches!(parts.whole, [b'0'] | [b'1'..=b'9', ..]);
    if !whole_ok || parts.fraction.is_some_and(<[u8]>::is_empty) {
        return Err(CanonicalFault::InvalidToken);
    }
    if parts.fraction.is_none() && !parts.has_exponent {
        let exact = std::str::from_utf8(parts.whole).ok().and_then(|digits| digits.parse::<u64>().ok());
        if exact.is_none_or(|value| value > MAX_SAFE) {
            return Err(CanonicalFault::InexactInteger);
        }
    }
    parse(text)
}

fn read_lenient(text: &[u8]) -> Result<f64, CanonicalFault> {
    let negative = text.first() == Some(&b'-');
    let body = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let stripped;
    let body = if body.contains(&b'_') {
        if !underscores_fit(body) {
            return Err(CanonicalFault::InvalidToken);
        }
        stripped = body.iter().copied().filter(|&b| b != b'_').collect::<Vec<u8>>();
        stripped.as_slice()
    } else {
        body
    };
    let magnitude = if let [b'0', b'x' | b'X', hex @ ..] = body {
        read_hex(hex).ok_or(CanonicalFault::InvalidToken)?
    } else {
        Decimal::split(body).ok_or(CanonicalFault::InvalidToken)?;
        parse(body)?
    };
    Ok(if negative { -magnitude } else { magnitude })
}

/// The standard library rounds correctly; its own words for infinities never pass the grammars above.
fn parse(text: &[u8]) -> Result<f64, CanonicalFault> {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(CanonicalFault::InvalidToken)
}

/// The parts of an unsigned decimal text: digits with at most one point and at least one digit, then perhaps an exponent.
struct Decimal<'a> {
    whole: &'a [u8],
    fraction: Option<&'a [u8]>,
    has_exponent: bool,
}

impl<'a> Decimal<'a> {
    fn split(text: &'a [u8]) -> Option<Self> {
        let (mantissa, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)),
            None => (text, None),
        };
        if let Some(exponent) = exponent {
            read_exponent(exponent)?;
        }
        let (whole, fraction) = match mantissa.iter().position(|&b| b == b'.') {
            Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)),
            None => (mantissa, None),
        };
        let digits = whole.iter().chain(fraction.unwrap_or_default());
        let valid = digits.clone().all(u8::is_ascii_digit) && digits.count() > 0;
        valid.then_some(Self { whole, fraction, has_exponent: exponent.is_some() })
    }
}

/// A signed decimal exponent with at least one digit; beyond any use it stops growing.
fn read_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value =
        digits.iter().fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if negative { -value } else { value })
}

/// An underscore stands between two digits, or between the prefix `0x` and a digit.
fn underscores_fit(body: &[u8]) -> bool {
    let (hex, rest) = match body {
        [b'0', b'x' | b'X', rest @ ..] => (true, rest),
        _ => (false, body),
    };
    let mut after_digit = hex;
    let mut pending = false;
    for &byte in rest {
        if byte == b'_' {
            if !after_digit {
                return false;
            }
            (after_digit, pending) = (false, true);
        } else {
            after_digit = byte.is_ascii_digit() || (hex && byte.is_ascii_hexdigit());
            if pending && !after_digit {
                return false;
            }
            pending = false;
        }
    }
    !pending
}

/// A hexadecimal float without sign and prefix; its binary exponent is required.
fn read_hex(text: &[u8]) -> Option<f64> {
    let at = text.iter().position(|b| matches!(b, b'p' | b'P'))?;
    let mut exponent = read_exponent(text.get(at + 1..)?)?;
    let (mut mantissa, mut sticky, mut digits, mut in_fraction) = (0_u64, false, 0_usize, false);
    for &byte in text.get(..at)? {
        if byte == b'.' {
            if in_fraction {
                return None;
            }
            in_fraction = true;
            continue;
        }
        let digit = char::from(byte).to_digit(16)?;
        digits += 1;
        if mantissa >> 60 == 0 {
            mantissa = (mantissa << 4) | u64::from(digit);
            exponent = if in_fraction { exponent.saturating_sub(4) } else { exponent };
        } else {
            sticky |= digit != 0;
            exponent = if in_fraction { exponent } else { exponent.saturating_add(4) };
        }
    }
    (digits > 0).then(|| scale(mantissa, sticky, exponent))
}

/// The double nearest to `mantissa * 2^exponent` (a little more when `sticky`), ties to even; infinite when too large.
fn scale(mantissa: u64, sticky: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let shift = mantissa.leading_zeros();
    let top = exponent.saturating_sub(i64::from(shift)).saturating_add(63);
    if top > 1023 {
        return f64::INFINITY;
    }
    // One more bit below holds what was cut off, so that a tie is told from a little more than a tie.
    let wide = (u128::from(mantissa << shift) << 1) | u128::from(sticky);
    let subnormal = (-1022_i64).saturating_sub(top).max(0);
    let Some(drop) = u32::try_from(subnormal).ok().and_then(|more| more.checked_add(12)).filter(|&drop| drop < 128)
    else {
        return 0.0;
    };
    let (kept, cut, half) = (wide >> drop, wide & ((1 << drop) - 1), 1_u128 << (drop - 1));
    let round_up = cut > half || (cut == half && kept & 1 == 1);
    let fraction = u64::try_from(kept).unwrap_or(u64::MAX) + u64::from(round_up);
    if subnormal > 0 {
        return f64::from_bits(fraction);
    }
    // The leading bit of the fraction adds one to the exponent; so does a carry out of rounding, up to infinity.
    let biased = u64::try_from(top + 1022).unwrap_or(0);
    f64::from_bits((biased << 52) + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lenient(text: &str) -> Option<String> {
        let mut out = Vec::new();
        write(text.as_bytes(), false, &mut out).ok()?;
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_wide_grammar() {
        for (text, want) in [
            ("007", "7"),
            ("+7", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-.5e+1", "-5"),
            ("-0", "0"),
            ("1_000", "1000"),
            ("1e1_0", "10000000000"),
            ("0_1", "1"),
            ("1e-99999999999999999999", "0"),
            ("0e99999999999999999999", "0"),
            ("999999999999999", "999999999999999"),
            ("9007199254740993", "9007199254740992"),
            ("123456789012345680000", "123456789012345680000"),
            ("1e21", "1e+21"),
        ] {
            assert_eq!(lenient(text).unwrap_or_default(), want, "{text}");
        }
        for text in
            ["", "+", "-", ".", "1e", "1e+", "--1", "+-1", "1.2.3", "_1", "1_", "1__0", "1_.5", "1._5", "1e_5", "1_e5"]
        {
            assert_eq!(lenient(text), None, "{text}");
        }
        for text in
            ["Infinity", "inf", "+inf", "NaN", "nan", "1e400", "-1e400", "0b1", "0o7", "1f", "0x", "0x10", "0x1.8"]
        {
            assert_eq!(lenient(text), None, "{text}");
        }
    }

    #[test]
    fn hexadecimal_floats() {
        for (text, want) in [
            ("0x1p-2", "0.25"),
            ("0X1.8P1", "3"),
            ("-0x.8p1", "-1"),
            ("0x1.p0", "1"),
            ("0x_1p4", "16"),
            ("0x1_0p0", "16"),
            ("0x1p1_0", "1024"),
            ("0x0p99999999999999999999", "0"),
            ("0x1p-1074", "5e-324"),
            ("0x1p-1075", "0"),
            ("0x1.000001p-1075", "5e-324"),
            ("0x1.8p-1074", "1e-323"),
            ("0x1p-99999999999999999999", "0"),
            ("0x1.fffffffffffffp1023", "1.7976931348623157e+308"),
            ("0x0.fffffffffffff8p-1022", "2.2250738585072014e-308"),
            ("0x20000000000001p0", "9007199254740992"),
            ("0x20000000000001.0000000000001p0", "9007199254740994"),
            ("0x20000000000003p0", "9007199254740996"),
        ] {
            assert_eq!(lenient(text).as_deref(), Some(want), "{text}");
        }
        for text in [
            "0xp1",
            "0x.p1",
            "0x1p",
            "0x1p+",
            "0xgp1",
            "0x1.1.1p0",
            "0x1_p4",
            "0x_.8p1",
            "0x1._8p1",
            "x1p1",
            "0x1p1024",
        ] {
            assert_eq!(lenient(text), None, "{text}");
        }
        assert_eq!(lenient("0x1.fffffffffffff8p1023"), None, "rounds up to infinity");
    }

    #[test]
    fn the_strict_grammar() {
        let mut out = Vec::new();
        for text in ["0", "-0", "1.50", "9007199254740991", "-9007199254740991", "9007199254740993.0", "1e30", "1E-7"] {
            assert_eq!(write(text.as_bytes(), true, &mut out), Ok(()), "{text}");
        }
        for text in ["007", "+7", ".5", "5.", "0x1p-2", "1_000", "-", "", "1e", "00", "-01", "0.e1"] {
            assert_eq!(write(text.as_bytes(), true, &mut out), Err(CanonicalFault::InvalidToken), "{text}");
        }
        for text in ["9007199254740992", "-9007199254740992", "99999999999999999999999"] {
            assert_eq!(write(text.as_bytes(), true, &mut out), Err(CanonicalFault::InexactInteger), "{text}");
        }
        assert_eq!(write(b"1e400", true, &mut out), Err(CanonicalFault::NumberRange));
    }
}
