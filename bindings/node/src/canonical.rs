//! Canonical JSON.

use gait_base::digest::sha256;
use gait_base::jcs;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

use crate::fault;

/// The canonical form (RFC 8785) of JSON text.
#[napi(catch_unwind)]
pub(crate) fn canonicalize(bytes: &[u8], strict: bool) -> napi::Result<Buffer> {
    let canonical = if strict { jcs::canonicalize_strict(bytes) } else { jcs::canonicalize(bytes) };
    canonical.map(Into::into).map_err(|error| fault::of_canonical(&error))
}

/// The SHA-256 of the canonical form of JSON text.
#[napi(catch_unwind)]
pub(crate) fn digest(bytes: &[u8], strict: bool) -> napi::Result<String> {
    let digest =
        if strict { jcs::canonicalize_strict(bytes).map(|canonical| sha256(&canonical)) } else { jcs::digest(bytes) };
    digest.map(|digest| digest.to_hex()).map_err(|error| fault::of_canonical(&error))
}
