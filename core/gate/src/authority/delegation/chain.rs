//! Whether the tokens at hand cover every link of an intent's delegation (03 §3.4, §13 step 12).

use gait_base::digest::Digest;
use gait_base::time::Timestamp;

use super::token::DelegationToken;
use super::validation::{Bindings, DelegationFault, check_identities, verified};
use crate::authority::audit::DelegationAuditEntry;
use crate::authority::token::{Presented, SignatureCheck, TrustedKeys};
use crate::code::CodeSet;
use crate::intent::Delegation;

const TOKEN_MISSING: &str = "delegation_token_missing";

/// What the tokens must cover.
#[derive(Clone, Debug)]
pub struct ChainDemand<'a> {
    /// The delegation of the prepared intent, in normal form.
    pub delegation: &'a Delegation,
    /// Scope values in normal form of which each token must cover one; none means any token will do.
    pub required_scope: &'a [String],
    /// The prepared intent's digest.
    pub intent_digest: Digest,
    /// The policy's digest.
    pub policy_digest: Digest,
    /// The moment.
    pub now: Timestamp,
}

/// What the tokens amount to.
#[derive(Clone, Debug, PartialEq)]
pub struct DelegationOutcome {
    /// Whether every link is covered by a token of its own.
    pub complete: bool,
    /// How many links there are.
    pub links: usize,
    /// How many links are covered.
    pub valid: i64,
    /// The codes that join the decision's reasons.
    pub reasons: CodeSet,
    /// The violation that joins the decision's, when not complete.
    pub violation: Option<&'static str>,
    /// The ids of the used tokens, joined by commas, when complete; else empty.
    pub delegation_ref: String,
    /// One a link, then one a token that was not used.
    pub examined: Vec<ExaminedDelegation>,
}

/// What became of a link, or of a token that no link used.
#[derive(Clone, Debug, PartialEq)]
pub enum ExaminedDelegation {
    /// This token covers the link.
    Covered(Presented<DelegationToken>),
    /// No token covers the link from this delegator to this delegate.
    Missing(String, String),
    /// The token was not used, for this reason.
    Unused(Presented<DelegationToken>, DelegationFault),
}

impl DelegationOutcome {
    /// The entries for the audit, in the order of [`DelegationOutcome::examined`].
    #[must_use]
    pub fn entries(&self) -> Vec<DelegationAuditEntry> {
        let entry = |examined: &ExaminedDelegation| match examined {
            ExaminedDelegation::Covered(token) => DelegationAuditEntry::of(token.token(), None),
            ExaminedDelegation::Missing(delegator, delegate) => {
                DelegationAuditEntry::missing(delegator, delegate, TOKEN_MISSING)
            }
            ExaminedDelegation::Unused(token, fault) => DelegationAuditEntry::of(token.token(), Some(*fault)),
        };
        self.examined.iter().map(entry).collect()
    }
}

/// One token, verified once whatever the number of links.
struct Candidate<'a> {
    token: &'a Presented<DelegationToken>,
    normal: Result<&'a DelegationToken, DelegationFault>,
    used: bool,
}

impl Candidate<'_> {
    fn fits(&self, link: (&str, &str), bindings: &Bindings<'_>) -> Result<(), DelegationFault> {
        let normal = self.normal?;
        check_identities(normal, link.0, link.1)?;
        bindings.check(normal)
    }
}

/// Gives each link, in order, the first unused token that covers it. `tokens` are all that were handed in, in the order
/// of their (sorted, distinct) paths.
#[must_use]
pub fn verify_chain(
    tokens: &[Presented<DelegationToken>],
    trusted: &TrustedKeys,
    demand: &ChainDemand<'_>,
    check: &dyn SignatureCheck,
) -> DelegationOutcome {
    let links = required_links(demand.delegation);
    if tokens.is_empty() {
        let mut reasons = CodeSet::default();
        reasons.insert(TOKEN_MISSING);
        return refused(links.len(), 0, reasons, Vec::new());
    }
    let (intent_digest, policy_digest) = (demand.intent_digest.hex(), demand.policy_digest.hex());
    let bindings = Bindings {
        required_scope: demand.required_scope,
        intent_digest: &intent_digest,
        policy_digest: &policy_digest,
    };
    let mut candidates: Vec<Candidate<'_>> = tokens
        .iter()
        .map(|token| Candidate { token, normal: verified(token, trusted, &demand.now, check), used: false })
        .collect();

    let mut examined = Vec::with_capacity(links.len().saturating_add(tokens.len()));
    let mut reasons = CodeSet::default();
    let (mut valid, mut used_ids, mut first_open) = (0, Vec::new(), None);
    for &link in &links {
        match candidates.iter_mut().find(|one| !one.used && one.fits(link, &bindings).is_ok()) {
            Some(candidate) => {
                candidate.used = true;
                valid += 1;
                used_ids.push(candidate.token.token().token_id.trim());
                examined.push(ExaminedDelegation::Covered(candidate.token.clone()));
            }
            None => {
                first_open.get_or_insert(link);
                reasons.insert(TOKEN_MISSING);
                examined.push(ExaminedDelegation::Missing(link.0.to_owned(), link.1.to_owned()));
            }
        }
    }
    for candidate in candidates.iter().filter(|one| !one.used) {
        let fault =
            first_open.and_then(|link| candidate.fits(link, &bindings).err()).unwrap_or(DelegationFault::ChainMismatch);
        reasons.insert(fault.as_str());
        examined.push(ExaminedDelegation::Unused(candidate.token.clone(), fault));
    }
    if first_open.is_some() {
        reasons.insert("delegation_chain_insufficient");
        return refused(links.len(), valid, reasons, examined);
    }
    // Surplus tokens do no harm: their codes stay in the audit.
    used_ids.sort_unstable();
    used_ids.dedup();
    let mut reasons = CodeSet::default();
    reasons.insert("delegation_granted");
    DelegationOutcome {
        complete: true,
        links: links.len(),
        valid,
        reasons,
        violation: None,
        delegation_ref: used_ids.join(","),
        examined,
    }
}

fn refused(links: usize, valid: i64, reasons: CodeSet, examined: Vec<ExaminedDelegation>) -> DelegationOutcome {
    let violation = Some("delegation_not_granted");
    DelegationOutcome { complete: false, links, valid, reasons, violation, delegation_ref: String::new(), examined }
}

/// Delegator and delegate of each link; without a chain, anybody to the requester.
fn required_links(delegation: &Delegation) -> Vec<(&str, &str)> {
    if delegation.chain.is_empty() {
        return vec![("", &delegation.requester_identity)];
    }
    let links = delegation.chain.iter();
    links.map(|link| (&*link.delegator_identity, &*link.delegate_identity)).collect()
}
