//! Brokers of the caller's own: a function that issues credentials.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use gait_base::json;
use gait_base::time::Timestamp;
use gait_gate::authority::broker::{
    BrokerFault, BrokerQuestion, BrokerRequest, BrokerResponse, COMMAND_OUTPUT_LIMIT, command_response,
};
use gait_gate::mode::Mode;
use zeroize::Zeroizing;

use crate::border::{bytes, call};
use crate::failure::Failure;
use crate::handle::{self, Handle};
use crate::status::gait_status;

/// Where a broker's function puts its answer. Good for that one call of it, and never freed by the caller.
pub struct gait_broker_answer {
    _opaque: [u8; 0],
}

impl Handle for gait_broker_answer {
    type Content = Mutex<Option<Zeroizing<Vec<u8>>>>;
    const KIND: u8 = 16;
    const NAME: &'static str = "gait_broker_answer";
}

/// A function that issues a credential. `request` is a JSON object of `request_len` bytes: `tool_name`, `identity`,
/// `workspace`, `session_id`, `request_id`, `run_id`, `job_id`, `reference`, `scope` (a list) and `target_binding`. It is
/// borrowed for the call only.
///
/// It answers with `gait_broker_answer_set` and returns 0. Anything else that it returns, and no answer or one that cannot
/// be used, is a failure to issue, which blocks; why is not told to anybody.
///
/// The gate calls it on the thread that evaluates, from as many threads at once as evaluate, and waits for it without end.
/// It may call every function of libgait, evaluations with the same gate included. It must not throw, unwind or jump out.
pub type gait_broker_function = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        request: *const c_void,
        request_len: usize,
        answer: *mut gait_broker_answer,
    ) -> u32,
>;

/// Lets go of what a function was given as `user`. Called once, on any thread; must not throw, unwind or jump out.
pub type gait_release_function = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// Answers a broker's request with a JSON object: `credential_ref` and, as far as they are known, `issued_by`, `source`,
/// `access_type`, `issuer`, `subject`, `owner`, `scope`, `target_binding`, `run_binding`, `job_binding`, `issued_at`,
/// `expires_at`, `ttl_seconds`; scope and bindings that are missing are those of the request. It holds a reference to the
/// credential, never the credential itself.
///
/// Only for the function that was given `answer`, until it returns; called again, the last answer counts. An answer larger
/// than 16384 bytes is `GAIT_STATUS_INVALID_LENGTH` and takes the answer before it away.
///
/// # Safety
/// `data` points to `len` bytes; the function that was given `answer` has not returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_broker_answer_set(
    answer: *mut gait_broker_answer,
    data: *const c_void,
    len: usize,
) -> gait_status {
    call(|| {
        // SAFETY: as the caller promises.
        let room = unsafe { handle::borrow(answer) }?;
        *room.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // SAFETY: as the caller promises.
        let given = unsafe { bytes(data, len, "answer") }?;
        if given.len() > COMMAND_OUTPUT_LIMIT {
            let message = format!("answer: {len} bytes are more than {COMMAND_OUTPUT_LIMIT}");
            return Err(Failure::misuse(gait_status::InvalidLength, message));
        }
        *room.lock().unwrap_or_else(PoisonError::into_inner) = Some(Zeroizing::new(given.to_vec()));
        Ok(())
    })
}

/// A function with what it was given; let go of when the last one who may call it goes.
pub(crate) struct Callback {
    function: unsafe extern "C" fn(*mut c_void, *const c_void, usize, *mut gait_broker_answer) -> u32,
    user: *mut c_void,
    release: gait_release_function,
}

// SAFETY: `user` is only handed back to the caller's functions, who promised in `gait_gate_options_set_broker_function` that
// they may be called from any thread.
unsafe impl Send for Callback {}
// SAFETY: as above, from several threads at once.
unsafe impl Sync for Callback {}

impl Callback {
    /// Takes over `user`; nothing when there is no function.
    pub(crate) fn new(
        function: gait_broker_function,
        user: *mut c_void,
        release: gait_release_function,
    ) -> Option<Self> {
        function.map(|function| Self { function, user, release })
    }

    fn ask(&self, request: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let room = handle::give::<gait_broker_answer>(Mutex::default()).ok()?;
        // SAFETY: the caller promised that the function may be called so; `request` lives through the call.
        let told = unsafe { (self.function)(self.user, request.as_ptr().cast(), request.len(), room) };
        // SAFETY: only `free` below ends the handle, and the function that knows it has returned.
        let answer = unsafe { handle::borrow(room) }.ok();
        let answer = answer.and_then(|room| room.lock().unwrap_or_else(PoisonError::into_inner).take());
        handle::free(room);
        answer.filter(|_| told == 0)
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: the caller promised that it may be called so, once.
            unsafe { release(self.user) };
        }
    }
}

/// A function as a gate's broker.
pub(crate) struct CallbackBroker {
    pub(crate) callback: Arc<Callback>,
    pub(crate) mode: Mode,
}

impl gait_gate::gate::CredentialBroker for CallbackBroker {
    fn issue(&self, request: BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault> {
        let asked = json::to_compact(&BrokerQuestion::of(&request)?)?;
        let answer = self.callback.ask(&asked).ok_or(BrokerFault::CommandFailed)?;
        // The same rules hold as for the answer of a program.
        command_response(&answer, b"", &request, now, self.mode)
    }
}
