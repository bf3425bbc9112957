#![no_main]
//! Every stream inflates to its input, and a reused encoder writes the same bytes as a fresh one.

use std::io::Read;

use gait_evidence::archive::Encoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut fresh = Vec::new();
    Encoder::new().encode(data, &mut fresh);
    let mut reused = Encoder::new();
    let mut again = Vec::new();
    reused.encode(b"something else before", &mut again);
    again.clear();
    reused.encode(data, &mut again);
    assert_eq!(fresh, again);
    let mut inflated = Vec::new();
    flate2::read::DeflateDecoder::new(fresh.as_slice()).read_to_end(&mut inflated).expect("a valid stream");
    assert_eq!(inflated, data);
});
