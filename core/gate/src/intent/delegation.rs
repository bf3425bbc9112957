//! On whose behalf the agent acts: the chain from the first delegator to the requester (02 §4.9).

use gait_base::text;

use super::error::IntentError;
use super::field;
use super::request::{Delegation, DelegationLink};

const AFTER_ISSUE: &str = "later than issued_at";

/// Normalizes a delegation. The chain keeps its order: each delegator is the delegate before, the last delegate is the
/// requester.
pub(super) fn normalize(delegation: &mut Delegation) -> Result<(), IntentError> {
    field::required(&mut delegation.requester_identity, "requester_identity")?;
    text::trim_fold_in_place(&mut delegation.scope_class);
    text::set(&mut delegation.token_refs);
    field::utc(&mut delegation.issued_at, "issued_at")?;
    field::utc(&mut delegation.expires_at, "expires_at")?;
    field::expires_after(&delegation.issued_at, &delegation.expires_at, AFTER_ISSUE)?;
    for (index, link) in delegation.chain.iter_mut().enumerate() {
        normalize_link(link).map_err(|error| error.in_item(index).in_member("chain"))?;
    }
    connected(delegation)
}

fn normalize_link(link: &mut DelegationLink) -> Result<(), IntentError> {
    field::required(&mut link.delegator_identity, "delegator_identity")?;
    field::required(&mut link.delegate_identity, "delegate_identity")?;
    text::trim_fold_in_place(&mut link.scope_class);
    text::trim_in_place(&mut link.token_ref);
    field::utc(&mut link.issued_at, "issued_at")?;
    field::utc(&mut link.expires_at, "expires_at")?;
    field::expires_after(&link.issued_at, &link.expires_at, AFTER_ISSUE)
}

fn connected(delegation: &Delegation) -> Result<(), IntentError> {
    let chain = &delegation.chain;
    let gap = chain.windows(2).position(|pair| pair[0].delegate_identity != pair[1].delegator_identity);
    if let Some(before) = gap {
        let error = IntentError::invalid("delegator_identity", "the delegate of the link before");
        return Err(error.in_item(before + 1).in_member("chain"));
    }
    match chain.last() {
        Some(last) if last.delegate_identity != delegation.requester_identity => {
            let error = IntentError::invalid("delegate_identity", "the requester, as this is the last link");
            Err(error.in_item(chain.len() - 1).in_member("chain"))
        }
        _ => Ok(()),
    }
}
