//! The counters' file: what [`CounterState`] holds, under the reference's lock (03 §6).

use gait_base::time::Timestamp;
use gait_gate::authority::limit::{CounterState, LimitDecision};
use gait_gate::mode::Mode;
use gait_gate::policy::document::Limit;
use gait_gate::state::StateError;

use super::shared::Document;
use crate::fs::LockProfile;

/// One request for a slot.
pub(super) struct Take {
    pub(super) limit: Limit,
    pub(super) tool_name: String,
    pub(super) identity: String,
    pub(super) now: Timestamp,
}

impl Document for CounterState {
    type Change = Take;
    type Answer = LimitDecision;
    const LOCK: LockProfile = LockProfile::RATE_LIMIT;
    const LIMIT: u64 = 256 << 20;

    fn empty(mode: Mode) -> Self {
        Self::new(mode)
    }

    fn parse(bytes: &[u8], mode: Mode) -> Result<Self, StateError> {
        Self::parse(bytes, mode).map_err(|error| StateError::of(&error))
    }

    fn to_file(&self) -> Result<Vec<u8>, StateError> {
        self.to_file().map_err(|error| StateError::of(&error))
    }

    fn apply(&mut self, take: &Take) -> Result<(LimitDecision, bool), StateError> {
        let decision = self.take(&take.limit, &take.tool_name, &take.identity, &take.now);
        let decision = decision.map_err(|error| StateError::of(&error))?;
        let counted = decision.allowed;
        Ok((decision, counted))
    }
}
