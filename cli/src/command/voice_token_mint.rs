//! `gait voice token mint` (03 §14.3).

use gait_host::clock::FixedClock;
use gait_host::gate_eval::Caller;
use gait_host::voice::{self, MintOptions, VoiceTokenError, VoiceTokenOutput};

use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let text = |name: &str| call.args.text(name).to_owned();
    let options = MintOptions {
        intent: text("intent"),
        policy: text("policy"),
        ttl: text("ttl"),
        out: text("out"),
        trace_out: text("trace-out"),
        key_mode: text("key-mode"),
        private_key: text("private-key"),
        private_key_env: text("private-key-env"),
        mode: call.mode(),
    };
    let caller = Caller { producer_version: call.producer_version, correlation_id: call.correlation_id };
    let outcome = voice::mint(&options, &caller, &FixedClock::new(token::moment(call)?)).map_err(|error| {
        if let VoiceTokenError::Policy(policy) = &error { Failure::of_policy(policy) } else { Failure::of(&error) }
    })?;
    Ok(Report::new(&outcome.output, tell(&outcome.output)).exit(outcome.exit))
}

/// The lines for a person.
fn tell(output: &VoiceTokenOutput) -> Text {
    let head = if output.ok {
        Text::ok("voice token mint").pair("token_id", &output.token_id).pair("path", &output.token_path)
    } else {
        Text::failed("voice token mint")
    };
    let mut text = head
        .verdict("verdict", &output.verdict)
        .pair("call_id", &output.call_id)
        .pair("turn_index", output.turn_index)
        .pair("call_seq", output.call_seq)
        .pair("class", &output.commitment_class);
    for (label, codes) in [("reasons", &output.reason_codes), ("violations", &output.violations)] {
        if !codes.is_empty() {
            text = text.line(label, &codes.join(","));
        }
    }
    text.line("trace", &output.trace_path).lines("warning", &output.warnings)
}
