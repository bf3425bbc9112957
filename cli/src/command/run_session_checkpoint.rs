//! `gait run session checkpoint` (04 §8.4).

use gait_base::key::config::{KeyConfig, LoadedSigningKey, PROD_MODE};
use gait_base::text::trim_fold;
use gait_host::keys::load_signing_key;

use super::run_session::{required, warnings, with_session};
use crate::report::{Answer, Call, Failure};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    required(call, "journal")?;
    let out = required(call, "out")?;
    let chain_out = call.args.text("chain-out").trim();
    let signer = signer(call)?;
    with_session(call, "checkpoint", |session, record| {
        let made = session.checkpoint(out, chain_out, signer.as_ref().map(|signer| &signer.key))?;
        let checkpoint = made.checkpoint;
        let chain_path =
            if chain_out.is_empty() { made.chain_path.display().to_string() } else { chain_out.to_owned() };
        let text = Text::default()
            .label("session checkpoint")
            .pair("index", checkpoint.checkpoint_index)
            .pair("sequence_start", checkpoint.sequence_start)
            .pair("sequence_end", checkpoint.sequence_end)
            .pair("chain", &chain_path);
        record.chain_path = chain_path;
        record.checkpoint = Some(checkpoint);
        record.warnings = warnings(&made.repairs);
        if let Some(signer) = signer {
            signer.key.key_id().clone_into(&mut record.signature_key_id);
            record.warnings.extend(signer.warnings);
        }
        Ok(text)
    })
}

/// The key to sign with, if any flag asks for one.
fn signer(call: &Call<'_>) -> Result<Option<LoadedSigningKey>, Failure> {
    let mode = trim_fold(call.args.text("key-mode"));
    let config = KeyConfig {
        mode: &mode,
        private_path: call.args.text("private-key"),
        private_env: call.args.text("private-key-env"),
        ..KeyConfig::default()
    };
    if mode.is_empty() && !config.has_private() {
        return Ok(None);
    }
    let mode = if mode.is_empty() { PROD_MODE } else { mode.as_str() };
    Ok(Some(load_signing_key(&KeyConfig { mode, ..config })?))
}
