//! A policy that blocks a destructive call, and the call (04 §9.3).

use gait_base::error::{Category, Classify};
use gait_base::json::{self, EncodeError, Map, Value};
use gait_base::time::Timestamp;
use gait_gate::evaluate::{EvaluateError, Inputs};
use gait_gate::intent::{Context, Intent, IntentError, IntentRequest, Target};
use gait_gate::mode::Mode;
use gait_gate::policy::{Policy, PolicyError};

use crate::error::HostError;
use crate::fs::{PRIVATE, create_parents, write_replacing};

/// Where the policy lies.
pub const POLICY_PATH: &str = "gait-out/policy_demo_high_risk.yaml";
/// Where the intent lies.
pub const INTENT_PATH: &str = "gait-out/intent_demo_delete.json";

const POLICY: &str = "schema_id: gait.gate.policy
schema_version: 1.0.0
default_verdict: allow
rules:
  - name: block-destructive-tool-delete
    priority: 10
    effect: block
    match:
      tool_names: [tool.delete]
      risk_classes: [high]
    reason_codes: [destructive_tool_blocked]
";

/// 2026-02-14T00:00:00Z.
const INTENT_SECONDS: i64 = 1_771_027_200;

/// What the policy said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDemo {
    /// `block`, unless something is wrong.
    pub verdict: String,
    /// The rule that decided.
    pub matched_rule: String,
    /// Why, sorted.
    pub reason_codes: Vec<String>,
}

/// Why the demo failed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyDemoError {
    /// A file.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The intent.
    #[error(transparent)]
    Intent(#[from] IntentError),
    /// The decision.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// The intent has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl PolicyDemoError {
    fn inner(&self) -> &dyn Classify {
        match self {
            Self::Host(error) => error,
            Self::Policy(error) => error,
            Self::Intent(error) => error,
            Self::Evaluate(error) => error,
            Self::Encode(error) => error,
        }
    }
}

impl Classify for PolicyDemoError {
    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn category(&self) -> Category {
        self.inner().category()
    }
}

/// Writes a policy and an intent, and evaluates one against the other.
///
/// # Errors
/// [`PolicyDemoError`].
pub fn policy(producer_version: &str, now: Timestamp) -> Result<PolicyDemo, PolicyDemoError> {
    let intent = json::to_indented(&request(producer_version))?;
    create_parents(POLICY_PATH)?;
    write_replacing(POLICY_PATH, POLICY.as_bytes(), PRIVATE)?;
    write_replacing(INTENT_PATH, &intent, PRIVATE)?;
    let intent = Intent::parse(&intent, Mode::Compat)?;
    let decision = Policy::parse(POLICY.as_bytes(), Mode::Compat)?.evaluate(&intent, &Inputs::at(now))?;
    Ok(PolicyDemo {
        verdict: decision.verdict.as_str().to_owned(),
        matched_rule: decision.matched_rule,
        reason_codes: decision.reason_codes.iter().map(|code| code.to_string()).collect(),
    })
}

fn request(producer_version: &str) -> IntentRequest {
    const VICTIM: &str = "/tmp/demo/delete-me.txt";
    let args = Map::from_members(vec![("path".to_owned(), Value::from(VICTIM))]);
    let target = Target {
        kind: "path".to_owned(),
        value: VICTIM.to_owned(),
        operation: "delete".to_owned(),
        endpoint_class: "fs.delete".to_owned(),
        destructive: true,
        ..Target::default()
    };
    let context = Context {
        identity: "demo.user".to_owned(),
        workspace: "/tmp/demo".to_owned(),
        risk_class: "high".to_owned(),
        ..Context::default()
    };
    IntentRequest {
        schema_id: "gait.gate.intent_request".to_owned(),
        schema_version: "1.0.0".to_owned(),
        created_at: Timestamp::from_unix(INTENT_SECONDS, 0).unwrap_or(Timestamp::EPOCH_1980),
        producer_version: producer_version.to_owned(),
        tool_name: "tool.delete".to_owned(),
        args,
        targets: vec![target],
        context,
        ..IntentRequest::default()
    }
}
