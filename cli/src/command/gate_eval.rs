//! `gait gate eval` (02 §11).

use gait_gate::mode::Mode;
use gait_host::clock::SystemClock;
use gait_host::config::ProjectConfig;
use gait_host::gate_eval::{self, Caller, GateEvalError, GateEvalOptions, GateEvalOutput};

use crate::args::Arguments;
use crate::report::{Answer, Call, Failure, Report};
use crate::table::Node;
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let (explain, json) = (call.args.flag("explain"), call.args.flag("json"));
    if explain && !json {
        let node = crate::table::find(&["gate", "eval"]);
        return Ok(Report::page(Text::verbatim(node.as_ref().map_or("", Node::sentence))));
    }
    let config = if call.args.flag("no-config") {
        ProjectConfig::default()
    } else {
        ProjectConfig::load(call.args.text("config"))?
    };
    let strict = call.strict || config.strict;
    let mut options = options(call.args);
    options.mode = if strict { Mode::Strict } else { Mode::Compat };
    options.fill(&config.gate);
    let caller = Caller { producer_version: call.producer_version, correlation_id: call.correlation_id };
    let told = |error: GateEvalError| {
        let failure = match &error {
            GateEvalError::Policy(policy) => Failure::of_policy(policy),
            other => Failure::of(other),
        };
        Failure { strict, ..failure }
    };
    let evaluation = gate_eval::run(&options, &caller, &SystemClock).map_err(told)?;
    let report = if explain {
        Report::new(&evaluation.explain, Text::default())
    } else {
        Report::new(&evaluation.output, tell(&evaluation.output))
    };
    Ok(report.exit(evaluation.exit))
}

/// The flags as they were typed.
fn options(args: &Arguments) -> GateEvalOptions {
    let text = |name: &str| args.text(name).to_owned();
    GateEvalOptions {
        policy: text("policy"),
        intent: text("intent"),
        context_envelope: text("context-envelope"),
        trace_out: text("trace-out"),
        approval_token_ref: text("approval-token-ref"),
        approval_token: text("approval-token"),
        approval_token_chain: text("approval-token-chain"),
        approval_audit_out: text("approval-audit-out"),
        approval_request_out: text("approval-request-out"),
        delegation_token: text("delegation-token"),
        delegation_token_chain: text("delegation-token-chain"),
        delegation_audit_out: text("delegation-audit-out"),
        approval_public_key: text("approval-public-key"),
        approval_public_key_env: text("approval-public-key-env"),
        approval_private_key: text("approval-private-key"),
        approval_private_key_env: text("approval-private-key-env"),
        delegation_public_key: text("delegation-public-key"),
        delegation_public_key_env: text("delegation-public-key-env"),
        delegation_private_key: text("delegation-private-key"),
        delegation_private_key_env: text("delegation-private-key-env"),
        key_mode: text("key-mode"),
        private_key: text("private-key"),
        private_key_env: text("private-key-env"),
        profile: text("profile"),
        evaluation_time: text("evaluation-time"),
        kill_switch_state: text("kill-switch-state"),
        rate_limit_state: text("rate-limit-state"),
        credential_broker: text("credential-broker"),
        credential_env_prefix: text("credential-env-prefix"),
        credential_ref: text("credential-ref"),
        credential_scopes: text("credential-scopes"),
        credential_command: text("credential-command"),
        credential_command_args: text("credential-command-args"),
        credential_evidence_out: text("credential-evidence-out"),
        wrkr_inventory: text("wrkr-inventory"),
        approved_script_registry: text("approved-script-registry"),
        approved_script_public_key: text("approved-script-public-key"),
        approved_script_public_key_env: text("approved-script-public-key-env"),
        simulate: args.flag("simulate"),
        ..GateEvalOptions::default()
    }
}

/// The lines for a person.
fn tell(output: &GateEvalOutput) -> Text {
    let mut text = Text::default().label("gate eval").verdict("verdict", &output.verdict);
    if !output.matched_rule.is_empty() {
        text = text.pair("rule", &output.matched_rule);
    }
    if output.simulate_mode {
        text = text.label("simulate").pair("would_have_blocked", output.would_have_blocked);
        text = text.verdict("simulated_verdict", &output.simulated_verdict);
    }
    let approvals = if output.required_approvals > 0 {
        format!("{}/{}", output.valid_approvals, output.required_approvals)
    } else {
        String::new()
    };
    let credential = match (output.credential_ref.as_str(), output.credential_issuer.as_str()) {
        ("", _) => String::new(),
        (reference, issuer) => format!("{reference} ({issuer})"),
    };
    for (label, value) in [
        ("reasons", &output.reason_codes.join(",")),
        ("violations", &output.violations.join(",")),
        ("trace", &output.trace_path),
        ("approvals", &approvals),
        ("approval audit", &output.approval_audit_path),
        ("delegation audit", &output.delegation_audit_path),
        ("credential", &credential),
        ("credential evidence", &output.credential_evidence_path),
    ] {
        if !value.is_empty() {
            text = text.line(label, value);
        }
    }
    text.lines("warning", &output.warnings)
}
