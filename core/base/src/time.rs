//! Instants as the documents of the contract write them: RFC 3339, nanoseconds, with the offset they were read with
//! (01 §3.3).

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;
use time::Date;

use crate::error::{Category, Classify};

const SECONDS_PER_DAY: i64 = 86_400;
/// The Julian day of 1970-01-01.
const UNIX_EPOCH_JULIAN_DAY: i64 = 2_440_588;
/// 0001-01-01T00:00:00Z in Unix seconds.
const ZERO_SECONDS: i64 = -62_135_596_800;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Why a text is no time, or a time cannot be written.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TimeError {
    /// The text is not RFC 3339.
    #[error("time is not in RFC 3339 form")]
    Malformed,
    /// The year leaves 0–9999 or the offset reaches a day.
    #[error("time is out of range")]
    OutOfRange,
}

impl Classify for TimeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "time_malformed",
            Self::OutOfRange => "time_out_of_range",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// An instant with nanoseconds and the UTC offset it is written with.
///
/// Two values are equal when instant *and* offset are; compare instants with [`Timestamp::cmp_instant`].
///
/// ```
/// use gait_base::time::Timestamp;
///
/// let time = Timestamp::parse("2026-03-01T08:00:00.500+01:00")?;
/// assert_eq!(time.to_string(), "2026-03-01T08:00:00.5+01:00");
/// assert_eq!(time.to_utc()?.to_string(), "2026-03-01T07:00:00.5Z");
/// # Ok::<(), gait_base::time::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    unix_seconds: i64,
    nanos: u32,
    offset_seconds: i32,
}

impl Timestamp {
    /// `0001-01-01T00:00:00Z`: the value of a time that was never set.
    pub const ZERO: Self = Self { unix_seconds: ZERO_SECONDS, nanos: 0, offset_seconds: 0 };

    /// `1980-01-01T00:00:00Z`: the creation time of deterministic artifacts that were given none.
    pub const EPOCH_1980: Self = Self { unix_seconds: 315_532_800, nanos: 0, offset_seconds: 0 };

    /// The UTC instant `seconds` and `nanos` after 1970.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] when the year leaves 0–9999 or `nanos` reaches a second.
    pub fn from_unix(seconds: i64, nanos: u32) -> Result<Self, TimeError> {
        let time = Self { unix_seconds: seconds, nanos, offset_seconds: 0 };
        if nanos >= 1_000_000_000 {
            return Err(TimeError::OutOfRange);
        }
        time.checked_date().map(|_| time)
    }

