//! Caps, and what they say about each artifact.

use gait_base::text::fold;
use gait_base::time::Timestamp;

const HOUR: i64 = 3_600 * 1_000_000_000;

/// A kind of artifact, told by a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtifactKind {
    /// Traces of decisions: `trace_*.json`.
    Trace,
    /// Evidence and incident packs, plain or encrypted: `evidence_pack_*` and `incident_pack_*`.
    Pack,
    /// Records of runs: `runpack_*.zip`, and the packs made of them, `pack_*.zip`. Looked at only where it is asked for.
    Runpack,
}

impl ArtifactKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Trace, Self::Pack, Self::Runpack];

    /// The kind of a file, by the last part of its path without regard to letter case; none for what is left alone.
    ///
    /// ```
    /// use gait_evidence::guard::retention::ArtifactKind;
    ///
    /// assert_eq!(ArtifactKind::of("a/TRACE_1.json"), Some(ArtifactKind::Trace));
    /// assert_eq!(ArtifactKind::of("trace.json"), None);
    /// ```
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let name = fold(path.rsplit('/').next().unwrap_or_default());
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        if begins(&["trace_"]) && ends(&[".json"]) {
            Some(Self::Trace)
        } else if begins(&["evidence_pack_", "incident_pack_"]) && ends(&[".zip", ".gaitenc"]) {
            Some(Self::Pack)
        } else if begins(&["runpack_", "pack_"]) && ends(&[".zip"]) {
            Some(Self::Runpack)
        } else {
            None
        }
    }

    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Pack => "pack",
            Self::Runpack => "runpack",
        }
    }
}

/// How much of a kind is kept. A cap that is not there keeps everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// How old an artifact may become, in nanoseconds.
    pub age_nanos: Option<i64>,
    /// How many there may be; the newest stay.
    pub count: Option<u64>,
    /// How many bytes they may have together; the newest stay, and the very newest always.
    pub bytes: Option<u64>,
}

/// What is kept of each kind; a kind without caps is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Of traces.
    pub trace: Caps,
    /// Of evidence and incident packs.
    pub pack: Caps,
    /// Of the records of runs.
    pub runpack: Option<Caps>,
}

impl RetentionPolicy {
    /// The caps of traces: a week, 100 000 files, 1 GiB.
    pub const TRACE: Caps = Caps { age_nanos: Some(168 * HOUR), count: Some(100_000), bytes: Some(1 << 30) };
    /// The caps of packs: 30 days, 10 000 files, 10 GiB.
    pub const PACK: Caps = Caps { age_nanos: Some(720 * HOUR), count: Some(10_000), bytes: Some(10 << 30) };
    /// The caps of the records of runs where they are looked at: 60 days, 10 000 files, 10 GiB.
    pub const RUNPACK: Caps = Caps { age_nanos: Some(1_440 * HOUR), count: Some(10_000), bytes: Some(10 << 30) };

    /// The caps of a kind; none for a kind that is left alone.
    #[must_use]
    pub const fn caps(&self, kind: ArtifactKind) -> Option<&Caps> {
        match kind {
            ArtifactKind::Trace => Some(&self.trace),
            ArtifactKind::Pack => Some(&self.pack),
            ArtifactKind::Runpack => self.runpack.as_ref(),
        }
    }

    /// What becomes of each artifact, in their order. Held ones stay and count for no cap; of those within their age the
    /// newest stay (of two equally new ones the one with the greater path).
    #[must_use]
    pub fn plan(&self, artifacts: &[Artifact], now: &Timestamp) -> Vec<Fate> {
        let mut fates: Vec<Fate> = artifacts.iter().map(|artifact| self.by_age(artifact, now)).collect();
        for kind in ArtifactKind::ALL {
            let Some(caps) = self.caps(kind) else { continue };
            let mut living: Vec<usize> = (0..artifacts.len())
                .filter(|&at| artifacts[at].kind == kind && !artifacts[at].held && !fates[at].goes)
                .collect();
            living.sort_by(|&a, &b| {
                let (a, b) = (&artifacts[a], &artifacts[b]);
                b.modified_at.cmp_instant(&a.modified_at).then_with(|| b.path.cmp(&a.path))
            });
            let mut bytes = 0_u64;
            let mut over = None;
            for (at, number) in living.into_iter().zip(1_u64..) {
                bytes = bytes.saturating_add(artifacts[at].size);
                if over.is_none() && caps.count.is_some_and(|most| number > most) {
                    over = Some(Reason::Count);
                } else if over.is_none() && number > 1 && caps.bytes.is_some_and(|most| bytes > most) {
                    over = Some(Reason::Bytes);
                }
                if let Some(reason) = over {
                    fates[at].goes = true;
                    fates[at].reason = Some(reason);
                }
            }
        }
        fates
    }

    fn by_age(&self, artifact: &Artifact, now: &Timestamp) -> Fate {
        let age = nanos_between(&artifact.modified_at, now).max(0);
        let caps = self.caps(artifact.kind);
        let too_old = caps.and_then(|caps| caps.age_nanos).is_some_and(|most| most > 0 && age > i128::from(most));
        Fate {
            age_seconds: i64::try_from(age / 1_000_000_000).unwrap_or(i64::MAX),
            goes: too_old && !artifact.held,
            reason: match (artifact.held, too_old) {
                (true, _) => Some(Reason::Hold),
                (false, true) => Some(Reason::Age),
                (false, false) => None,
            },
        }
    }
}

/// The caps that apply unless somebody chooses others: to all kinds.
impl Default for RetentionPolicy {
    fn default() -> Self {
        Self { trace: Self::TRACE, pack: Self::PACK, runpack: Some(Self::RUNPACK) }
    }
}

