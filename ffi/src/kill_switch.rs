//! The kill switch: its state as a handle, and the file that stops agents of all processes.

use std::ffi::{c_char, c_void};
use std::path::Path;

use gait_base::json::{self, Reading};
use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchError, KillSwitchState};
use gait_gate::mode::Mode;
use gait_host::environment::{producer_version, variable};
use gait_host::kill_switch::{Missing, change, load};

use crate::border::{bytes, call_with_error, make, name, sized_required, text};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::failure::{Failure, Outcome};
use crate::handle::{self, Handle};
use crate::mode;
use crate::status::gait_status;
use crate::time::{gait_time, or_now};
use crate::view::gait_str;

/// The state of a kill switch. Immutable; any number of threads may use one at the same time.
pub struct gait_kill_switch {
    _opaque: [u8; 0],
}

impl Handle for gait_kill_switch {
    type Content = KillSwitchState;
    const KIND: u8 = 7;
    const NAME: &'static str = "gait_kill_switch";
}

/// A kill switch's file. Set `size` to `sizeof(gait_kill_switch_file)` and the rest to zero, then what is wanted. All of it
/// is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_kill_switch_file {
    /// `sizeof(gait_kill_switch_file)`.
    pub size: usize,
    /// Where it lies; required.
    pub path: gait_str,
    /// One of `gait_mode`: how the file and what is added to it are read.
    pub mode: u32,
    /// The moment of the change; NULL is the system clock.
    pub now: *const gait_time,
}

/// A file as the caller names it.
struct Named<'a> {
    path: &'a Path,
    mode: Mode,
    now: Timestamp,
}

impl Named<'_> {
    /// # Safety
    /// `given` is NULL or points to a file whose pointers are valid.
    unsafe fn read(given: *const gait_kill_switch_file) -> Outcome<Self> {
        // SAFETY: as the caller promises.
        unsafe {
            let given = sized_required(given, "file")?;
            Ok(Self {
                path: Path::new(name(given.path.data, given.path.len, "path")?),
                mode: mode::read(given.mode)?,
                now: or_now(given.now, "now")?,
            })
        }
    }

    /// Changes one entry; gives it as a document.
    fn change(
        &self,
        missing: Missing<'_>,
        step: impl FnOnce(&mut KillSwitchState) -> Result<&KillSwitchEntry, KillSwitchError>,
    ) -> Outcome<Buffer> {
        let (_, entry) = change(self.path, self.mode, missing, |state| -> Outcome<_> { Ok(step(state)?.clone()) })?;
        Ok(Buffer::Plain(json::to_compact(&entry)?))
    }
}

/// Reads a kill switch state document. `mode` is one of `gait_mode`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_parse(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_kill_switch,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(KillSwitchState::parse(bytes(data, len, "kill switch")?, mode::read(mode)?)?))
        })
    }
}

/// Reads the file as it is now.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `file` is valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_load(
    file: *const gait_kill_switch_file,
    out: *mut *mut gait_kill_switch,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let file = Named::read(file)?;
                Ok(load(file.path, file.mode)?)
            })
        })
    }
}

/// The state document, with the member `entries`.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `kill_switch` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_to_json(
    kill_switch: *const gait_kill_switch,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(Buffer::Plain(handle::borrow(kill_switch)?.to_file()?)))) }
}

/// Makes the file, without entries, where there is none; its folder must exist. One that is there keeps its entries.
///
/// Any thread, any process: changes wait for one another, here and below. `error` may be NULL.
///
/// # Safety
/// `file` is valid; `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_start(
    file: *const gait_kill_switch_file,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let file = Named::read(file)?;
            let producer_version = producer_version(variable, env!("CARGO_PKG_VERSION"));
            let missing = Missing::Start { producer_version: &producer_version, now: &file.now };
            change(file.path, file.mode, missing, |_| Ok::<_, Failure>(()))?;
            Ok(())
        })
    }
}

/// Adds an entry, in force from now on, and makes the file where there is none. `entry` is a JSON object with the selectors
/// (`agent_id`, `identity`, `tool_name`, `target_kind`, `target_value`, `environment`, `path_prefixes`,
/// `workspace_prefixes`), `reason`, `actor`, `expires_at` and `entry_id`, as far as they are wanted: it stops what satisfies
/// all selectors that are set. What comes back is the entry as it was added, with its id.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `file` is valid; `entry` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_add(
    file: *const gait_kill_switch_file,
    entry: *const c_void,
    len: usize,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let file = Named::read(file)?;
                let reading = if file.mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
                let entry: KillSwitchEntry = json::decode(bytes(entry, len, "entry")?, reading)?;
                let producer_version = producer_version(variable, env!("CARGO_PKG_VERSION"));
                let missing = Missing::Start { producer_version: &producer_version, now: &file.now };
                file.change(missing, |state| state.add(entry, &file.now))
            })
        })
    }
}

/// Takes the first entry of this id out of force. What comes back is the entry as it is then.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `file` is valid; `entry_id` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_disable(
    file: *const gait_kill_switch_file,
    entry_id: *const c_char,
    len: usize,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let (file, id) = (Named::read(file)?, text(entry_id, len, "entry_id")?);
                file.change(Missing::Refuse, |state| state.disable(id, &file.now))
            })
        })
    }
}

/// Lets the first entry of this id end at `at`, which may lie in the future; NULL is the moment of the change. What comes
/// back is the entry as it is then.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `file` is valid; `entry_id` points to `len` bytes; `at` is NULL or valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_kill_switch_expire(
    file: *const gait_kill_switch_file,
    entry_id: *const c_char,
    len: usize,
    at: *const gait_time,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let (file, id) = (Named::read(file)?, text(entry_id, len, "entry_id")?);
                let at = if at.is_null() { file.now } else { or_now(at, "at")? };
                file.change(Missing::Refuse, |state| state.expire(id, &at, &file.now))
            })
        })
    }
}

/// Frees a kill switch state; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_kill_switch_free(kill_switch: *mut gait_kill_switch) -> gait_status {
    handle::free(kill_switch)
}
