//! Traces: the signed records of decisions. What JavaScript keeps of one is the text of its file.

use gait_base::error::Category;
use gait_base::json::to_indented;
use gait_base::key::VerifyingKey;
use gait_gate::trace::{self, TraceRecord, Verification, verify};
use gait_host::fs::{PRIVATE, write_artifact};
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::document::{mode, read_file, text, written};
use crate::fault::{self, Subject};
use crate::work::Tell;

fn parse(document: &[u8], strict: bool) -> napi::Result<TraceRecord> {
    trace::parse(document, mode(strict)).map_err(|error| fault::of_trace(&error))
}

fn file(record: &TraceRecord) -> napi::Result<String> {
    text(to_indented(record).map_err(|error| fault::exception(&error, Subject::Document))?)
}

/// Reads a trace in JSON; gives the text of its file. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn trace_parse(bytes: &[u8], start: u32, end: u32, strict: bool) -> napi::Result<String> {
    file(&parse(written(bytes, start, end), strict)?)
}

/// Reads a trace file on the thread pool. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn trace_load(path: String, strict: bool) -> AsyncTask<Tell> {
    AsyncTask::new(Tell::new(move || {
        let document = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        file(&parse(&document, strict)?)
    }))
}

/// Writes a trace file on the thread pool, readable for its owner only. Gives its path.
#[napi(catch_unwind)]
pub(crate) fn trace_write(file: String, path: String) -> AsyncTask<Tell> {
    AsyncTask::new(Tell::new(move || {
        let written = write_artifact(&path, file.as_bytes(), PRIVATE);
        written.map(|path| path.display().to_string()).map_err(|error| fault::exception(&error, Subject::Other))
    }))
}

/// Checks the signature of a trace in JSON; gives the text of its file. Anything but a signature that holds is an error.
#[napi(catch_unwind)]
pub(crate) fn trace_verify(
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
    key: &External<VerifyingKey>,
) -> napi::Result<String> {
    let record = parse(written(bytes, start, end), strict)?;
    match verify(&record, key) {
        Ok(Verification::Verified) => file(&record),
        Ok(Verification::Failed) => {
            Err(fault::plain(Category::VerificationFailed, "signature_invalid", "the signature does not hold"))
        }
        Err(error) => Err(fault::of_trace(&error)),
    }
}
