//! Bringing a decision to its end: limits are counted, delegations, approvals and brokers speak, simulation disarms
//! (02 §11.3).
//!
//! [`Settling`] takes the steps in their order; the caller supplies what each needs (counters, tokens, keys, a broker's
//! answer) and asks first whether it is needed at all. A step that is needed and not taken leaves its block or hold in
//! place: [`Settling::finish`] never lets through what nobody answered for.

mod settlement;

pub use settlement::{BrokerFacts, IssuedCredential, Settlement, Simulation};

use gait_base::digest::Digest;
use gait_base::json::EncodeError;
use gait_base::time::{TimeError, Timestamp};

use crate::authority::approval::{self, ApprovalExpectation, ApprovalOutcome, ApprovalToken};
use crate::authority::approved_script::{ApprovedScriptEntry, ScriptMatch};
use crate::authority::broker::{self, BrokerFault, BrokerRequest, BrokerResponse, ReceiptDemand};
use crate::authority::delegation::{self, ChainDemand, DelegationToken};
use crate::authority::limit::{self, LimitDecision};
use crate::authority::token::{Presented, SignatureCheck, TrustedKeys};
use crate::evaluate::Decision;
use crate::intent::Intent;
use crate::policy::Policy;
use crate::policy::document::Limit;
use crate::state::{Claim, Ledger};
use crate::verdict::Verdict;

/// Whether nothing is left to ask about a decision: no limit, no delegation, no approval, no credential.
#[must_use]
pub fn is_settled(decision: &Decision) -> bool {
    decision.rate_limit.is_none()
        && decision.destructive_budget.is_none()
        && !decision.require_delegation
        && decision.verdict != Verdict::RequireApproval
        && !(decision.require_broker_credential && decision.verdict == Verdict::Allow)
}

/// A decision on its way to its end.
pub struct Settling<'a> {
    policy: &'a Policy,
    intent: &'a Intent,
    decision: Decision,
    settlement: Settlement,
    counted: bool,
    delegation_checked: bool,
    approval_checked: bool,
    broker_checked: bool,
}

impl<'a> Settling<'a> {
    /// Starts with what evaluation gave.
    #[must_use]
    pub fn new(policy: &'a Policy, intent: &'a Intent, decision: Decision) -> Self {
        let mut decision = decision;
        let mut settlement = decision.settlement.take().unwrap_or_default();
        settlement.required_approvals = decision.min_approvals;
        Self {
            policy,
            intent,
            decision,
            settlement: *settlement,
            counted: false,
            delegation_checked: false,
            approval_checked: false,
            broker_checked: false,
        }
    }

    /// Remembers what the registry of approved scripts said without letting the script pass.
    pub fn registry_reason(&mut self, reason: &str) {
        reason.clone_into(&mut self.settlement.registry_reason);
    }

    /// Remembers a reference that the caller gives for an approval. It shows in output and trace, and proves nothing.
    pub fn approval_reference(&mut self, reference: &str) {
        reference.trim().clone_into(&mut self.settlement.approval_ref);
    }

    /// Counts the request against the limits of the decision, whatever its verdict is. `take` admits one request for a
    /// tool and an identity, or refuses it.
    ///
    /// # Errors
    /// What `take` fails with.
    pub fn count<E>(&mut self, mut take: impl FnMut(&Limit, &str, &str) -> Result<LimitDecision, E>) -> Result<(), E> {
        self.counted = true;
        let request = self.intent.request();
        let identity = &request.context.identity;
        if let Some(limit) = self.decision.rate_limit {
            let taken = take(&limit, &request.tool_name, identity)?;
            if !taken.allowed {
                self.block("rate_limit_exceeded", "rate_limit_exceeded");
            }
            self.settlement.rate_limit = Some(taken);
        }
        if let Some(limit) = self.decision.destructive_budget
            && limit::counts_toward_budget(request)
        {
            let taken = take(&limit, &limit::budget_tool_name(request), identity)?;
            if !taken.allowed {
                self.block("destructive_budget_exceeded", "destructive_budget_exceeded");
            }
            self.settlement.destructive_budget = Some(taken);
        }
        Ok(())
    }

    /// Whether delegation tokens must cover the intent's delegation. Asked whatever the verdict is.
    #[must_use]
    pub const fn needs_delegation(&self) -> bool {
        self.decision.require_delegation
    }

