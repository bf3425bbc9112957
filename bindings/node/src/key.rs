//! Keys, and signatures over bytes, JSON documents and digests.

use gait_base::digest::Digest;
use gait_base::error::Category;
use gait_base::json::{Reading, decode};
use gait_base::key::config::KeySource as _;
use gait_base::key::{Half, KeyError, SigningKey, VerifyingKey};
use gait_base::signature::{Signature, SignatureError};
use gait_host::keys::MachineKeys;
use gait_host::random;
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::document::{to_json, written};
use crate::fault::{self, Subject};
use crate::work::Make;

fn invalid(error: &KeyError) -> napi::Error {
    fault::exception(error, Subject::Key)
}

fn load<T: Send + 'static>(path: String, half: Half, parse: fn(&[u8]) -> Result<T, KeyError>) -> AsyncTask<Make<T>> {
    AsyncTask::new(Make::new(move || {
        let content = MachineKeys.read_file(&path).map_err(|reason| KeyError::Read { half, reason });
        content.and_then(|content| parse(&content)).map_err(|error| invalid(&error))
    }))
}

/// An empty value counts as unset, as the contract has it.
fn from_env<T>(
    name: String,
    value: &str,
    half: Half,
    parse: fn(&str) -> Result<T, KeyError>,
) -> napi::Result<External<T>> {
    let key = match parse(value) {
        Err(KeyError::Blank { .. }) => Err(KeyError::EnvNotSet { half, name }),
        key => key,
    };
    key.map(External::new).map_err(|error| invalid(&error))
}

/// Makes a fresh key from the operating system's randomness.
#[napi(catch_unwind)]
pub(crate) fn signing_key_generate() -> napi::Result<External<SigningKey>> {
    let seed = random::seed().map_err(|error| fault::exception(&error, Subject::Other))?;
    Ok(External::new(SigningKey::from_seed(&seed)))
}

/// Reads a key file on the thread pool.
#[napi(catch_unwind)]
pub(crate) fn signing_key_load(path: String) -> AsyncTask<Make<SigningKey>> {
    load(path, Half::Private, SigningKey::parse_file_text)
}

/// Reads base64 of the 64 bytes seed and public key.
#[napi(catch_unwind)]
pub(crate) fn signing_key_from_base64(text: String) -> napi::Result<External<SigningKey>> {
    SigningKey::from_base64(&text).map(External::new).map_err(|error| invalid(&error))
}

/// Reads the value of an environment variable.
#[napi(catch_unwind)]
pub(crate) fn signing_key_from_env(name: String, value: String) -> napi::Result<External<SigningKey>> {
    from_env(name, &value, Half::Private, SigningKey::parse_env_text)
}

/// The public half.
#[napi(catch_unwind)]
pub(crate) fn signing_key_public(key: &External<SigningKey>) -> External<VerifyingKey> {
    External::new(key.verifying_key().clone())
}

/// The id of the pair.
#[napi(catch_unwind)]
pub(crate) fn signing_key_id(key: &External<SigningKey>) -> String {
    key.key_id().to_owned()
}

/// The secret as text.
#[napi(catch_unwind)]
pub(crate) fn signing_key_to_base64(key: &External<SigningKey>) -> String {
    key.to_base64().to_string()
}

/// Signs bytes as they are.
#[napi(catch_unwind)]
pub(crate) fn sign_bytes(key: &External<SigningKey>, bytes: &[u8]) -> napi::Result<String> {
    to_json(&key.sign_bytes(bytes))
}

/// Signs the digest of the canonical form of JSON text.
#[napi(catch_unwind)]
pub(crate) fn sign_json(key: &External<SigningKey>, bytes: &[u8]) -> napi::Result<String> {
    to_json(&key.sign_json(bytes).map_err(|error| fault::of_canonical(&error))?)
}

/// Signs a digest of 64 hex digits.
#[napi(catch_unwind)]
pub(crate) fn sign_digest(key: &External<SigningKey>, digest: String) -> napi::Result<String> {
    to_json(&key.sign_digest(&read_digest(&digest)?))
}

/// Reads a key file on the thread pool.
#[napi(catch_unwind)]
pub(crate) fn verifying_key_load(path: String) -> AsyncTask<Make<VerifyingKey>> {
    load(path, Half::Public, VerifyingKey::parse_file_text)
}

/// Reads base64 of the 32 bytes.
#[napi(catch_unwind)]
pub(crate) fn verifying_key_from_base64(text: String) -> napi::Result<External<VerifyingKey>> {
    VerifyingKey::from_base64(&text).map(External::new).map_err(|error| invalid(&error))
}

/// Reads the value of an environment variable.
#[napi(catch_unwind)]
pub(crate) fn verifying_key_from_env(name: String, value: String) -> napi::Result<External<VerifyingKey>> {
    from_env(name, &value, Half::Public, VerifyingKey::parse_env_text)
}

/// The id of the key.
#[napi(catch_unwind)]
pub(crate) fn verifying_key_id(key: &External<VerifyingKey>) -> String {
    key.key_id().to_owned()
}

/// The key as text.
#[napi(catch_unwind)]
pub(crate) fn verifying_key_to_base64(key: &External<VerifyingKey>) -> String {
    key.to_base64()
}

/// Checks a signature over bytes; anything but a signature that holds is an error.
#[napi(catch_unwind)]
pub(crate) fn verify_bytes(
    key: &External<VerifyingKey>,
    bytes: &[u8],
    signature: &[u8],
    start: u32,
    end: u32,
) -> napi::Result<()> {
    settle(key.verify_bytes(&read_signature(signature, start, end)?, bytes))
}

/// Checks a signature over the canonical form of JSON text; anything but a signature that holds is an error.
#[napi(catch_unwind)]
pub(crate) fn verify_json(
    key: &External<VerifyingKey>,
    bytes: &[u8],
    signature: &[u8],
    start: u32,
    end: u32,
) -> napi::Result<()> {
    settle(key.verify_json(&read_signature(signature, start, end)?, bytes))
}

/// Checks a signature over a digest of 64 hex digits; anything but a signature that holds is an error.
#[napi(catch_unwind)]
pub(crate) fn verify_digest(
    key: &External<VerifyingKey>,
    digest: String,
    signature: &[u8],
    start: u32,
    end: u32,
) -> napi::Result<()> {
    settle(key.verify_computed(&read_signature(signature, start, end)?, &read_digest(&digest)?))
}

fn read_digest(digest: &str) -> napi::Result<Digest> {
    let malformed = || fault::plain(Category::InvalidInput, "digest_malformed", "a digest is 64 lower-case hex digits");
    Digest::parse_hex(digest).ok_or_else(malformed)
}

fn read_signature(bytes: &[u8], start: u32, end: u32) -> napi::Result<Signature> {
    decode(written(bytes, start, end), Reading::STRICT).map_err(|error| fault::of_document(&error))
}

fn settle(checked: Result<bool, SignatureError>) -> napi::Result<()> {
    match checked {
        Ok(true) => Ok(()),
        Ok(false) => {
            Err(fault::plain(Category::VerificationFailed, "signature_invalid", "the signature does not hold"))
        }
        Err(SignatureError::Canonical(error)) => Err(fault::of_canonical(&error)),
        Err(error) => Err(fault::exception(&error, Subject::Document)),
    }
}
