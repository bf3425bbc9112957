//! Decisions: the answer, and, when they are asked for, its grounds and its trace.

use std::sync::Arc;

use gait_base::error::Category;
use gait_base::json::{Notice, Reading, decode, to_indented};
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::ApprovalRequest;
use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::intent::{Intent, decode_request};
use gait_gate::trace::TraceRecord;
use gait_gate::verdict::Verdict;
use napi::Either;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::approval::request_file;
use crate::document::{text, to_json, written};
use crate::facts::Facts;
use crate::fault::{self, Subject};
use crate::judge::Judge;
use crate::moment::{Moment, moment};

/// What JavaScript gets of a decision: the place of its verdict in [`Verdict::ALL`] when the policy alone decided, or that
/// digit before [`Kept`] as JSON. In a batch, also the text of an error.
pub(crate) type Answer = Either<u32, String>;

/// The answer of a policy that consulted nothing: what else it says can be computed again.
pub(crate) fn plain(decision: &Decision) -> Answer {
    Either::A(place(decision.verdict))
}

fn place(verdict: Verdict) -> u32 {
    let place = Verdict::ALL.iter().position(|known| *known == verdict);
    place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
}

record! {
    /// Everything about a decision that cannot be computed again: settling counts, and what was consulted changes.
    #[derive(Clone, Debug, PartialEq)]
    struct Kept {
        /// What it says.
        facts: Facts,
        /// Its trace, not signed yet; none for an intent that cannot be normalized.
        trace: Option<TraceRecord>,
        /// What it asks of approvers.
        request: Option<ApprovalRequest>,
    }
}

/// The answer that stands for itself.
pub(crate) fn kept(
    judge: &Judge,
    decision: &Decision,
    intent: Option<&Intent>,
    notices: &[Notice],
    now: Timestamp,
) -> napi::Result<Answer> {
    let trace = intent.map(|intent| judge.unsigned_trace(intent, decision, now)).transpose();
    let kept = Kept {
        facts: Facts::new(decision, intent, notices, now),
        trace: trace.map_err(|error| fault::exception(&error, Subject::Other))?,
        request: asked(decision, intent),
    };
    Ok(Either::B(format!("{}{}", place(decision.verdict), to_json(&kept)?)))
}

fn asked(decision: &Decision, intent: Option<&Intent>) -> Option<ApprovalRequest> {
    ApprovalRequest::of(intent?, decision)
}

/// Reads back the part of an answer behind its digit. Leniently: integers beyond 2^53 of a lenient intent stand in it.
fn read_kept(answer: &str) -> napi::Result<Kept> {
    let json = answer.get(1..).unwrap_or_default();
    decode(json.as_bytes(), Reading::COMPAT).map_err(|error| fault::exception(&error, Subject::Document))
}

/// A decision made once more, to be asked for more than its verdict.
///
/// Decisions that consulted nothing are functions of policy, intent and moment, so what JavaScript keeps of one are these
/// three. A decision that was kept here would live until the event loop next turns: that is when Node finalizes native
/// objects, and a loop that decides without waiting for anything would fill the memory.
struct Remade<'a> {
    judge: &'a Judge,
    decision: Decision,
    intent: Option<Arc<Intent>>,
    notices: Vec<Notice>,
    now: Timestamp,
}

impl<'a> Remade<'a> {
    /// From the document of an intent that was decided about.
    fn of_document(judge: &'a Judge, document: &[u8], now: &Moment) -> napi::Result<Self> {
        let now = moment(now)?;
        let (request, notices) = decode_request(document, judge.mode()).map_err(|error| fault::of_intent(&error))?;
        let decided = judge.policy().evaluate_request(request, &Inputs::at(now));
        let (decision, intent) = decided.map_err(|error| fault::of_evaluation(&error))?;
        Ok(Self { judge, decision, intent: intent.map(Arc::new), notices, now })
    }

    /// From an intent that was read before.
    fn of_intent(judge: &'a Judge, intent: &Arc<Intent>, now: &Moment) -> napi::Result<Self> {
        let now = moment(now)?;
        let decided = judge.policy().evaluate(intent, &Inputs::at(now));
        let decision = decided.map_err(|error| fault::of_evaluation(&error))?;
        let notices = intent.notices().to_vec();
        Ok(Self { judge, decision, intent: Some(intent.clone()), notices, now })
    }

    fn facts(&self) -> napi::Result<String> {
        to_json(&Facts::new(&self.decision, self.intent.as_deref(), &self.notices, self.now))
    }

    fn trace(&self) -> napi::Result<String> {
        let trace = self.intent.as_deref().map(|intent| self.judge.unsigned_trace(intent, &self.decision, self.now));
        signed(self.judge, trace.transpose().map_err(|error| fault::exception(&error, Subject::Other))?)
    }

    fn request(&self) -> napi::Result<Option<String>> {
        asked(&self.decision, self.intent.as_deref()).as_ref().map(request_file).transpose()
    }
}

/// The file of a trace, signed now.
fn signed(judge: &Judge, trace: Option<TraceRecord>) -> napi::Result<String> {
    let Some(mut trace) = trace else {
        let message = "an intent that cannot be normalized has no trace";
        return Err(fault::plain(Category::InvalidInput, "intent_not_evaluable", message));
    };
    judge.sign(&mut trace).map_err(|error| fault::exception(&error, Subject::Other))?;
    text(to_indented(&trace).map_err(|error| fault::exception(&error, Subject::Document))?)
}

/// What a decision about a document says, as JSON.
#[napi(catch_unwind)]
pub(crate) fn decision_facts(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<String> {
    Remade::of_document(judge, written(bytes, start, end), &now)?.facts()
}

/// What a decision about an intent says, as JSON.
#[napi(catch_unwind)]
pub(crate) fn decision_facts_of_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
) -> napi::Result<String> {
    Remade::of_intent(judge, intent, &now)?.facts()
}

/// The trace of a decision about a document, signed now.
#[napi(catch_unwind)]
pub(crate) fn decision_trace(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<String> {
    Remade::of_document(judge, written(bytes, start, end), &now)?.trace()
}

/// The trace of a decision about an intent, signed now.
#[napi(catch_unwind)]
pub(crate) fn decision_trace_of_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
) -> napi::Result<String> {
    Remade::of_intent(judge, intent, &now)?.trace()
}

/// The file of what a decision about a document asks of approvers.
#[napi(catch_unwind)]
pub(crate) fn decision_request(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
) -> napi::Result<Option<String>> {
    Remade::of_document(judge, written(bytes, start, end), &now)?.request()
}

/// The file of what a decision about an intent asks of approvers.
#[napi(catch_unwind)]
pub(crate) fn decision_request_of_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
) -> napi::Result<Option<String>> {
    Remade::of_intent(judge, intent, &now)?.request()
}

/// The trace of a decision that was kept, signed now.
#[napi(catch_unwind)]
pub(crate) fn kept_trace(judge: &External<Arc<Judge>>, answer: String) -> napi::Result<String> {
    signed(judge, read_kept(&answer)?.trace)
}

/// The file of what a decision that was kept asks of approvers.
#[napi(catch_unwind)]
pub(crate) fn kept_request(answer: String) -> napi::Result<Option<String>> {
    read_kept(&answer)?.request.as_ref().map(request_file).transpose()
}
