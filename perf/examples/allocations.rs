//! Counts the allocations of one decision about a parsed intent, and prints their number.
#![allow(unsafe_code, clippy::unwrap_used, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use gait_base::time::Timestamp;
use gait_gate::evaluate::Inputs;
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;

struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed to the system allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let policy = Policy::parse(include_bytes!("../data/policy.yaml"), Mode::Strict).unwrap();
    let intent = Intent::parse(include_bytes!("../data/intent.json"), Mode::Strict).unwrap();
    let inputs = Inputs::at(Timestamp::EPOCH_1980);
    black_box(policy.evaluate(&intent, &inputs).unwrap());
    let before = COUNT.load(Ordering::Relaxed);
    black_box(policy.evaluate(black_box(&intent), &inputs).unwrap());
    println!("{}", COUNT.load(Ordering::Relaxed) - before);
}
