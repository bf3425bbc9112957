//! Scripts: several tool calls proposed as one (02 §8).

use super::args::{self, Scan};
use super::error::IntentError;
use super::request::{ArgProvenance, Script, ScriptStep, Target};
use super::{field, provenance, target};
use crate::mode::Mode;

/// How many steps a script may have.
const MAX_STEPS: usize = 64;

/// Normalizes each step by its own tool name. The reference looks for secrets in the arguments of the whole request
/// only; strict mode looks into those of the steps too (00 D8).
pub(super) fn normalize(script: &mut Script, mode: Mode) -> Result<(), IntentError> {
    if script.steps.is_empty() || script.steps.len() > MAX_STEPS {
        return Err(IntentError::invalid("steps", "a list of 1 to 64 steps"));
    }
    let scan = if mode.is_strict() { Scan::Secrets } else { Scan::Form };
    for (index, step) in script.steps.iter_mut().enumerate() {
        normalize_step(step, scan).map_err(|error| error.in_item(index).in_member("steps"))?;
    }
    Ok(())
}

fn normalize_step(step: &mut ScriptStep, scan: Scan) -> Result<(), IntentError> {
    field::required_fold(&mut step.tool_name, "tool_name")?;
    args::normalize(&mut step.args, scan).map_err(|error| error.in_member("args"))?;
    target::normalize(&mut step.targets, &step.tool_name)?;
    provenance::normalize_args(&mut step.arg_provenance)
}

/// A script that names no targets or provenance of its own has those of its steps.
pub(super) fn complete(script: &Script, targets: &mut Vec<Target>, arg_provenance: &mut Vec<ArgProvenance>) {
    if targets.is_empty() {
        targets.extend(script.steps.iter().flat_map(|step| &step.targets).cloned());
    }
    if arg_provenance.is_empty() {
        arg_provenance.extend(script.steps.iter().flat_map(|step| &step.arg_provenance).cloned());
    }
}