/// A file that may have to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path, as reports show it.
    pub path: String,
    /// Its kind.
    pub kind: ArtifactKind,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Whether it is under a legal hold.
    pub held: bool,
}

/// What becomes of an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Its age in whole seconds; 0 for a time in the future.
    pub age_seconds: i64,
    /// Whether it goes.
    pub goes: bool,
    /// Why it goes, or why it stays although a cap might say otherwise.
    pub reason: Option<Reason>,
}

/// Why an artifact goes or stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is too old.
    Age,
    /// There are too many of its kind.
    Count,
    /// Its kind is too large.
    Bytes,
    /// It stays: it is under a legal hold.
    Hold,
    /// It stays: it was changed since it was looked at.
    Changed,
    /// It stays: it could not be removed.
    Failed,
}

impl Reason {
    /// The word in reports. Age, the plain reason, is not named there.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Age => "",
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::Hold => "hold",
            Self::Changed => "changed",
            Self::Failed => "failed",
        }
    }
}

fn nanos_between(from: &Timestamp, to: &Timestamp) -> i128 {
    let total = |time: &Timestamp| i128::from(time.unix_seconds()) * 1_000_000_000 + i128::from(time.nanos());
    total(to) - total(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: u32) -> Timestamp {
        Timestamp::from_unix(seconds, nanos).unwrap()
    }

    fn artifact(path: &str, seconds: i64, size: u64) -> Artifact {
        Artifact {
            path: path.to_owned(),
            kind: ArtifactKind::of(path).unwrap(),
            size,
            modified_at: at(seconds, 0),
            held: false,
        }
    }

    fn policy(caps: Caps) -> RetentionPolicy {
        RetentionPolicy { trace: caps, pack: Caps::default(), runpack: None }
    }

    fn going(policy: &RetentionPolicy, artifacts: &[Artifact], now: i64) -> Vec<String> {
        let fates = policy.plan(artifacts, &at(now, 0));
        artifacts.iter().zip(fates).filter(|(_, fate)| fate.goes).map(|(artifact, _)| artifact.path.clone()).collect()
    }

    #[test]
    fn age_is_compared_to_the_nanosecond() {
        let policy = policy(Caps { age_nanos: Some(1_000_000_000), ..Caps::default() });
        let artifacts = [artifact("trace_1.json", 10, 1)];
        assert!(!policy.plan(&artifacts, &at(11, 0))[0].goes);
        let fate = policy.plan(&artifacts, &at(11, 1))[0];
        assert_eq!((fate.goes, fate.age_seconds, fate.reason), (true, 1, Some(Reason::Age)));
        let future = policy.plan(&artifacts, &at(5, 0))[0];
        assert_eq!((future.goes, future.age_seconds), (false, 0));
    }

    #[test]
    fn an_age_of_nothing_keeps_everything() {
        for nanos in [None, Some(0), Some(-1)] {
            let policy = policy(Caps { age_nanos: nanos, ..Caps::default() });
            assert!(going(&policy, &[artifact("trace_1.json", 0, 1)], i64::from(u32::MAX)).is_empty());
        }
    }

    #[test]
    fn the_newest_stay() {
        let artifacts =
            [artifact("trace_a.json", 1, 10), artifact("trace_b.json", 3, 10), artifact("trace_c.json", 3, 10)];
        let count = |most| policy(Caps { count: Some(most), ..Caps::default() });
        assert_eq!(going(&count(1), &artifacts, 9), ["trace_a.json", "trace_b.json"]);
        assert_eq!(going(&count(2), &artifacts, 9), ["trace_a.json"]);
        assert_eq!(going(&count(0), &artifacts, 9).len(), 3);
        let bytes = |most| policy(Caps { bytes: Some(most), ..Caps::default() });
        assert_eq!(going(&bytes(20), &artifacts, 9), ["trace_a.json"]);
        assert_eq!(going(&bytes(19), &artifacts, 9), ["trace_a.json", "trace_b.json"]);
        assert_eq!(going(&bytes(1), &artifacts, 9).len(), 2, "one too large for the cap is better than none");
    }

    #[test]
    fn an_older_small_one_does_not_outlive_a_newer_large_one() {
        let artifacts =
            [artifact("trace_a.json", 1, 1), artifact("trace_b.json", 2, 100), artifact("trace_c.json", 3, 1)];
        let policy = policy(Caps { bytes: Some(50), ..Caps::default() });
        assert_eq!(going(&policy, &artifacts, 9), ["trace_a.json", "trace_b.json"]);
    }

    #[test]
    fn kinds_do_not_share_caps_and_held_ones_stay() {
        let mut artifacts = vec![
            artifact("trace_a.json", 1, 10),
            artifact("evidence_pack_a.zip", 1, 10),
            artifact("runpack_a.zip", 1, 10),
        ];
        let none = Caps { age_nanos: Some(1), count: Some(0), bytes: Some(0) };
        let all = RetentionPolicy { trace: none, pack: none, runpack: Some(none) };
        assert_eq!(going(&all, &artifacts, 9).len(), 3);
        for held in &mut artifacts {
            held.held = true;
        }
        assert!(going(&all, &artifacts, 9).is_empty());
        assert!(all.plan(&artifacts, &at(9, 0)).iter().all(|fate| fate.reason == Some(Reason::Hold)));
    }

    #[test]
    fn every_kind_has_every_cap_by_default() {
        let policy = RetentionPolicy::default();
        for kind in ArtifactKind::ALL {
            let caps = policy.caps(kind).unwrap();
            assert!(caps.age_nanos.is_some() && caps.count.is_some() && caps.bytes.is_some(), "{kind:?}");
        }
    }
}
