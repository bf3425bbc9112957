//! Archives of others: foreign but valid ones are read, hostile ones are refused with a classified error.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use gait_base::error::{Category, Classify};
use gait_evidence::EvidenceError;
use gait_evidence::archive::{ArchiveReader, Entry, Limits, write_archive};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<_> = files.iter().map(|(path, contents)| Entry::new(path, contents)).collect();
    let mut bytes = Vec::new();
    write_archive(&entries, &mut bytes).unwrap();
    bytes
}

fn open(bytes: &[u8]) -> Result<ArchiveReader<Cursor<&[u8]>>, EvidenceError> {
    ArchiveReader::from_bytes(bytes, Limits::default())
}

fn code<T>(result: Result<T, EvidenceError>) -> (&'static str, Category) {
    let error = result.err().expect("an error");
    (error.code(), error.category())
}

/// Where the nth central header begins.
fn central(bytes: &[u8], n: usize) -> usize {
    bytes.windows(4).enumerate().filter(|(_, window)| window == b"PK\x01\x02").nth(n).unwrap().0
}

/// Renames entry `from` to `to`, which has the same length, in all headers.
fn rename(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places: Vec<_> = bytes.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(at, _)| at).collect();
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
}

#[test]
fn foreign_archives_are_read() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    writer.start_file("z.txt", stored).unwrap();
    writer.write_all(b"stored").unwrap();
    writer.add_directory("folder", stored).unwrap();
    writer.start_file("a.txt", deflated.unix_permissions(0o755)).unwrap();
    writer.write_all(&[b'x'; 1000]).unwrap();
    writer.set_comment("a comment").unwrap();
    let bytes = writer.finish().unwrap().into_inner();

    let mut around = b"leading bytes".to_vec();
    around.extend_from_slice(&bytes);
    around.extend_from_slice(b"trailing bytes");
    for bytes in [&bytes, &around] {
        let mut reader = open(bytes).unwrap();
        let names: Vec<_> = reader.entries().iter().map(|entry| entry.name().to_vec()).collect();
        assert_eq!(names, [&b"z.txt"[..], b"folder/", b"a.txt"]);
        assert_eq!(reader.entries().iter().map(|entry| entry.is_folder()).collect::<Vec<_>>(), [false, true, false]);
        assert!(reader.entries()[2].mode().is_some_and(|mode| mode & 0o111 != 0));
        assert_eq!(reader.read_named("z.txt").unwrap(), b"stored");
        assert_eq!(reader.read_named("a.txt").unwrap(), [b'x'; 1000]);
        assert_eq!(reader.find("A.txt"), None);
        assert_eq!(code(reader.read_named("A.txt")), ("archive_entry_missing", Category::InvalidInput));
        assert_eq!(code(reader.read(3)), ("archive_entry_missing", Category::InvalidInput));
    }
}

#[test]
fn an_archive_without_entries_is_an_archive() {
    let bytes = ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner();
    assert!(open(&bytes).unwrap().entries().is_empty());
}

#[test]
fn what_is_no_archive_is_refused() {
    for bytes in [&b""[..], b"PK", b"no archive at all", &[0; 100_000]] {
        assert_eq!(code(open(bytes)), ("archive_malformed", Category::InvalidInput));
    }
}

#[test]
fn a_cut_end_is_an_error_at_every_length() {
    let bytes = archive(&[("a", b"1"), ("b", b"22")]);
    for length in 0..bytes.len() {
        assert_eq!(code(open(&bytes[..length])), ("archive_malformed", Category::InvalidInput), "{length}");
    }
}

#[test]
fn duplicate_names_are_found_whether_trimmed_or_equal() {
    let mut bytes = archive(&[("aa", b"1"), ("ab", b"2"), ("ca", b"3"), ("d", b"")]);
    rename(&mut bytes, b"ab", b"aa");
    let reader = open(&bytes).unwrap();
    assert_eq!(reader.duplicates(), ["aa"]);
    let error = reader.refuse_duplicates("runpack_duplicate_entries").unwrap_err();
    assert_eq!((error.code(), error.category()), ("runpack_duplicate_entries", Category::VerificationFailed));
    assert_eq!(error.to_string(), "zip contains duplicate entries: aa");

    let bytes = archive(&[("b", b""), ("b\u{2003}", b""), (" a", b""), ("a\t", b""), ("a\\", b""), (" ", b"")]);
    assert_eq!(open(&bytes).unwrap().duplicates(), ["a", "b"]);
    let bytes = archive(&[(" ", b""), ("  ", b""), ("A", b""), ("a", b"")]);
    assert!(open(&bytes).unwrap().refuse_duplicates("duplicate_entries").is_ok());
}

#[test]
fn limits_hold() {
    let bytes = archive(&[("a", &[0; 600]), ("b", &[0; 400])]);
    let with = |limits| ArchiveReader::from_bytes(&bytes, limits);
    let all = Limits::default();
    assert!(with(Limits { entries: 2, total_bytes: 1000, entry_bytes: 600, ..all }).is_ok());
    assert_eq!(code(with(Limits { entries: 1, ..all })), ("archive_entries_limit", Category::InvalidInput));
    assert_eq!(code(with(Limits { total_bytes: 999, ..all })), ("archive_total_limit", Category::InvalidInput));
    assert_eq!(code(with(Limits { directory_bytes: 50, ..all })), ("archive_directory_limit", Category::InvalidInput));
    let mut reader = with(Limits { entry_bytes: 599, ..all }).unwrap();
    let error = reader.read_named("a").unwrap_err();
    assert_eq!(error.to_string(), "zip entry too large: 600");
    assert_eq!(error.category(), Category::InvalidInput);
    assert_eq!(reader.read_named("b").unwrap(), [0; 400]);
}

