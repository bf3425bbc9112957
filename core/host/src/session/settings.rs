//! How sessions wait for one another, and what is written when (04 §7.3).

use std::sync::Arc;
use std::time::Duration;

use gait_base::duration::parse_duration;
use gait_base::text::trim_fold;
use gait_evidence::runpack::DEFAULT_PRODUCER_VERSION;
use gait_gate::mode::Mode;

use crate::clock::{Clock, SystemClock};
use crate::fs::LockProfile;

/// How long a session that ends waits to leave its state behind.
pub(super) const PARTING: Duration = Duration::from_millis(100);

/// How often a busy session writes its state when nobody asks for it.
pub(super) const STATE_INTERVAL: Duration = Duration::from_secs(1);

/// How the lock of a session is waited for, and when another's counts as forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockSettings {
    /// Many writers: longer waits, and events are not synced to the disk one by one.
    pub swarm: bool,
    /// How long to try before giving up.
    pub timeout: Duration,
    /// The pause between two tries.
    pub retry: Duration,
    /// The age beyond which a lock of another maker counts as forgotten.
    pub stale_after: Duration,
}

impl LockSettings {
    /// Two seconds, 50 milliseconds, five minutes.
    pub const STANDARD: Self = Self {
        swarm: false,
        timeout: LockProfile::SESSION.timeout,
        retry: LockProfile::SESSION.retry,
        stale_after: LockProfile::SESSION.stale_after,
    };

    /// Ten seconds, 20 milliseconds, ten minutes.
    pub const SWARM: Self = Self {
        swarm: true,
        timeout: Duration::from_secs(10),
        retry: Duration::from_millis(20),
        stale_after: Duration::from_secs(600),
    };

    /// What the environment says: `GAIT_SESSION_LOCK_PROFILE` (`standard` or `swarm`), `…_TIMEOUT`, `…_RETRY`,
    /// `…_STALE_AFTER`. What is no duration changes nothing; a duration that is not positive means that of `standard`.
    #[must_use]
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let profile = lookup("GAIT_SESSION_LOCK_PROFILE").unwrap_or_default();
        let base = if trim_fold(&profile) == "swarm" { Self::SWARM } else { Self::STANDARD };
        let duration = |name: &str, base: Duration, standard: Duration| {
            let given = lookup(name).and_then(|value| parse_duration(value.trim()).ok());
            given.map_or(base, |nanos| match u64::try_from(nanos) {
                Ok(nanos) if nanos > 0 => Duration::from_nanos(nanos),
                _ => standard,
            })
        };
        let timeout = duration("GAIT_SESSION_LOCK_TIMEOUT", base.timeout, Self::STANDARD.timeout);
        let retry = duration("GAIT_SESSION_LOCK_RETRY", base.retry, Self::STANDARD.retry).min(timeout);
        let stale_after = duration("GAIT_SESSION_LOCK_STALE_AFTER", base.stale_after, Self::STANDARD.stale_after);
        Self { timeout, retry, stale_after, ..base }
    }

    /// The name of the profile.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.swarm { "swarm" } else { "standard" }
    }

    pub(super) const fn profile(&self) -> LockProfile {
        LockProfile { timeout: self.timeout, retry: self.retry, stale_after: self.stale_after, ..LockProfile::SESSION }
    }
}

impl Default for LockSettings {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// When the state beside a journal is written. It is a cache: nothing depends on it but the time that others need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateWrites {
    /// With every operation, as a command does that ends after it.
    Each,
    /// About once a second and at the end.
    #[default]
    Lazy,
}

/// How a session is used.
#[derive(Clone)]
pub struct SessionSettings {
    /// How its lock is waited for.
    pub lock: LockSettings,
    /// The version that records carry.
    pub producer_version: String,
    /// How closely journals are looked at.
    pub mode: Mode,
    /// Tells the time of records.
    pub clock: Arc<dyn Clock>,
    /// When the state is written.
    pub state: StateWrites,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            lock: LockSettings::STANDARD,
            producer_version: DEFAULT_PRODUCER_VERSION.to_owned(),
            mode: Mode::Strict,
            clock: Arc::new(SystemClock),
            state: StateWrites::Lazy,
        }
    }
}
