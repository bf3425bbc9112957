#![no_main]
//! Archives of any making are read within limits or refused.

use gait_evidence::archive::{ArchiveReader, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { total_bytes: 1 << 20, entry_bytes: 1 << 18, ..Limits::default() };
    if let Ok(mut archive) = ArchiveReader::from_bytes(data, limits) {
        for index in 0..archive.entries().len() {
            let _ = archive.read(index);
        }
    }
});
