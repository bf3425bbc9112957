//! `gait gate eval` as a library call: reads what flags and configuration name, decides, settles, and leaves trace,
//! audits, evidence and journal (02 §11, 03 §13).

mod error;
mod explain;
mod options;
mod output;
mod records;
mod startup;

pub use error::GateEvalError;
pub use explain::{PolicyCredentialState, PolicyExplain, PolicyExplainRule, ProofRefs};
pub use options::GateEvalOptions;
pub use output::GateEvalOutput;

use std::path::Path;
use std::time::Instant;

use gait_base::error::ExitCode;
use gait_base::key::VerifyingKey;
use gait_base::key::config::{KeyConfig, PROD_MODE};
use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::approved_script::{self, ScriptMatch};
use gait_gate::authority::delegation::DelegationToken;
use gait_gate::authority::token::{CheckEach, Presented, TrustedKeys};
use gait_gate::evaluate::{Decision, Inputs, KillSwitchInput};
use gait_gate::intent::Intent;
use gait_gate::settle::{Settling, pre_approved};
use gait_gate::state::{Claim, Ledger, StateStore, TokenUse};
use gait_gate::trace::{Emission, TraceRecord};
use gait_gate::verdict::Verdict;

use crate::clock::{Clock, FixedClock};
use crate::environment;
use crate::fs::read_limited;
use crate::keys::{MachineKeys, load_signing_key};
use crate::store::{FileStore, FileStorePaths};
use startup::Startup;

/// The ledger of used tokens, beside the counters.
const USED_TOKENS_NAME: &str = "gate_used_tokens.json";
/// Larger than any token.
const TOKEN_LIMIT: u64 = 16 << 20;

/// Who calls, for artifacts and outputs.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Version of the program.
    pub producer_version: &'a str,
    /// Ties together what one command does.
    pub correlation_id: &'a str,
}

/// A completed decision with everything that was written about it.
#[derive(Clone, Debug)]
pub struct GateEvaluation {
    /// The record that `--json` prints.
    pub output: GateEvalOutput,
    /// The record that `--explain --json` prints.
    pub explain: PolicyExplain,
    /// The exit code that tells the answer.
    pub exit: ExitCode,
}

/// Evaluates and leaves the evidence.
///
/// # Errors
/// [`GateEvalError`]. An error is never an allow; files that were written before it stay.
pub fn run(options: &GateEvalOptions, caller: &Caller<'_>, clock: &dyn Clock) -> Result<GateEvaluation, GateEvalError> {
    let startup = Startup::new(options, clock)?;
    let standing = FixedClock::new(startup.now);
    let clock = if startup.governs_all { &standing } else { clock };
    let (evaluated, intent, latency_ms) = evaluate(&startup, clock)?;
    let explained = evaluated.decision.clone();
    let (decision, warnings, trace) = settle(&startup, evaluated, &intent, caller, latency_ms, clock)?;

    let paths = records::write(&startup, &intent, &decision, &trace, caller)?;
    let output = GateEvalOutput::new(&startup, &intent, &decision, &trace, &paths, warnings);
    let explain = PolicyExplain::new(&startup, &intent, &explained, &output, caller);
    let exit = match decision.verdict {
        _ if startup.simulate => ExitCode::Ok,
        Verdict::Block => ExitCode::PolicyBlocked,
        Verdict::RequireApproval => ExitCode::ApprovalRequired,
        Verdict::Allow | Verdict::DryRun => ExitCode::Ok,
    };
    Ok(GateEvaluation { output, explain, exit })
}

/// A decision before it is settled, with what the registry of approved scripts said.
struct Evaluated {
    decision: Decision,
    registry_reason: &'static str,
    warnings: Vec<String>,
}

