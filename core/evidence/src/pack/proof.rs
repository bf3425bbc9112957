//! The proof records of a pack: their chain, and whether they tell the truth about its entries (05 §5.3, §20.11).

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use gait_base::json::{Map, Reading, Value};
use gait_base::key::VerifyingKey;
use gait_base::proof::{ProofReport, ProofVerifier};

use super::entries::Entries;
use super::manifest::{Manifest, PROOF_RECORDS_PATH, PackEntry};
use super::{PackError, PackFault};

/// What the proof records of a pack show.
pub(super) struct Proven {
    pub(super) report: ProofReport,
    /// Strict: the first thing that they tell of the entries and that is not so.
    pub(super) fault: Option<PackFault>,
}

/// Checks the chain of the records, with a key their signatures, and in strict mode what they tell.
pub(super) fn check<R: Read + Seek>(
    entries: &mut Entries<'_, R>,
    manifest: &Manifest,
    key: Option<&VerifyingKey>,
) -> Result<Proven, PackError> {
    let strict = entries.mode.is_strict();
    let mut verifier = ProofVerifier::new(key, if strict { Reading::STRICT } else { Reading::COMPAT });
    let mut claims = strict.then(|| Claims::new(entries, manifest));
    entries.lines(PROOF_RECORDS_PATH, |line, text| {
        let record = verifier.line(text).map_err(PackFault::Proof)?;
        if let (Some(claims), Some(event)) = (&mut claims, record.and_then(|record| record.event)) {
            claims.hear(line, &event);
        }
        Ok(())
    })?;
    Ok(Proven { report: verifier.finish(), fault: claims.and_then(Claims::finish) })
}

/// What the records should tell, and whether they did.
struct Claims<'m> {
    manifest: &'m Manifest,
    /// By path what is declared, its size, and whether a record named it.
    entries: BTreeMap<&'m str, (&'m PackEntry, u64, bool)>,
    fault: Option<PackFault>,
}

impl<'m> Claims<'m> {
    fn new<R: Read + Seek>(entries: &Entries<'_, R>, manifest: &'m Manifest) -> Self {
        let declared = manifest.contents().iter().filter(|entry| entry.path != PROOF_RECORDS_PATH);
        let size = |path: &str| entries.archive.find(path).and_then(|at| entries.archive.entries().get(at));
        let entries = declared
            .map(|entry| {
                (entry.path.as_str(), (entry, size(&entry.path).map_or(0, crate::archive::ArchiveEntry::size), false))
            })
            .collect();
        Self { manifest, entries, fault: None }
    }

    /// Takes note of what a record tells.
    fn hear(&mut self, line: usize, event: &Map) {
        if self.fault.is_none()
            && let Err(member) = self.believe(event)
        {
            self.fault = Some(PackFault::ProofRecord { line, member });
        }
    }

    fn believe(&mut self, event: &Map) -> Result<(), &'static str> {
        let text = |member: &'static str| event.get(member).and_then(Value::as_str).ok_or(member);
        let Some((entry, size, named)) = self.entries.get_mut(text("entry_path")?) else { return Err("entry_path") };
        if std::mem::replace(named, true) {
            return Err("entry_path");
        }
        for (member, expected) in [
            ("pack_type", self.manifest.pack_type.as_str()),
            ("source_ref", self.manifest.source_ref.trim()),
            ("producer_version", self.manifest.producer_version.as_str()),
            ("entry_type", entry.kind.as_str()),
        ] {
            if text(member)? != expected {
                return Err(member);
            }
        }
        if !text("entry_sha256")?.eq_ignore_ascii_case(&entry.sha256) {
            return Err("entry_sha256");
        }
        let told = event.get("entry_size_bytes").and_then(Value::as_number);
        #[expect(clippy::cast_precision_loss, reason = "entries are far smaller than 2^53 bytes")]
        if told != Some(*size as f64) {
            return Err("entry_size_bytes");
        }
        Ok(())
    }

    fn finish(self) -> Option<PackFault> {
        let unproven = || self.entries.values().find(|(_, _, named)| !named);
        self.fault.or_else(|| unproven().map(|(entry, ..)| PackFault::Unproven(entry.path.clone())))
    }
}
