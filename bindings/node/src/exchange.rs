//! Approvals on their way: what a gate's store keeps for approvers, and what they left there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::token::Presented;
use gait_gate::mode::Mode;
use gait_gate::state::{StateError, StateStore};
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
    let now = moment(&now)?;
    let judge: &Arc<Judge> = judge.as_ref();
    let judge = judge.clone();
    let timeout = Duration::from_nanos(u64::try_from(nanoseconds(&timeout)?).unwrap_or(0));
    let (started, given_up) = (Instant::now(), patience.0.clone());
    apart(env, move || {
        loop {
            let left = timeout.saturating_sub(started.elapsed());
            let awaited = judge.gate().await_approvals(&request, &spent, now, left.min(LOOK_UP));
            let awaited = awaited.map_err(|error| failed(&error))?;
            if awaited.suffice || started.elapsed() >= timeout || given_up.load(Ordering::Relaxed) {
                let tokens: Vec<_> = awaited.tokens.iter().map(|token| token.token().clone()).collect();
                return to_json(tokens.as_slice());
            }
        }
    })
}
