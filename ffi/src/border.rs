//! The border itself: panics stop here, arguments become references, results are written.

use std::any::Any;
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::error::gait_error;
use crate::failure::{Failure, Outcome};
use crate::handle::{self, Handle};
use crate::status::gait_status;
use crate::view::gait_str;

/// Runs the body of a call that tells its failures by status alone.
pub(crate) fn call(body: impl FnOnce() -> Outcome) -> gait_status {
    match run(body) {
        Ok(()) => gait_status::Ok,
        Err(failure) => failure.status(),
    }
}

/// Runs the body of a call that hands an error over where `error` points, unless that is NULL.
///
/// # Safety
/// `error` is NULL or may be written to.
pub(crate) unsafe fn call_with_error(error: *mut *mut gait_error, body: impl FnOnce() -> Outcome) -> gait_status {
    // SAFETY: as the caller promises.
    if unsafe { put(error, ptr::null_mut()) }.is_err() && !error.is_null() {
        return gait_status::InvalidArgument;
    }
    match run(body) {
        Ok(()) => gait_status::Ok,
        Err(failure) => {
            let status = failure.status();
            if !error.is_null()
                && let Ok(handle) = run(|| handle::give::<gait_error>(*failure.into_details()))
            {
                // SAFETY: as the caller promises; not NULL, and aligned as `put` found above.
                unsafe { error.write(handle) };
            }
            status
        }
    }
}

/// Runs `body`; a panic becomes a failure. The process's panic hook runs as it is set.
///
/// Unwind safety: handles are immutable or change in one last step, so a panic leaves none of them half changed; what the
/// body was making is lost.
pub(crate) fn run<T>(body: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(panicked(payload)))
}

#[cold]
fn panicked(payload: Box<dyn Any + Send>) -> Failure {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let message = format!("a defect in libgait: {}", text.as_deref().unwrap_or("panic"));
    // A payload may panic again when it is dropped.
    std::mem::forget(payload);
    Failure::misuse(gait_status::Panic, message)
}

/// The bytes that the caller passes.
///
/// # Safety
/// `data` points to `len` readable bytes, which do not change while the reference is in use.
pub(crate) unsafe fn bytes<'a>(data: *const c_void, len: usize, what: &str) -> Outcome<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(null(what));
    }
    // The largest object that memory can hold; with it, the end may not wrap around.
    let fits = isize::try_from(len).is_ok() && data.addr().checked_add(len).is_some();
    if !fits {
        let message = format!("{what}: {len} is not a length that memory can have");
        return Err(Failure::misuse(gait_status::InvalidLength, message));
    }
    // SAFETY: not NULL, of a possible length; the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), len) })
}

/// The text that the caller passes.
///
/// # Safety
/// As [`bytes`].
pub(crate) unsafe fn text<'a>(data: *const c_char, len: usize, what: &str) -> Outcome<&'a str> {
    // SAFETY: as the caller promises.
    let bytes = unsafe { bytes(data.cast(), len, what) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("{what}: not UTF-8 from byte {} on", error.valid_up_to());
        Failure::misuse(gait_status::NotUtf8, message)
    })
}

/// The items of an array that the caller passes.
///
/// # Safety
/// `start` points to `count` readable items, which do not change while the reference is in use.
pub(crate) unsafe fn items<'a, T: Copy>(start: *const T, count: usize, what: &str) -> Outcome<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    check_array(start, count, what)?;
    // SAFETY: not NULL, aligned and of a possible length; the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(start, count) })
}

/// The texts of an array that the caller passes.
///
/// # Safety
/// As [`items`], for the array and for each text.
pub(crate) unsafe fn texts<'a>(start: *const gait_str, count: usize, what: &str) -> Outcome<Vec<&'a str>> {
    // SAFETY: as the caller promises.
    unsafe { items(start, count, what)?.iter().map(|one| text(one.data, one.len, what)).collect() }
}

