//! Traces: the signed records of decisions.

use gait_base::error::Category;
use gait_base::json::to_indented;
use gait_base::key::VerifyingKey;
use gait_gate::trace::{TraceRecord, Verification, parse, verify};
use gait_host::fs::{PRIVATE, write_artifact};
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::document::{mode, read_file, text, written};
use crate::fault::{self, Subject};
use crate::work::{Make, Tell};

/// Reads a trace in JSON. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn trace_parse(bytes: &[u8], length: u32, strict: bool) -> napi::Result<External<TraceRecord>> {
    let record = parse(written(bytes, length), mode(strict)).map_err(|error| fault::of_trace(&error))?;
    Ok(External::new(record))
}

/// Reads a trace file on the thread pool. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn trace_load(path: String, strict: bool) -> AsyncTask<Make<TraceRecord>> {
    AsyncTask::new(Make::new(move || {
        let text = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        parse(&text, mode(strict)).map_err(|error| fault::of_trace(&error))
    }))
}

/// The text of the trace file.
#[napi(catch_unwind)]
pub(crate) fn trace_text(trace: &External<TraceRecord>) -> napi::Result<String> {
    file(trace)
}

fn file(record: &TraceRecord) -> napi::Result<String> {
    text(to_indented(record).map_err(|error| fault::exception(&error, Subject::Document))?)
}

/// Writes the trace file on the thread pool, readable for its owner only. Gives its path.
#[napi(catch_unwind)]
pub(crate) fn trace_write(trace: &External<TraceRecord>, path: String) -> napi::Result<AsyncTask<Tell>> {
    let file = file(trace)?;
    Ok(AsyncTask::new(Tell::new(move || {
        let written = write_artifact(&path, file.as_bytes(), PRIVATE);
        written.map(|path| path.display().to_string()).map_err(|error| fault::exception(&error, Subject::Other))
    })))
}

/// Checks the signature of a trace; anything but a signature that holds is an error.
#[napi(catch_unwind)]
pub(crate) fn trace_verify(trace: &External<TraceRecord>, key: &External<VerifyingKey>) -> napi::Result<()> {
    match verify(trace, key) {
        Ok(Verification::Verified) => Ok(()),
        Ok(Verification::Failed) => {
            Err(fault::plain(Category::VerificationFailed, "signature_invalid", "the signature does not hold"))
        }
        Err(error) => Err(fault::of_trace(&error)),
    }
}
