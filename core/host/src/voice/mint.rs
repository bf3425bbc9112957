//! From a commitment to the permission to speak it.

use gait_base::duration::parse_duration;
use gait_base::error::ExitCode;
use gait_base::json;
use gait_base::key::config::KeyConfig;
use gait_base::text::trim_fold;
use gait_gate::authority::voice::{CommitmentIntent, SayToken, SayTokenTerms};
use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::settle::{Settling, is_settled};
use gait_gate::trace::{Emission, TraceRecord};
use gait_gate::verdict::Verdict;

use super::{INPUT_LIMIT, VoiceTokenError, VoiceTokenOutput};
use crate::clock::Clock;
use crate::fs::{PRIVATE, create_parents, read_limited, write_artifact, write_replacing};
use crate::gate_eval::Caller;
use crate::keys::load_signing_key;
use crate::timezone;

/// What `voice token mint` is told. Texts are as they were typed; blank ones count as not given.
#[derive(Clone, Debug)]
pub struct MintOptions {
    /// The commitment's file.
    pub intent: String,
    /// The policy's file.
    pub policy: String,
    /// How long the token lives, as a duration such as `2m`.
    pub ttl: String,
    /// Where the token goes; `say_token_<id>.json` when blank.
    pub out: String,
    /// Where the trace goes; `trace_<id>.json` when blank.
    pub trace_out: String,
    /// `dev` or `prod`; blank means `prod`.
    pub key_mode: String,
    /// The private key's file.
    pub private_key: String,
    /// The variable that holds the private key.
    pub private_key_env: String,
    /// How closely input is looked at.
    pub mode: Mode,
}

impl Default for MintOptions {
    fn default() -> Self {
        Self {
            intent: String::new(),
            policy: String::new(),
            ttl: "2m".to_owned(),
            out: String::new(),
            trace_out: String::new(),
            key_mode: "dev".to_owned(),
            private_key: String::new(),
            private_key_env: String::new(),
            mode: Mode::Strict,
        }
    }
}

/// A commitment that was decided about.
#[derive(Clone, Debug)]
pub struct MintOutcome {
    /// The record that `--json` prints.
    pub output: VoiceTokenOutput,
    /// The exit code that tells the verdict.
    pub exit: ExitCode,
    /// The signed trace, as it was written.
    pub trace: TraceRecord,
    /// The token, as it was written, if the verdict is an allow.
    pub token: Option<SayToken>,
}

