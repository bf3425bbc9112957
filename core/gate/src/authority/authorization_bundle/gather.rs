//! From a bundle as it was written to one with everything that it links to.

use std::collections::BTreeMap;
use std::fmt::Display;

use gait_base::text::{trim_fold_in_place, trim_in_place};
use gait_base::time::Timestamp;

use super::{
    AuthorizationBundle, BundleError, GatherError, Link, SCHEMA_ID, SCHEMA_VERSION, clean_link_path, evidence_digest,
    evidence_entry, folded_digest, is_blank,
};
use crate::authority::token::DEFAULT_PRODUCER_VERSION;

/// A file that a bundle links to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its name in a pack.
    pub entry: String,
    /// Its content, as it was read.
    pub bytes: Vec<u8>,
}

/// A bundle in normal form, with the digests of all files that it links to, and those files.
#[derive(Clone, Debug, PartialEq)]
pub struct GatheredBundle {
    bundle: AuthorizationBundle,
    evidence: Vec<Evidence>,
}

impl GatheredBundle {
    /// The bundle.
    #[must_use]
    pub const fn bundle(&self) -> &AuthorizationBundle {
        &self.bundle
    }

    /// The linked files, sorted by name; a file that is linked twice stands here once.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Bundle and files by value.
    #[must_use]
    pub fn into_parts(self) -> (AuthorizationBundle, Vec<Evidence>) {
        (self.bundle, self.evidence)
    }
}

impl AuthorizationBundle {
    /// Brings the bundle to its normal form and fetches what it links to.
    ///
    /// `producer_version` is written where the bundle names none. `read` gives the bytes of a file by its cleaned path,
    /// which is relative to the bundle's folder and does not leave it; it is asked once for each file. Bounding the size
    /// of files is its business.
    ///
    /// # Errors
    /// [`GatherError`] for the first thing wrong: the members of the bundle in their order, then the links in theirs.
    pub fn gather<E: Display>(
        mut self,
        producer_version: &str,
        read: &dyn Fn(&str) -> Result<Vec<u8>, E>,
    ) -> Result<GatheredBundle, GatherError<E>> {
        self.normalize(producer_version)?;
        let mut files = BTreeMap::new();
        for link in Link::ALL {
            self.fetch(link, &mut files, read)?;
        }
        let evidence = files.into_iter().map(|(entry, bytes)| Evidence { entry, bytes }).collect();
        Ok(GatheredBundle { bundle: self, evidence })
    }

    /// Everything but the links.
    fn normalize(&mut self, producer_version: &str) -> Result<(), BundleError> {
        for (member, value, expected) in [
            ("schema_id", &mut self.schema_id, SCHEMA_ID),
            ("schema_version", &mut self.schema_version, SCHEMA_VERSION),
        ] {
            if is_blank(value) {
                expected.clone_into(value);
            } else if value != expected {
                return Err(BundleError::Schema { member, value: value.clone() });
            }
        }
        self.created_at = if self.created_at.is_zero() { Timestamp::EPOCH_1980 } else { self.created_at.to_utc()? };
        if is_blank(&self.producer_version) {
            let own = if is_blank(producer_version) { DEFAULT_PRODUCER_VERSION } else { producer_version };
            own.clone_into(&mut self.producer_version);
        }
        trim_in_place(&mut self.trace_id);
        if self.trace_id.is_empty() {
            return Err(BundleError::Missing("trace_id"));
        }
        for (member, digest) in [("policy_digest", &mut self.policy_digest), ("intent_digest", &mut self.intent_digest)]
        {
            *digest = folded_digest(digest).ok_or(BundleError::NotADigest(member))?;
        }
        self.check_status()
    }

    /// Brings one link to its normal form, with the digest of the file that it leads to.
    fn fetch<E: Display>(
        &mut self,
        link: Link,
        files: &mut BTreeMap<String, Vec<u8>>,
        read: &dyn Fn(&str) -> Result<Vec<u8>, E>,
    ) -> Result<(), GatherError<E>> {
        let (path, digest) = self.link_mut(link);
        *path = clean_link_path(path);
        trim_fold_in_place(digest);
        if path.is_empty() {
            if digest.is_empty() {
                return Ok(());
            }
            return Err(BundleError::DigestWithoutPath(link).into());
        }
        let entry = evidence_entry(path).ok_or_else(|| BundleError::Path { link, path: path.clone() })?;
        let bytes = match files.entry(entry) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let bytes = read(path).map_err(|cause| GatherError::Read { link, path: path.clone(), cause })?;
                place.insert(bytes)
            }
        };
        let computed = evidence_digest(path, bytes)
            .map_err(|source| BundleError::EvidenceJson { link, path: path.clone(), source })?
            .to_hex();
        if !digest.is_empty() && *digest != computed {
            return Err(BundleError::DigestMismatch { link, path: path.clone() }.into());
        }
        *digest = computed;
        Ok(())
    }
}