    /// Holds delegation tokens against the intent's delegation. Without a need for any, nothing happens.
    pub fn delegate(
        &mut self,
        tokens: &[Presented<DelegationToken>],
        trusted: &TrustedKeys,
        now: &Timestamp,
        check: &dyn SignatureCheck,
    ) {
        if !self.needs_delegation() {
            return;
        }
        self.delegation_checked = true;
        let Some(delegation) = &self.intent.request().delegation else {
            // A rule that requires delegation never matches an intent without one.
            self.block("delegation_token_missing", "delegation_not_granted");
            return;
        };
        let demand = ChainDemand {
            delegation,
            required_scope: &self.decision.delegation_scopes,
            intent_digest: self.intent_digest(),
            policy_digest: self.decision.policy_digest,
            now: *now,
        };
        let outcome = delegation::verify_chain(tokens, trusted, &demand, check);
        if let Some(violation) = outcome.violation {
            self.decision.verdict = Verdict::Block;
            self.decision.violations.insert(violation);
        }
        self.decision.reason_codes.extend(&outcome.reasons);
        outcome.delegation_ref.clone_into(&mut self.settlement.delegation_ref);
        self.settlement.delegation = Some(outcome);
    }

    /// What approvals must name: the prepared intent's digest and the policy's.
    #[must_use]
    pub fn awaited(&self) -> (Digest, Digest) {
        (self.intent_digest(), self.decision.policy_digest)
    }

    /// Whether an approval is what is missing.
    #[must_use]
    pub fn needs_approval(&self) -> bool {
        self.decision.verdict == Verdict::RequireApproval
    }

    /// Holds approval tokens against the decision. An approval answers a demand for one; it lifts no block. With a `ledger`
    /// each token counts once: what it knows as used is refused, and what is granted here is used from now on, whatever
    /// comes of the call.
    ///
    /// # Errors
    /// What the ledger fails with.
    pub fn approve<E>(
        &mut self,
        tokens: &[Presented<ApprovalToken>],
        trusted: &TrustedKeys,
        now: &Timestamp,
        check: &dyn SignatureCheck,
        ledger: Option<Ledger<'_, E>>,
    ) -> Result<(), E> {
        if !self.needs_approval() {
            return Ok(());
        }
        self.approval_checked = true;
        let expectation =
            ApprovalExpectation::of_intent(self.intent, self.intent_digest(), self.decision.policy_digest, *now);
        let outcome = self.count_approvals(tokens, trusted, &expectation, check, ledger)?;
        self.decision.reason_codes.extend(&outcome.reasons);
        if let Some(violation) = outcome.violation {
            self.decision.violations.insert(violation);
        }
        if outcome.granted {
            self.decision.verdict = Verdict::Allow;
            outcome.approval_ref.clone_into(&mut self.settlement.approval_ref);
        }
        self.settlement.required_approvals = outcome.required;
        self.settlement.approvals = Some(outcome);
        Ok(())
    }

    /// Counts the tokens, and claims those that make the decision. A token that somebody else claims in between falls out
    /// and the rest is counted anew; each round refuses one more, so there are no more rounds than tokens.
    fn count_approvals<E>(
        &self,
        tokens: &[Presented<ApprovalToken>],
        trusted: &TrustedKeys,
        expectation: &ApprovalExpectation,
        check: &dyn SignatureCheck,
        mut ledger: Option<Ledger<'_, E>>,
    ) -> Result<ApprovalOutcome, E> {
        let mut used: Vec<Digest> = Vec::new();
        loop {
            let min_approvals = self.decision.min_approvals;
            let outcome = approval::count(tokens, trusted, expectation, min_approvals, check, &used);
            let Some(claim) = ledger.as_mut().filter(|_| outcome.granted) else { return Ok(outcome) };
            match claim(&outcome.uses)? {
                Claim::Granted => return Ok(outcome),
                Claim::Used(claimed) => {
                    let known = used.len();
                    used.extend(outcome.uses.iter().map(|one| one.token).filter(|token| claimed.contains(token)));
                    if used.len() == known {
                        // The ledger names none of the tokens that it refuses: none of them counts.
                        used.extend(outcome.uses.iter().map(|one| one.token));
                    }
                }
            }
        }
    }

    /// Whether a broker must issue a credential before the tool may run.
    #[must_use]
    pub fn needs_credential(&self) -> bool {
        self.decision.require_broker_credential && self.decision.verdict == Verdict::Allow
    }

    /// What to ask of the broker. `reference` and `scopes` (comma-separated) are the caller's.
    ///
    /// # Errors
    /// [`BrokerFault`] when tool or identity are missing: a failure of issuing.
    pub fn credential_request(
        &self,
        reference: &str,
        scopes: &str,
    ) -> Result<(BrokerRequest, Vec<String>), BrokerFault> {
        let context = self.decision.context(self.intent);
        let requested_scope = broker::requested_scope(&self.decision.broker_scopes, scopes);
        let reference = if reference.trim().is_empty() { &self.decision.broker_reference } else { reference };
        let request = BrokerRequest {
            tool_name: self.intent.request().tool_name.clone(),
            identity: context.identity.clone(),
            workspace: context.workspace.clone(),
            session_id: context.session_id.clone(),
            request_id: context.request_id.clone(),
            run_id: context.run_id.clone(),
            job_id: context.job_id.clone(),
            reference: reference.to_owned(),
            scope: requested_scope.clone(),
            target_binding: self.intent.targets_digest().to_hex(),
        };
        request.normalized().map(|request| (request, requested_scope))
    }

