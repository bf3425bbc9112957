//! Work on libuv's thread pool, so that the event loop goes on meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gait_base::error::Category;
use napi::bindgen_prelude::{External, Unknown};
use napi::{Env, ScopedTask, Task};

use crate::decision::Answer;
use crate::fault;

type Job<T> = Box<dyn FnOnce() -> napi::Result<T> + Send>;

/// Does the job, once, and makes an error of a panic: it must not unwind into libuv.
fn perform<T>(job: &mut Option<Job<T>>) -> napi::Result<T> {
    let done = job.take().and_then(|job| catch_unwind(AssertUnwindSafe(job)).ok());
    let panicked = || fault::plain(Category::InternalFailure, "internal_failure", "the native code panicked");
    done.ok_or_else(panicked)?
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
