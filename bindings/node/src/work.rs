//! Work on other threads, so that the event loop goes on meanwhile: libuv's, or for what may wait long one of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use gait_base::error::Category;
use napi::bindgen_prelude::{External, Object, ToNapiValue, Unknown};
use napi::{Env, JsDeferred, ScopedTask, Task};

use crate::decision::Answer;
use crate::fault;

type Job<T> = Box<dyn FnOnce() -> napi::Result<T> + Send>;
type Resolver<T> = Box<dyn FnOnce(Env) -> napi::Result<T>>;
type Slot<T> = Mutex<Option<JsDeferred<T, Resolver<T>>>>;

/// Does the job, once, and makes an error of a panic: it must not unwind into libuv.
fn perform<T>(job: &mut Option<Job<T>>) -> napi::Result<T> {
    let done = job.take().and_then(|job| catch_unwind(AssertUnwindSafe(job)).ok());
    let panicked = || fault::plain(Category::InternalFailure, "internal_failure", "the native code panicked");
    done.ok_or_else(panicked)?
}

/// Does a job on a thread of its own; gives its promise. libuv has four threads for everything, and files and names cannot be
/// looked up while all of them wait.
pub(crate) fn apart<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    job: impl FnOnce() -> napi::Result<T> + Send + 'static,
) -> napi::Result<Object<'env>> {
    let (deferred, promise) = env.create_deferred::<T, Resolver<T>>()?;
    // Settled once, whatever happens: a promise that never is keeps the process alive.
    let slot = Arc::new(Mutex::new(Some(deferred)));
    let settle = move |slot: &Slot<T>, done: napi::Result<T>| {
        let deferred = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (deferred, done) {
            (Some(deferred), Ok(done)) => deferred.resolve(Box::new(move |_| Ok(done))),
            (Some(deferred), Err(error)) => deferred.reject(error),
            (None, _) => {}
        }
    };
    let mut job: Option<Job<T>> = Some(Box::new(job));
    let thread = thread::Builder::new().name("gait".to_owned());
    let own = Arc::clone(&slot);
    if thread.spawn(move || settle(&own, perform(&mut job))).is_err() {
        let message = "the system gives no further thread";
        settle(&slot, Err(fault::plain(Category::IoFailure, "thread_unavailable", message)));
    }
    Ok(promise)
}

/// Work that ends in a handle.
pub(crate) struct Make<T>(Option<Job<T>>);

impl<T> Make<T> {
    pub(crate) fn new(job: impl FnOnce() -> napi::Result<T> + Send + 'static) -> Self {
        Self(Some(Box::new(job)))
    }
}

impl<'task, T: Send + 'static> ScopedTask<'task> for Make<T> {
    type Output = T;
    type JsValue = Unknown<'task>;

    fn compute(&mut self) -> napi::Result<T> {
        perform(&mut self.0)
    }

    fn resolve(&mut self, env: &'task Env, made: T) -> napi::Result<Unknown<'task>> {
        External::new(made).into_unknown(env)
    }
}

/// Work that ends in answers.
pub(crate) struct Decide(Option<Job<Vec<Answer>>>);

impl Decide {
    pub(crate) fn new(job: impl FnOnce() -> napi::Result<Vec<Answer>> + Send + 'static) -> Self {
        Self(Some(Box::new(job)))
    }
}

impl Task for Decide {
    type Output = Vec<Answer>;
    type JsValue = Vec<Answer>;

    fn compute(&mut self) -> napi::Result<Vec<Answer>> {
        perform(&mut self.0)
    }

    fn resolve(&mut self, _: Env, answers: Vec<Answer>) -> napi::Result<Vec<Answer>> {
        Ok(answers)
    }
}

/// Work that ends in text.
pub(crate) struct Tell(Option<Job<String>>);

impl Tell {
    pub(crate) fn new(job: impl FnOnce() -> napi::Result<String> + Send + 'static) -> Self {
        Self(Some(Box::new(job)))
    }
}

impl Task for Tell {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        perform(&mut self.0)
    }

    fn resolve(&mut self, _: Env, text: String) -> napi::Result<String> {
        Ok(text)
    }
}
