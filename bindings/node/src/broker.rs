//! Credential brokers that are functions of JavaScript.
//!
//! A function can only be called by the thread that owns it. The gate holds no function, therefore: whoever decides lends it
//! to the thread that does, for as long as that takes. The event loop's own thread calls it directly; other threads put
//! their question to the event loop and wait, which is why they are never those of libuv's pool: an answer may need one.

use std::cell::RefCell;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gait_base::time::Timestamp;
use gait_gate::authority::broker::{BrokerFault, BrokerQuestion, BrokerRequest, BrokerResponse, command_response};
use gait_gate::gate::CredentialBroker;
use gait_gate::mode::Mode;
use napi::bindgen_prelude::{External, FnArgs, Function, FunctionRef};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;

use crate::document::to_json;

/// How long a thread waits for the answer of a promise. A worker that stops answers no more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes a request as JSON; gives an answer as JSON, or nothing when it could not issue.
pub(crate) type AskHere<'a> = Function<'a, String, Option<String>>;
/// As [`AskHere`], but the answer goes through [`broker_reply`].
pub(crate) type AskThere<'a> = Function<'a, FnArgs<(String, External<Reply>)>, ()>;
/// [`AskThere`] from any thread.
pub(crate) type Line = ThreadsafeFunction<Question, (), FnArgs<(String, External<Reply>)>, Status, false, false, 0>;

/// A line to the function, for another thread.
pub(crate) fn line(ask: &AskThere<'_>) -> napi::Result<Line> {
    ask.build_threadsafe_function::<Question>().build_callback(|context| {
        let Question { request, reply } = context.value;
        Ok(FnArgs::from((request, External::new(reply))))
    })
}

/// A request on its way to the event loop.
pub(crate) struct Question {
    request: String,
    reply: Reply,
}

/// Where the answer to a question goes, once.
pub(crate) struct Reply(Mutex<Option<SyncSender<Option<String>>>>);

/// A function that this thread may ask.
pub(crate) enum Lent {
    Here(Env, FunctionRef<String, Option<String>>),
    There(Line),
}

impl Lent {
    /// For the thread that owns the function.
    pub(crate) fn here(env: Env, ask: &AskHere<'_>) -> napi::Result<Self> {
        Ok(Self::Here(env, ask.create_ref()?))
    }

    fn ask(&self, request: String) -> Option<String> {
        match self {
            Self::Here(env, ask) => ask.borrow_back(env).ok()?.call(request).ok()?,
            Self::There(line) => {
                let (sender, answers) = sync_channel(1);
                let reply = Reply(Mutex::new(Some(sender)));
                match line.call(Question { request, reply }, ThreadsafeFunctionCallMode::NonBlocking) {
                    Status::Ok => answers.recv_timeout(PATIENCE).ok()?,
                    _ => None,
                }
            }
        }
    }
}

thread_local! {
    static LENT: RefCell<Option<Lent>> = const { RefCell::new(None) };
}

/// Puts back what was lent before, even when a decision panics.
struct Return(Option<Lent>);

impl Drop for Return {
    fn drop(&mut self) {
        LENT.set(self.0.take());
    }
}

/// Decides, with a function that its gate's broker may ask.
pub(crate) fn lending<T>(lent: Lent, decide: impl FnOnce() -> T) -> T {
    let _before = Return(LENT.replace(Some(lent)));
    decide()
}

/// Asks whatever function was lent to this thread.
pub(crate) struct FunctionBroker(pub(crate) Mode);

impl CredentialBroker for FunctionBroker {
    fn issue(&self, request: BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault> {
        let asked = to_json(&BrokerQuestion::of(&request)?).map_err(|_| BrokerFault::CommandFailed)?;
        // Taken for as long as it is asked: it may decide itself, with a function of its own.
        let lent = Return(LENT.take());
        let answer = lent.0.as_ref().and_then(|lent| lent.ask(asked));
        drop(lent);
        let answer = answer.ok_or(BrokerFault::CommandFailed)?;
        // The same rules hold as for the answer of a program.
        command_response(answer.as_bytes(), b"", &request, now, self.0)
    }
}

/// Answers a question; nothing means that there is no credential. Only the first answer counts.
#[napi(catch_unwind)]
pub(crate) fn broker_reply(reply: &External<Reply>, answer: Option<String>) {
    let sender = reply.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(sender) = sender {
        // Whoever asked may have lost patience.
        let _ = sender.try_send(answer);
    }
}
