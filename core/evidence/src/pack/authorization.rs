//! Packs of authorizations: a bundle and the files that it links to (05 §3.4).

use std::fmt::Display;

use gait_base::error::Classify;
use gait_gate::authority::authorization_bundle::{AuthorizationBundle, BUNDLE_ENTRY, BundleError, GatherError};

use super::PackError;
use super::manifest::{PackType, SCHEMA_VERSION};
use super::payload::{AUTHORIZATION_SCHEMA, AuthorizationPayload, count};
use super::seal::{BuildOptions, BuiltPack, Contents};

/// Why an authorization was not packed; `E` is the error of whoever reads files.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationPackError<E: Display> {
    /// The bundle or one of its files is unusable.
    #[error(transparent)]
    Gather(#[from] GatherError<E>),
    /// The pack cannot be made.
    #[error(transparent)]
    Pack(#[from] PackError),
}

impl<E: Classify + Display> Classify for AuthorizationPackError<E> {
    fn code(&self) -> &'static str {
        match self {
            Self::Gather(error) => error.code(),
            Self::Pack(error) => error.code(),
        }
    }

    fn category(&self) -> gait_base::error::Category {
        match self {
            Self::Gather(error) => error.category(),
            Self::Pack(error) => error.category(),
        }
    }
}

/// Packs an authorization bundle. `read` gives a linked file by its cleaned path, relative to the bundle's folder.
///
/// The pack names the bundle's producer as its own; the version in `options` stands where the bundle names none.
///
/// # Errors
/// [`AuthorizationPackError`].
pub fn build_authorization_pack<E: Display>(
    bundle: &[u8],
    read: &dyn Fn(&str) -> Result<Vec<u8>, E>,
    options: &BuildOptions<'_>,
) -> Result<BuiltPack, AuthorizationPackError<E>> {
    let bundle = AuthorizationBundle::parse(bundle, options.mode)
        .map_err(|error| GatherError::Bundle(BundleError::from(error)))?;
    let (bundle, evidence) = bundle.gather(options.producer_version, read)?.into_parts();
    let mut entries = vec![(BUNDLE_ENTRY.to_owned(), bundle.to_entry().map_err(PackError::from)?)];
    entries.extend(evidence.into_iter().map(|file| (file.entry, file.bytes)));
    let options = BuildOptions { producer_version: &bundle.producer_version, ..*options };
    Ok(Contents { kind: PackType::Authorization, source_ref: bundle.trace_id.clone(), entries }.seal(&options)?)
}

/// What a bundle says in short.
#[must_use]
pub fn authorization_payload(bundle: &AuthorizationBundle) -> AuthorizationPayload {
    AuthorizationPayload {
        schema_id: AUTHORIZATION_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: bundle.created_at,
        trace_id: bundle.trace_id.clone(),
        policy_digest: bundle.policy_digest.clone(),
        intent_digest: bundle.intent_digest.clone(),
        outcome_status: bundle.outcome_status.clone(),
        linked_evidence_count: count(bundle.linked_evidence_count()),
        required_evidence_count: count(bundle.required_evidence_count()),
    }
}
