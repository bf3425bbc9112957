//! What a broker answers (03 §10.3).

use gait_base::record;
use gait_base::text::{trim_fold_in_place, trim_in_place};
use gait_base::time::Timestamp;

use super::request::fold_in_order;
use super::secret::refuse_material;
use super::{BrokerFault, BrokerKind, BrokerRequest};
use crate::mode::Mode;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

record! {
    /// What a broker says about the credential that it issued.
    ///
    /// In strict mode an answer is refused when any of its texts looks like a credential itself, and when the credential
    /// is over already or its life is negative.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BrokerResponse {
        /// Who issued it.
        pub issued_by: String => omit,
        /// Where the credential comes from.
        pub source: String => omit,
        /// Kind of access it gives.
        pub access_type: String => omit,
        /// Who stands behind it.
        pub issuer: String => omit,
        /// Whom it names.
        pub subject: String => omit,
        /// Who owns it.
        pub owner: String => omit,
        /// What it is good for.
        pub scope: Vec<String> => omit,
        /// Its reference.
        pub credential_ref: String => omit,
        /// Digest of the targets it is bound to.
        pub target_binding: String => omit,
        /// Run it is bound to.
        pub run_binding: String => omit,
        /// Job it is bound to.
        pub job_binding: String => omit,
        /// Digest of the request it answers.
        pub request_digest: String => omit,
        /// When it was issued.
        pub issued_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Its life in seconds.
        pub ttl_seconds: i64 => omit,
    }
}

impl BrokerResponse {
    /// Who stands behind the credential, as outputs, traces and evidence show it: the issuer, else who issued it.
    #[must_use]
    pub fn issuer_shown(&self) -> &str {
        if self.issuer.is_empty() { &self.issued_by } else { &self.issuer }
    }

    /// Brings an answer of any broker into normal form and fills in what follows from the rest.
    ///
    /// # Errors
    /// Without a reference, or when a derived time is out of range; in strict mode also a text that looks like a
    /// credential, and a credential that is over.
    pub(super) fn normalized(
        mut self,
        broker: BrokerKind,
        request: &BrokerRequest,
        now: &Timestamp,
        mode: Mode,
    ) -> Result<Self, BrokerFault> {
        if mode.is_strict() {
            // Before anything is folded: credentials are told by their case.
            refuse_material(&self, request)?;
        }
        for text in [
            &mut self.issued_by,
            &mut self.issuer,
            &mut self.subject,
            &mut self.owner,
            &mut self.credential_ref,
            &mut self.target_binding,
            &mut self.run_binding,
            &mut self.job_binding,
        ] {
            trim_in_place(text);
        }
        for text in [&mut self.source, &mut self.access_type, &mut self.request_digest] {
            trim_fold_in_place(text);
        }
        fold_in_order(&mut self.scope);
        default_to(&mut self.issued_by, broker.name());
        default_to(&mut self.source, broker.name());
        if self.credential_ref.is_empty() {
            return Err(BrokerFault::ReferenceMissing);
        }
        if self.request_digest.is_empty() {
            self.request_digest = request.digest()?.to_hex();
        }
        if self.issued_at.is_zero() && !self.expires_at.is_zero() {
            self.issued_at = *now;
        }
        let both_times = !self.issued_at.is_zero() && !self.expires_at.is_zero();
        if self.ttl_seconds == 0 && both_times && self.issued_at.is_before(&self.expires_at) {
            self.ttl_seconds = self.expires_at.seconds_since(&self.issued_at);
        }
        if self.ttl_seconds > 0 && !self.issued_at.is_zero() && self.expires_at.is_zero() {
            self.expires_at = self.issued_at.plus_nanos(i128::from(self.ttl_seconds) * NANOS_PER_SECOND)?;
        }
        let is_over = self.ttl_seconds < 0 || !self.expires_at.is_zero() && !now.is_before(&self.expires_at);
        if mode.is_strict() && is_over {
            return Err(BrokerFault::Expired);
        }
        Ok(self)
    }

    /// Scope and bindings that the answer leaves open are those of the request.
    pub(super) fn inherit_bindings(&mut self, request: &BrokerRequest) {
        if self.scope.is_empty() {
            self.scope.clone_from(&request.scope);
        }
        default_to(&mut self.target_binding, &request.target_binding);
        default_to(&mut self.run_binding, &request.run_id);
        default_to(&mut self.job_binding, &request.job_id);
    }
}

/// A blank text takes the default.
pub(super) fn default_to(text: &mut String, default: &str) {
    if text.trim().is_empty() {
        default.clone_into(text);
    }
}
