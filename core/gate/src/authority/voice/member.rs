//! The normal form of what commitments and say tokens both say: kind of document, class, place in the call, money.

use gait_base::text::{trim_fold_in_place, trim_in_place, trim_upper_in_place};

use super::error::VoiceError;
use crate::authority::token::{AuthorityError, DEFAULT_PRODUCER_VERSION, adopt_schema};

/// What an agent can commit to.
pub const COMMITMENT_CLASSES: &[&str] = &["refund", "quote", "eligibility", "schedule", "cancel", "account_change"];

/// The version of both document types.
const SCHEMA_VERSION: &str = "1.0.0";

/// Blank members take the defaults; what else differs from them is refused.
pub(super) fn adopt_kind(
    schema_id: &mut String,
    schema_version: &mut String,
    kind: &'static str,
) -> Result<(), VoiceError> {
    for (value, default, member) in [(schema_id, kind, "schema_id"), (schema_version, SCHEMA_VERSION, "schema_version")]
    {
        if value.trim().is_empty() {
            value.clear();
        }
        adopt_schema(value, default, member)?;
    }
    Ok(())
}

/// Trims; a blank version takes the default.
pub(super) fn adopt_producer(version: &mut String) {
    trim_in_place(version);
    if version.is_empty() {
        version.push_str(DEFAULT_PRODUCER_VERSION);
    }
}

/// Trims and lower-cases a class; only the known ones pass.
pub(super) fn fold_class(class: &mut String) -> Result<(), VoiceError> {
    trim_fold_in_place(class);
    if COMMITMENT_CLASSES.contains(&class.as_str()) { Ok(()) } else { Err(VoiceError::UnknownClass) }
}

/// Where in the call something is said: turns count from 0, commitments from 1.
pub(super) fn check_place(turn_index: i64, call_seq: i64) -> Result<(), VoiceError> {
    check_not_negative(turn_index, "turn_index")?;
    if call_seq < 1 { Err(VoiceError::CallSeq) } else { Ok(()) }
}

/// How much money is at stake.
pub(super) struct Money<'a> {
    pub(super) currency: &'a mut String,
    pub(super) quote_min_cents: i64,
    pub(super) quote_max_cents: i64,
    pub(super) refund_ceiling_cents: i64,
}

impl Money<'_> {
    pub(super) fn normalize(self) -> Result<(), VoiceError> {
        trim_upper_in_place(self.currency);
        check_not_negative(self.quote_min_cents, "quote_min_cents")?;
        check_not_negative(self.quote_max_cents, "quote_max_cents")?;
        check_not_negative(self.refund_ceiling_cents, "refund_ceiling_cents")?;
        let open = self.quote_max_cents == 0;
        if open || self.quote_max_cents >= self.quote_min_cents { Ok(()) } else { Err(VoiceError::QuoteRange) }
    }
}

fn check_not_negative(number: i64, member: &'static str) -> Result<(), VoiceError> {
    if number < 0 { Err(AuthorityError::NegativeLimit(member).into()) } else { Ok(()) }
}
