//! Requests for approvals, and the tokens that answer them. What JavaScript keeps of a request is the text of its file; of a
//! token, also the handle, so that its normal form and digest are computed once.

use gait_base::digest::Digest;
use gait_base::duration::parse_duration;
use gait_base::error::Category;
use gait_base::json::{Reading, decode, to_indented};
use gait_base::key::SigningKey;
use gait_base::record;
use gait_base::text::set_fold;
use gait_gate::authority::approval::{
    ApprovalExpectation, ApprovalRequest, ApprovalTerms, ApprovalToken, RequestError, validate,
};
use gait_gate::authority::token::{CheckEach, Presented};
use gait_gate::mode::Mode;
use gait_host::fs::{PRIVATE, write_artifact};
use napi::Either;
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::document::{mode, read_file, text, written};
use crate::fault::{self, Subject};
use crate::judge::own_version;
use crate::moment::{Moment, moment};
use crate::trust::Trust;
use crate::work::{Make, Tell};

/// A number of milliseconds, or text such as `1h30m`.
pub(crate) type Duration = Either<f64, String>;

/// The longest duration that a count of nanoseconds holds, in milliseconds, rounded down.
const LONGEST_MILLIS: f64 = 9_223_372_036_854.0;

/// The duration in nanoseconds.
pub(crate) fn nanoseconds(duration: &Duration) -> napi::Result<i64> {
    let millis = match duration {
        Either::A(millis) => *millis,
        Either::B(text) => return parse_duration(text).map_err(|error| fault::exception(&error, Subject::Other)),
    };
    if millis.is_nan() || millis.abs() > LONGEST_MILLIS {
        let message = "a duration is at most 292 years";
        return Err(fault::plain(Category::InvalidInput, "duration_out_of_range", message));
    }
    #[expect(clippy::cast_possible_truncation, reason = "within what i64 holds")]
    let nanoseconds = (millis * 1e6) as i64;
    Ok(nanoseconds)
}

/// Reads a request document.
pub(crate) fn request(document: &[u8], mode: Mode) -> napi::Result<ApprovalRequest> {
    ApprovalRequest::parse(document, mode).map_err(|error| match error {
        RequestError::Json(error) => fault::of_document(&error),
        error @ RequestError::Member(_) => fault::exception(&error, Subject::Document),
    })
}

/// The text of a request's file.
pub(crate) fn request_file(request: &ApprovalRequest) -> napi::Result<String> {
    text(request.to_file().map_err(|error| fault::exception(&error, Subject::Document))?)
}

/// Reads a request in JSON; gives the text of its file.
#[napi(catch_unwind)]
pub(crate) fn approval_request_parse(bytes: &[u8], start: u32, end: u32, strict: bool) -> napi::Result<String> {
    request_file(&request(written(bytes, start, end), mode(strict))?)
}

/// Reads a request file on the thread pool; gives the text of its file.
#[napi(catch_unwind)]
pub(crate) fn approval_request_load(path: String, strict: bool) -> AsyncTask<Tell> {
    AsyncTask::new(Tell::new(move || {
        let document = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        request_file(&request(&document, mode(strict))?)
    }))
}

/// Writes the file of a request or a token on the thread pool, readable for its owner only. Gives its path.
#[napi(catch_unwind)]
pub(crate) fn private_write(file: String, path: String) -> AsyncTask<Tell> {
    AsyncTask::new(Tell::new(move || {
        let written = write_artifact(&path, file.as_bytes(), PRIVATE);
        written.map(|path| path.display().to_string()).map_err(|error| fault::exception(&error, Subject::Other))
    }))
}

record! {
    /// What an approver adds to a request.
    #[derive(Clone, Debug, PartialEq)]
    struct Approver {
        approver: String,
        reason: String,
        max_targets: i64,
        max_ops: i64,
        /// `GAIT_PRODUCER_VERSION`.
        producer_version: String,
    }
}

/// Makes and signs the token that grants a request.
#[napi(catch_unwind)]
pub(crate) fn approve(
    asked: String,
    key: &External<SigningKey>,
    bytes: &[u8],
    start: u32,
    end: u32,
    ttl: Duration,
    now: Moment,
) -> napi::Result<External<Presented<ApprovalToken>>> {
    let given: Approver = decode(written(bytes, start, end), Reading::STRICT)
        .map_err(|error| fault::exception(&error, Subject::Other))?;
    let terms = ApprovalTerms {
        approver_identity: given.approver,
        reason_code: given.reason,
        max_targets: given.max_targets,
        max_ops: given.max_ops,
        ttl_nanos: nanoseconds(&ttl)?,
        producer_version: own_version(&given.producer_version),
        ..request(asked.as_bytes(), Mode::Strict)?.terms()
    };
    let token = ApprovalToken::mint(terms, key, &moment(&now)?);
    token.map(Presented::new).map(External::new).map_err(|error| fault::exception(&error, Subject::Other))
}

fn parse(document: &[u8], strict: bool) -> napi::Result<Presented<ApprovalToken>> {
    Presented::parse(document, mode(strict)).map_err(|error| fault::of_document(&error))
}

/// Reads a token in JSON. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn approval_parse(
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<External<Presented<ApprovalToken>>> {
    parse(written(bytes, start, end), strict).map(External::new)
}

/// Reads a token file on the thread pool. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn approval_load(path: String, strict: bool) -> AsyncTask<Make<Presented<ApprovalToken>>> {
    AsyncTask::new(Make::new(move || {
        let document = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        parse(&document, strict)
    }))
}

/// The text of a token's file.
#[napi(catch_unwind)]
pub(crate) fn approval_file(token: &External<Presented<ApprovalToken>>) -> napi::Result<String> {
    text(to_indented(token.token()).map_err(|error| fault::exception(&error, Subject::Document))?)
}

record! {
    /// What a token is held against; what is empty is not compared.
    #[derive(Clone, Debug, PartialEq)]
    struct Expected {
        intent_digest: String,
        policy_digest: String,
        delegation_binding_digest: String,
        scope: Vec<String>,
        targets: i64,
        ops: i64,
    }
}

/// Checks a token; anything but one that counts is an error.
#[napi(catch_unwind)]
pub(crate) fn approval_verify(
    token: &External<Presented<ApprovalToken>>,
    trust: &External<Trust>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<()> {
    let mut expected: Expected = decode(written(bytes, start, end), Reading::STRICT)
        .map_err(|error| fault::exception(&error, Subject::Other))?;
    set_fold(&mut expected.scope);
    let expectation = ApprovalExpectation {
        now: moment(&now)?,
        intent_digest: expected_digest(&expected.intent_digest, "intentDigest")?,
        policy_digest: expected_digest(&expected.policy_digest, "policyDigest")?,
        delegation_binding_digest: expected_digest(&expected.delegation_binding_digest, "delegationBindingDigest")?,
        required_scope: expected.scope,
        target_count: count(expected.targets),
        operation_count: count(expected.ops),
    };
    validate(token, &trust.take(), &expectation, &CheckEach).map_err(|error| fault::exception(&error, Subject::Other))
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// A digest that was given, in any case and with blanks around it.
pub(crate) fn expected_digest(text: &str, name: &str) -> napi::Result<Option<Digest>> {
    let digest = text.trim().to_ascii_lowercase();
    if digest.is_empty() {
        return Ok(None);
    }
    let malformed = || {
        let message = format!("{name} must be a digest: 64 hex digits");
        fault::plain(Category::InvalidInput, "digest_malformed", &message)
    };
    Digest::parse_hex(&digest).map(Some).ok_or_else(malformed)
}
