//! Whether the approvals at hand are enough (03 §13 step 13).

use gait_base::digest::Digest;

use super::token::ApprovalToken;
use super::validation::{ApprovalExpectation, ApprovalFault, validate};
use crate::authority::audit::ApprovalAuditEntry;
use crate::authority::token::{Presented, SignatureCheck, TrustedKeys};
use crate::code::CodeSet;
use crate::state::TokenUse;

/// What the tokens amount to.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalOutcome {
    /// Whether the intent may pass.
    pub granted: bool,
    /// How many approvals were needed.
    pub required: i64,
    /// How many tokens are valid.
    pub valid: i64,
    /// How many different people signed valid tokens.
    pub distinct_identities: i64,
    /// How many different valid tokens there are.
    pub distinct_tokens: i64,
    /// The codes that join the decision's reasons; those of invalid tokens too.
    pub reasons: CodeSet,
    /// The violation that joins the decision's, when not granted.
    pub violation: Option<&'static str>,
    /// The ids of the valid tokens, joined by commas, when granted; else empty.
    pub approval_ref: String,
    /// The tokens in their order, each with what is wrong with it.
    pub examined: Vec<(Presented<ApprovalToken>, Option<ApprovalFault>)>,
    /// The valid tokens, each once: what a ledger of used tokens must hear of.
    pub uses: Vec<TokenUse>,
}

impl ApprovalOutcome {
    /// One entry a token for the audit, in the order of the tokens.
    #[must_use]
    pub fn entries(&self) -> Vec<ApprovalAuditEntry> {
        self.examined.iter().map(|(token, fault)| ApprovalAuditEntry::of(token.token(), *fault)).collect()
    }

    /// Ids of the tokens that were used before: waiting for them is in vain.
    #[must_use]
    pub fn spent(&self) -> Vec<String> {
        let replayed = self.examined.iter().filter(|(_, fault)| *fault == Some(ApprovalFault::Replayed));
        replayed.map(|(token, _)| token.token().token_id.clone()).collect()
    }
}

/// Counts the valid tokens against `min_approvals`, the number that the policy's outcome asks for (below 1 counts as 1).
///
/// More than one approval always means different people, each with a token of their own: identities *and* token ids
/// must differ, so that neither a renamed copy of a file nor a padded name helps (00 D6). `tokens` are all that were
/// handed in, in the order of their (sorted, distinct) paths. Those with a content digest among `used` are refused as used
/// before.
#[must_use]
pub fn count(
    tokens: &[Presented<ApprovalToken>],
    trusted: &TrustedKeys,
    expectation: &ApprovalExpectation,
    min_approvals: i64,
    check: &dyn SignatureCheck,
    used: &[Digest],
) -> ApprovalOutcome {
    let needed = min_approvals.max(1);
    let mut reasons = CodeSet::default();
    let mut examined = Vec::with_capacity(tokens.len());
    let mut valid = 0;
    let (mut identities, mut ids) = (Vec::new(), Vec::new());
    let mut uses: Vec<TokenUse> = Vec::new();
    for presented in tokens {
        let token = presented.token();
        let digest = presented.content_digest();
        let fault = match validate(presented, trusted, expectation, check) {
            Ok(()) if digest.is_some_and(|digest| used.contains(&digest)) => Some(ApprovalFault::Replayed),
            Ok(()) => None,
            Err(fault) => Some(fault),
        };
        examined.push((presented.clone(), fault));
        match fault {
            Some(fault) => reasons.insert(fault.as_str()),
            None => {
                valid += 1;
                identities.push(token.approver_identity.trim());
                ids.push(token.token_id.trim());
                let taken = digest.filter(|digest| uses.iter().all(|one| one.token != *digest));
                uses.extend(taken.map(|token_digest| TokenUse { token: token_digest, expires_at: token.expires_at }));
            }
        }
    }
    for distinct in [&mut identities, &mut ids] {
        distinct.sort_unstable();
        distinct.dedup();
    }
    let (distinct_identities, distinct_tokens) = (as_count(identities.len()), as_count(ids.len()));
    let mut granted = true;
    if tokens.is_empty() {
        reasons.insert("approval_token_missing");
        granted = false;
    } else {
        if valid < needed {
            reasons.insert("approval_chain_insufficient");
            granted = false;
        }
        if needed > 1 && distinct_identities.min(distinct_tokens) < needed {
            reasons.insert("approval_distinct_approvers_required");
            granted = false;
        }
    }
    if granted {
        reasons.insert("approval_granted");
    }
    ApprovalOutcome {
        granted,
        required: needed,
        valid,
        distinct_identities,
        distinct_tokens,
        reasons,
        violation: (!granted).then_some("approval_not_granted"),
        approval_ref: if granted { ids.join(",") } else { String::new() },
        examined,
        uses,
    }
}

fn as_count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
