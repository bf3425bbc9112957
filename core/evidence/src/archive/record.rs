//! The records of the container, byte by byte (01 §6.1).

/// Sizes, counts and offsets from here on stand in zip64 records.
const MAX_32: u32 = u32::MAX;
const MAX_16: u16 = u16::MAX;
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Unix in the high byte.
const MADE_BY: u16 = 0x0300 | VERSION;
/// Sizes and checksum follow the data.
const FLAG_DESCRIPTOR: u16 = 0x0008;
const FLAG_UTF8: u16 = 0x0800;
const METHOD_DEFLATE: u16 = 8;
const DOS_TIME: u16 = 0;
/// 1980-01-01.
const DOS_DATE: u16 = 0x0021;
/// Extended timestamp: modification time only, 315532800 (1980-01-01T00:00:00Z).
const TIMESTAMP: [u8; 9] = [0x55, 0x54, 5, 0, 1, 0x00, 0xa6, 0xce, 0x12];
const ZIP64_EXTRA_LENGTH: u16 = 28;

/// What the records of one entry tell.
pub(super) struct EntryRecord<'a> {
    /// At most 65535 bytes.
    pub(super) path: &'a [u8],
    pub(super) executable: bool,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// Where the local header begins, counted from the start of the archive.
    pub(super) offset: u64,
}

impl EntryRecord<'_> {
    fn flags(&self) -> u16 {
        let marked = std::str::from_utf8(self.path)
            .is_ok_and(|path| path.chars().any(|c| !('\u{20}'..='\u{7d}').contains(&c) || c == '\\'));
        if marked { FLAG_DESCRIPTOR | FLAG_UTF8 } else { FLAG_DESCRIPTOR }
    }

    const fn is_large(&self) -> bool {
        self.compressed >= MAX_32 as u64 || self.size >= MAX_32 as u64
    }

    /// The header before the data; checksum and sizes are not known yet.
    pub(super) fn local_header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"PK\x03\x04");
        self.common_fields(VERSION, out);
        put_32(out, 0);
        put_32(out, 0);
        put_32(out, 0);
        put_16(out, self.path.len() as u16);
        put_16(out, TIMESTAMP.len() as u16);
        out.extend_from_slice(self.path);
        out.extend_from_slice(&TIMESTAMP);
    }

    /// The descriptor after the data.
    pub(super) fn descriptor(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"PK\x07\x08");
        put_32(out, self.crc);
        if self.is_large() {
            put_64(out, self.compressed);
            put_64(out, self.size);
        } else {
            put_32(out, self.compressed as u32);
            put_32(out, self.size as u32);
        }
    }

    /// The entry in the central directory.
    pub(super) fn central_header(&self, out: &mut Vec<u8>) {
        let zip64 = self.is_large() || self.offset >= u64::from(MAX_32);
        out.extend_from_slice(b"PK\x01\x02");
        put_16(out, MADE_BY);
        self.common_fields(if self.is_large() { VERSION_ZIP64 } else { VERSION }, out);
        put_32(out, self.crc);
        put_32(out, if zip64 { MAX_32 } else { self.compressed as u32 });
        put_32(out, if zip64 { MAX_32 } else { self.size as u32 });
        put_16(out, self.path.len() as u16);
        put_16(out, TIMESTAMP.len() as u16 + if zip64 { ZIP64_EXTRA_LENGTH } else { 0 });
        put_16(out, 0); // comment
        put_16(out, 0); // disk
        put_16(out, 0); // internal attributes
        put_32(out, if self.executable { 0x81ED_0000 } else { 0x81A4_0000 });
        put_32(out, saturate(self.offset));
        out.extend_from_slice(self.path);
        out.extend_from_slice(&TIMESTAMP);
        if zip64 {
            put_16(out, 1);
            put_16(out, ZIP64_EXTRA_LENGTH - 4);
            put_64(out, self.size);
            put_64(out, self.compressed);
            put_64(out, self.offset);
        }
    }

    fn common_fields(&self, needed: u16, out: &mut Vec<u8>) {
        put_16(out, needed);
        put_16(out, self.flags());
        put_16(out, METHOD_DEFLATE);
        put_16(out, DOS_TIME);
        put_16(out, DOS_DATE);
    }
}

