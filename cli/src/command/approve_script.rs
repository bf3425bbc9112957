//! `gait approve-script` (03 §4.3).

use gait_gate::authority::approved_script::ApprovedScriptEntry;
use gait_host::error::HostError;
use gait_host::script_registry;

use super::{input, token};
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

/// How many digits of the script's hash the name of an entry has that was given none.
const NAME_DIGITS: usize = 12;

const NEVER_MATCHES: &str =
    "the entry can never match: only scripts whose tool names ascend without repeats do; these are";

gait_base::record! {
    /// What `approve-script` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct ApproveScriptOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Name of the entry.
        pattern_id: String => omit,
        /// The policy it is for.
        policy_digest: String => omit,
        /// The script it is for.
        script_hash: String => omit,
        /// The script's tools, sorted.
        tool_sequence: Vec<String> => omit,
        /// The registry.
        registry_path: String => omit,
        /// When the entry ends, to the nanosecond.
        expires_at: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let policy = token::required(call, "policy")?.trim();
    let intent = token::required(call, "intent")?.trim();
    let registry = token::required(call, "registry")?.trim();
    let approver = token::required(call, "approver")?;
    let ttl_nanos = token::ttl(call)?;
    let policy = input::policy(policy, call.mode())?;
    let intent = input::intent(intent, call.mode())?;
    let (Some(script), Some(hash)) = (&intent.request().script, intent.script_hash()) else {
        return Err(Failure::usage("the intent has no script.steps"));
    };
    let tools: Vec<String> = script.steps.iter().map(|step| step.tool_name.clone()).collect();
    let signer = token::signer(call)?;
    let now = token::moment(call)?;
    let entry = ApprovedScriptEntry {
        created_at: now,
        producer_version: call.producer_version.to_owned(),
        pattern_id: match call.args.text("pattern-id").trim() {
            "" => format!("pattern_{}", hash.short(NAME_DIGITS)),
            given => given.to_owned(),
        },
        policy_digest: policy.digest().to_hex(),
        script_hash: hash.to_hex(),
        tool_sequence: tools.clone(),
        scope: gait_base::text::split_csv(call.args.text("scope")),
        approver_identity: approver.to_owned(),
        expires_at: now.plus_nanos(i128::from(ttl_nanos))?,
        ..ApprovedScriptEntry::default()
    };
    let entry = entry.signed(&signer.key)?;
    script_registry::change(registry, call.mode(), |registry| {
        registry.replace(entry.clone());
        Ok::<_, HostError>(())
    })?;
    let record = ApproveScriptOutput {
        ok: true,
        pattern_id: entry.pattern_id,
        policy_digest: entry.policy_digest,
        script_hash: entry.script_hash,
        tool_sequence: entry.tool_sequence,
        registry_path: registry.to_owned(),
        expires_at: entry.expires_at.to_string(),
    };
    let mut text = Text::ok("approve-script")
        .pair("pattern_id", &record.pattern_id)
        .pair("registry", registry)
        .pair("expires_at", &record.expires_at)
        .pair("script_hash", &record.script_hash)
        .line("tools", &record.tool_sequence.join(","));
    if tools != record.tool_sequence {
        text = text.line("warning", &format!("{NEVER_MATCHES} {}", tools.join(",")));
    }
    Ok(Report::new(&record, text))
}