/// What lies behind the handles of an array that the caller passes.
///
/// # Safety
/// As [`items`] for the array, and as [`handle::borrow`] for each handle.
pub(crate) unsafe fn contents<'a, H: Handle>(
    start: *const *const H,
    count: usize,
    what: &str,
) -> Outcome<Vec<&'a H::Content>> {
    // SAFETY: as the caller promises.
    unsafe { items(start, count, what)?.iter().map(|one| handle::borrow(*one)).collect() }
}

/// A text that must name something: empty ones are refused, since they mostly come from a setting that is missing.
///
/// # Safety
/// As [`bytes`].
pub(crate) unsafe fn name<'a>(data: *const c_char, len: usize, what: &str) -> Outcome<&'a str> {
    // SAFETY: as the caller promises.
    let text = unsafe { text(data, len, what) }?;
    if text.trim().is_empty() {
        return Err(Failure::misuse(gait_status::InvalidInput, format!("{what} is empty")));
    }
    Ok(text)
}

/// A copy of the struct that the caller passes, whose first member is its `size`.
///
/// # Safety
/// `given` is NULL or points to a readable `T`.
pub(crate) unsafe fn sized<T: Sized + Copy>(given: *const T, what: &str) -> Outcome<Option<T>> {
    if given.is_null() {
        return Ok(None);
    }
    check_aligned(given, what)?;
    // SAFETY: not NULL and aligned; every such struct begins with its size.
    let size = unsafe { given.cast::<usize>().read() };
    if size != size_of::<T>() {
        let message = format!("{what}: size is {size} and should be {}", size_of::<T>());
        return Err(Failure::misuse(gait_status::InvalidLength, message));
    }
    // SAFETY: not NULL, aligned and of the right size; the caller promises the rest.
    Ok(Some(unsafe { given.read() }))
}

/// As [`sized`], for what must be given.
///
/// # Safety
/// As [`sized`].
pub(crate) unsafe fn sized_required<T: Sized + Copy>(given: *const T, what: &str) -> Outcome<T> {
    // SAFETY: as the caller promises.
    unsafe { sized(given, what) }?.ok_or_else(|| null(what))
}

/// Writes a result where the caller wants it.
///
/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn put<T>(out: *mut T, value: T) -> Outcome {
    if out.is_null() {
        return Err(null("the pointer for the result"));
    }
    check_aligned(out, "the pointer for the result")?;
    // SAFETY: not NULL and aligned; the caller promises the rest.
    unsafe { out.cast::<MaybeUninit<T>>().write(MaybeUninit::new(value)) };
    Ok(())
}

/// Makes a handle and writes it where the caller wants it: there is NULL until all went well.
///
/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn make<H: Handle>(out: *mut *mut H, make: impl FnOnce() -> Outcome<H::Content>) -> Outcome {
    // SAFETY: as the caller promises.
    unsafe { put(out, ptr::null_mut()) }?;
    let handle = handle::give(make()?)?;
    // SAFETY: as the caller promises.
    unsafe { put(out, handle) }
}

/// Asks something of a handle and writes the answer.
///
/// # Safety
/// As [`handle::borrow`] and [`put`].
pub(crate) unsafe fn ask<'a, H: Handle, T>(
    handle: *const H,
    out: *mut T,
    question: impl FnOnce(&'a H::Content) -> T,
) -> gait_status {
    call(|| {
        // SAFETY: as the caller promises.
        unsafe { put(out, question(handle::borrow(handle)?)) }
    })
}

/// As [`make`], for what there may be none of: NULL stays where the handle would be.
///
/// # Safety
/// As [`make`].
pub(crate) unsafe fn make_opt<H: Handle>(
    out: *mut *mut H,
    make: impl FnOnce() -> Outcome<Option<H::Content>>,
) -> Outcome {
    // SAFETY: as the caller promises.
    unsafe { put(out, ptr::null_mut()) }?;
    let Some(content) = make()? else { return Ok(()) };
    let handle = handle::give(content)?;
    // SAFETY: as the caller promises.
    unsafe { put(out, handle) }
}

