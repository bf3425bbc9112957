//! What limits, tokens, brokers and registries said about a decision.

use crate::authority::approval::ApprovalOutcome;
use crate::authority::broker::{BrokerRequest, BrokerResponse};
use crate::authority::delegation::DelegationOutcome;
use crate::authority::limit::LimitDecision;
use crate::code::CodeSet;
use crate::verdict::Verdict;

/// Everything that was added to a decision after its evaluation.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// How many approvals are needed.
    pub required_approvals: i64,
    /// What the approval tokens amount to, when they were asked for.
    pub approvals: Option<ApprovalOutcome>,
    /// Ids of the accepted approval tokens, or the reference that the caller gave.
    pub approval_ref: String,
    /// What the delegation tokens amount to, when they were asked for.
    pub delegation: Option<DelegationOutcome>,
    /// Ids of the accepted delegation tokens.
    pub delegation_ref: String,
    /// What the rate limit said.
    pub rate_limit: Option<LimitDecision>,
    /// What the destructive budget said.
    pub destructive_budget: Option<LimitDecision>,
    /// What the trace tells about the brokered credential.
    pub broker: BrokerFacts,
    /// The credential that a broker issued, accepted or not.
    pub credential: Option<Box<IssuedCredential>>,
    /// Whether an approved script let it pass.
    pub pre_approved: bool,
    /// Which approved script.
    pub pattern_id: String,
    /// What the registry of approved scripts said.
    pub registry_reason: String,
    /// What would have happened without simulation.
    pub simulation: Option<Simulation>,
}

/// What would have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The verdict without simulation.
    pub verdict: Verdict,
    /// The reasons without simulation.
    pub reason_codes: CodeSet,
    /// Whether the tool would not have run.
    pub would_have_blocked: bool,
}

/// A credential with the request that led to it.
#[derive(Clone, Debug)]
pub struct IssuedCredential {
    /// The request.
    pub request: BrokerRequest,
    /// The scope that was asked for, case kept.
    pub requested_scope: Vec<String>,
    /// The broker's answer.
    pub response: BrokerResponse,
}

/// What a trace tells about a brokered credential: references and bindings, never the secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrokerFacts {
    /// Reference of the credential.
    pub credential_ref: String,
    /// Where it comes from.
    pub source: String,
    /// Kind of access.
    pub access_type: String,
    /// Who issued it.
    pub issuer: String,
    /// Digest of the request.
    pub request_digest: String,
    /// Targets it is bound to.
    pub target_binding: String,
    /// Run it is bound to.
    pub run_binding: String,
    /// Job it is bound to.
    pub job_binding: String,
}

impl BrokerFacts {
    pub(super) fn of(response: &BrokerResponse) -> Self {
        Self {
            credential_ref: response.credential_ref.clone(),
            source: response.source.clone(),
            access_type: response.access_type.clone(),
            issuer: response.issuer_shown().to_owned(),
            request_digest: response.request_digest.clone(),
            target_binding: response.target_binding.clone(),
            run_binding: response.run_binding.clone(),
            job_binding: response.job_binding.clone(),
        }
    }
}
