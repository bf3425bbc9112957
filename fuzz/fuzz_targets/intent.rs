#![no_main]
//! A normalized intent normalizes to itself, and strict accepts nothing that compat refuses.

use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let compat = Intent::parse(data, Mode::Compat);
    if let Ok(strict) = Intent::parse(data, Mode::Strict) {
        assert_eq!(compat.as_ref().expect("strict accepts less").digest(), strict.digest());
    }
    if let Ok(intent) = compat {
        let again = Intent::from_request(intent.request().clone(), Mode::Compat).expect("a normal form is valid");
        assert_eq!(again.digest(), intent.digest());
    }
});
