//! Handles: what C holds instead of pointers.
//!
//! A handle looks like a pointer and is none. It packs the number of a slot in a table and the slot's generation at the
//! time the handle was given out, so that every handle can be checked without touching memory that may be gone: NULL,
//! garbage, a handle of another kind, and one that was freed before (also if its slot serves another since) all end in a
//! status. What cannot be checked is one thread freeing a handle while another one uses it.
//!
//! The table takes no lock, so threads don't wait for one another and a process may fork at any time. Slots are reused;
//! the table itself stays as large as it ever was.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

use crate::border;
use crate::failure::{Failure, Outcome};
use crate::status::gait_status;

/// What a handle type stands for.
pub(crate) trait Handle {
    /// What lies behind it. Shared between threads, so it never changes once it exists, but under a lock of its own.
    type Content: Send + Sync + 'static;
    /// Tells the kinds apart; unique, and not 0.
    const KIND: u8;
    /// What it is called in messages.
    const NAME: &'static str;
    /// Whether a slot keeps the memory of what was freed for the next of the same kind: for large things that come and
    /// go all the time, which a general allocator serves slowly. The first segment alone does so: a few hundred KiB.
    const KEEPS_MEMORY: bool = false;
}

/// Slots of the first segment; each further one has twice as many.
const FIRST: u32 = 64;
const SEGMENTS: usize = 26;
/// How many bits of a handle number its slot.
const SLOT_BITS: u32 = if usize::BITS >= 64 { 32 } else { 20 };
const MAX_SLOTS: u32 = if usize::BITS >= 64 { u32::MAX - FIRST } else { (1 << 20) - FIRST };
/// Generations start over after this one.
const LAST_GENERATION: u64 = (1 << (usize::BITS - SLOT_BITS)) - 1;

/// A line of its own, so that threads that use one handle aren't slowed by others that make and free theirs.
#[repr(align(64))]
struct Slot {
    /// Generation and kind; kind 0 is a free slot.
    state: AtomicU64,
    content: AtomicPtr<()>,
    /// Memory for a `Content` of `spare_kind`, without one in it; or NULL. Belongs to whoever owns the slot.
    spare: AtomicPtr<()>,
    spare_kind: AtomicU8,
    /// One more than the number of the next free slot; 0 ends the list.
    next: AtomicU32,
}

impl Slot {
    const fn new() -> Self {
        Self {
            state: AtomicU64::new(0),
            content: AtomicPtr::new(ptr::null_mut()),
            spare: AtomicPtr::new(ptr::null_mut()),
            spare_kind: AtomicU8::new(0),
            next: AtomicU32::new(0),
        }
    }

    /// Puts content into memory of its own, kept or new. Only the owner of the slot may call it.
    fn fill<H: Handle>(&self, content: H::Content) {
        let spare = self.spare.load(Ordering::Relaxed).cast::<H::Content>();
        let memory = if !spare.is_null() && self.spare_kind.load(Ordering::Relaxed) == H::KIND {
            self.spare.store(ptr::null_mut(), Ordering::Relaxed);
            // SAFETY: `empty` left room for a `Content` of this kind there; the owner of the slot owns it.
            unsafe { spare.write(content) };
            spare
        } else {
            Box::into_raw(Box::new(content))
        };
        self.content.store(memory.cast(), Ordering::Relaxed);
    }

    /// Drops the content; keeps its memory if `keep` says so and there is none kept yet.
    ///
    /// # Safety
    /// The slot was filled with content of this kind, and nobody else knows it.
    unsafe fn empty<H: Handle>(&self, keep: bool) {
        let content = self.content.swap(ptr::null_mut(), Ordering::Relaxed).cast::<H::Content>();
        if keep && self.spare.load(Ordering::Relaxed).is_null() {
            // SAFETY: `fill` put it there, and the caller promises that it is nobody else's.
            unsafe { content.drop_in_place() };
            self.spare_kind.store(H::KIND, Ordering::Relaxed);
            self.spare.store(content.cast(), Ordering::Relaxed);
        } else {
            // SAFETY: as above; the memory came from a box of this type, be it this one's or an earlier one's.
            drop(unsafe { Box::from_raw(content) });
        }
    }
}

