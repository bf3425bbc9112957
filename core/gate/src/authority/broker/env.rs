//! The environment broker: a credential that lies in a variable (03 §10.3). Only its digest leaves here.

use gait_base::digest::sha256;
use gait_base::text::split_csv;
use gait_base::time::Timestamp;

use super::{BrokerFault, BrokerKind, BrokerRequest, BrokerResponse};
use crate::mode::Mode;

/// What variables begin with when nothing else is configured.
pub const DEFAULT_ENV_PREFIX: &str = "GAIT_BROKER_TOKEN_";

const REFERENCE_DIGITS: usize = 16;

/// The variable that holds the credential for a request in normal form: the prefix, and the reference (or the tool
/// name where there is none) in upper case, with `_` for everything that a variable's name cannot hold.
#[must_use]
pub fn env_variable(prefix: &str, request: &BrokerRequest) -> String {
    let name = if request.reference.trim().is_empty() { &request.tool_name } else { &request.reference };
    let mut key = String::with_capacity(name.len());
    let mut in_run = false;
    for c in name.trim().chars() {
        let upper = match c {
            // The only letters beyond ASCII whose simple upper case lies within.
            'ı' => 'I',
            'ſ' => 'S',
            other => other.to_ascii_uppercase(),
        };
        let kept = matches!(upper, 'A'..='Z' | '0'..='9' | '_');
        if kept {
            key.push(upper);
        } else if matches!(upper, '.' | '-') || !in_run {
            key.push('_');
        }
        // A run of other characters becomes one `_`; points and dashes become one each.
        in_run = !kept && !matches!(upper, '.' | '-');
    }
    let key = key.trim_matches('_');
    format!("{prefix}{}", if key.is_empty() { "DEFAULT" } else { key })
}

/// What the environment says to a request in normal form. `lookup` gives the value of a variable, if it is set.
///
/// # Errors
/// When the variable is unset or blank, or a derived time is out of range; in strict mode also what [`BrokerResponse`]
/// says.
pub fn env_response(
    prefix: &str,
    request: &BrokerRequest,
    now: &Timestamp,
    lookup: &dyn Fn(&str) -> Option<String>,
    mode: Mode,
) -> Result<BrokerResponse, BrokerFault> {
    let variable = env_variable(prefix, request);
    let given = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let value = given(&variable).ok_or(BrokerFault::VariableMissing)?;
    let side = |suffix: &str| given(&format!("{variable}_{suffix}"));
    let or = |suffix: &str, default: &str| side(suffix).unwrap_or_else(|| default.to_owned());
    let time = |suffix: &str| side(suffix).and_then(|text| Timestamp::parse(&text).ok()).unwrap_or_default();
    let ttl_seconds = side("TTL_SECONDS").and_then(|text| text.parse().ok()).filter(|ttl| *ttl > 0).unwrap_or(0);
    BrokerResponse {
        issued_by: BrokerKind::Env.name().to_owned(),
        source: or("SOURCE", BrokerKind::Env.name()),
        access_type: or("ACCESS_TYPE", "unknown"),
        issuer: or("ISSUER", BrokerKind::Env.name()),
        subject: or("SUBJECT", &request.identity),
        owner: or("OWNER", &request.identity),
        // A list of nothing but commas is a scope of nothing; an unset or blank one is the request's.
        scope: side("SCOPE").map_or_else(|| request.scope.clone(), |list| split_csv(&list)),
        credential_ref: format!("env:{variable}:{}", sha256(value.as_bytes()).short(REFERENCE_DIGITS)),
        target_binding: or("TARGET_BINDING", &request.target_binding),
        run_binding: or("RUN_BINDING", &request.run_id),
        job_binding: or("JOB_BINDING", &request.job_id),
        request_digest: String::new(),
        issued_at: time("ISSUED_AT"),
        expires_at: time("EXPIRES_AT"),
        ttl_seconds,
    }
    .normalized(BrokerKind::Env, request, now, mode)
}