/// The fast path of approved scripts, else the policy (02 §11.3 steps 1 and 2).
fn evaluate(startup: &Startup, clock: &dyn Clock) -> Result<(Evaluated, Intent, f64), GateEvalError> {
    let started = Instant::now();
    let mut warnings = Vec::new();
    let intent = Intent::from_decoded((startup.request.clone(), Vec::new()), startup.mode);
    let registry = startup.registry.as_ref().filter(|registry| !registry.entries.is_empty());
    let registry = match (registry, &intent) {
        (Some(_), _) if startup.policy.requires_context_evidence() => {
            warnings.push(
                "approved script fast-path disabled because policy requires authenticated context evidence".to_owned(),
            );
            None
        }
        (Some(_), Err(error)) if startup.fails_closed => {
            return Err(GateEvalError::Blocked(format!("approved script fast-path evaluation failed: {error}")));
        }
        (registry, _) => registry,
    };
    let intent = intent?;
    let inputs = Inputs {
        kill_switch: startup.kill_switch(),
        context_envelope: startup.envelope.as_ref(),
        inventory: startup.inventory.as_ref(),
        ..Inputs::at(startup.now)
    };
    let mut registry_reason = "";
    if let Some(registry) = registry {
        let now = clock.now();
        let digest = startup.policy.digest();
        let found = approved_script::find(&registry.entries, intent.request(), intent.script_hash(), &digest, &now);
        registry_reason = found.reason();
        if let ScriptMatch::Found(entry) = found
            && !inputs.kill_switch.forbids(&intent, &inputs.now, startup.mode)
        {
            let decision = pre_approved(&startup.policy, &intent, entry, &now)?;
            let evaluated = Evaluated { decision, registry_reason, warnings };
            return Ok((evaluated, intent, milliseconds(started)));
        }
    }
    let decision = startup.policy.evaluate(&intent, &inputs)?;
    let evaluated = Evaluated { decision, registry_reason, warnings };
    Ok((evaluated, intent, milliseconds(started)))
}

/// Counters, tokens, broker and simulation, then the trace (02 §11.3 steps 4 to 12).
fn settle(
    startup: &Startup,
    evaluated: Evaluated,
    intent: &Intent,
    caller: &Caller<'_>,
    latency_ms: f64,
    clock: &dyn Clock,
) -> Result<(Decision, Vec<String>, TraceRecord), GateEvalError> {
    let mut warnings = evaluated.warnings;
    warnings.extend(startup.warnings.iter().cloned());
    // What an approved script lets pass asks for nothing more; it takes the steps all the same, for simulation's sake.
    let mut settling = Settling::new(&startup.policy, intent, evaluated.decision);
    settling.registry_reason(evaluated.registry_reason);
    settling.approval_reference(&startup.options.approval_token_ref);
    let store = FileStore::new(startup.state_paths(), startup.mode);
    settling.count(|limit, tool, identity| {
        store
            .as_ref()
            .map_err(|error| GateEvalError::Option(error.to_string()))?
            .take(limit, tool, identity, &clock.now())
            .map_err(GateEvalError::from)
    })?;
    let loaded = load_signing_key(&startup.options.signing_key())?;
    warnings.extend(loaded.warnings);
    let key = loaded.key;
    if settling.needs_delegation() {
        let verify_key = startup.delegation_key(key.verifying_key())?;
        let tokens = read_tokens(&startup.options.delegation_tokens(), "delegation token", |bytes| {
            Presented::<DelegationToken>::parse(bytes, startup.mode)
        })?;
        settling.delegate(&tokens, &TrustedKeys::from(verify_key), &clock.now(), &CheckEach);
    }
    if settling.needs_approval() {
        let verify_key = startup.approval_key(key.verifying_key())?;
        let tokens = read_tokens(&startup.options.approval_tokens(), "approval token", |bytes| {
            Presented::<ApprovalToken>::parse(bytes, startup.mode)
        })?;
        let now = clock.now();
        let mut claim = |uses: &[TokenUse]| -> Result<Claim, GateEvalError> {
            let store = store.as_ref().map_err(|error| GateEvalError::Option(error.to_string()))?;
            store.claim(uses, &now).map_err(GateEvalError::from)
        };
        // A simulated call does not run, so it uses nothing up.
        let once = startup.mode.is_strict() && !startup.simulate;
        let ledger: Option<Ledger<'_, GateEvalError>> = if once { Some(&mut claim) } else { None };
        settling.approve(&tokens, &TrustedKeys::from(verify_key), &now, &CheckEach, ledger)?;
    }
    if settling.needs_credential() {
        ask_broker(startup, &mut settling, clock)?;
    }
    if startup.simulate {
        settling.simulate();
    }
    let decision = settling.finish();
    let emission = Emission {
        observed_at: clock.now(),
        producer_version: caller.producer_version,
        correlation_id: caller.correlation_id,
        latency_ms,
    };
    let mut trace = TraceRecord::new(&startup.policy, intent, &decision, &emission)?;
    trace.sign(&key)?;
    Ok((decision, warnings, trace))
}