    /// Reads RFC 3339 with the leniencies of 01 §3.3: a one-digit hour, a comma before the fraction, offsets up to
    /// `±24:60`, fraction digits beyond nine cut.
    ///
    /// # Errors
    /// [`TimeError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let mut cursor = Cursor { rest: text.as_bytes() };
        let time = cursor.date_time().filter(|_| cursor.rest.is_empty()).ok_or(TimeError::Malformed)?;
        Ok(time)
    }

    /// Whether this is the zero time, whatever its offset.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.unix_seconds == ZERO_SECONDS && self.nanos == 0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// Nanoseconds after [`Timestamp::unix_seconds`].
    #[must_use]
    pub const fn nanos(&self) -> u32 {
        self.nanos
    }

    /// The same instant, written in UTC.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] when the UTC year leaves 0–9999.
    pub fn to_utc(&self) -> Result<Self, TimeError> {
        let utc = Self { offset_seconds: 0, ..*self };
        utc.checked_date().map(|_| utc)
    }

    /// Whether the time can be written: year 0–9999 in its own offset, offset below a day.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`].
    pub fn check_writable(&self) -> Result<(), TimeError> {
        self.checked_date().map(|_| ())
    }

    /// Compares instants; offsets do not matter.
    #[must_use]
    pub fn cmp_instant(&self, other: &Self) -> Ordering {
        (self.unix_seconds, self.nanos).cmp(&(other.unix_seconds, other.nanos))
    }

    /// Whether this instant lies before `other`.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        self.cmp_instant(other) == Ordering::Less
    }

    /// Whole seconds from `earlier` to this instant, cut toward zero.
    #[must_use]
    pub fn seconds_since(&self, earlier: &Self) -> i64 {
        let nanos = self.total_nanos() - earlier.total_nanos();
        i64::try_from(nanos / NANOS_PER_SECOND).unwrap_or(i64::MAX)
    }

    /// The instant `nanos` later (or earlier), same offset.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`].
    pub fn plus_nanos(&self, nanos: i128) -> Result<Self, TimeError> {
        let total = self.total_nanos().checked_add(nanos).ok_or(TimeError::OutOfRange)?;
        let seconds = i64::try_from(total.div_euclid(NANOS_PER_SECOND)).map_err(|_| TimeError::OutOfRange)?;
        let nanos = u32::try_from(total.rem_euclid(NANOS_PER_SECOND)).map_err(|_| TimeError::OutOfRange)?;
        let time = Self { unix_seconds: seconds, nanos, offset_seconds: self.offset_seconds };
        time.checked_date().map(|_| time)
    }

    /// The UTC form with the fraction cut off: `2026-03-01T07:00:00Z`.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`].
    pub fn format_seconds(&self) -> Result<String, TimeError> {
        Self { nanos: 0, ..*self }.to_utc().map(|time| time.to_string())
    }

    fn total_nanos(&self) -> i128 {
        i128::from(self.unix_seconds) * NANOS_PER_SECOND + i128::from(self.nanos)
    }

    /// Date and second of day in the time's own offset.
    fn checked_date(&self) -> Result<(Date, u32), TimeError> {
        if i64::from(self.offset_seconds).abs() >= SECONDS_PER_DAY {
            return Err(TimeError::OutOfRange);
        }
        let local = self.unix_seconds.checked_add(i64::from(self.offset_seconds)).ok_or(TimeError::OutOfRange)?;
        let day = local.div_euclid(SECONDS_PER_DAY).saturating_add(UNIX_EPOCH_JULIAN_DAY);
        let date = i32::try_from(day).ok().and_then(|day| Date::from_julian_day(day).ok());
        let date = date.filter(|date| (0..=9999).contains(&date.year())).ok_or(TimeError::OutOfRange)?;
        let second = u32::try_from(local.rem_euclid(SECONDS_PER_DAY)).unwrap_or(0);
        Ok((date, second))
    }

    /// Writes the RFC 3339 form into `buffer`.
    pub(crate) fn write_rfc3339<'b>(&self, buffer: &'b mut [u8; 35]) -> Result<&'b str, TimeError> {
        let (date, second) = self.checked_date()?;
        let (month, day) = (u32::from(u8::from(date.month())), u32::from(date.day()));
        let mut out = Out { buffer, at: 0 };
        out.number(u32::try_from(date.year()).unwrap_or(0), 4);
        out.byte(b'-');
        out.number(month, 2);
        out.byte(b'-');
        out.number(day, 2);
        out.byte(b'T');
        out.number(second / 3600, 2);
        out.byte(b':');
        out.number(second / 60 % 60, 2);
        out.byte(b':');
        out.number(second % 60, 2);
        if self.nanos > 0 {
            let (mut fraction, mut digits) = (self.nanos, 9);
            while fraction.is_multiple_of(10) {
                fraction /= 10;
                digits -= 1;
            }
            out.byte(b'.');
            out.number(fraction, digits);
        }
        if self.offset_seconds == 0 {
            out.byte(b'Z');
        } else {
            let minutes = self.offset_seconds.unsigned_abs() / 60;
            out.byte(if self.offset_seconds < 0 { b'-' } else { b'+' });
            out.number(minutes / 60, 2);
            out.byte(b':');
            out.number(minutes % 60, 2);
        }
        let at = out.at;
        Ok(buffer.get(..at).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default())
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::ZERO
    }
}

/// The RFC 3339 form; a time that cannot be written (see [`Timestamp::check_writable`]) shows as `<time out of range>`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write_rfc3339(&mut [0; 35]).unwrap_or("<time out of range>"))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

struct Out<'b> {
    buffer: &'b mut [u8; 35],
    at: usize,
}

