//! `gait guard encrypt` and `gait guard decrypt` (05 §13.2).

use gait_base::text::split_csv;
use gait_host::clock::FixedClock;
use gait_host::guard::{self, DecryptRequest, EncryptRequest, KeyRequest};

use super::input::flag_or_positional;
use super::token;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `guard encrypt` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct GuardEncryptOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Where the result is.
        path: String => omit,
        /// The algorithm.
        algorithm: String => omit,
        /// SHA-256 of the plain text.
        plain_sha256: String => omit,
        /// Bytes of the plain text.
        plain_size: i64 => omit,
        /// Where the key came from: `env` or `command`.
        key_mode: String => omit,
        /// The environment variable.
        key_ref: String => omit,
    }
}

gait_base::record! {
    /// What `guard decrypt` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct GuardDecryptOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Where the plain text is.
        path: String => omit,
        /// Its SHA-256.
        plain_sha256: String => omit,
        /// Its bytes.
        plain_size: i64 => omit,
    }
}

const INPUT_MISSING: &str = "expected --in <path>";

pub(crate) fn encrypt(call: &Call<'_>) -> Answer {
    let input = flag_or_positional(call, "in", INPUT_MISSING)?;
    let arguments = split_csv(call.args.text("key-command-args"));
    let request = EncryptRequest {
        input,
        out: call.args.text("out"),
        key: key(call, &arguments),
        producer_version: call.producer_version,
    };
    let encrypted = guard::encrypt(&request, &FixedClock::new(token::moment(call)?))?;
    let artifact = encrypted.artifact;
    let record = GuardEncryptOutput {
        ok: true,
        path: encrypted.path,
        algorithm: artifact.algorithm,
        plain_sha256: artifact.plain_sha256,
        plain_size: artifact.plain_size,
        key_mode: artifact.key_source.mode,
        key_ref: artifact.key_source.variable,
    };
    let text = Text::ok("guard encrypt")
        .words(&record.path)
        .pair("algorithm", &record.algorithm)
        .pair("plain_sha256", &record.plain_sha256);
    Ok(Report::new(&record, text))
}

pub(crate) fn decrypt(call: &Call<'_>) -> Answer {
    let input = flag_or_positional(call, "in", INPUT_MISSING)?;
    let arguments = split_csv(call.args.text("key-command-args"));
    let request = DecryptRequest { input, out: call.args.text("out"), key: key(call, &arguments), mode: call.mode() };
    let decrypted = guard::decrypt(&request)?;
    let record = GuardDecryptOutput {
        ok: true,
        path: decrypted.path,
        plain_sha256: decrypted.plain_sha256,
        plain_size: i64::try_from(decrypted.plain_size).unwrap_or(i64::MAX),
    };
    let text = Text::ok("guard decrypt").words(&record.path).pair("plain_sha256", &record.plain_sha256);
    Ok(Report::new(&record, text))
}

fn key<'a>(call: &Call<'a>, arguments: &'a [String]) -> KeyRequest<'a> {
    KeyRequest { variable: call.args.text("key-env"), command: call.args.text("key-command"), arguments }
}
