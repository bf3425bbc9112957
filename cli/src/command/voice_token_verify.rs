//! `gait voice token verify` (03 §14.4).

use gait_base::error::ExitCode;
use gait_host::clock::FixedClock;
use gait_host::voice::{self, VerifyOptions, VoiceTokenOutput};

use super::token;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

/// What `--turn-index` says when every turn will do.
const ANY_TURN: i64 = -1;
/// What `--call-seq` says when every commitment will do.
const ANY_COMMITMENT: i64 = 0;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let text = |name: &str| call.args.text(name).to_owned();
    let unless = |any: i64, name: &str| Some(call.args.integer(name)).filter(|&number| number != any);
    let options = VerifyOptions {
        token: text("token"),
        public_key: text("public-key"),
        public_key_env: text("public-key-env"),
        private_key: text("private-key"),
        private_key_env: text("private-key-env"),
        intent_digest: text("intent-digest"),
        policy_digest: text("policy-digest"),
        call_id: text("call-id"),
        turn_index: unless(ANY_TURN, "turn-index"),
        call_seq: unless(ANY_COMMITMENT, "call-seq"),
        commitment_class: text("commitment-class"),
        mode: call.mode(),
    };
    let outcome = voice::verify(&options, &FixedClock::new(token::moment(call)?))?;
    let report = Report::new(&outcome.output, tell(&outcome.output));
    Ok(match &outcome.fault {
        Some(fault) => report.exit(ExitCode::VerificationFailed).classified(fault),
        None => report,
    })
}

/// The lines for a person.
fn tell(output: &VoiceTokenOutput) -> Text {
    let head = if output.ok { Text::ok("voice token verify") } else { Text::failed("voice token verify") };
    let mut text = head.pair("token_id", &output.token_id).pair("path", &output.token_path);
    if !output.ok {
        return text.pair("code", &output.error_code).line("reason", &output.error);
    }
    text = text
        .pair("call_id", &output.call_id)
        .pair("turn_index", output.turn_index)
        .pair("call_seq", output.call_seq)
        .pair("class", &output.commitment_class);
    text.line("intent", &output.intent_digest).line("policy", &output.policy_digest)
}
