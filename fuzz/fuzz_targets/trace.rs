#![no_main]
//! No bytes verify under a key that never signed.

use gait_base::key::SigningKey;
use gait_gate::mode::Mode;
use gait_gate::trace::{Verification, parse, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let key = SigningKey::from_seed(&[9; 32]);
    for mode in [Mode::Strict, Mode::Compat] {
        if let Ok(trace) = parse(data, mode) {
            assert_ne!(verify(&trace, key.verifying_key()).ok(), Some(Verification::Verified));
        }
    }
});
