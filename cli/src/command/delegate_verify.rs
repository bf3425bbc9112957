//! `gait delegate verify` (03 §3.3).

use gait_base::error::ExitCode;
use gait_base::text::split_csv;
use gait_gate::authority::delegation::{DelegationExpectation, DelegationFault, DelegationToken, validate};
use gait_gate::authority::token::{CheckEach, Presented};

use super::delegate_mint::{DelegateOutput, told};
use super::token;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

const DESCRIPTION: &str =
    "the delegation token is signed by this key, has not expired and fits what was expected of it";

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let args = call.args;
    let path = token::path(call)?;
    let key = token::verifier(call)?;
    let now = token::moment(call)?;
    let delegation = token::read(path, |bytes| DelegationToken::parse(bytes, call.mode()))?;
    let expectation = DelegationExpectation::new()
        .identities(args.text("delegator"), args.text("delegate"))
        .any_scope(split_csv(args.text("scope")))
        .digests(args.text("intent-digest"), args.text("policy-digest"));
    if let Err(fault) =
        validate(&Presented::new(delegation.clone()), &key.clone().into(), &now, &expectation, &CheckEach)
    {
        return Ok(refused(delegation.token_id, path, fault));
    }
    let signature = delegation.signature.unwrap_or_default();
    let record = DelegateOutput {
        ok: true,
        token_id: delegation.token_id,
        token_path: path.to_owned(),
        delegator_identity: delegation.delegator_identity,
        delegate_identity: delegation.delegate_identity,
        scope: delegation.scope,
        scope_class: delegation.scope_class,
        expires_at: delegation.expires_at.format_seconds()?,
        key_id: signature.key_id,
        description: DESCRIPTION.to_owned(),
        ..DelegateOutput::default()
    };
    let text = told(Text::ok("delegate verify"), &record);
    Ok(Report::new(&record, text))
}

fn refused(token_id: String, path: &str, fault: DelegationFault) -> Report {
    let text = Text::failed("delegate verify")
        .pair("token_id", &token_id)
        .pair("path", path)
        .pair("code", fault.as_str())
        .line("reason", &fault.to_string());
    let record = DelegateOutput {
        token_id,
        token_path: path.to_owned(),
        error_code: fault.as_str().to_owned(),
        error: fault.to_string(),
        ..DelegateOutput::default()
    };
    Report::new(&record, text).exit(ExitCode::VerificationFailed).classified(&fault)
}