impl Out<'_> {
    fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.buffer.get_mut(self.at) {
            *slot = byte;
            self.at += 1;
        }
    }

    fn number(&mut self, mut value: u32, digits: usize) {
        let end = self.at + digits;
        if let Some(slots) = self.buffer.get_mut(self.at..end) {
            for slot in slots.iter_mut().rev() {
                *slot = b'0' + u8::try_from(value % 10).unwrap_or(0);
                value /= 10;
            }
            self.at = end;
        }
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn date_time(&mut self) -> Option<Timestamp> {
        let year = self.digits(4)?;
        self.expect(b'-')?;
        let month = self.digits(2)?;
        self.expect(b'-')?;
        let day = self.digits(2)?;
        self.expect(b'T')?;
        let hour = match self.rest {
            [_, second, ..] if second.is_ascii_digit() => self.digits(2)?,
            _ => self.digits(1)?,
        };
        self.expect(b':')?;
        let minute = self.digits(2)?;
        self.expect(b':')?;
        let second = self.digits(2)?;
        let nanos = self.fraction();
        let offset_seconds = self.offset()?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
        let days = i64::from(date.to_julian_day()) - UNIX_EPOCH_JULIAN_DAY;
        let second_of_day = i64::from(hour * 3600 + minute * 60 + second);
        let unix_seconds = days * SECONDS_PER_DAY + second_of_day - i64::from(offset_seconds);
        Some(Timestamp { unix_seconds, nanos, offset_seconds })
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let value = digits
            .iter()
            .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))?;
        self.rest = rest;
        Some(value)
    }

    fn fraction(&mut self) -> u32 {
        let [b'.' | b',', after @ ..] = self.rest else { return 0 };
        let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return 0;
        }
        let (digits, rest) = after.split_at(count);
        self.rest = rest;
        let kept = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        kept.fold(0, |value, byte| value * 10 + u32::from(byte - b'0'))
    }

    fn offset(&mut self) -> Option<i32> {
        let sign = match self.rest {
            [b'Z', rest @ ..] => {
                self.rest = rest;
                return Some(0);
            }
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.digits(2)?;
        self.expect(b':')?;
        let minutes = self.digits(2)?;
        if hours > 24 || minutes > 60 {
            return None;
        }
        i32::try_from(hours * 3600 + minutes * 60).ok().map(|seconds| sign * seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        Timestamp::parse(text).unwrap().to_string()
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [
            "2026-03-01T08:00:00Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "2026-01-01T00:00:00.5-07:30",
        ] {
            assert_eq!(round(text), text);
        }
        assert_eq!(round("2026-03-01T8:00:00,120Z"), "2026-03-01T08:00:00.12Z");
        assert_eq!(round("2026-03-01T08:00:00.1234567899+00:00"), "2026-03-01T08:00:00.123456789Z");
        assert!(Timestamp::ZERO.is_zero());
        assert_eq!(Timestamp::EPOCH_1980.to_string(), "1980-01-01T00:00:00Z");
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-03-01",
            "2026-03-01t08:00:00Z",
            "2026-03-01T08:00:00z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T08:00:60Z",
            "2026-02-29T08:00:00Z",
            "2026-03-01T08:00:00",
            "2026-03-01T08:00:00.Z",
            "2026-03-01T08:00:00+25:00",
            "2026-03-01T08:00:00+0100",
            "26-03-01T08:00:00Z",
            "2026-03-01T08:00:00Z ",
            "2026-13-01T08:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(TimeError::Malformed), "{text}");
        }
    }

    #[test]
    fn offsets_of_a_day_are_read_but_not_written() {
        let time = Timestamp::parse("2026-03-01T08:00:00+24:00").unwrap();
        assert_eq!(time.check_writable(), Err(TimeError::OutOfRange));
        assert_eq!(time.to_utc().unwrap().to_string(), "2026-02-28T08:00:00Z");
        assert!(Timestamp::parse("0000-01-01T00:00:00+01:00").unwrap().to_utc().is_err());
    }

    #[test]
    fn counts_whole_seconds() {
        let early = Timestamp::parse("2026-03-01T08:00:00.9Z").unwrap();
        let late = Timestamp::parse("2026-03-01T09:00:02.8+01:00").unwrap();
        assert_eq!(late.seconds_since(&early), 1);
        assert_eq!(early.seconds_since(&late), -1);
        assert_eq!(early.plus_nanos(100_000_000).unwrap().to_string(), "2026-03-01T08:00:01Z");
    }
}
