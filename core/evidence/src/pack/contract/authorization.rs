//! Packs of authorizations.

use std::io::{Read, Seek};

use gait_base::jcs;
use gait_base::json::{self, Reading, Value};
use gait_base::signature::Signature;
use gait_gate::authority::authorization_bundle::{
    AuthorizationBundle, BUNDLE_ENTRY, Link, clean_link_path, evidence_entry,
};
use gait_gate::trace;

use super::{MAX_DOCUMENT_BYTES, Subject};
use crate::pack::entries::Entries;
use crate::pack::manifest::entry_type;
use crate::pack::{PackError, PackFault};

/// A bundle, and the digests of the files that it links to. Files that are no JSON are not read again.
pub(super) fn check<R: Read + Seek>(entries: &mut Entries<'_, R>) -> Result<(), PackError> {
    bundle(entries).map(|_| ())
}

fn bundle<R: Read + Seek>(entries: &mut Entries<'_, R>) -> Result<AuthorizationBundle, PackError> {
    let index = entries.require(BUNDLE_ENTRY)?;
    let bytes = entries.bytes(index)?;
    let mode = entries.mode;
    let mut failure = None;
    let bundle = AuthorizationBundle::verify_digests(&bytes, mode, |name, path| {
        let index = entries.archive.find(name)?;
        if entry_type(path) == "json" {
            match entries.bytes(index) {
                Ok(bytes) => return Some(jcs::digest(&bytes)),
                Err(error) => failure = Some(error),
            }
        } else {
            match entries.digest(index) {
                Ok(digest) => return Some(Ok(digest)),
                Err(error) => failure = Some(error.into()),
            }
        }
        None
    });
    // A file that could not be read was told to be missing.
    match failure {
        Some(failure) => Err(failure),
        None => Ok(bundle.map_err(PackFault::Bundle)?),
    }
}

/// The linked trace must be that of the decision; if the key at hand made its signature, that must hold.
pub(super) fn check_deeply<R: Read + Seek>(
    entries: &mut Entries<'_, R>,
    subject: &Subject<'_>,
) -> Result<(), PackError> {
    let bundle = bundle(entries)?;
    let entry = evidence_entry(&clean_link_path(bundle.link(Link::Trace).0)).unwrap_or_default();
    let fault = |member: &'static str| PackError::from(PackFault::Trace { entry: entry.clone(), member });
    if subject.source_ref() != bundle.trace_id.trim() {
        return Err(super::member(BUNDLE_ENTRY, "trace_id", super::SOURCE_REF).into());
    }
    let index = entries.archive.find(&entry).ok_or_else(|| fault("trace"))?;
    let bytes = entries.bytes(index)?;
    let reading = Reading { max_bytes: MAX_DOCUMENT_BYTES, ..Reading::COMPAT };
    let told = json::parse(&bytes, reading).map_err(|_| fault("trace"))?;
    let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("trace_id") != bundle.trace_id {
        return Err(fault("trace_id"));
    }
    for (member, expected) in [("policy_digest", &bundle.policy_digest), ("intent_digest", &bundle.intent_digest)] {
        let told = text(member);
        if !told.is_empty() && !told.eq_ignore_ascii_case(expected) {
            return Err(fault(member));
        }
    }
    let (Some(key), Some(signed)) = (subject.key, told.get("signature").filter(|member| !member.is_null())) else {
        return Ok(());
    };
    if signed.get("key_id").and_then(Value::as_str) != Some(key.key_id()) {
        return Ok(());
    }
    let holds = trace::parse(&bytes, entries.mode).is_ok_and(|trace| {
        let named: Option<&Signature> = trace.signature.as_ref();
        named.is_some() && matches!(trace::verify(&trace, key), Ok(trace::Verification::Verified))
    });
    if holds { Ok(()) } else { Err(fault("signature")) }
}
