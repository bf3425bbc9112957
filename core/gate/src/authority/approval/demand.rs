//! What an intent demands of its approvals (03 §2.4).

use crate::intent::IntentRequest;

/// The scope that an approval must cover, in byte order. `intent` is in normal form.
#[must_use]
pub fn required_scope(intent: &IntentRequest) -> Vec<String> {
    let tool = format!("tool:{}", intent.tool_name);
    if intent.context.phase == "apply" && intent.targets.iter().any(|target| target.destructive) {
        vec!["destructive:apply".to_owned(), "phase:apply".to_owned(), tool]
    } else {
        vec![tool]
    }
}

/// How many targets count against `max_targets`: those of all steps, or the intent's own where no step has any.
#[must_use]
pub fn target_count(intent: &IntentRequest) -> usize {
    let of_steps = intent.script.iter().flat_map(|script| &script.steps).map(|step| step.targets.len()).sum();
    if of_steps > 0 { of_steps } else { intent.targets.len() }
}

/// How many operations count against `max_ops`: the steps of a script, else the targets, else one.
#[must_use]
pub fn operation_count(intent: &IntentRequest) -> usize {
    match intent.script.as_ref().map_or(0, |script| script.steps.len()) {
        0 => intent.targets.len().max(1),
        steps => steps,
    }
}