    /// No broker is configured.
    pub fn no_broker(&mut self) {
        self.broker_checked = true;
        self.block("broker_credential_required", "broker_credential_missing");
    }

    /// The broker failed. Why is not told: the reason may hold what should stay secret.
    pub fn broker_failed(&mut self) {
        self.broker_checked = true;
        self.block("broker_credential_missing", "broker_credential_missing");
    }

    /// Holds a broker's answer against the request and the rules that asked for it. Without a need for a credential,
    /// nothing happens.
    ///
    /// # Errors
    /// When the request has no digest, which does not happen: it holds text only.
    pub fn credential(
        &mut self,
        request: BrokerRequest,
        requested_scope: Vec<String>,
        response: BrokerResponse,
    ) -> Result<(), EncodeError> {
        if !self.needs_credential() {
            return Ok(());
        }
        self.broker_checked = true;
        let demand = ReceiptDemand {
            request_digest: request.digest()?,
            requested_scope: &requested_scope,
            context: self.decision.context(self.intent),
            target_binding: self.intent.targets_digest(),
        };
        let numbers = self.decision.matched_rules.iter();
        let rules = numbers.filter_map(|number| self.policy.document().rules.get(*number));
        let codes = broker::check_receipt(&response, &demand, rules.filter_map(|rule| rule.credential.as_deref()));
        if codes.is_empty() {
            self.decision.reason_codes.insert("broker_credential_present");
        } else {
            self.decision.verdict = Verdict::Block;
            self.decision.reason_codes.extend(&codes);
            self.decision.violations.extend(&codes);
        }
        self.settlement.broker = BrokerFacts::of(&response);
        self.settlement.credential = Some(Box::new(IssuedCredential { request, requested_scope, response }));
        Ok(())
    }

    /// Disarms: remembers what would have happened and lets everything pass.
    pub fn simulate(&mut self) {
        self.refuse_unanswered();
        let decision = &mut self.decision;
        let simulated = decision.verdict;
        self.settlement.simulation = Some(Simulation {
            verdict: simulated,
            reason_codes: decision.reason_codes.clone(),
            would_have_blocked: matches!(simulated, Verdict::Block | Verdict::RequireApproval),
        });
        decision.reason_codes.insert("simulate_mode_non_enforcing");
        let code = match simulated {
            Verdict::Block => "simulated_block",
            Verdict::RequireApproval => "simulated_require_approval",
            Verdict::Allow | Verdict::DryRun => return,
        };
        decision.verdict = Verdict::Allow;
        decision.violations = crate::code::CodeSet::default();
        decision.reason_codes.insert(code);
    }

    /// The decision as it stands in the end.
    #[must_use]
    pub fn finish(mut self) -> Decision {
        if self.settlement.simulation.is_none() {
            self.refuse_unanswered();
        }
        self.decision.settlement = Some(Box::new(self.settlement));
        self.decision
    }

    /// The decision so far.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Whatever was needed and not asked for counts as refused.
    fn refuse_unanswered(&mut self) {
        let limited = self.decision.rate_limit.is_some()
            || self.decision.destructive_budget.is_some() && limit::counts_toward_budget(self.intent.request());
        if limited && !self.counted {
            self.block("rate_limit_exceeded", "rate_limit_exceeded");
        }
        if self.needs_delegation() && !self.delegation_checked {
            self.block("delegation_token_missing", "delegation_not_granted");
        }
        if self.needs_approval() && !self.approval_checked {
            self.decision.reason_codes.insert("approval_token_missing");
            self.decision.violations.insert("approval_not_granted");
            self.settlement.required_approvals = self.decision.min_approvals.max(1);
        }
        if self.needs_credential() && !self.broker_checked {
            self.no_broker();
        }
    }

    fn block(&mut self, reason: &'static str, violation: &'static str) {
        self.decision.verdict = Verdict::Block;
        self.decision.reason_codes.insert(reason);
        self.decision.violations.insert(violation);
    }

    fn intent_digest(&self) -> Digest {
        self.decision.intent_digest.unwrap_or_else(|| self.intent.digest())
    }
}

/// The decision that an approved script makes: it passes without being evaluated (03 §4.6).
///
/// # Errors
/// [`TimeError`] when the clock's reading cannot be written.
pub fn pre_approved(
    policy: &Policy,
    intent: &Intent,
    entry: &ApprovedScriptEntry,
    clock: &Timestamp,
) -> Result<Decision, TimeError> {
    let mut decision = Decision::pre_approved(policy, intent, clock.to_utc()?);
    decision.settlement = Some(Box::new(Settlement {
        pre_approved: true,
        pattern_id: entry.pattern_id.clone(),
        registry_reason: ScriptMatch::Found(entry).reason().to_owned(),
        ..Settlement::default()
    }));
    Ok(decision)
}