fn ask_broker(startup: &Startup, settling: &mut Settling<'_>, clock: &dyn Clock) -> Result<(), GateEvalError> {
    let Some(broker) = &startup.broker else {
        settling.no_broker();
        return Ok(());
    };
    let options = &startup.options;
    let issued = settling.credential_request(&options.credential_ref, &options.credential_scopes).and_then(
        |(request, requested_scope)| {
            let response = broker.issue(request.clone(), clock, &environment::variable)?;
            Ok((request, requested_scope, response))
        },
    );
    match issued {
        Ok((request, requested_scope, response)) => settling.credential(request, requested_scope, response)?,
        Err(_) => settling.broker_failed(),
    }
    Ok(())
}

fn read_tokens<T, E: std::fmt::Display>(
    paths: &[String],
    what: &'static str,
    parse: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<Vec<T>, GateEvalError> {
    paths
        .iter()
        .map(|path| {
            let bytes = read_limited(path, TOKEN_LIMIT)?;
            parse(&bytes).map_err(|error| GateEvalError::Option(format!("parse {what} {path}: {error}")))
        })
        .collect()
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

impl Startup {
    /// Where counters lie, and in strict mode beside them the ledger of approvals, each of which counts once.
    fn state_paths(&self) -> FileStorePaths {
        let counters = self.options.rate_limit_path();
        let used_tokens = self.mode.is_strict().then(|| Path::new(counters).with_file_name(USED_TOKENS_NAME));
        FileStorePaths { used_tokens, ..FileStorePaths::counters_at(counters) }
    }

    fn kill_switch(&self) -> KillSwitchInput<'_> {
        match &self.kill_switch {
            startup::KillSwitch::Off => KillSwitchInput::Off,
            startup::KillSwitch::Unavailable => KillSwitchInput::Unavailable,
            startup::KillSwitch::State(state) => KillSwitchInput::State(state),
        }
    }

    /// The key of the approvers; the trace's own key only where nobody asks for more.
    fn approval_key(&self, own: &VerifyingKey) -> Result<VerifyingKey, GateEvalError> {
        let presented = !self.options.approval_tokens().is_empty();
        self.verify_key(&[self.options.approval_key()], "approval", presented, own)
    }

    /// The key of the delegators.
    fn delegation_key(&self, own: &VerifyingKey) -> Result<VerifyingKey, GateEvalError> {
        let presented = !self.options.delegation_tokens().is_empty();
        self.verify_key(&[self.options.delegation_key(), self.options.approval_key()], "delegation", presented, own)
    }

    fn verify_key(
        &self,
        sources: &[KeyConfig<'_>],
        what: &str,
        presented: bool,
        own: &VerifyingKey,
    ) -> Result<VerifyingKey, GateEvalError> {
        if let Some(source) = sources.iter().find(|source| source.has_public() || source.has_private()) {
            return Ok(source.load_verify_key(&MachineKeys)?);
        }
        // Without a token there is nothing that the key would be needed for: whoever asks first need not know it.
        if self.is_oss_prod || self.mode.is_strict() && presented {
            return Err(GateEvalError::Option(format!("an explicit {what} verify key is required")));
        }
        Ok(own.clone())
    }
}

/// Whether a key mode is the one that reads keys.
fn is_prod(mode: &str) -> bool {
    mode == PROD_MODE
}
