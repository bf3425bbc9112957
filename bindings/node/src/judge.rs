//! What decides: a policy alone, or a gate with a key and counters.

use std::sync::Arc;

use gait_base::key::SigningKey;
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::evaluate::{Decision, EvaluateError, Inputs};
use gait_gate::gate::{EmitError, Gate};
use gait_gate::intent::{Intent, decode_request};
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::trace::{Emission, TraceRecord};
use gait_host::environment::producer_version;
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::decision::{Answer, answer};
use crate::document::{mode, read_file, to_json, written};
use crate::fault::{self, Subject};
use crate::moment::{Moment, moment};
use crate::work::Make;

/// What decides about intents and makes traces of the decisions.
pub(crate) struct Judge {
    gate: Gate,
    /// Whether decisions are counted and settled, which a policy alone does not do.
    settles: bool,
    producer_version: String,
    correlation_id: String,
}

impl Judge {
    fn of_policy(policy: Policy, version: &str) -> Self {
        let given = Some(version.to_owned());
        let producer_version = producer_version(|_| given.clone(), env!("CARGO_PKG_VERSION"));
        Self { gate: Gate::new(policy), settles: false, producer_version, correlation_id: String::new() }
    }

    pub(crate) fn policy(&self) -> &Policy {
        self.gate.policy()
    }

    pub(crate) fn mode(&self) -> Mode {
        self.policy().mode()
    }

    pub(crate) fn evaluate(&self, intent: &Intent, now: Timestamp) -> Result<Decision, EvaluateError> {
        let inputs = Inputs::at(now);
        if self.settles { self.gate.evaluate(intent, &inputs) } else { self.policy().evaluate(intent, &inputs) }
    }

    /// The trace of a decision, observed when it was made.
    pub(crate) fn trace(
        &self,
        intent: &Intent,
        decision: &Decision,
        observed_at: Timestamp,
    ) -> Result<TraceRecord, EmitError> {
        let emission = Emission {
            producer_version: &self.producer_version,
            correlation_id: &self.correlation_id,
            ..Emission::at(observed_at)
        };
        self.gate.trace(intent, decision, &emission)
    }
}

/// Reads and compiles a policy.
#[napi(catch_unwind)]
pub(crate) fn policy_parse(
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
    producer_version: String,
) -> napi::Result<External<Arc<Judge>>> {
    compile(written(bytes, start, end), mode(strict), &producer_version).map(External::new)
}

/// Reads and compiles a policy file on the thread pool.
#[napi(catch_unwind)]
pub(crate) fn policy_load(path: String, strict: bool, producer_version: String) -> AsyncTask<Make<Arc<Judge>>> {
    AsyncTask::new(Make::new(move || {
        let text = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        compile(&text, mode(strict), &producer_version)
    }))
}

fn compile(text: &[u8], mode: Mode, producer_version: &str) -> napi::Result<Arc<Judge>> {
    let policy = Policy::parse(text, mode).map_err(|error| fault::of_policy(&error))?;
    Ok(Arc::new(Judge::of_policy(policy, producer_version)))
}

/// The digest of the policy.
#[napi(catch_unwind)]
pub(crate) fn policy_digest(judge: &External<Arc<Judge>>) -> String {
    judge.policy().digest().to_hex()
}

/// The names of the rules, in the order of evaluation.
#[napi(catch_unwind)]
pub(crate) fn policy_rules(judge: &External<Arc<Judge>>) -> Vec<String> {
    judge.policy().document().rules.iter().map(|rule| rule.name.clone()).collect()
}

record! {
    /// A warning about a policy.
    #[derive(Clone, Debug, PartialEq)]
    struct LintFact {
        /// The stable name.
        code: String,
        /// The rule it is about.
        rule: Option<String>,
        /// For a person.
        message: String,
    }
}

/// What in the policy probably does not do what its author thinks, as JSON.
#[napi(catch_unwind)]
pub(crate) fn policy_lint(judge: &External<Arc<Judge>>) -> napi::Result<String> {
    let lints = judge.policy().lint().into_iter();
    let facts = lints.map(|lint| LintFact { code: lint.code.to_owned(), rule: lint.rule, message: lint.message });
    to_json(facts.collect::<Vec<_>>().as_slice())
}

/// The policy as `gait policy fmt` writes it.
#[napi(catch_unwind)]
pub(crate) fn policy_format(judge: &External<Arc<Judge>>) -> String {
    judge.policy().document().format()
}

/// A gate of a policy. An empty version leaves that of the policy.
#[napi(catch_unwind)]
pub(crate) fn gate_new(
    policy: &External<Arc<Judge>>,
    producer_version: String,
    correlation_id: String,
) -> External<Arc<Judge>> {
    let gate = Gate::new(policy.policy().clone());
    External::new(Arc::new(settling(policy, gate, producer_version, correlation_id)))
}

/// As [`gate_new`], with a key that signs traces.
#[napi(catch_unwind)]
pub(crate) fn gate_new_signing(
    policy: &External<Arc<Judge>>,
    key: &External<SigningKey>,
    producer_version: String,
    correlation_id: String,
) -> External<Arc<Judge>> {
    let key: &SigningKey = key.as_ref();
    let gate = Gate::new(policy.policy().clone()).with_signing_key(key.clone());
    External::new(Arc::new(settling(policy, gate, producer_version, correlation_id)))
}

fn settling(policy: &Judge, gate: Gate, version: String, correlation_id: String) -> Judge {
    let producer_version = if version.is_empty() { policy.producer_version.clone() } else { version };
    Judge { gate, settles: true, producer_version, correlation_id }
}

/// Decides about an intent in JSON.
#[napi(catch_unwind)]
pub(crate) fn evaluate(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<Answer> {
    let now = moment(&now)?;
    let document = written(bytes, start, end);
    let intent = Intent::parse(document, judge.mode()).map_err(|error| fault::of_intent(&error))?;
    let decision = judge.evaluate(&intent, now).map_err(|error| fault::of_evaluation(&error))?;
    answer(&decision)
}

/// As [`evaluate`], for an intent that was read before.
#[napi(catch_unwind)]
pub(crate) fn evaluate_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
) -> napi::Result<Answer> {
    let decision = judge.evaluate(intent, moment(&now)?).map_err(|error| fault::of_evaluation(&error))?;
    answer(&decision)
}

/// As [`evaluate`], for an intent that may turn out not to be usable.
#[napi(catch_unwind)]
pub(crate) fn evaluate_request(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<Answer> {
    let now = moment(&now)?;
    let (request, _) =
        decode_request(written(bytes, start, end), judge.mode()).map_err(|error| fault::of_intent(&error))?;
    let inputs = Inputs::at(now);
    let decided = if judge.settles {
        judge.gate.evaluate_request(request, &inputs)
    } else {
        judge.policy().evaluate_request(request, &inputs)
    };
    answer(&decided.map_err(|error| fault::of_evaluation(&error))?.0)
}
