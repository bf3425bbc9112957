//! The ledger's file: the tokens that were used, as [`UsedTokens`] writes them.

use gait_base::time::Timestamp;
use gait_gate::mode::Mode;
use gait_gate::state::{Claim, StateError, TokenUse, UsedTokens};

use super::shared::Document;
use crate::fs::LockProfile;

/// Tokens that are claimed together.
pub(super) struct Claiming {
    pub(super) uses: Vec<TokenUse>,
    pub(super) now: Timestamp,
}

impl Document for UsedTokens {
    type Change = Claiming;
    type Answer = Claim;
    const LOCK: LockProfile = LockProfile::USED_TOKENS;
    const LIMIT: u64 = 512 << 20;

    fn empty(_: Mode) -> Self {
        Self::default()
    }

    fn parse(bytes: &[u8], _: Mode) -> Result<Self, StateError> {
        Self::parse(bytes).map_err(|error| StateError::of(&error))
    }

    fn to_file(&self) -> Result<Vec<u8>, StateError> {
        self.to_file().map_err(|error| StateError::of(&error))
    }

    fn apply(&mut self, claiming: &Claiming) -> Result<(Claim, bool), StateError> {
        let claim = self.claim(&claiming.uses, &claiming.now).map_err(|error| StateError::of(&error))?;
        let claimed = claim == Claim::Granted && !claiming.uses.is_empty();
        Ok((claim, claimed))
    }
}
