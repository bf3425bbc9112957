//! The canonical text of an intent and the digests over it (02 §5).
//!
//! Everything is written straight into the hash function. Of a normalized request nothing lacks a written form
//! (normalization refuses times and numbers that do), so that no digest can fail.

use gait_base::digest::{Digest, DigestSink};
use gait_base::json::{Canonical, Encode, Sink, Writer};

use super::request::{Context, IntentRequest};

/// Hashes what `write` writes.
pub(super) fn of(write: impl FnOnce(&mut Writer<'_, DigestSink, Canonical>)) -> Digest {
    let mut sink = DigestSink::new();
    write(&mut Writer::new(&mut sink));
    sink.finish()
}

/// Hashes the canonical form of one part.
pub(super) fn of_part<T: Encode + ?Sized>(part: &T) -> Digest {
    of(|writer| part.encode(writer))
}

/// The canonical arguments, which two digests are taken over.
pub(super) fn canonical_args(request: &IntentRequest) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    request.args.encode(&mut Writer::<'_, _, Canonical>::new(&mut bytes));
    bytes
}

/// Writes the object whose digest is the intent digest, its members in canonical order.
pub(super) fn write_intent<S: Sink>(
    request: &IntentRequest,
    canonical_args: &[u8],
    context: &Context,
    script_hash: Option<&Digest>,
    writer: &mut Writer<'_, S, Canonical>,
) {
    writer.begin_object();
    if !request.arg_provenance.is_empty() {
        writer.quoted_name("\"arg_provenance\":");
        request.arg_provenance.encode(writer);
    }
    writer.quoted_name("\"args\":");
    writer.written(canonical_args);
    writer.quoted_name("\"context\":");
    context.encode(writer);
    if let Some(delegation) = &request.delegation {
        writer.quoted_name("\"delegation\":");
        delegation.encode(writer);
    }
    if let Some(script) = &request.script {
        writer.quoted_name("\"script\":");
        script.encode(writer);
    }
    if let Some(hash) = script_hash {
        writer.quoted_name("\"script_hash\":");
        hash.encode(writer);
    }
    if let Some(skill) = &request.skill_provenance {
        writer.quoted_name("\"skill_provenance\":");
        skill.encode(writer);
    }
    writer.quoted_name("\"targets\":");
    request.targets.encode(writer);
    writer.quoted_name("\"tool_name\":");
    writer.string(&request.tool_name);
    writer.end_object();
}
