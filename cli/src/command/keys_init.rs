//! `gait keys init` (01 §4.5).

use gait_host::keys::{self, KeyFiles};

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `keys init` and `keys rotate` print.
    #[derive(Clone, Debug, PartialEq)]
    struct KeysInitOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// First part of both names.
        prefix: String => omit,
        /// Id of the pair.
        key_id: String => omit,
        /// Where the public half is.
        public_key_path: String => omit,
        /// Where the private half is.
        private_key_path: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let files = keys::init(call.args.text("out-dir"), call.args.text("prefix"), call.args.flag("force"))
        .map_err(|error| Failure::of_new_file(&error))?;
    Ok(report("keys init", files))
}

/// Tells about a new pair.
pub(super) fn report(command: &str, files: KeyFiles) -> Report {
    let text = Text::ok(command)
        .pair("key_id", &files.key_id)
        .pair("public", &files.public_key_path)
        .pair("private", &files.private_key_path);
    let record = KeysInitOutput {
        ok: true,
        prefix: files.prefix,
        key_id: files.key_id,
        public_key_path: files.public_key_path,
        private_key_path: files.private_key_path,
    };
    Report::new(&record, text)
}
