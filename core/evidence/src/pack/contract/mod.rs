//! What the documents of a pack must be, type by type (05 §5.4), and in strict mode what must be true of them (05 §20).

mod authorization;
mod call;
mod job;
mod run;
mod source;

use std::io::{Read, Seek};

use gait_base::key::VerifyingKey;

use super::entries::Entries;
use super::manifest::{Manifest, PackType};
use super::workspace::Workspace;
use super::{PackError, PackFault};
use crate::archive::Limits;

/// What is looked at.
pub(super) struct Subject<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) key: Option<&'a VerifyingKey>,
    pub(super) limits: Limits,
}

impl Subject<'_> {
    fn source_ref(&self) -> &str {
        self.manifest.source_ref.trim()
    }
}

/// The largest document of a pack that is read whole, in bytes.
const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// Checks the documents of a pack whose entries are what its manifest says.
pub(super) fn check<R: Read + Seek>(entries: &mut Entries<'_, R>, subject: &Subject<'_>) -> Result<(), PackError> {
    match subject.manifest.pack_type() {
        Some(PackType::Run) => run::check(entries, subject),
        Some(PackType::Job) => job::check(entries, subject),
        Some(PackType::Call) => call::check(entries, subject),
        Some(PackType::Authorization) => authorization::check(entries),
        None => Ok(()),
    }
}

/// Checks whether what the documents tell is so.
pub(super) fn check_deeply<R: Read + Seek, W: Workspace>(
    entries: &mut Entries<'_, R>,
    subject: &Subject<'_>,
    workspace: &W,
) -> Result<(), PackError> {
    match subject.manifest.pack_type() {
        Some(PackType::Run) => run::check_deeply(entries, subject, workspace),
        Some(PackType::Job) => job::check_deeply(entries),
        Some(PackType::Call) => call::check_deeply(entries, subject, workspace),
        Some(PackType::Authorization) => authorization::check_deeply(entries, subject),
        None => Ok(()),
    }
}

/// A member that is not as it must be.
fn member(entry: &'static str, member: &'static str, expected: &'static str) -> PackFault {
    PackFault::Member { entry, line: None, member, expected }
}

/// Refuses unless every one of these holds.
fn require<const N: usize>(
    entry: &'static str,
    rules: [(&'static str, bool, &'static str); N],
) -> Result<(), PackFault> {
    match rules.into_iter().find(|(_, holds, _)| !holds) {
        Some((name, _, expected)) => Err(member(entry, name, expected)),
        None => Ok(()),
    }
}

/// Words for [`require`].
const SET: &str = "set";
const DIGEST: &str = "64 hex digits";
const COUNT: &str = "at least 0";
const SOURCE_REF: &str = "source_ref of the manifest";
