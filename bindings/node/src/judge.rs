//! What decides: a policy alone, or a gate with a key and counters.

use std::sync::Arc;

use gait_base::json::Notice;
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::evaluate::{Decision, EvaluateError, Inputs};
use gait_gate::gate::{EmitError, Gate};
use gait_gate::intent::{Intent, IntentRequest, decode_request};
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::state::StateStore;
use gait_gate::trace::{Emission, TraceRecord};
use gait_host::environment::producer_version;
use gait_host::timezone;
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::decision::{Answer, kept, plain};
use crate::document::{mode, read_file, to_json, written};
use crate::fault::{self, Subject};
use crate::moment::{Moment, moment};
use crate::work::Make;

/// What decides about intents and makes traces of the decisions.
pub(crate) struct Judge {
    gate: Gate,
    /// Whether decisions are counted and settled, which a policy alone does not do.
    settles: bool,
    /// Whether the gate knows more about tools than the intent says.
    enriches: bool,
    producer_version: String,
    correlation_id: String,
}

/// What a judge is besides its gate.
#[derive(Default)]
pub(crate) struct Manner {
    /// Empty leaves that of the policy.
    pub(crate) producer_version: String,
    pub(crate) correlation_id: String,
    pub(crate) enriches: bool,
}

impl Judge {
    fn of_policy(policy: Policy, version: &str) -> Self {
        Self {
            gate: Gate::new(policy),
            settles: false,
            enriches: false,
            producer_version: own_version(version),
            correlation_id: String::new(),
        }
    }

    /// A gate of a policy.
    pub(crate) fn of_gate(gate: Gate, policy: &Self, manner: Manner) -> Self {
        let Manner { mut producer_version, correlation_id, enriches } = manner;
        if producer_version.is_empty() {
            producer_version.clone_from(&policy.producer_version);
        }
        Self { gate, settles: true, enriches, producer_version, correlation_id }
    }

    pub(crate) fn policy(&self) -> &Policy {
        self.gate.policy()
    }

    pub(crate) fn mode(&self) -> Mode {
        self.policy().mode()
    }

    pub(crate) fn store(&self) -> &dyn StateStore {
        &**self.gate.store()
    }

    pub(crate) const fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) fn evaluate(&self, intent: &Intent, inputs: &Inputs<'_>) -> Result<Decision, EvaluateError> {
        if self.settles { self.gate.evaluate(intent, inputs) } else { self.policy().evaluate(intent, inputs) }
    }

    pub(crate) fn evaluate_request(
        &self,
        request: IntentRequest,
        inputs: &Inputs<'_>,
    ) -> Result<(Decision, Option<Intent>), EvaluateError> {
        if self.settles {
            self.gate.evaluate_request(request, inputs)
        } else {
            self.policy().evaluate_request(request, inputs)
        }
    }

    /// What JavaScript gets of a decision. `consulted` tells whether it depends on more than policy, intent and moment.
    pub(crate) fn answer(
        &self,
        decision: &Decision,
        intent: Option<&Intent>,
        notices: &[Notice],
        now: Timestamp,
        consulted: bool,
    ) -> napi::Result<Answer> {
        // A kill switch that was asked shows in the decision, whoever had it.
        if decision.settlement.is_none() && decision.kill_switch.is_none() && !consulted && !self.enriches {
            return Ok(plain(decision));
        }
        kept(self, decision, intent, notices, now)
    }

    /// The trace of a decision, observed when it was made. Not signed.
    pub(crate) fn unsigned_trace(
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
        Ok(TraceRecord::new(self.policy(), intent, decision, &emission)?)
    }

    /// Signs a trace if the gate signs.
    pub(crate) fn sign(&self, trace: &mut TraceRecord) -> Result<(), EmitError> {
        match self.gate.signing_key() {
            Some(key) => Ok(trace.sign(key)?),
            None => Ok(()),
        }
    }
}

/// What signed records of this process name as their producer. `given` is `GAIT_PRODUCER_VERSION`.
pub(crate) fn own_version(given: &str) -> String {
    let given = Some(given.to_owned());
    producer_version(|_| given.clone(), env!("CARGO_PKG_VERSION"))
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
    let policy = match timezone::local_zone() {
        Some(zone) => policy.with_local_zone(&zone),
        None => policy,
    };
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
    decided(judge, &intent, now)
}

/// As [`evaluate`], for an intent that was read before.
#[napi(catch_unwind)]
pub(crate) fn evaluate_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
) -> napi::Result<Answer> {
    decided(judge, intent, moment(&now)?)
}

fn decided(judge: &Judge, intent: &Intent, now: Timestamp) -> napi::Result<Answer> {
    let decision = judge.evaluate(intent, &Inputs::at(now)).map_err(|error| fault::of_evaluation(&error))?;
    judge.answer(&decision, Some(intent), intent.notices(), now, false)
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
    let (request, notices) =
        decode_request(written(bytes, start, end), judge.mode()).map_err(|error| fault::of_intent(&error))?;
    let decided = judge.evaluate_request(request, &Inputs::at(now));
    let (decision, intent) = decided.map_err(|error| fault::of_evaluation(&error))?;
    judge.answer(&decision, intent.as_ref(), &notices, now, false)
}