/// As [`ask`], for what may not be there.
///
/// # Safety
/// As [`handle::borrow`] and [`put`].
pub(crate) unsafe fn try_ask<'a, H: Handle, T>(
    handle: *const H,
    out: *mut T,
    question: impl FnOnce(&'a H::Content) -> Outcome<T>,
) -> gait_status {
    call(|| {
        // SAFETY: as the caller promises.
        unsafe { put(out, question(handle::borrow(handle)?)?) }
    })
}

/// The item of that index.
pub(crate) fn at<T>(items: &[T], index: usize) -> Outcome<&T> {
    items
        .get(index)
        .ok_or_else(|| Failure::misuse(gait_status::OutOfRange, format!("index {index} of {} items", items.len())))
}

#[cold]
pub(crate) fn null(what: &str) -> Failure {
    Failure::misuse(gait_status::NullPointer, format!("{what} is NULL"))
}

/// Refuses a pointer that no `T` can be behind.
pub(crate) fn check_aligned<T>(pointer: *const T, what: &str) -> Outcome {
    if pointer.is_aligned() {
        return Ok(());
    }
    Err(Failure::misuse(gait_status::InvalidArgument, format!("{what} is not aligned")))
}

/// Refuses an array that cannot have `count` items.
pub(crate) fn check_array<T>(start: *const T, count: usize, what: &str) -> Outcome {
    if start.is_null() {
        return Err(null(what));
    }
    check_aligned(start, what)?;
    let size = count.checked_mul(size_of::<T>()).and_then(|size| isize::try_from(size).ok());
    match size.and_then(|size| start.addr().checked_add_signed(size)) {
        Some(_) => Ok(()),
        None => Err(Failure::misuse(gait_status::InvalidLength, format!("{what}: {count} items do not fit in memory"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_an_error() {
        let mut error = ptr::null_mut();
        // SAFETY: `error` may be written to.
        let status = unsafe { call_with_error(&raw mut error, || panic!("on purpose")) };
        assert_eq!(status, gait_status::Panic);
        // SAFETY: only this thread knows the handle.
        let details = unsafe { handle::borrow::<gait_error>(error) }.unwrap();
        assert_eq!(details.message, "a defect in libgait: on purpose");
        assert_eq!(handle::free(error), gait_status::Ok);
        assert_eq!(call(|| panic!("{}", 1)), gait_status::Panic);
    }

    #[test]
    fn a_payload_that_panics_when_dropped_does_no_harm() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        assert_eq!(call(|| std::panic::panic_any(Bomb)), gait_status::Panic);
    }

    #[test]
    fn impossible_lengths_are_refused() {
        let byte = 1_u8;
        let data: *const c_void = (&raw const byte).cast();
        for len in [usize::MAX, isize::MAX as usize + 1] {
            // SAFETY: refused before it is read.
            let failure = unsafe { bytes(data, len, "it") }.unwrap_err();
            assert_eq!(failure.status(), gait_status::InvalidLength);
        }
        // SAFETY: refused before it is read.
        assert_eq!(unsafe { bytes(ptr::null(), 1, "it") }.unwrap_err().status(), gait_status::NullPointer);
        // SAFETY: nothing is read.
        assert_eq!(unsafe { bytes(ptr::null(), 0, "it") }.unwrap(), b"");
    }

    #[test]
    fn results_go_only_to_aligned_places() {
        let mut room = [0_u64; 2];
        let crooked = (&raw mut room).cast::<u8>().wrapping_add(1).cast::<u64>();
        // SAFETY: refused before it is written to.
        assert_eq!(unsafe { put(crooked, 1) }.unwrap_err().status(), gait_status::InvalidArgument);
        // SAFETY: refused before it is written to.
        assert_eq!(unsafe { put(ptr::null_mut(), 1) }.unwrap_err().status(), gait_status::NullPointer);
    }
}
