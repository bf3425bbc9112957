//! What the commands about tokens and signed entries share: keys, lifetimes, the moment, token files (03 §1).

use gait_base::duration::parse_duration;
use gait_base::error::Classify;
use gait_base::key::VerifyingKey;
use gait_base::key::config::{KeyConfig, LoadedSigningKey};
use gait_base::text::trim_fold;
use gait_base::time::Timestamp;
use gait_host::clock::{Clock, SystemClock};
use gait_host::fs::{PRIVATE, create_parents, read_limited, write_replacing};
use gait_host::keys::{self, MachineKeys};

use crate::report::{Call, Failure};

/// Larger than any token or request.
const FILE_LIMIT: u64 = 16 << 20;

/// The nanoseconds of `--ttl`, above zero.
pub(super) fn ttl(call: &Call<'_>) -> Result<i64, Failure> {
    let given = call.args.text("ttl");
    if given.trim().is_empty() {
        return Err(Failure::usage("--ttl is required"));
    }
    let told = |why: &dyn std::fmt::Display| Failure::usage(format!("--ttl {given:?}: {why}"));
    match parse_duration(given) {
        Ok(nanos) if nanos > 0 => Ok(nanos),
        Ok(_) => Err(told(&"must be greater than zero")),
        Err(error) => Err(told(&error)),
    }
}

/// The moment to act at: the clock's, or in strict mode that of `--evaluation-time` (00 D9).
pub(super) fn moment(call: &Call<'_>) -> Result<Timestamp, Failure> {
    if !call.strict && !call.args.text("evaluation-time").trim().is_empty() {
        return Err(Failure::usage("--evaluation-time counts in strict mode only: give --strict too"));
    }
    any_moment(call)
}

/// As [`moment`], but `--evaluation-time` counts in every mode.
pub(super) fn any_moment(call: &Call<'_>) -> Result<Timestamp, Failure> {
    match call.args.text("evaluation-time").trim() {
        "" => Ok(SystemClock.now()),
        given => Timestamp::parse(given)
            .and_then(|time| time.to_utc())
            .map_err(|error| Failure::usage(format!("--evaluation-time: {error}"))),
    }
}

/// The key that `--key-mode` and the two private sources name.
pub(super) fn signer(call: &Call<'_>) -> Result<LoadedSigningKey, Failure> {
    let mode = trim_fold(call.args.text("key-mode"));
    let config = KeyConfig {
        mode: &mode,
        private_path: call.args.text("private-key").trim(),
        private_env: call.args.text("private-key-env").trim(),
        ..KeyConfig::default()
    };
    Ok(keys::load_signing_key(&config)?)
}

/// The key that one of the four sources names.
pub(super) fn verifier(call: &Call<'_>) -> Result<VerifyingKey, Failure> {
    let config = KeyConfig {
        mode: "",
        private_path: call.args.text("private-key").trim(),
        private_env: call.args.text("private-key-env").trim(),
        public_path: call.args.text("public-key").trim(),
        public_env: call.args.text("public-key-env").trim(),
    };
    Ok(config.load_verify_key(&MachineKeys)?)
}

/// The path of `--token`, as it was typed.
pub(super) fn path<'a>(call: &Call<'a>) -> Result<&'a str, Failure> {
    required(call, "token")
}

/// The text of a flag that must be given, as it was typed.
pub(super) fn required<'a>(call: &Call<'a>, name: &str) -> Result<&'a str, Failure> {
    let given = call.args.text(name);
    if given.trim().is_empty() { Err(Failure::usage(format!("--{name} is required"))) } else { Ok(given) }
}

/// Reads a file that holds a token or a request; an error names the file.
pub(super) fn read<T, E: Classify>(path: &str, parse: impl FnOnce(&[u8]) -> Result<T, E>) -> Result<T, Failure> {
    let bytes = read_limited(path.trim(), FILE_LIMIT)?;
    parse(&bytes).map_err(|error| {
        let failure = Failure::of(&error);
        Failure { text: format!("{}: {}", path.trim(), failure.text), ..failure }
    })
}

/// Writes a token to where `--out` says, or to `default`; returns the path.
pub(super) fn write(call: &Call<'_>, default: String, bytes: &[u8]) -> Result<String, Failure> {
    let path = match call.args.text("out").trim() {
        "" => default,
        given => given.to_owned(),
    };
    create_parents(&path)?;
    write_replacing(&path, bytes, PRIVATE)?;
    Ok(path)
}
