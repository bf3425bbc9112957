//! Many intents at once.

use std::cell::RefCell;
use std::sync::Arc;

use gait_base::time::Timestamp;
use gait_gate::intent::Intent;
use napi::Either;
use napi::bindgen_prelude::{AsyncTask, External};
use napi_derive::napi;

use crate::decision::{Answer, answer};
use crate::document::written;
use crate::fault;
use crate::judge::Judge;
use crate::moment::{Moment, moment};
use crate::work::Decide;

enum Item {
    Document(Vec<u8>),
    Intent(Arc<Intent>),
}

/// Intents on their way to a judge.
pub(crate) struct Batch(RefCell<Vec<Item>>);

/// An empty batch.
#[napi(catch_unwind)]
pub(crate) fn batch_new() -> External<Batch> {
    External::new(Batch(RefCell::default()))
}

/// Adds an intent in JSON.
#[napi(catch_unwind)]
pub(crate) fn batch_add(batch: &External<Batch>, bytes: &[u8], start: u32, end: u32) {
    batch.0.borrow_mut().push(Item::Document(written(bytes, start, end).to_vec()));
}

/// Adds an intent that was read before.
#[napi(catch_unwind)]
pub(crate) fn batch_add_intent(batch: &External<Batch>, intent: &External<Arc<Intent>>) {
    let intent: &Arc<Intent> = intent.as_ref();
    batch.0.borrow_mut().push(Item::Intent(intent.clone()));
}

/// Decides about all intents of a batch in their order; the batch is empty afterwards. An answer may be the text of an
/// error; with `throwing`, the first intent that cannot be read is an error before anything is counted.
#[napi(catch_unwind)]
pub(crate) fn evaluate_many(
    judge: &External<Arc<Judge>>,
    batch: &External<Batch>,
    now: Moment,
    throwing: bool,
) -> napi::Result<Vec<Answer>> {
    decide(judge, batch.0.take(), moment(&now)?, throwing)
}

/// As [`evaluate_many`], on the thread pool.
#[napi(catch_unwind)]
pub(crate) fn evaluate_many_async(
    judge: &External<Arc<Judge>>,
    batch: &External<Batch>,
    now: Moment,
    throwing: bool,
) -> napi::Result<AsyncTask<Decide>> {
    let now = moment(&now)?;
    let judge: &Arc<Judge> = judge.as_ref();
    let (judge, items) = (judge.clone(), batch.0.take());
    Ok(AsyncTask::new(Decide::new(move || decide(&judge, items, now, throwing))))
}

fn decide(judge: &Judge, items: Vec<Item>, now: Timestamp, throwing: bool) -> napi::Result<Vec<Answer>> {
    let mut read = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let intent = match item {
            Item::Intent(intent) => Ok(intent),
            Item::Document(text) => Intent::parse(&text, judge.mode()).map(Arc::new),
        };
        match intent.map_err(|error| fault::of_intent(&error).in_item(index)) {
            Err(fault) if throwing => return Err(fault.into()),
            intent => read.push(intent),
        }
    }
    let mut answers = Vec::with_capacity(read.len());
    for (index, intent) in read.into_iter().enumerate() {
        let decided = intent.and_then(|intent| {
            judge.evaluate(&intent, now).map_err(|error| fault::of_evaluation(&error).in_item(index))
        });
        match decided {
            Ok(decision) => answers.push(answer(&decision)?),
            Err(fault) if throwing => return Err(fault.into()),
            Err(fault) => answers.push(Either::B(fault.into_text())),
        }
    }
    Ok(answers)
}
