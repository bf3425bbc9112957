//! `gait verify session-chain` (04 §8.5, 01 §10.5).

use gait_base::error::ExitCode;
use gait_host::runpack::read_chain;
use gait_host::session::{ChainDemand, verify_chain};

use super::input::flag_or_positional;
use super::verify::SignatureDemand;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `verify session-chain` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct SessionChainOutput {
        /// Whether the chain holds.
        ok: bool,
        /// The chain, as it was named.
        chain_path: String => omit,
        /// The session.
        session_id: String => omit,
        /// The run.
        run_id: String => omit,
        /// How many checkpoints there are.
        checkpoints_checked: i64 => omit,
        /// What is wrong with the links between them.
        linkage_errors: Vec<String> => omit,
        /// What is wrong with their runpacks.
        checkpoint_errors: Vec<String> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = flag_or_positional(call, "chain", "expected --chain <session_chain.json>")?;
    let signatures = SignatureDemand::of(call)?;
    let chain = read_chain(path, call.mode())?;
    let demand =
        ChainDemand { key: signatures.key.as_ref(), require_signature: signatures.required, mode: call.mode() };
    let found = verify_chain(&chain, &demand);
    let ok = found.ok();
    let record = SessionChainOutput {
        ok,
        chain_path: path.to_owned(),
        session_id: found.session_id,
        run_id: found.run_id,
        checkpoints_checked: i64::try_from(found.checkpoints_checked).unwrap_or(i64::MAX),
        linkage_errors: found.linkage_errors,
        checkpoint_errors: found.checkpoint_errors,
    };
    let head = if ok { Text::ok("verify session-chain") } else { Text::failed("verify session-chain") };
    let text = head
        .pair("session_id", &record.session_id)
        .pair("run_id", &record.run_id)
        .pair("checkpoints", record.checkpoints_checked)
        .lines("linkage error", &record.linkage_errors)
        .lines("checkpoint error", &record.checkpoint_errors);
    let report = Report::new(&record, text);
    Ok(if ok { report } else { report.exit(ExitCode::VerificationFailed) })
}