#[test]
fn lying_sizes_and_checksums_are_corrupt() {
    let original = archive(&[("a", &[7; 5000])]);
    let header = central(&original, 0);
    for (offset, value) in [(16, 1_u32), (24, 4999), (24, 5001), (24, 0), (20, 5), (20, 1 << 30)] {
        let mut bytes = original.clone();
        bytes[header + offset..header + offset + 4].copy_from_slice(&value.to_le_bytes());
        let result = open(&bytes).and_then(|mut reader| reader.read(0));
        assert_eq!(code(result), ("archive_entry_corrupt", Category::InvalidInput), "{offset} {value}");
    }
    let mut bytes = original.clone();
    bytes[header + 24..header + 28].copy_from_slice(&(200_u32 << 20).to_le_bytes());
    assert_eq!(code(open(&bytes).unwrap().read(0)), ("archive_entry_limit", Category::InvalidInput));
    let mut bytes = original;
    bytes[44] ^= 0x40;
    assert_eq!(code(open(&bytes).unwrap().read(0)), ("archive_entry_corrupt", Category::InvalidInput));
}

#[test]
fn other_methods_and_encryption_are_not_supported() {
    let original = archive(&[("a", b"text")]);
    let header = central(&original, 0);
    for (offset, value) in [(10, 14_u16), (10, 93), (10, 99), (8, 0x0009)] {
        let mut bytes = original.clone();
        bytes[header + offset..header + offset + 2].copy_from_slice(&value.to_le_bytes());
        let result = open(&bytes).and_then(|mut reader| reader.read(0));
        let (code, category) = code(result);
        assert!(matches!(code, "archive_entry_unsupported" | "archive_malformed"), "{offset} {value}: {code}");
        assert_eq!(category, Category::InvalidInput);
    }
}

#[test]
fn entries_that_share_bytes_are_corrupt() {
    let mut bytes = archive(&[("aa", &[7; 5000]), ("ab", b"2"), ("ac", b"3")]);
    let offset = central(&bytes, 1) + 42;
    bytes[offset..offset + 4].copy_from_slice(&0_u32.to_le_bytes());
    let mut reader = open(&bytes).unwrap();
    for index in [0, 1] {
        assert_eq!(code(reader.read(index)), ("archive_entry_corrupt", Category::InvalidInput));
    }
    assert_eq!(reader.read(2).unwrap(), b"3");
}

#[test]
fn a_zip64_end_that_declares_a_lot_costs_nothing() {
    let mut bytes = archive(&[("a", b"1")]);
    let end = bytes.len() - 22;
    let directory = central(&bytes, 0);
    let classic = bytes.split_off(end);
    let record_at = bytes.len() as u64;
    let build = |count: u64, locator: u64| {
        let mut bytes = bytes.clone();
        bytes.extend_from_slice(b"PK\x06\x06");
        bytes.extend_from_slice(&44_u64.to_le_bytes());
        bytes.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for value in [count, count, (end - directory) as u64, directory as u64] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        bytes.extend_from_slice(&locator.to_le_bytes());
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        bytes.extend_from_slice(&classic[..8]);
        bytes.extend_from_slice(&[0xFF; 12]);
        bytes.extend_from_slice(&[0, 0]);
        bytes
    };
    assert_eq!(open(&build(1, record_at)).unwrap().read(0).unwrap(), b"1");
    assert_eq!(code(open(&build(1 << 40, record_at))).0, "archive_entries_limit");
    assert_eq!(code(open(&build(2, record_at))).0, "archive_malformed");
    assert_eq!(code(open(&build(1, record_at - 1))).0, "archive_malformed");
}

#[test]
fn a_failing_source_is_an_io_failure() {
    struct Failing(Cursor<Vec<u8>>, u64);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.position() < self.1 {
                return Err(io::Error::from_raw_os_error(5));
            }
            self.0.read(buffer)
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let noise: Vec<u8> = (0..200_000).map(|_| next()).collect();
    let bytes = archive(&[("a", &noise)]);
    let failing = Failing(Cursor::new(bytes.clone()), u64::MAX);
    assert_eq!(code(ArchiveReader::open(failing, Limits::default())), ("archive_source_failure", Category::IoFailure));
    let mut reader = ArchiveReader::open(Failing(Cursor::new(bytes), 1000), Limits::default()).unwrap();
    assert_eq!(code(reader.read(0)), ("archive_source_failure", Category::IoFailure));
}

#[test]
fn a_stream_comes_in_parts() {
    let data: Vec<u8> = (0..200_000_u32).map(|i| (i >> 3) as u8).collect();
    let bytes = archive(&[("a", &data)]);
    let (mut parts, mut whole) = (0, Vec::new());
    open(&bytes)
        .unwrap()
        .stream(0, |part| {
            parts += 1;
            whole.extend_from_slice(part);
        })
        .unwrap();
    assert!(parts > 1 && whole == data);
}
