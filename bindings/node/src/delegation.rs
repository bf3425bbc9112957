//! Delegation tokens.

use gait_base::json::{Reading, decode, to_indented};
use gait_base::key::SigningKey;
use gait_base::record;
use gait_gate::authority::delegation::{DelegationExpectation, DelegationTerms, DelegationToken, validate};
use gait_gate::authority::token::{CheckEach, Presented};
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::approval::{Duration, expected_digest, nanoseconds};
use crate::document::{mode, read_file, text, written};
use crate::fault::{self, Subject};
use crate::judge::own_version;
use crate::moment::{Moment, moment};
use crate::trust::Trust;
use crate::work::Make;

record! {
    /// What a token is to say, or is held against; what is empty is left open.
    #[derive(Clone, Debug, PartialEq)]
    struct Terms {
        delegator: String,
        delegate: String,
        scope: Vec<String>,
        scope_class: String,
        intent_digest: String,
        policy_digest: String,
    }
}

impl Terms {
    fn read(document: &[u8]) -> napi::Result<Self> {
        decode(document, Reading::STRICT).map_err(|error| fault::exception(&error, Subject::Other))
    }
}

/// Makes and signs a token.
#[napi(catch_unwind)]
pub(crate) fn delegate(
    key: &External<SigningKey>,
    bytes: &[u8],
    start: u32,
    end: u32,
    ttl: Duration,
    now: Moment,
    producer_version: String,
) -> napi::Result<External<Presented<DelegationToken>>> {
    let given = Terms::read(written(bytes, start, end))?;
    let terms = DelegationTerms {
        delegator_identity: given.delegator,
        delegate_identity: given.delegate,
        scope: given.scope,
        scope_class: given.scope_class,
        intent_digest: given.intent_digest,
        policy_digest: given.policy_digest,
        ttl_nanos: nanoseconds(&ttl)?,
        producer_version: own_version(&producer_version),
    };
    let token = DelegationToken::mint(terms, key, &moment(&now)?);
    token.map(Presented::new).map(External::new).map_err(|error| fault::exception(&error, Subject::Other))
}

fn parse(document: &[u8], strict: bool) -> napi::Result<Presented<DelegationToken>> {
    Presented::parse(document, mode(strict)).map_err(|error| fault::of_document(&error))
}

/// Reads a token in JSON. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn delegation_parse(
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<External<Presented<DelegationToken>>> {
    parse(written(bytes, start, end), strict).map(External::new)
}

/// Reads a token file on the thread pool. Says nothing about its signature.
#[napi(catch_unwind)]
pub(crate) fn delegation_load(path: String, strict: bool) -> AsyncTask<Make<Presented<DelegationToken>>> {
    AsyncTask::new(Make::new(move || {
        let document = read_file(&path).map_err(|error| fault::exception(&error, Subject::Other))?;
        parse(&document, strict)
    }))
}

/// The text of a token's file.
#[napi(catch_unwind)]
pub(crate) fn delegation_file(token: &External<Presented<DelegationToken>>) -> napi::Result<String> {
    text(to_indented(token.token()).map_err(|error| fault::exception(&error, Subject::Document))?)
}

/// Checks a token; anything but one that counts is an error.
#[napi(catch_unwind)]
pub(crate) fn delegation_verify(
    token: &External<Presented<DelegationToken>>,
    trust: &External<Trust>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<()> {
    let given = Terms::read(written(bytes, start, end))?;
    let digest = |text: &str, name| -> napi::Result<String> {
        Ok(expected_digest(text, name)?.map(|digest| digest.to_hex()).unwrap_or_default())
    };
    let expectation = DelegationExpectation::new()
        .identities(&given.delegator, &given.delegate)
        .any_scope(given.scope)
        .digests(&digest(&given.intent_digest, "intentDigest")?, &digest(&given.policy_digest, "policyDigest")?);
    validate(token, &trust.take(), &moment(&now)?, &expectation, &CheckEach)
        .map_err(|error| fault::exception(&error, Subject::Other))
}