/// The end of the archive, after a central directory of `size` bytes at `offset`.
pub(super) fn end_records(entries: u64, size: u64, offset: u64, out: &mut Vec<u8>) {
    let zip64 = entries >= u64::from(MAX_16) || size >= u64::from(MAX_32) || offset >= u64::from(MAX_32);
    if zip64 {
        out.extend_from_slice(b"PK\x06\x06");
        put_64(out, 44);
        put_16(out, VERSION_ZIP64);
        put_16(out, VERSION_ZIP64);
        put_32(out, 0);
        put_32(out, 0);
        put_64(out, entries);
        put_64(out, entries);
        put_64(out, size);
        put_64(out, offset);
        out.extend_from_slice(b"PK\x06\x07");
        put_32(out, 0);
        put_64(out, offset + size);
        put_32(out, 1);
    }
    out.extend_from_slice(b"PK\x05\x06");
    put_16(out, 0);
    put_16(out, 0);
    let count = if zip64 { MAX_16 } else { entries as u16 };
    put_16(out, count);
    put_16(out, count);
    put_32(out, if zip64 { MAX_32 } else { size as u32 });
    put_32(out, if zip64 { MAX_32 } else { offset as u32 });
    put_16(out, 0);
}

fn saturate(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(MAX_32)
}

fn put_16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(compressed: u64, size: u64, offset: u64) -> EntryRecord<'static> {
        EntryRecord { path: b"a", executable: false, crc: 7, compressed, size, offset }
    }

    #[test]
    fn names_beyond_plain_ascii_are_marked() {
        let flags = |path| EntryRecord { path, ..entry(0, 0, 0) }.flags();
        assert_eq!(flags(b"plain-name_0}|.json"), 0x0008);
        for path in ["é", "~", "a\\b", "a\u{1f}", "\u{7f}"] {
            assert_eq!(flags(path.as_bytes()), 0x0808, "{path:?}");
        }
        assert_eq!(flags(b"\xff~"), 0x0008);
    }

    #[test]
    fn classic_records_have_classic_lengths() {
        let entry = entry(3, u64::from(u32::MAX) - 1, u64::from(u32::MAX) - 1);
        let mut out = Vec::new();
        entry.descriptor(&mut out);
        assert_eq!(out.len(), 16);
        out.clear();
        entry.central_header(&mut out);
        assert_eq!(out.len(), 46 + 1 + 9);
        out.clear();
        end_records(65534, 10, 20, &mut out);
        assert_eq!(out.len(), 22);
    }

    #[test]
    fn large_entries_have_zip64_records() {
        let large = entry(3, u64::from(u32::MAX), 5);
        let mut out = Vec::new();
        large.descriptor(&mut out);
        assert_eq!(out.len(), 24);
        out.clear();
        large.central_header(&mut out);
        assert_eq!(out.len(), 46 + 1 + 9 + 28);
        assert_eq!(out[6..8], [45, 0]);
        assert_eq!(out[20..28], [0xFF; 8]);
        assert_eq!(out[42..46], [5, 0, 0, 0]);

        out.clear();
        entry(3, 4, 1 << 40).central_header(&mut out);
        assert_eq!(out[6..8], [20, 0]);
        assert_eq!(out[42..46], [0xFF; 4]);
        assert_eq!(out[out.len() - 8..], (1_u64 << 40).to_le_bytes());
    }

    #[test]
    fn large_directories_have_zip64_ends() {
        let mut out = Vec::new();
        end_records(65535, 10, 20, &mut out);
        assert_eq!(out.len(), 56 + 20 + 22);
        assert_eq!(out[56 + 8..56 + 16], 30_u64.to_le_bytes());
        assert_eq!(out[76 + 8..], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0]);
    }
}
