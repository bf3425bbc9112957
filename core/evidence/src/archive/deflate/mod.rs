//! The deflate encoder of the wire format (04 appendix A).
//!
//! Which of the many streams that inflate to the same bytes is written is part of the format: ids of packs depend on
//! it. So this encoder has no levels and no options, and what it writes never changes.

mod bits;
mod block;
mod huffman;
mod matcher;
mod token;

use std::fmt;

use bits::BitWriter;
use block::{BlockEncoder, MAX_TOKENS};
use matcher::Chains;
use token::Token;

/// Writes deflate streams (RFC 1951, no wrapper), the same bytes for the same input always.
///
/// It holds some 700 KiB of tables. Keep one for many inputs: the tables are not cleared in between, and the streams
/// do not depend on what went before.
///
/// ```
/// use gait_evidence::archive::Encoder;
///
/// let mut encoder = Encoder::new();
/// let mut stream = Vec::new();
/// encoder.encode(b"hello hello hello hello", &mut stream);
/// assert_eq!(stream.len(), 14);
///
/// stream.clear();
/// encoder.encode(b"", &mut stream);
/// assert_eq!(stream, [0x01, 0x00, 0x00, 0xff, 0xff]);
/// ```
pub struct Encoder {
    chains: Chains,
    tokens: Vec<Token>,
    block: BlockEncoder,
}

impl Encoder {
    /// An encoder with empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self { chains: Chains::new(), tokens: Vec::with_capacity(MAX_TOKENS), block: BlockEncoder::new() }
    }

    /// Appends the stream for `data` to `out`. It begins and ends on a byte boundary.
    pub fn encode(&mut self, data: &[u8], out: &mut Vec<u8>) {
        let mut bits = BitWriter::new(out);
        self.compress(data, &mut bits);
        bits.stored_block(0, &[], true);
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}
