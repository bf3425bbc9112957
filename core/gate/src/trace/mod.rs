//! Traces: the signed records of decisions, built from a decision and its intent, verified offline (02 §10).

mod build;
mod record;
mod verify;

pub use build::{Emission, trace_id};
pub use record::TraceRecord;
pub use verify::{TraceError, Verification, parse, verify};
