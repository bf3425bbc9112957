//! Many intents at once, and whatever decisions about them consult.

use std::cell::{RefCell, RefMut};
use std::sync::Arc;

use gait_base::time::Timestamp;
use gait_gate::intent::{Intent, decode_request};
use napi::bindgen_prelude::{AsyncTask, External, Object};
use napi::{Either, Env};
use napi_derive::napi;

use crate::broker::{AskHere, AskThere, Lent, lending, line};
use crate::decision::Answer;
use crate::document::written;
use crate::fault::{self, Fault};
use crate::inputs::Given;
use crate::judge::Judge;
use crate::moment::{Moment, moment};
use crate::work::{Decide, apart};

enum Item {
    Document(Vec<u8>),
    /// May turn out not to be usable.
    Request(Vec<u8>),
    Intent(Arc<Intent>),
}

/// An item that can be decided about.
enum Readable {
    Intent(Arc<Intent>),
    Request(Vec<u8>),
}

/// Intents on their way to a judge.
#[derive(Default)]
pub(crate) struct Batch {
    items: RefCell<Vec<Item>>,
    given: RefCell<Given>,
}

impl Batch {
    /// What its decisions consult.
    pub(crate) fn given(&self) -> RefMut<'_, Given> {
        self.given.borrow_mut()
    }

    fn take(&self) -> (Vec<Item>, Given) {
        (self.items.take(), self.given.take())
    }
}

/// An empty batch.
#[napi(catch_unwind)]
pub(crate) fn batch_new() -> External<Batch> {
    External::new(Batch::default())
}

/// Adds an intent in JSON.
#[napi(catch_unwind)]
pub(crate) fn batch_add(batch: &External<Batch>, bytes: &[u8], start: u32, end: u32) {
    batch.items.borrow_mut().push(Item::Document(written(bytes, start, end).to_vec()));
}

/// Adds an intent in JSON that may turn out not to be usable.
#[napi(catch_unwind)]
pub(crate) fn batch_add_request(batch: &External<Batch>, bytes: &[u8], start: u32, end: u32) {
    batch.items.borrow_mut().push(Item::Request(written(bytes, start, end).to_vec()));
}

/// Adds an intent that was read before.
#[napi(catch_unwind)]
pub(crate) fn batch_add_intent(batch: &External<Batch>, intent: &External<Arc<Intent>>) {
    let intent: &Arc<Intent> = intent.as_ref();
    batch.items.borrow_mut().push(Item::Intent(intent.clone()));
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
    decide(judge, batch.take(), moment(&now)?, throwing)
}

/// As [`evaluate_many`], with the function that is the gate's broker.
#[napi(catch_unwind)]
pub(crate) fn evaluate_many_asking(
    env: Env,
    judge: &External<Arc<Judge>>,
    batch: &External<Batch>,
    now: Moment,
    throwing: bool,
    ask: AskHere<'_>,
) -> napi::Result<Vec<Answer>> {
    let (taken, now) = (batch.take(), moment(&now)?);
    lending(Lent::here(env, &ask)?, || decide(judge, taken, now, throwing))
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
    let (judge, taken) = (judge.clone(), batch.take());
    Ok(AsyncTask::new(Decide::new(move || decide(&judge, taken, now, throwing))))
}

/// As [`evaluate_many`], on a thread of its own: for brokers, which may take seconds. `ask` is the broker if it is a function.
#[napi(catch_unwind)]
pub(crate) fn evaluate_many_apart<'env>(
    env: &'env Env,
    judge: &External<Arc<Judge>>,
    batch: &External<Batch>,
    now: Moment,
    throwing: bool,
    ask: Option<AskThere<'_>>,
) -> napi::Result<Object<'env>> {
    let now = moment(&now)?;
    let judge: &Arc<Judge> = judge.as_ref();
    let (judge, taken) = (judge.clone(), batch.take());
    let line = ask.as_ref().map(line).transpose()?;
    apart(env, move || match line {
        Some(line) => lending(Lent::There(line), || decide(&judge, taken, now, throwing)),
        None => decide(&judge, taken, now, throwing),
    })
}

fn decide(
    judge: &Judge,
    (items, given): (Vec<Item>, Given),
    now: Timestamp,
    throwing: bool,
) -> napi::Result<Vec<Answer>> {
    let mut readable = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let read = match item {
            Item::Intent(intent) => Ok(Readable::Intent(intent)),
            Item::Request(text) => Ok(Readable::Request(text)),
            Item::Document(text) => Intent::parse(&text, judge.mode()).map(Arc::new).map(Readable::Intent),
        };
        match read.map_err(|error| fault::of_intent(&error).in_item(index)) {
            Err(fault) if throwing => return Err(fault.into()),
            read => readable.push(read),
        }
    }
    let mut answers = Vec::with_capacity(readable.len());
    for (index, item) in readable.into_iter().enumerate() {
        let decided = item.and_then(|item| {
            let answer = decide_one(judge, item, &given, now);
            answer.map_err(|fault| fault.in_item(index))
        });
        match decided {
            Ok(answer) => answers.push(answer?),
            Err(fault) if throwing => return Err(fault.into()),
            Err(fault) => answers.push(Either::B(fault.into_text())),
        }
    }
    Ok(answers)
}

/// The answer about one item; an error within is one of writing it.
fn decide_one(
    judge: &Judge,
    item: Readable,
    given: &Given,
    now: Timestamp,
) -> Result<napi::Result<Answer>, Box<Fault>> {
    let inputs = given.at(now);
    let consulted = given.is_consulted();
    match item {
        Readable::Intent(intent) => {
            let decision = judge.evaluate(&intent, &inputs).map_err(|error| fault::of_evaluation(&error))?;
            Ok(judge.answer(&decision, Some(&intent), intent.notices(), now, consulted))
        }
        Readable::Request(text) => {
            let read = decode_request(&text, judge.mode()).map_err(|error| fault::of_intent(&error));
            let (request, notices) = read?;
            let decided = judge.evaluate_request(request, &inputs);
            let (decision, intent) = decided.map_err(|error| fault::of_evaluation(&error))?;
            Ok(judge.answer(&decision, intent.as_ref(), &notices, now, consulted))
        }
    }
}
