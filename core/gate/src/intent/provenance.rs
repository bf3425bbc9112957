//! Where arguments and the call itself come from (02 §4.5, §4.6).

use gait_base::text;

use super::error::IntentError;
use super::field;
use super::request::{ArgProvenance, SkillProvenance};
use super::target::sort_unique;
use crate::vocabulary::PROVENANCE_SOURCES;

/// Normalizes the origins of arguments: a sorted list without repeats.
pub(super) fn normalize_args(entries: &mut Vec<ArgProvenance>) -> Result<(), IntentError> {
    for (index, entry) in entries.iter_mut().enumerate() {
        normalize_arg(entry).map_err(|error| error.in_item(index).in_member("arg_provenance"))?;
    }
    sort_unique(entries);
    Ok(())
}

fn normalize_arg(entry: &mut ArgProvenance) -> Result<(), IntentError> {
    field::required(&mut entry.arg_path, "arg_path")?;
    field::required_fold(&mut entry.source, "source")?;
    field::one_of(&entry.source, "source", PROVENANCE_SOURCES)?;
    text::trim_in_place(&mut entry.source_ref);
    field::optional_digest(&mut entry.integrity_digest, "integrity_digest")
}

/// Normalizes the skill that started the call.
pub(super) fn normalize_skill(skill: &mut SkillProvenance) -> Result<(), IntentError> {
    field::required(&mut skill.skill_name, "skill_name")?;
    field::required_fold(&mut skill.source, "source")?;
    field::required(&mut skill.publisher, "publisher")?;
    text::trim_in_place(&mut skill.skill_version);
    text::trim_in_place(&mut skill.signature_key_id);
    field::optional_digest(&mut skill.digest, "digest")
}
