//! What a bundle in a pack must stand (03 §15, 05 §5.4).

use gait_base::digest::Digest;
use gait_base::jcs::CanonicalError;

use super::{
    AuthorizationBundle, BundleError, BundleFault, Link, SCHEMA_ID, SCHEMA_VERSION, clean_link_path, evidence_digest,
    evidence_entry, folded_digest, is_blank,
};
use crate::mode::Mode;

impl AuthorizationBundle {
    /// Reads the bundle of a pack and holds the pack's files against it. `entry` gives the content of a file of the pack
    /// by its name, or nothing when there is none.
    ///
    /// Neither the content nor the signature of the trace is looked at.
    ///
    /// # Errors
    /// [`BundleFault`] for the first thing that does not hold.
    pub fn verify_packed<B: AsRef<[u8]>>(
        bytes: &[u8],
        mode: Mode,
        entry: impl Fn(&str) -> Option<B>,
    ) -> Result<Self, BundleFault> {
        Self::verify_digests(bytes, mode, |name, path| entry(name).map(|bytes| evidence_digest(path, bytes.as_ref())))
    }

    /// As [`AuthorizationBundle::verify_packed`] for a caller that computes the digests itself: `digest` is asked with
    /// the name of a file of the pack and the cleaned path by which [`evidence_digest`] tells how to.
    ///
    /// # Errors
    /// [`BundleFault`] for the first thing that does not hold.
    pub fn verify_digests(
        bytes: &[u8],
        mode: Mode,
        mut digest: impl FnMut(&str, &str) -> Option<Result<Digest, CanonicalError>>,
    ) -> Result<Self, BundleFault> {
        let bundle = Self::parse(bytes, mode).map_err(BundleError::from)?;
        bundle.check_members()?;
        for link in Link::ALL {
            bundle.check_link(link, &mut digest)?;
        }
        if !bundle.is_proven(Link::Trace) {
            return Err(BundleFault::EvidenceRequired(Link::Trace));
        }
        if !bundle.outcome_status.is_empty() && !bundle.is_proven(Link::Outcome) {
            return Err(BundleFault::EvidenceRequired(Link::Outcome));
        }
        Ok(bundle)
    }

    /// A packed bundle went through its normal form: nothing is filled in any more.
    fn check_members(&self) -> Result<(), BundleError> {
        for (member, value, expected) in
            [("schema_id", &self.schema_id, SCHEMA_ID), ("schema_version", &self.schema_version, SCHEMA_VERSION)]
        {
            if value != expected {
                return Err(BundleError::Schema { member, value: value.clone() });
            }
        }
        if self.created_at.is_zero() {
            return Err(BundleError::Missing("created_at"));
        }
        if is_blank(&self.trace_id) {
            return Err(BundleError::Missing("trace_id"));
        }
        for (member, digest) in [("policy_digest", &self.policy_digest), ("intent_digest", &self.intent_digest)] {
            if folded_digest(digest).is_none() {
                return Err(BundleError::NotADigest(member));
            }
        }
        self.check_status()
    }

    fn check_link(
        &self,
        link: Link,
        computed: &mut impl FnMut(&str, &str) -> Option<Result<Digest, CanonicalError>>,
    ) -> Result<(), BundleFault> {
        let (path, digest) = self.link(link);
        let path = clean_link_path(path);
        if path.is_empty() {
            return Ok(());
        }
        let name = evidence_entry(&path).ok_or_else(|| BundleError::Path { link, path: path.clone() })?;
        let Some(computed) = computed(&name, &path) else {
            return Err(BundleFault::EvidenceMissing { link, entry: name });
        };
        let computed = computed.map_err(|source| BundleError::EvidenceJson { link, path: path.clone(), source })?;
        if folded_digest(digest).as_deref() != Some(&*computed.hex()) {
            return Err(BundleError::DigestMismatch { link, path }.into());
        }
        Ok(())
    }
}
