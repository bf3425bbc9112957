//! The evidence of a brokered credential (03 §10.6). Never the credential itself.

use gait_base::record;
use gait_base::text::set;
use gait_base::time::{TimeError, Timestamp};

use super::{AuditedDecision, SCHEMA_VERSION};
use crate::authority::broker::{BrokerRequest, BrokerResponse};

record! {
    /// Which credential a broker issued for one decision.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BrokerCredentialRecord {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// Creation time of the decision.
        pub created_at: Timestamp,
        /// Version of the program that wrote it.
        pub producer_version: String,
        /// Id of the decision's trace.
        pub trace_id: String,
        /// Name of the tool.
        pub tool_name: String,
        /// For whom.
        pub identity: String,
        /// Who issued it.
        pub broker: String,
        /// The reference that the broker was given.
        pub reference: String => omit,
        /// Where the credential comes from.
        pub credential_source: String => omit,
        /// Kind of access it gives.
        pub credential_access_type: String => omit,
        /// Who stands behind it.
        pub credential_issuer: String => omit,
        /// Whom it names.
        pub credential_subject: String => omit,
        /// Who owns it.
        pub credential_owner: String => omit,
        /// The scope that was asked for, case kept.
        pub scope: Vec<String> => omit,
        /// Reference of the credential.
        pub credential_ref: String,
        /// Digest of the targets it is bound to.
        pub target_binding: String => omit,
        /// Run it is bound to.
        pub run_binding: String => omit,
        /// Job it is bound to.
        pub job_binding: String => omit,
        /// Digest of the request.
        pub request_digest: String => omit,
        /// When it was issued.
        pub issued_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Its life in seconds.
        pub ttl_seconds: i64 => omit,
    }
}

impl BrokerCredentialRecord {
    /// The record of a credential: `requested_scope` is the scope as it was put together, before the request folded it.
    ///
    /// # Errors
    /// When a time cannot be written in UTC.
    pub fn new(
        decision: &AuditedDecision<'_>,
        request: &BrokerRequest,
        requested_scope: &[String],
        response: &BrokerResponse,
    ) -> Result<Self, TimeError> {
        let mut scope = requested_scope.to_vec();
        set(&mut scope);
        Ok(Self {
            schema_id: "gait.gate.broker_credential_record".to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: decision.created_at()?,
            producer_version: decision.producer_version.to_owned(),
            trace_id: decision.trace_id.trim().to_owned(),
            tool_name: decision.tool_name.trim().to_owned(),
            identity: request.identity.clone(),
            broker: response.issued_by.clone(),
            reference: request.reference.clone(),
            credential_source: response.source.clone(),
            credential_access_type: response.access_type.clone(),
            credential_issuer: response.issuer_shown().to_owned(),
            credential_subject: response.subject.clone(),
            credential_owner: response.owner.clone(),
            scope,
            credential_ref: response.credential_ref.clone(),
            target_binding: response.target_binding.clone(),
            run_binding: response.run_binding.clone(),
            job_binding: response.job_binding.clone(),
            request_digest: response.request_digest.clone(),
            issued_at: response.issued_at.to_utc()?,
            expires_at: response.expires_at.to_utc()?,
            ttl_seconds: response.ttl_seconds,
        })
    }
}
