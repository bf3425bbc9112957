//! Whether an entry lets a script pass (03 §4.5).

use gait_base::digest::Digest;
use gait_base::path;
use gait_base::time::Timestamp;

use super::entry::ApprovedScriptEntry;
use crate::intent::{IntentRequest, Script};

/// What came of looking for an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScriptMatch<'a> {
    /// The intent is no script.
    NotScript,
    /// No entry lets it pass.
    NotFound,
    /// This entry lets it pass, unless a kill switch says otherwise (00 D5).
    Found(&'a ApprovedScriptEntry),
}

impl ScriptMatch<'_> {
    /// The code: `registry_reason` of outputs, and the reason of a decision that it makes.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotScript => "not_script",
            Self::NotFound => "approved_script_not_found",
            Self::Found(_) => "approved_script_match",
        }
    }
}

/// The first of the (verified) entries that lets the intent pass. `intent` is in normal form and `script_hash` the
/// digest of its script.
///
/// The tools of the steps, in order and with repeats, must equal the entry's sorted list: a script whose tools are not
/// in ascending order never matches.
#[must_use]
pub fn find<'a>(
    entries: &'a [ApprovedScriptEntry],
    intent: &IntentRequest,
    script_hash: Option<Digest>,
    policy_digest: &Digest,
    now: &Timestamp,
) -> ScriptMatch<'a> {
    let (Some(script), Some(script_hash)) = (&intent.script, script_hash) else { return ScriptMatch::NotScript };
    let (policy_digest, script_hash) = (policy_digest.hex(), script_hash.hex());
    let lets_pass = |entry: &&ApprovedScriptEntry| {
        *entry.policy_digest == *policy_digest
            && *entry.script_hash == *script_hash
            && now.is_before(&entry.expires_at)
            && entry.tool_sequence.iter().eq(script.steps.iter().map(|step| &step.tool_name))
            && entry.scope.iter().all(|value| holds(value, intent, script))
    };
    entries.iter().find(lets_pass).map_or(ScriptMatch::NotFound, ScriptMatch::Found)
}

/// Whether one condition holds; one of an unknown kind never does.
fn holds(condition: &str, intent: &IntentRequest, script: &Script) -> bool {
    match condition.split_once(':') {
        Some(("risk", risk)) => intent.context.risk_class == risk,
        Some(("tool", tool)) => intent.tool_name == tool,
        Some(("workspace_prefix", prefix)) => {
            let workspace = path::clean(&intent.context.workspace);
            workspace.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        Some(("endpoint", class)) => {
            script.steps.iter().flat_map(|step| &step.targets).any(|target| target.endpoint_class == class)
        }
        _ => false,
    }
}
