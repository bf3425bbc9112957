//! `gait keys verify` (01 §4.5).

use gait_base::key::KeyError;
use gait_base::key::config::{KeyConfig, PROD_MODE};
use gait_host::keys;

use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `keys verify` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct KeysVerifyOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Id of the pair.
        key_id: String => omit,
        /// Where the public half came from.
        public_key_source: String => omit,
        /// Where the private half came from.
        private_key_source: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let flags = call.args;
    let config = KeyConfig { mode: PROD_MODE, ..key_flags(call) };
    if config.private_path.trim().is_empty() && config.private_env.trim().is_empty() {
        return Err(KeyError::PrivateNotConfigured.into());
    }
    let loaded = keys::load_signing_key(&config)?;
    let record = KeysVerifyOutput {
        ok: true,
        key_id: loaded.key.key_id().to_owned(),
        public_key_source: source(flags.text("public-key"), flags.text("public-key-env")),
        private_key_source: source(flags.text("private-key"), flags.text("private-key-env")),
    };
    let text = Text::ok("keys verify")
        .pair("key_id", &record.key_id)
        .pair("private", &record.private_key_source)
        .pair("public", &record.public_key_source);
    Ok(Report::new(&record, text))
}

/// The four sources of keys that several commands have as flags.
pub(super) fn key_flags<'a>(call: &Call<'a>) -> KeyConfig<'a> {
    KeyConfig {
        mode: "",
        private_path: call.args.text("private-key"),
        private_env: call.args.text("private-key-env"),
        public_path: call.args.text("public-key"),
        public_env: call.args.text("public-key-env"),
    }
}

/// Where a half came from.
fn source(path: &str, variable: &str) -> String {
    match (path.trim(), variable.trim()) {
        ("", "") => "derived".to_owned(),
        ("", name) => format!("env:{name}"),
        (path, _) => format!("path:{path}"),
    }
}
