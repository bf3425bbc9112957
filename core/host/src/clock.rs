//! The clock as something handed in (00 D9): a decision is a function of its inputs, and tests need no sleeping.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use gait_base::time::Timestamp;

/// Something that tells the time in UTC, to the nanosecond where the machine knows it.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        from_system_time(SystemTime::now())
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that shows this time.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows another time from now on.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A time of the machine as a timestamp in UTC; times beyond the calendar of 01 §3.3 become the zero time.
#[must_use]
pub fn from_system_time(time: SystemTime) -> Timestamp {
    let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            match before.subsec_nanos() {
                0 => (-seconds, 0),
                nanos => (seconds.saturating_neg().saturating_sub(1), 1_000_000_000 - nanos),
            }
        }
    };
    Timestamp::from_unix(seconds, nanos).unwrap_or(Timestamp::ZERO)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_before_the_epoch_keep_their_fraction() {
        let time = from_system_time(UNIX_EPOCH - Duration::from_millis(1500));
        assert_eq!((time.unix_seconds(), time.nanos()), (-2, 500_000_000));
        let time = from_system_time(UNIX_EPOCH - Duration::from_secs(2));
        assert_eq!((time.unix_seconds(), time.nanos()), (-2, 0));
        let time = from_system_time(UNIX_EPOCH + Duration::from_nanos(7));
        assert_eq!((time.unix_seconds(), time.nanos()), (0, 7));
    }

    #[test]
    fn a_fixed_clock_moves_only_when_set() {
        let clock = FixedClock::new(Timestamp::EPOCH_1980);
        assert_eq!(clock.now().unix_seconds(), Timestamp::EPOCH_1980.unix_seconds());
        clock.set(Timestamp::ZERO);
        assert!(clock.now().is_zero());
    }
}
