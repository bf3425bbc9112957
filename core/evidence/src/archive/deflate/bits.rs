//! Bits into bytes, least significant bit first, as RFC 1951 packs them.

/// Appends bit fields to a byte buffer.
///
/// Fewer than 32 bits wait in `pending` between calls, so that one field of up to 32 bits always fits.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    pending: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    /// Starts at the end of `out`, on a byte boundary.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, pending: 0, count: 0 }
    }

    /// Appends the low `width` bits of `bits`; `width` is at most 32 and no higher bit of `bits` is set.
    #[inline]
    pub(super) fn put(&mut self, bits: u32, width: u32) {
        debug_assert!(width <= 32 && u64::from(bits) < 1 << width);
        self.pending |= u64::from(bits) << self.count;
        self.count += width;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.pending as u32).to_le_bytes());
            self.pending >>= 32;
            self.count -= 32;
        }
    }

    /// A stored block: header, zero bits up to a byte boundary, length, its complement, the bytes (RFC 1951 §3.2.4).
    pub(super) fn stored_block(&mut self, length: u16, bytes: &[u8], is_final: bool) {
        debug_assert_eq!(usize::from(length), bytes.len());
        self.put(u32::from(is_final), 3);
        self.align();
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(&(!length).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }

    /// Zero bits up to a byte boundary; afterwards nothing is pending.
    fn align(&mut self) {
        while self.count > 0 {
            self.out.push(self.pending as u8);
            self.pending >>= 8;
            self.count = self.count.saturating_sub(8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BitWriter;

    #[test]
    fn fields_are_packed_from_the_low_end() {
        let mut out = vec![0xAA];
        let mut bits = BitWriter::new(&mut out);
        bits.put(0b101, 3);
        bits.put(0xFFFF_FFFF, 32);
        bits.put(0, 0);
        bits.put(0x1FFF_FFFF, 29);
        bits.stored_block(1, b"x", true);
        assert_eq!(out, [0xAA, 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0, 0xFE, 0xFF, b'x']);
    }

    #[test]
    fn a_stored_block_begins_after_padding() {
        let mut out = Vec::new();
        let mut bits = BitWriter::new(&mut out);
        bits.put(0b11_1111, 6);
        bits.stored_block(0, b"", false);
        assert_eq!(out, [0x3F, 0, 0, 0, 0xFF, 0xFF]);
    }
}
