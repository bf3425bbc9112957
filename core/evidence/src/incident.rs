//! Incident packs: guard packs of a run and of what happened around it (05 §12).
//!
//! A [`Selection`] is shown one piece of evidence after another and says which lie in its window: first all traces, since
//! approvals and credentials must belong to one of those that were taken.

use std::collections::BTreeSet;

use gait_base::time::{TimeError, Timestamp};
use gait_gate::authority::audit::{ApprovalAuditRecord, BrokerCredentialRecord};
use gait_gate::trace::TraceRecord;

use crate::guard::{IncidentScope, IncidentWindow, RegressResult};

/// How far a window reaches to either side unless told otherwise: a day, in nanoseconds.
pub const DEFAULT_WINDOW_NANOS: i64 = 24 * 3_600 * 1_000_000_000;

/// What of the evidence around a run belongs to an incident.
#[derive(Clone, Debug)]
pub struct Selection {
    window: IncidentWindow,
    trace_ids: BTreeSet<String>,
    policy_digests: BTreeSet<String>,
    traces: usize,
}

impl Selection {
    /// The window around the run that began at `anchor`: `nanos` to either side, a day when that is not positive.
    ///
    /// # Errors
    /// [`TimeError`] when an end of the window cannot be written.
    ///
    /// ```
    /// use gait_base::time::Timestamp;
    /// use gait_evidence::incident::Selection;
    ///
    /// let anchor = Timestamp::parse("2026-03-01T10:00:00+01:00")?;
    /// let selection = Selection::around("run_1", &anchor, 60_000_000_000)?;
    /// assert_eq!(selection.window().from.to_string(), "2026-03-01T08:59:00Z");
    /// # Ok::<(), gait_base::time::TimeError>(())
    /// ```
    pub fn around(run_id: &str, anchor: &Timestamp, nanos: i64) -> Result<Self, TimeError> {
        let nanos = if nanos > 0 { nanos } else { DEFAULT_WINDOW_NANOS };
        let anchor = anchor.to_utc()?;
        let window = IncidentWindow {
            from: anchor.plus_nanos(-i128::from(nanos))?,
            to: anchor.plus_nanos(i128::from(nanos))?,
            window_seconds: nanos / 1_000_000_000,
            selection_anchor: run_id.to_owned(),
        };
        Ok(Self { window, trace_ids: BTreeSet::new(), policy_digests: BTreeSet::new(), traces: 0 })
    }

    /// The window.
    #[must_use]
    pub const fn window(&self) -> &IncidentWindow {
        &self.window
    }

    /// Whether a trace belongs to it; takes note of its id and its policy if so.
    pub fn takes_trace(&mut self, trace: &TraceRecord) -> bool {
        if !self.covers(&trace.created_at) {
            return false;
        }
        self.traces = self.traces.saturating_add(1);
        self.trace_ids.insert(trace.trace_id.clone());
        let digest = trace.policy_digest.trim();
        if !digest.is_empty() {
            self.policy_digests.insert(digest.to_owned());
        }
        true
    }

    /// Whether the result of a regression run belongs to it.
    #[must_use]
    pub fn takes_regression(&self, result: &RegressResult) -> bool {
        self.covers(&result.created_at)
    }

    /// Whether the audit of an approval belongs to it.
    #[must_use]
    pub fn takes_approval(&self, audit: &ApprovalAuditRecord) -> bool {
        self.covers(&audit.created_at) && self.knows(&audit.trace_id)
    }

    /// Whether the record of a credential belongs to it.
    #[must_use]
    pub fn takes_credential(&self, credential: &BrokerCredentialRecord) -> bool {
        self.covers(&credential.created_at) && self.knows(&credential.trace_id)
    }

    /// What the pack says about the incident.
    #[must_use]
    pub fn scope(&self) -> IncidentScope {
        IncidentScope { window: self.window.clone(), policy_digests: self.policy_digests.iter().cloned().collect() }
    }

    fn covers(&self, time: &Timestamp) -> bool {
        time.cmp_instant(&self.window.from).is_ge() && time.cmp_instant(&self.window.to).is_le()
    }

    fn knows(&self, trace_id: &str) -> bool {
        self.traces == 0 || self.trace_ids.contains(trace_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn selection() -> Selection {
        Selection::around("run_1", &time("2026-03-01T09:00:00.5Z"), 3_600_000_000_000).unwrap()
    }

    fn trace(created_at: &str, id: &str, policy: &str) -> TraceRecord {
        TraceRecord {
            created_at: time(created_at),
            trace_id: id.to_owned(),
            policy_digest: policy.to_owned(),
            ..TraceRecord::default()
        }
    }

    #[test]
    fn both_ends_belong_to_the_window() {
        let mut selection = selection();
        assert!(selection.takes_trace(&trace("2026-03-01T08:00:00.5Z", "a", "p")));
        assert!(selection.takes_trace(&trace("2026-03-01T12:00:00.5+02:00", "b", " ")));
        assert!(!selection.takes_trace(&trace("2026-03-01T08:00:00.499999999Z", "c", "q")));
        assert!(!selection.takes_trace(&trace("2026-03-01T10:00:00.500000001Z", "d", "q")));
        assert_eq!(selection.scope().policy_digests, ["p"]);
    }

    #[test]
    fn approvals_must_belong_to_a_trace_once_there_is_one() {
        let audit = |trace_id: &str| ApprovalAuditRecord {
            created_at: time("2026-03-01T09:00:00Z"),
            trace_id: trace_id.to_owned(),
            ..ApprovalAuditRecord::default()
        };
        let mut selection = selection();
        assert!(selection.takes_approval(&audit("x")));
        assert!(selection.takes_trace(&trace("2026-03-01T09:00:00Z", "a", "")));
        assert!(!selection.takes_approval(&audit("x")) && selection.takes_approval(&audit("a")));
    }

    #[test]
    fn windows_that_are_not_positive_are_a_day_and_impossible_ones_are_refused() {
        let anchor = time("2026-03-01T09:00:00Z");
        for nanos in [0, -5, i64::MIN] {
            let window = Selection::around("r", &anchor, nanos).unwrap().window().clone();
            assert_eq!((window.from.to_string().as_str(), window.window_seconds), ("2026-02-28T09:00:00Z", 86_400));
        }
        assert!(Selection::around("r", &time("9999-12-31T23:59:59Z"), 0).is_err());
        assert!(Selection::around("r", &anchor, i64::MAX).is_ok());
    }
}
