//! Encrypting and decrypting files with a key from a variable or a command (05 §13.2).

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use gait_base::digest::sha256;
use gait_evidence::guard::encryption::{
    EncryptedArtifact, EncryptionKey, KeySource, MAX_ARTIFACT_BYTES, MAX_PLAIN_BYTES, SealTerms, seal,
};
use gait_gate::mode::Mode;
use zeroize::Zeroizing;

use super::GuardFileError;
use crate::broker::locate;
use crate::clock::Clock;
use crate::environment::variable;
use crate::fs::{PRIVATE, create_parents, read_limited, write_replacing};
use crate::process::{self, Bounds, Capture};
use crate::random;

/// How long a command may take to print a key.
pub const KEY_COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes that a command may write: more is no key.
const KEY_COMMAND_OUTPUT: usize = 64 * 1024;

/// The ending of encrypted files.
const SUFFIX: &str = ".gaitenc";

/// Where the key is. A variable wins over a command.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyRequest<'a> {
    /// Name of an environment variable that holds it; trimmed, blank for none.
    pub variable: &'a str,
    /// A command that prints it; run directly, not by a shell. Trimmed, blank for none.
    pub command: &'a str,
    /// The command's arguments.
    pub arguments: &'a [String],
}

impl KeyRequest<'_> {
    fn load(&self) -> Result<(EncryptionKey, KeySource), GuardFileError> {
        let (name, command) = (self.variable.trim(), self.command.trim());
        if !name.is_empty() {
            let value = variable(name).ok_or_else(|| GuardFileError::KeyVariable(name.to_owned()))?;
            let value = Zeroizing::new(value);
            return Ok((EncryptionKey::from_base64(value.as_bytes())?, KeySource::variable(name)));
        }
        if command.is_empty() {
            return Err(GuardFileError::KeyMissing);
        }
        let printed = self.ask(command)?;
        Ok((EncryptionKey::from_base64(&printed)?, KeySource::command(command)))
    }

    /// What the command prints.
    fn ask(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, GuardFileError> {
        let file =
            locate(name, env::var_os("PATH")).ok_or_else(|| GuardFileError::KeyCommandMissing(name.to_owned()))?;
        let mut command = Command::new(file);
        command.arg0(name).args(self.arguments);
        let bounds = Bounds {
            stdin: b"",
            timeout: KEY_COMMAND_TIMEOUT,
            grace: Duration::ZERO,
            capture: Capture::Together(KEY_COMMAND_OUTPUT),
            sweep: true,
        };
        let finished = process::run(&mut command, &bounds)
            .map_err(|source| GuardFileError::KeyCommand { command: name.to_owned(), source })?;
        let printed = Zeroizing::new(finished.stdout);
        if finished.timed_out {
            return Err(GuardFileError::KeyCommandTimedOut { command: name.to_owned(), limit: KEY_COMMAND_TIMEOUT });
        }
        if finished.overflowed || finished.exit_code != 0 {
            return Err(GuardFileError::KeyCommandFailed(name.to_owned()));
        }
        Ok(printed)
    }
}

/// What to encrypt.
#[derive(Clone, Copy, Debug)]
pub struct EncryptRequest<'a> {
    /// The file.
    pub input: &'a str,
    /// Where the result goes; blank for the input with `.gaitenc` behind it.
    pub out: &'a str,
    /// The key.
    pub key: KeyRequest<'a>,
    /// Version of the program.
    pub producer_version: &'a str,
}

/// A file that was encrypted.
#[derive(Clone, Debug)]
pub struct Encrypted {
    /// Where the result is.
    pub path: String,
    /// What was written.
    pub artifact: EncryptedArtifact,
}

/// Encrypts a file: the result is whole or not there, 0600. The input stays.
///
/// # Errors
/// [`GuardFileError`].
pub fn encrypt(request: &EncryptRequest<'_>, clock: &dyn Clock) -> Result<Encrypted, GuardFileError> {
    require(request.input)?;
    let plain = Zeroizing::new(read_limited(request.input, MAX_PLAIN_BYTES as u64)?);
    let (key, key_source) = request.key.load()?;
    let terms = SealTerms { created_at: clock.now(), producer_version: request.producer_version, key_source };
    let artifact = seal(&plain, &key, &random::nonce()?, terms)?;
    let path = chosen(request.out, || format!("{}{SUFFIX}", request.input));
    create_parents(&path)?;
    write_replacing(&path, &artifact.to_bytes()?, PRIVATE)?;
    Ok(Encrypted { path, artifact })
}

/// What to decrypt.
#[derive(Clone, Copy, Debug)]
pub struct DecryptRequest<'a> {
    /// The encrypted file.
    pub input: &'a str,
    /// Where the plain text goes; blank for the input without `.gaitenc`, or with `.plain` behind it.
    pub out: &'a str,
    /// The key.
    pub key: KeyRequest<'a>,
    /// How closely the artifact is looked at.
    pub mode: Mode,
}

/// A file that was decrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decrypted {
    /// Where the plain text is.
    pub path: String,
    /// Its SHA-256, in hex.
    pub plain_sha256: String,
    /// Its size in bytes.
    pub plain_size: usize,
}

/// Decrypts a file. Nothing is written, no folder made, before all of the plain text has proved right; then it is
/// whole or not there, 0600.
///
/// # Errors
/// [`GuardFileError`].
pub fn decrypt(request: &DecryptRequest<'_>) -> Result<Decrypted, GuardFileError> {
    require(request.input)?;
    let bytes = read_limited(request.input, MAX_ARTIFACT_BYTES as u64)?;
    let artifact = EncryptedArtifact::parse(&bytes, request.mode)?;
    drop(bytes);
    let (key, _) = request.key.load()?;
    let plain = artifact.open(&key, request.mode)?;
    let path = chosen(request.out, || match request.input.strip_suffix(SUFFIX) {
        Some(base) => base.to_owned(),
        None => format!("{}.plain", request.input),
    });
    create_parents(&path)?;
    write_replacing(&path, &plain, PRIVATE)?;
    Ok(Decrypted { path, plain_sha256: sha256(&plain).to_hex(), plain_size: plain.len() })
}

fn require(input: &str) -> Result<(), GuardFileError> {
    if input.trim().is_empty() { Err(GuardFileError::InputMissing) } else { Ok(()) }
}

fn chosen(typed: &str, default: impl FnOnce() -> String) -> String {
    if typed.trim().is_empty() { default() } else { typed.to_owned() }
}
