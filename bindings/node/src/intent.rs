//! Intents that are read once and decided about many times.

use std::sync::Arc;

use gait_gate::intent::Intent;
use napi::bindgen_prelude::{AsyncTask, Buffer, External};
use napi_derive::napi;

use crate::document::{mode, read_file, to_json, written};
use crate::facts::NoticeFact;
use crate::fault::{self, Subject};
use crate::work::Make;

/// Reads an intent in JSON.
#[napi(catch_unwind)]
pub(crate) fn intent_parse(bytes: &[u8], start: u32, end: u32, strict: bool) -> napi::Result<External<Arc<Intent>>> {
    parse(written(bytes, start, end), strict).map(External::new)
}

/// Reads an intent file on the thread pool.
#[napi(catch_unwind)]
pub(crate) fn intent_load(path: String, strict: bool) -> AsyncTask<Make<Arc<Intent>>> {
    AsyncTask::new(Make::new(move || {
        let text = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        parse(&text, strict)
    }))
}

fn parse(text: &[u8], strict: bool) -> napi::Result<Arc<Intent>> {
    let intent = Intent::parse(text, mode(strict)).map_err(|error| fault::of_intent(&error))?;
    Ok(Arc::new(intent))
}

/// The name of the tool, normalized.
#[napi(catch_unwind)]
pub(crate) fn intent_tool_name(intent: &External<Arc<Intent>>) -> String {
    intent.request().tool_name.clone()
}

/// The digest of the request.
#[napi(catch_unwind)]
pub(crate) fn intent_digest(intent: &External<Arc<Intent>>) -> String {
    intent.digest().to_hex()
}

/// The digest of the arguments.
#[napi(catch_unwind)]
pub(crate) fn intent_args_digest(intent: &External<Arc<Intent>>) -> String {
    intent.args_digest().to_hex()
}

/// The digest of the steps of a script.
#[napi(catch_unwind)]
pub(crate) fn intent_script_hash(intent: &External<Arc<Intent>>) -> Option<String> {
    intent.script_hash().map(|hash| hash.to_hex())
}

/// The digest of the targets.
#[napi(catch_unwind)]
pub(crate) fn intent_targets_digest(intent: &External<Arc<Intent>>) -> String {
    intent.targets_digest().to_hex()
}

/// The canonical bytes whose SHA-256 is the digest.
#[napi(catch_unwind)]
pub(crate) fn intent_canonical(intent: &External<Arc<Intent>>) -> Buffer {
    intent.canonical().into()
}

/// The normalized request as JSON.
#[napi(catch_unwind)]
pub(crate) fn intent_request(intent: &External<Arc<Intent>>) -> napi::Result<String> {
    to_json(intent.request())
}

/// What was not kept exactly, as JSON.
#[napi(catch_unwind)]
pub(crate) fn intent_notices(intent: &External<Arc<Intent>>) -> napi::Result<String> {
    to_json(NoticeFact::all(intent.notices()).as_slice())
}
