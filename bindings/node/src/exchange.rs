//! Approvals on their way: what a gate's store keeps for approvers, and what they left there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gait_base::digest::Digest;
use gait_gate::authority::approval::{ApprovalExpectation, ApprovalToken, count_presented};
use gait_gate::authority::token::{CheckEach, Presented};
use gait_gate::mode::Mode;
use gait_gate::state::{StateError, StateStore, Topic, decision_digests};
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, External, Object};
use napi_derive::napi;

use crate::approval::{self, nanoseconds, request};
use crate::document::to_json;
use crate::fault::{self, Subject};
use crate::judge::Judge;
use crate::moment::{Moment, moment};
use crate::work::{Tell, apart};

/// How long nobody looks whether the wait was given up.
const LOOK_UP: Duration = Duration::from_millis(500);

fn failed(error: &StateError) -> napi::Error {
    fault::exception(error, Subject::Other)
}

/// Work on the store of a gate, on the thread pool.
fn with_store(
    judge: &External<Arc<Judge>>,
    work: impl FnOnce(&dyn StateStore) -> napi::Result<String> + Send + 'static,
) -> AsyncTask<Tell> {
    let judge: &Arc<Judge> = judge.as_ref();
    let judge = judge.clone();
    AsyncTask::new(Tell::new(move || work(judge.store())))
}

/// Leaves a request where approvers find it.
#[napi(catch_unwind)]
pub(crate) fn request_approval(judge: &External<Arc<Judge>>, asked: String) -> AsyncTask<Tell> {
    with_store(judge, move |store| {
        store.request_approval(&request(asked.as_bytes(), Mode::Strict)?).map_err(|error| failed(&error))?;
        Ok(String::new())
    })
}

/// Leaves an approval where the gate finds it.
#[napi(catch_unwind)]
pub(crate) fn add_approval(
    judge: &External<Arc<Judge>>,
    token: &External<Presented<ApprovalToken>>,
) -> AsyncTask<Tell> {
    let token: &Presented<ApprovalToken> = token.as_ref();
    let token = token.clone();
    with_store(judge, move |store| {
        store.add_approval(token.token()).map_err(|error| failed(&error))?;
        Ok(String::new())
    })
}

/// The requests that wait, as a JSON list.
#[napi(catch_unwind)]
pub(crate) fn approval_requests(judge: &External<Arc<Judge>>) -> AsyncTask<Tell> {
    with_store(judge, |store| to_json(store.approval_requests().map_err(|error| failed(&error))?.as_slice()))
}

/// A wait that may be given up; it is when nobody holds this any more.
pub(crate) struct Patience(Arc<AtomicBool>);

impl Drop for Patience {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Endless patience.
#[napi(catch_unwind)]
pub(crate) fn patience_new() -> External<Patience> {
    External::new(Patience(Arc::default()))
}

/// Gives up the wait, within a moment.
#[napi(catch_unwind)]
pub(crate) fn patience_end(patience: &External<Patience>) {
    patience.0.store(true, Ordering::Relaxed);
}

/// Waits on a thread of its own until as many valid approvals are there as a request asks for; gives all that are there in
/// the end, as a JSON list. `spent` are ids of those that were used before.
#[napi(catch_unwind)]
pub(crate) fn wait_for_approvals<'env>(
    env: &'env Env,
    judge: &External<Arc<Judge>>,
    asked: String,
    spent: Vec<String>,
    timeout: approval::Duration,
    now: Moment,
    patience: &External<Patience>,
) -> napi::Result<Object<'env>> {
    let request = request(asked.as_bytes(), Mode::Strict)?;
    let named = decision_digests(&request.intent_digest, &request.policy_digest).map_err(|error| failed(&error))?;
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let expectation = ApprovalExpectation {
        now: moment(&now)?,
        intent_digest: Some(named.0),
        policy_digest: Some(named.1),
        delegation_binding_digest: Digest::parse_hex(&request.delegation_binding_digest),
        required_scope: request.scope,
        target_count: count(request.target_count),
        operation_count: count(request.operation_count),
    };
    let judge: &Arc<Judge> = judge.as_ref();
    let judge = judge.clone();
    let awaited = Awaited { named, expectation, required: request.required_approvals, spent };
    let wait = Wait {
        timeout: Duration::from_nanos(u64::try_from(nanoseconds(&timeout)?).unwrap_or(0)),
        started: Instant::now(),
        given_up: patience.0.clone(),
    };
    apart(env, move || {
        let tokens = wait.until(&judge, &awaited).map_err(|error| failed(&error))?;
        let tokens: Vec<_> = tokens.iter().map(|token| token.token().clone()).collect();
        to_json(tokens.as_slice())
    })
}

/// What is waited for.
struct Awaited {
    named: (Digest, Digest),
    expectation: ApprovalExpectation,
    required: i64,
    spent: Vec<String>,
}

impl Awaited {
    /// Whether these would do.
    fn is_there(&self, tokens: &[Presented<ApprovalToken>], judge: &Judge) -> bool {
        let spent = tokens.iter().filter(|one| self.spent.contains(&one.token().token_id));
        let spent: Vec<_> = spent.filter_map(Presented::content_digest).collect();
        count_presented(tokens, judge.approvers(), &self.expectation, self.required, &CheckEach, &spent).granted
    }
}

/// How long it is waited.
struct Wait {
    timeout: Duration,
    started: Instant,
    given_up: Arc<AtomicBool>,
}

impl Wait {
    fn until(&self, judge: &Judge, awaited: &Awaited) -> Result<Vec<Presented<ApprovalToken>>, StateError> {
        let store = judge.store();
        loop {
            // Before the look, so that nothing that comes in between is missed.
            let seen = store.revision(Topic::Approvals)?;
            let tokens = store.approvals(&awaited.named.0, &awaited.named.1)?;
            let tokens: Vec<_> = tokens.into_iter().map(Presented::new).collect();
            let left = self.timeout.saturating_sub(self.started.elapsed());
            if left.is_zero() || self.given_up.load(Ordering::Relaxed) || awaited.is_there(&tokens, judge) {
                return Ok(tokens);
            }
            store.wait(Topic::Approvals, seen, left.min(LOOK_UP))?;
        }
    }
}
