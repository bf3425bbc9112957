//! The registry file (03 §4.1).

use gait_base::json::{self, Decode, EncodeError, JsonError, JsonErrorKind, Reader, Source};
use gait_base::key::VerifyingKey;
use gait_base::record;
use gait_base::time::Timestamp;

use super::entry::{ApprovedScriptEntry, ScriptEntryFault};
use crate::authority::token::{AuthorityError, SignatureCheck, reading};
use crate::mode::Mode;

record! {
    /// The entries of a registry, each in normal form.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ScriptRegistry {
        /// The entries, in file order.
        pub entries: Vec<ApprovedScriptEntry>,
    }
}

impl ScriptRegistry {
    /// Reads a registry: an object with a list `entries` (by that exact name), or a bare list. Nothing, white space and
    /// `null` are an empty registry. Signatures are not checked.
    ///
    /// # Errors
    /// Not JSON, another shape, or an entry that has no normal form.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, AuthorityError> {
        let content = bytes.trim_ascii();
        let entries = match content.first() {
            None => Vec::new(),
            // What is only white space beyond ASCII is no JSON, but nothing all the same.
            Some(_) if std::str::from_utf8(content).is_ok_and(|text| text.trim().is_empty()) => Vec::new(),
            Some(b'[') => json::decode(bytes, reading(mode))?,
            Some(b'{') => read_wrapped(bytes, mode)?,
            Some(_) if json::parse(bytes, reading(mode))?.is_null() => Vec::new(),
            Some(_) => return Err(AuthorityError::RegistryShape),
        };
        let entries = (0..).zip(entries).map(|(index, entry)| {
            let normal: Result<ApprovedScriptEntry, AuthorityError> = ApprovedScriptEntry::normalized(entry);
            normal.map_err(|source| AuthorityError::RegistryEntry { index, source: Box::new(source) })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// Puts the entry in place of all that have its pattern id, or after the last.
    pub fn replace(&mut self, entry: ApprovedScriptEntry) {
        self.entries.retain(|own| own.pattern_id != entry.pattern_id);
        self.entries.push(entry);
    }

    /// The file: indented JSON, sorted by pattern id and time of creation.
    ///
    /// # Errors
    /// When a time has no written form.
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        let mut sorted = self.clone();
        sorted
            .entries
            .sort_by(|a, b| a.pattern_id.cmp(&b.pattern_id).then_with(|| a.created_at.cmp_instant(&b.created_at)));
        json::to_indented(&sorted)
    }

    /// Whether every entry verifies; one that does not makes the whole registry useless (03 §4.6).
    ///
    /// # Errors
    /// The fault of the first entry that does not verify.
    pub fn verify(
        &self,
        key: Option<&VerifyingKey>,
        now: &Timestamp,
        check: &dyn SignatureCheck,
    ) -> Result<(), ScriptEntryFault> {
        self.entries.iter().try_for_each(|entry| entry.verify(key, now, check))
    }
}

/// Reads `{"entries": […]}`. The member is found by its exact name, and the last of several counts alone.
fn read_wrapped(bytes: &[u8], mode: Mode) -> Result<Vec<ApprovedScriptEntry>, AuthorityError> {
    let mut reader = Reader::new(bytes, reading(mode))?;
    let mut entries = None;
    let mut not_a_list = false;
    reader.read_object(|name, source| {
        if name != "entries" {
            return source.unknown_member(name);
        }
        if mode.is_strict() && (entries.is_some() || not_a_list) {
            return Err(JsonError::new(JsonErrorKind::DuplicateMember(name.to_owned())));
        }
        not_a_list = source.read_null()?;
        entries = if not_a_list {
            None
        } else {
            let mut list = Vec::new();
            list.decode(source)?;
            Some(list)
        };
        Ok(())
    })?;
    reader.finish()?;
    entries.ok_or(AuthorityError::RegistryShape)
}
