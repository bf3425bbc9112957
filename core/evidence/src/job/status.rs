//! What a job is doing, and why it does not run (05 §14.1).

use std::fmt;

/// The statuses that the operations know. A stored state may hold any other text; no operation leads out of such a one
/// but a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// At work.
    Running,
    /// Paused by somebody.
    Paused,
    /// Waits for a decision.
    DecisionNeeded,
    /// Cannot go on.
    Blocked,
    /// Done.
    Completed,
    /// Given up by somebody, for good.
    Cancelled,
    /// Stopped at once by somebody; it can only be cancelled.
    EmergencyStopped,
}

impl JobStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Running,
        Self::Paused,
        Self::DecisionNeeded,
        Self::Blocked,
        Self::Completed,
        Self::Cancelled,
        Self::EmergencyStopped,
    ];

    /// The status as it stands in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::DecisionNeeded => "decision_needed",
            Self::Blocked => "blocked",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::EmergencyStopped => "emergency_stopped",
        }
    }

    /// The `stop_reason` that is set with the status.
    #[must_use]
    pub const fn stop_reason(self) -> &'static str {
        match self {
            Self::Running => "none",
            Self::Paused => "paused_by_user",
            Self::Cancelled => "cancelled_by_user",
            Self::DecisionNeeded | Self::Blocked | Self::Completed | Self::EmergencyStopped => self.as_str(),
        }
    }

    /// The status of that name, letter for letter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether somebody ended the job: nothing may set it to work again (00 D7).
    #[must_use]
    pub const fn is_ended_by_person(self) -> bool {
        matches!(self, Self::Cancelled | Self::EmergencyStopped)
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_stop_reasons_follow_the_table() {
        for status in JobStatus::ALL {
            assert_eq!(JobStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(JobStatus::parse("Running"), None);
        let reasons = JobStatus::ALL.map(JobStatus::stop_reason);
        let expected = [
            "none",
            "paused_by_user",
            "decision_needed",
            "blocked",
            "completed",
            "cancelled_by_user",
            "emergency_stopped",
        ];
        assert_eq!(reasons, expected);
    }
}
