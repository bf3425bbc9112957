#![no_main]
//! Canonical text is its own canonical form, and the strict form never differs.

use gait_base::jcs::{canonicalize, canonicalize_strict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let lenient = canonicalize(data);
    if let Ok(canonical) = &lenient {
        assert_eq!(canonicalize(canonical).as_ref(), Ok(canonical));
    }
    if let Ok(strict) = canonicalize_strict(data) {
        assert_eq!(lenient, Ok(strict));
    }
});
