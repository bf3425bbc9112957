//! The stub broker: a reference made from the request, for tests and dry runs (03 §10.3).

use gait_base::digest::sha256;
use gait_base::time::Timestamp;

use super::{BrokerFault, BrokerKind, BrokerRequest, BrokerResponse};
use crate::mode::Mode;

const LIFE_SECONDS: i64 = 300;
const REFERENCE_DIGITS: usize = 24;

/// What the stub answers to a request in normal form.
///
/// # Errors
/// When five minutes from `now` cannot be written.
pub fn stub_response(request: &BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault> {
    let asked = [
        request.tool_name.as_str(),
        &request.identity,
        &request.workspace,
        &request.session_id,
        &request.request_id,
        &request.reference,
        &request.scope.join(","),
    ]
    .join("|");
    let name = BrokerKind::Stub.name().to_owned();
    BrokerResponse {
        issued_by: name.clone(),
        source: name.clone(),
        access_type: "jit".to_owned(),
        issuer: name,
        subject: request.identity.clone(),
        owner: request.identity.clone(),
        scope: request.scope.clone(),
        credential_ref: format!("stub:{}", sha256(asked.as_bytes()).short(REFERENCE_DIGITS)),
        target_binding: request.target_binding.clone(),
        run_binding: request.run_id.clone(),
        job_binding: request.job_id.clone(),
        request_digest: String::new(),
        issued_at: *now,
        expires_at: Timestamp::ZERO,
        ttl_seconds: LIFE_SECONDS,
    }
    // It says only what the request says: strictness would find nothing.
    .normalized(BrokerKind::Stub, request, now, Mode::Compat)
}