/// Decides about a commitment, writes the trace, and on an allow the token.
///
/// Only the policy is asked: a verdict that an approval could turn stays as it is.
///
/// # Errors
/// [`VoiceTokenError`] for the first thing wrong: options, commitment, policy, evaluation, key, trace, token. A trace
/// that was written before an error stays.
pub fn mint(options: &MintOptions, caller: &Caller<'_>, clock: &dyn Clock) -> Result<MintOutcome, VoiceTokenError> {
    let (intent_path, policy_path) = (options.intent.trim(), options.policy.trim());
    if intent_path.is_empty() || policy_path.is_empty() {
        return Err(VoiceTokenError::Option("both --intent and --policy are required".to_owned()));
    }
    let ttl_nanos = ttl(&options.ttl)?;
    let commitment = CommitmentIntent::parse(&read_limited(intent_path, INPUT_LIMIT)?, options.mode)?.normalized()?;
    let intent = commitment.gate_intent(options.mode)?;
    let policy = policy(policy_path, options.mode)?;
    let mut decision = policy.evaluate(&intent, &Inputs::at(clock.now()))?;
    // Nobody is asked here for a delegation, a credential or a free slot. The reference lets a call pass that needs one;
    // strict mode does not.
    if options.mode.is_strict() && decision.verdict == Verdict::Allow && !is_settled(&decision) {
        decision = Settling::new(&policy, &intent, decision).finish();
    }

    let loaded = load_signing_key(&KeyConfig {
        mode: &trim_fold(&options.key_mode),
        private_path: options.private_key.trim(),
        private_env: options.private_key_env.trim(),
        ..KeyConfig::default()
    })?;
    let mut trace = trace(&policy, &intent, &decision, caller, clock)?;
    trace.sign(&loaded.key)?;
    let trace_path = or_named(&options.trace_out, "trace", &trace.trace_id);
    write_artifact(&trace_path, &json::to_indented(&trace)?, PRIVATE)?;

    let mut output = VoiceTokenOutput {
        verdict: decision.verdict.as_str().to_owned(),
        reason_codes: decision.reason_codes.to_strings(),
        violations: decision.violations.to_strings(),
        trace_id: trace.trace_id.clone(),
        trace_path,
        policy_digest: trace.policy_digest.clone(),
        intent_digest: trace.intent_digest.clone(),
        ..VoiceTokenOutput::of_commitment(&commitment)
    };
    let exit = match decision.verdict {
        Verdict::Allow => ExitCode::Ok,
        Verdict::RequireApproval => ExitCode::ApprovalRequired,
        Verdict::DryRun | Verdict::Block => ExitCode::PolicyBlocked,
    };
    if decision.verdict != Verdict::Allow {
        output.error = format!("no say token: the verdict about the commitment is {}", decision.verdict);
        return Ok(MintOutcome { output, exit, trace, token: None });
    }
    let terms = SayTokenTerms {
        intent_digest: trace.intent_digest.clone(),
        policy_digest: trace.policy_digest.clone(),
        ttl_nanos,
        producer_version: caller.producer_version.to_owned(),
        ..terms(commitment)
    };
    let token = SayToken::mint(terms, &loaded.key, &clock.now())?;
    output.ok = true;
    output.token_path = or_named(&options.out, "say_token", &token.token_id);
    output.token_id.clone_from(&token.token_id);
    output.warnings = loaded.warnings;
    create_parents(&output.token_path)?;
    write_replacing(&output.token_path, &json::to_indented(&token)?, PRIVATE)?;
    Ok(MintOutcome { output, exit, trace, token: Some(token) })
}

fn ttl(typed: &str) -> Result<i64, VoiceTokenError> {
    match parse_duration(typed.trim()) {
        Ok(nanos) if nanos > 0 => Ok(nanos),
        Ok(_) => Err(VoiceTokenError::Option("--ttl must be greater than zero".to_owned())),
        Err(error) => Err(VoiceTokenError::Option(format!("--ttl: {error}"))),
    }
}

fn policy(path: &str, mode: Mode) -> Result<Policy, VoiceTokenError> {
    let policy = Policy::parse(&read_limited(path, INPUT_LIMIT)?, mode)?;
    Ok(match timezone::local_zone() {
        Some(zone) => policy.with_local_zone(&zone),
        None => policy,
    })
}

/// The trace of a decision about a commitment: what single checks found stays out of it (03 §14.3).
fn trace(
    policy: &Policy,
    intent: &Intent,
    decision: &Decision,
    caller: &Caller<'_>,
    clock: &dyn Clock,
) -> Result<TraceRecord, VoiceTokenError> {
    let emission = Emission {
        producer_version: caller.producer_version,
        correlation_id: caller.correlation_id,
        ..Emission::at(clock.now())
    };
    let mut trace = TraceRecord::new(policy, intent, decision, &emission)?;
    trace.freeze_window = None;
    trace.sandbox = None;
    trace.kill_switch = None;
    Ok(trace)
}

/// What of a commitment in normal form a token repeats.
fn terms(commitment: CommitmentIntent) -> SayTokenTerms {
    SayTokenTerms {
        commitment_class: commitment.commitment_class,
        call_id: commitment.call_id,
        turn_index: commitment.turn_index,
        call_seq: commitment.call_seq,
        currency: commitment.currency,
        quote_min_cents: commitment.quote_min_cents,
        quote_max_cents: commitment.quote_max_cents,
        refund_ceiling_cents: commitment.refund_ceiling_cents,
        ..SayTokenTerms::default()
    }
}

/// The path that was typed, trimmed, or the default name of a file of this kind.
fn or_named(typed: &str, kind: &str, id: &str) -> String {
    match typed.trim() {
        "" => format!("{kind}_{id}.json"),
        path => path.to_owned(),
    }
}
