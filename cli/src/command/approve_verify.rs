//! `gait approve verify` (03 §2.3).

use gait_base::digest::Digest;
use gait_base::error::ExitCode;
use gait_base::text::{set_fold, split_csv, trim_fold};
use gait_gate::authority::approval::{ApprovalExpectation, ApprovalFault, ApprovalToken, validate};
use gait_gate::authority::token::{CheckEach, Presented};

use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

const DESCRIPTION: &str =
    "the approval token is signed by this key, has not expired and covers what was expected of it";

gait_base::record! {
    /// What `approve verify` prints: on success the token's own values as they stand in the file.
    #[derive(Clone, Debug, PartialEq)]
    struct ApproveVerifyOutput {
        /// Whether the token counts.
        ok: bool,
        /// Id of the token.
        token_id: String => omit,
        /// The file, as it was named.
        token_path: String => omit,
        /// Who approves.
        approver_identity: String => omit,
        /// Why.
        reason_code: String => omit,
        /// What it lets pass.
        scope: Vec<String> => omit,
        /// The most targets.
        max_targets: i64 => omit,
        /// The most operations.
        max_ops: i64 => omit,
        /// When it ends, to the second.
        expires_at: String => omit,
        /// The key that it was verified with.
        key_id: String => omit,
        /// Why it does not count.
        error_code: String => omit,
        /// The same in words.
        error: String => omit,
        /// What success means.
        description: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = token::path(call)?;
    let key = token::verifier(call)?;
    let mut required_scope = split_csv(call.args.text("scope"));
    set_fold(&mut required_scope);
    let expectation = ApprovalExpectation {
        now: token::any_moment(call)?,
        intent_digest: digest(call, "intent-digest")?,
        policy_digest: digest(call, "policy-digest")?,
        delegation_binding_digest: digest(call, "delegation-binding-digest")?,
        required_scope,
        target_count: count(call, "targets")?,
        operation_count: count(call, "ops")?,
    };
    let approval = token::read(path, |bytes| ApprovalToken::parse(bytes, call.mode()))?;
    if let Err(fault) = validate(&Presented::new(approval.clone()), &key.clone().into(), &expectation, &CheckEach) {
        return Ok(refused(approval.token_id, path, fault));
    }
    let record = ApproveVerifyOutput {
        ok: true,
        token_id: approval.token_id,
        token_path: path.to_owned(),
        approver_identity: approval.approver_identity,
        reason_code: approval.reason_code,
        scope: approval.scope,
        max_targets: approval.max_targets,
        max_ops: approval.max_ops,
        expires_at: approval.expires_at.format_seconds()?,
        key_id: key.key_id().to_owned(),
        description: DESCRIPTION.to_owned(),
        ..ApproveVerifyOutput::default()
    };
    let text = Text::ok("approve verify")
        .pair("token_id", &record.token_id)
        .pair("approver", &record.approver_identity)
        .pair("reason", &record.reason_code)
        .pair("expires_at", &record.expires_at)
        .pair("key_id", &record.key_id)
        .line("scope", &record.scope.join(","));
    Ok(Report::new(&record, text))
}

fn refused(token_id: String, path: &str, fault: ApprovalFault) -> Report {
    let text = Text::failed("approve verify")
        .pair("token_id", &token_id)
        .pair("path", path)
        .pair("code", fault.as_str())
        .line("reason", &fault.to_string());
    let record = ApproveVerifyOutput {
        token_id,
        token_path: path.to_owned(),
        error_code: fault.as_str().to_owned(),
        error: fault.to_string(),
        ..ApproveVerifyOutput::default()
    };
    Report::new(&record, text).exit(ExitCode::VerificationFailed).classified(&fault)
}

/// The expected digest of a flag. One that is no digest could never be met; it is refused rather than compared.
fn digest(call: &Call<'_>, name: &str) -> Result<Option<Digest>, Failure> {
    let given = trim_fold(call.args.text(name));
    if given.is_empty() {
        return Ok(None);
    }
    match Digest::parse_hex(&given) {
        Some(digest) => Ok(Some(digest)),
        None => Err(Failure::usage(format!("--{name} must be a SHA-256 digest in hex"))),
    }
}

fn count(call: &Call<'_>, name: &str) -> Result<usize, Failure> {
    usize::try_from(call.args.integer(name)).map_err(|_| Failure::usage(format!("--{name} must not be negative")))
}
