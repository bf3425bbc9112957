//! The normal form of what the parts of a call record have in common.

use gait_base::text::{is_lower_hex_digest, trim_fold_in_place, trim_in_place};
use gait_base::time::Timestamp;
use gait_gate::authority::voice::COMMITMENT_CLASSES;

use super::error::CallError;
use crate::pack::manifest::is_blank;

/// The ways in which a call keeps what was said.
const PRIVACY_MODES: [&str; 2] = ["hash_only", "dispute_encrypted"];

pub(super) type Checked = Result<(), CallError>;

/// Blank members of a kind take the defaults; what else differs from them is refused.
pub(super) fn adopt_kind(schema_id: &mut String, schema_version: &mut String, kind: &'static str) -> Checked {
    for (member, value, default) in
        [("schema_id", schema_id, kind), ("schema_version", schema_version, super::super::manifest::SCHEMA_VERSION)]
    {
        if is_blank(value) {
            default.clone_into(value);
        } else if value != default {
            return Err(CallError::Member { member, expected: default });
        }
    }
    Ok(())
}

/// Trims a text that must not be blank.
pub(super) fn require(text: &mut String, member: &'static str) -> Checked {
    trim_in_place(text);
    if text.is_empty() { Err(CallError::Missing(member)) } else { Ok(()) }
}

/// Brings a time that must be set to UTC.
pub(super) fn require_time(time: &mut Timestamp, member: &'static str) -> Checked {
    if time.is_zero() {
        return Err(CallError::Missing(member));
    }
    *time = time.to_utc()?;
    Ok(())
}

/// The call that a part belongs to.
pub(super) fn adopt_call(call_id: &mut String, expected: &str) -> Checked {
    require(call_id, "call_id")?;
    if call_id == expected {
        return Ok(());
    }
    Err(CallError::ForeignCall { expected: expected.to_owned(), found: call_id.clone() })
}

/// Where in the call: turns count from 0, sequence numbers from 1.
pub(super) fn check_place(turn_index: i64, call_seq: i64) -> Checked {
    if call_seq < 1 {
        return Err(CallError::Member { member: "call_seq", expected: "at least 1" });
    }
    if turn_index < 0 {
        return Err(CallError::Member { member: "turn_index", expected: "at least 0" });
    }
    Ok(())
}

/// A class of commitments that may be empty.
pub(super) fn fold_class(class: &mut String) -> Checked {
    trim_fold_in_place(class);
    if class.is_empty() || COMMITMENT_CLASSES.contains(&class.as_str()) {
        return Ok(());
    }
    let expected = "refund, quote, eligibility, schedule, cancel or account_change";
    Err(CallError::Member { member: "commitment_class", expected })
}

/// A class of commitments that must be there.
pub(super) fn require_class(class: &mut String) -> Checked {
    fold_class(class)?;
    if class.is_empty() { Err(CallError::Missing("commitment_class")) } else { Ok(()) }
}

/// A digest that may be empty.
pub(super) fn fold_digest(digest: &mut String, member: &'static str) -> Checked {
    trim_fold_in_place(digest);
    if digest.is_empty() || is_lower_hex_digest(digest) {
        return Ok(());
    }
    Err(CallError::Member { member, expected: "64 hex digits" })
}

/// A way of keeping what was said, in normal form.
pub(in crate::pack) fn check_privacy_mode(mode: &str) -> Checked {
    if PRIVACY_MODES.contains(&mode) {
        return Ok(());
    }
    Err(CallError::Member { member: "privacy_mode", expected: "hash_only or dispute_encrypted" })
}
