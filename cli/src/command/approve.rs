//! `gait approve` (03 §2.2).

use gait_base::json;
use gait_base::text::{set_fold, split_csv, trim_fold};
use gait_gate::authority::approval::{ApprovalRequest, ApprovalTerms, ApprovalToken};

use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

const DESCRIPTION: &str = "signed approval of one intent under one policy; hand it to gait gate eval --approval-token";

gait_base::record! {
    /// What `approve` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct ApproveOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Id of the token.
        token_id: String => omit,
        /// Where it is.
        token_path: String => omit,
        /// When it ends, to the second.
        expires_at: String => omit,
        /// Why it was given.
        reason_code: String => omit,
        /// What it lets pass.
        scope: Vec<String> => omit,
        /// The most targets.
        max_targets: i64 => omit,
        /// The most operations.
        max_ops: i64 => omit,
        /// The key that signed it.
        key_id: String => omit,
        /// What the caller must know.
        warnings: Vec<String> => omit,
        /// What the file is.
        description: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let args = call.args;
    let mut terms = ApprovalTerms {
        approver_identity: args.text("approver").to_owned(),
        reason_code: args.text("reason-code").to_owned(),
        intent_digest: args.text("intent-digest").to_owned(),
        policy_digest: args.text("policy-digest").to_owned(),
        delegation_binding_digest: args.text("delegation-binding-digest").to_owned(),
        scope: split_csv(args.text("scope")),
        max_targets: args.integer("max-targets"),
        max_ops: args.integer("max-ops"),
        ttl_nanos: token::ttl(call)?,
        producer_version: call.producer_version.to_owned(),
    };
    let request = request(call)?;
    if let Some(request) = &request {
        terms = granting(request, terms)?;
    }
    if terms.scope.is_empty() {
        return Err(Failure::usage("--scope must name at least one value"));
    }
    let signer = token::signer(call)?;
    let approval = ApprovalToken::mint(terms, &signer.key, &token::moment(call)?)?;
    let default = format!("approval_{}.json", approval.token_id);
    let record = ApproveOutput {
        ok: true,
        token_path: token::write(call, default, &json::to_indented(&approval)?)?,
        expires_at: approval.expires_at.format_seconds()?,
        token_id: approval.token_id,
        reason_code: approval.reason_code,
        scope: approval.scope,
        max_targets: approval.max_targets,
        max_ops: approval.max_ops,
        key_id: signer.key.key_id().to_owned(),
        warnings: signer.warnings,
        description: DESCRIPTION.to_owned(),
    };
    let mut text = Text::ok("approve")
        .pair("token_id", &record.token_id)
        .pair("path", &record.token_path)
        .pair("expires_at", &record.expires_at)
        .pair("key_id", &record.key_id)
        .line("scope", &record.scope.join(","));
    if let Some(request) = &request {
        text = text
            .label("approved")
            .pair("tool", &request.tool_name)
            .pair("identity", &request.identity)
            .pair("targets", request.target_count)
            .pair("operations", request.operation_count)
            .pair("rule", &request.matched_rule);
    }
    let text = text.lines("warning", &record.warnings);
    Ok(Report::new(&record, text))
}

/// The request document, if one is named.
fn request(call: &Call<'_>) -> Result<Option<ApprovalRequest>, Failure> {
    let path = call.args.text("request").trim();
    if path.is_empty() {
        return Ok(None);
    }
    token::read(path, |bytes| ApprovalRequest::parse(bytes, call.mode())).map(Some)
}

/// The given terms with what they leave open taken from the request. Terms that would not grant the request are refused:
/// the approver means something else than what was asked.
fn granting(request: &ApprovalRequest, given: ApprovalTerms) -> Result<ApprovalTerms, Failure> {
    let asked = request.terms();
    let mut scope = given.scope.clone();
    set_fold(&mut scope);
    if !scope.is_empty() && scope != asked.scope {
        return Err(contradicts("scope", &scope.join(","), &asked.scope.join(",")));
    }
    for (name, limit, count) in
        [("max-targets", given.max_targets, request.target_count), ("max-ops", given.max_ops, request.operation_count)]
    {
        if limit > 0 && limit < count {
            return Err(contradicts(name, &limit.to_string(), &count.to_string()));
        }
    }
    Ok(ApprovalTerms {
        intent_digest: agreed("intent-digest", &given.intent_digest, asked.intent_digest)?,
        policy_digest: agreed("policy-digest", &given.policy_digest, asked.policy_digest)?,
        delegation_binding_digest: agreed(
            "delegation-binding-digest",
            &given.delegation_binding_digest,
            asked.delegation_binding_digest,
        )?,
        scope: asked.scope,
        ..given
    })
}

/// The asked digest, unless another one is given.
fn agreed(name: &str, given: &str, asked: String) -> Result<String, Failure> {
    let given = trim_fold(given);
    if given.is_empty() || given == asked { Ok(asked) } else { Err(contradicts(name, &given, &asked)) }
}

fn contradicts(name: &str, given: &str, asked: &str) -> Failure {
    let asked = if asked.is_empty() { "none" } else { asked };
    Failure::usage(format!("--{name} {given} contradicts the request, which asks for {asked}"))
}