struct Table {
    segments: [AtomicPtr<Slot>; SEGMENTS],
    /// Slots ever used.
    used: AtomicU32,
    /// A count against reuse in the upper half, one more than the number of the first free slot in the lower.
    free: AtomicU64,
}

static TABLE: Table = Table {
    segments: [const { AtomicPtr::new(ptr::null_mut()) }; SEGMENTS],
    used: AtomicU32::new(0),
    free: AtomicU64::new(0),
};

const fn state(generation: u64, kind: u8) -> u64 {
    generation << 8 | kind as u64
}

impl Table {
    /// The slot of that number, if its segment exists.
    fn slot(&self, number: u32) -> Option<&Slot> {
        let (segment, offset) = place(number)?;
        let start = self.segments.get(segment)?.load(Ordering::Acquire);
        // SAFETY: a segment that is set holds `FIRST << segment` slots, `offset` is below that, and segments are never
        // freed.
        (!start.is_null()).then(|| unsafe { &*start.add(offset) })
    }

    /// The slot of that number, whose segment is made if need be.
    fn slot_or_new(&self, number: u32) -> Option<&Slot> {
        let (segment, _) = place(number)?;
        let start = self.segments.get(segment)?;
        if start.load(Ordering::Acquire).is_null() {
            let count = usize::try_from(FIRST).ok()? << segment;
            let slots: Box<[Slot]> = (0..count).map(|_| Slot::new()).collect();
            let slots = Box::into_raw(slots).cast::<Slot>();
            let raced = start.compare_exchange(ptr::null_mut(), slots, Ordering::AcqRel, Ordering::Acquire);
            if raced.is_err() {
                // SAFETY: the pointer comes from `Box::into_raw` of a slice of `count` slots just above, and no other
                // thread has seen it.
                drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(slots, count)) });
            }
        }
        self.slot(number)
    }

    /// A slot that nobody uses.
    fn acquire(&self) -> Option<(u32, &Slot)> {
        let mut head = self.free.load(Ordering::Acquire);
        while let Some(number) = (head as u32).checked_sub(1) {
            let slot = self.slot(number)?;
            let next = u64::from(slot.next.load(Ordering::Relaxed));
            let count = (head >> 32).wrapping_add(1) << 32;
            match self.free.compare_exchange_weak(head, count | next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Some((number, slot)),
                Err(now) => head = now,
            }
        }
        let fresh = |used| (used < MAX_SLOTS).then(|| used + 1);
        let number = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fresh).ok()?;
        self.slot_or_new(number).map(|slot| (number, slot))
    }

    fn release(&self, number: u32, slot: &Slot) {
        let mut head = self.free.load(Ordering::Acquire);
        loop {
            slot.next.store(head as u32, Ordering::Relaxed);
            let count = (head >> 32).wrapping_add(1) << 32;
            let new = count | u64::from(number + 1);
            match self.free.compare_exchange_weak(head, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// The slot that a handle names, while the handle is good for `kind`.
    fn resolve(&self, handle: usize, kind: u8) -> Option<(u32, &Slot, u64)> {
        let low = handle & ((1 << SLOT_BITS) - 1);
        let number = u32::try_from(low).ok()?.checked_sub(1)?;
        let generation = (handle >> SLOT_BITS) as u64;
        let slot = self.slot(number)?;
        let live = state(generation, kind);
        (slot.state.load(Ordering::Acquire) == live).then_some((number, slot, live))
    }
}

/// Segment and offset of a slot.
fn place(number: u32) -> Option<(usize, usize)> {
    let number = u64::from(number) + u64::from(FIRST);
    let segment = number.ilog2() - FIRST.ilog2();
    let offset = number - (u64::from(FIRST) << segment);
    Some((usize::try_from(segment).ok()?, usize::try_from(offset).ok()?))
}

/// Makes a handle; its holder owns it.
pub(crate) fn give<H: Handle>(content: H::Content) -> Outcome<*mut H> {
    let (number, slot) =
        TABLE.acquire().ok_or_else(|| Failure::misuse(gait_status::InternalFailure, "too many handles are alive"))?;
    slot.fill::<H>(content);
    let generation = slot.state.load(Ordering::Relaxed) >> 8;
    slot.state.store(state(generation, H::KIND), Ordering::Release);
    let handle = (generation as usize) << SLOT_BITS | (number as usize + 1);
    Ok(ptr::without_provenance_mut(handle))
}

/// What lies behind a handle.
///
/// # Safety
/// No other thread frees the handle while the reference is in use.
pub(crate) unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Outcome<&'a H::Content> {
    let Some((_, slot, _)) = TABLE.resolve(handle.addr(), H::KIND) else {
        return Err(refuse::<H>(handle));
    };
    let content = slot.content.load(Ordering::Relaxed).cast::<H::Content>();
    if content.is_null() {
        return Err(refuse::<H>(handle));
    }
    // SAFETY: a live slot of this kind holds a `Content` put there by `give`, which only `free` ends; the caller
    // promises that nobody does so meanwhile.
    Ok(unsafe { &*content })
}

/// As [`borrow`]; NULL is nothing.
///
/// # Safety
/// As [`borrow`].
pub(crate) unsafe fn borrow_opt<'a, H: Handle>(handle: *const H) -> Outcome<Option<&'a H::Content>> {
    if handle.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    unsafe { borrow(handle) }.map(Some)
}

/// Frees a handle; NULL is fine. Of several threads that free one handle, one succeeds.
pub(crate) fn free<H: Handle>(handle: *mut H) -> gait_status {
    border::call(|| {
        if handle.is_null() {
            return Ok(());
        }
        let Some((number, slot, live)) = TABLE.resolve(handle.addr(), H::KIND) else {
            return Err(refuse::<H>(handle));
        };
        let generation = live >> 8;
        let next = if generation == LAST_GENERATION { 0 } else { generation + 1 };
        slot.state
            .compare_exchange(live, state(next, 0), Ordering::AcqRel, Ordering::Relaxed)
            .map_err(|_| refuse::<H>(handle))?;
        // SAFETY: `give` filled it, and the exchange above went from live to free for this thread alone.
        unsafe { slot.empty::<H>(H::KEEPS_MEMORY && number < FIRST) };
        TABLE.release(number, slot);
        Ok(())
    })
}

#[cold]
fn refuse<H: Handle>(handle: *const H) -> Failure {
    if handle.is_null() {
        return Failure::misuse(gait_status::NullPointer, format!("the {} is NULL", H::NAME));
    }
    let message = format!("not a {}: freed before, of another kind, or never one", H::NAME);
    Failure::misuse(gait_status::InvalidHandle, message)
}

/// How many handles of all kinds are alive in this process: 0 when everything was freed. For tests that look for leaks;
/// takes time in proportion to the most handles that ever lived at once.
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gait_live_handles() -> usize {
    let used = TABLE.used.load(Ordering::Relaxed);
    let alive = |number: &u32| TABLE.slot(*number).is_some_and(|slot| slot.state.load(Ordering::Relaxed) & 0xff != 0);
    (0..used).filter(alive).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number;
    struct Text;

    impl Handle for Number {
        type Content = u64;
        const KIND: u8 = 250;
        const NAME: &'static str = "number";
    }

    impl Handle for Text {
        type Content = String;
        const KIND: u8 = 251;
        const NAME: &'static str = "text";
        const KEEPS_MEMORY: bool = true;
    }

    fn status<T>(outcome: Outcome<T>) -> gait_status {
        outcome.err().map_or(gait_status::Ok, |failure| failure.status())
    }

    #[test]
    fn handles_are_told_apart() {
        let number = give::<Number>(7).unwrap();
        let text = give::<Text>("x".to_owned()).unwrap();
        // SAFETY: no other thread knows these handles.
        unsafe {
            assert_eq!(*borrow(number).unwrap(), 7);
            assert_eq!(borrow(text).unwrap(), "x");
            assert_eq!(status(borrow(number.cast::<Text>())), gait_status::InvalidHandle);
            assert_eq!(status(borrow(ptr::null::<Text>())), gait_status::NullPointer);
            for garbage in [1, 8, 0xffff_ffff, usize::MAX, usize::MAX - 7, &raw const garbage_target as usize] {
                assert_eq!(status(borrow::<Text>(ptr::without_provenance(garbage))), gait_status::InvalidHandle);
            }
        }
        assert_eq!(free(text.cast::<Number>()), gait_status::InvalidHandle);
        assert_eq!(free(text), gait_status::Ok);
        assert_eq!(free(text), gait_status::InvalidHandle);
        assert_eq!(free(number), gait_status::Ok);
        assert_eq!(free(ptr::null_mut::<Number>()), gait_status::Ok);
    }

    #[expect(non_upper_case_globals, reason = "reads as the variable it stands for")]
    static garbage_target: u64 = 0;

    #[test]
    fn a_reused_slot_does_not_revive_old_handles() {
        let mut old = Vec::new();
        for round in 0..1000 {
            let handle = give::<Number>(round).unwrap();
            old.push(handle);
            assert_eq!(free(handle), gait_status::Ok);
        }
        let live = give::<Number>(1).unwrap();
        // SAFETY: no other thread knows these handles.
        assert!(old.iter().all(|handle| status(unsafe { borrow(*handle) }) == gait_status::InvalidHandle));
        assert_eq!(free(live), gait_status::Ok);
    }

    #[test]
    fn threads_share_the_table() {
        std::thread::scope(|scope| {
            for thread in 0..8_u64 {
                scope.spawn(move || {
                    for round in 0..200 {
                        let handles: Vec<_> =
                            (0..50).map(|n| give::<Number>(thread << 32 | round << 8 | n).unwrap()).collect();
                        for (n, handle) in (0..).zip(handles) {
                            // SAFETY: only this thread knows the handle.
                            assert_eq!(*unsafe { borrow(handle) }.unwrap(), thread << 32 | round << 8 | n);
                            assert_eq!(free(handle), gait_status::Ok);
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn kept_memory_serves_its_kind_alone() {
        for round in 0..200_u64 {
            let text = give::<Text>(format!("{round}")).unwrap();
            let number = give::<Number>(round).unwrap();
            // SAFETY: only this thread knows the handles.
            assert_eq!(unsafe { borrow(text) }.unwrap(), &format!("{round}"));
            // Freed in turns, so that either kind gets the other's slot.
            if round % 2 == 0 {
                assert_eq!((free(text), free(number)), (gait_status::Ok, gait_status::Ok));
            } else {
                assert_eq!((free(number), free(text)), (gait_status::Ok, gait_status::Ok));
            }
        }
    }

    #[test]
    fn of_many_frees_one_succeeds() {
        for _ in 0..200 {
            let handle = give::<Text>("x".repeat(40)).unwrap().addr();
            let freed = std::sync::atomic::AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        if free(ptr::without_provenance_mut::<Text>(handle)) == gait_status::Ok {
                            freed.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            });
            assert_eq!(freed.into_inner(), 1);
        }
    }

    #[test]
    fn slots_have_places() {
        assert_eq!(place(0), Some((0, 0)));
        assert_eq!(place(63), Some((0, 63)));
        assert_eq!(place(64), Some((1, 0)));
        assert_eq!(place(191), Some((1, 127)));
        assert_eq!(place(192), Some((2, 0)));
        assert!(place(MAX_SLOTS).unwrap().0 <= SEGMENTS);
    }
}
