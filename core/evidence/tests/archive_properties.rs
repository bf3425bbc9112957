//! What holds for every input: streams inflate to what went in, archives read back, reuse and order do not show.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Cursor, Read};

use flate2::read::DeflateDecoder;
use gait_evidence::archive::{ArchiveReader, ArchiveWriter, Encoder, Entry, Limits, write_archive};
use proptest::collection::vec;
use proptest::prelude::*;

fn encode(encoder: &mut Encoder, data: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    encoder.encode(data, &mut stream);
    stream
}

fn inflate(stream: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut decoder = DeflateDecoder::new(stream);
    decoder.read_to_end(&mut data).expect("a deflate stream");
    assert_eq!(decoder.total_in(), stream.len() as u64, "nothing may follow the final block");
    data
}

/// Bytes of a generator that needs no memory, so that large inputs are cheap to make and to shrink.
fn noise(seed: u64, length: usize, alphabet: u8) -> Vec<u8> {
    let mut x = seed | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 32) as u8 % alphabet.max(1)
    };
    (0..length).map(|_| next()).collect()
}

/// Pieces that are put one after another: noise, runs, and copies of what is already there, near and far.
#[derive(Clone, Debug)]
enum Piece {
    Noise { seed: u64, length: usize, alphabet: u8 },
    Run { byte: u8, length: usize },
    Copy { distance: usize, length: usize },
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        (any::<u64>(), 0..40_000_usize, any::<u8>()).prop_map(|(seed, length, alphabet)| Piece::Noise {
            seed,
            length,
            alphabet
        }),
        (any::<u64>(), 0..300_usize, 1..5_u8).prop_map(|(seed, length, alphabet)| Piece::Noise {
            seed,
            length,
            alphabet
        }),
        (any::<u8>(), 0..70_000_usize).prop_map(|(byte, length)| Piece::Run { byte, length }),
        (1..33_000_usize, 0..2_000_usize).prop_map(|(distance, length)| Piece::Copy { distance, length }),
        (4_000..4_200_usize, 3..6_usize).prop_map(|(distance, length)| Piece::Copy { distance, length }),
    ]
}

fn structured() -> impl Strategy<Value = Vec<u8>> {
    vec(piece(), 0..12).prop_map(|pieces| {
        let mut data = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Noise { seed, length, alphabet } => data.extend(noise(seed, length, alphabet)),
                Piece::Run { byte, length } => data.extend(std::iter::repeat_n(byte, length)),
                Piece::Copy { distance, length } => {
                    for _ in 0..length {
                        let at = data.len().saturating_sub(distance);
                        data.push(data.get(at).copied().unwrap_or(b'-'));
                    }
                }
            }
            data.truncate(300 << 10);
        }
        data
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn streams_inflate_and_reuse_does_not_show(inputs in vec(structured(), 1..4)) {
        let mut reused = Encoder::new();
        for data in &inputs {
            let stream = encode(&mut reused, data);
            prop_assert!(inflate(&stream) == *data);
            prop_assert!(encode(&mut Encoder::new(), data) == stream);
        }
    }

    #[test]
    fn short_streams_inflate(data in vec(0..4_u8, 0..600)) {
        prop_assert_eq!(inflate(&encode(&mut Encoder::new(), &data)), data);
    }

    #[test]
    fn archives_read_back(
        files in proptest::collection::btree_map("[ -~é\\\\]{0,12}[a-z]", (vec(any::<u8>(), 0..2000), any::<Option<u32>>()), 0..12),
    ) {
        let entries: Vec<_> = files
            .iter()
            .map(|(path, (contents, mode))| Entry { mode: *mode, ..Entry::new(path, contents) })
            .collect();
        let mut archive = Vec::new();
        write_archive(&entries, &mut archive).unwrap();
        let backwards: Vec<_> = entries.iter().rev().copied().collect();
        let mut again = Vec::new();
        ArchiveWriter::new().write(&backwards, &mut again).unwrap();
        prop_assert_eq!(&archive, &again);
        if entries.is_empty() {
            prop_assert!(archive.is_empty());
            return Ok(());
        }

        let mut other = zip::ZipArchive::new(Cursor::new(&archive)).unwrap();
        prop_assert_eq!(other.len(), entries.len());
        let mut ours = ArchiveReader::from_bytes(&archive, Limits::default()).unwrap();
        for (index, entry) in entries.iter().enumerate() {
            let executable = entry.mode.is_some_and(|mode| mode & 0o111 != 0);
            let mode = if executable { 0o100_755 } else { 0o100_644 };
            let mut file = other.by_index(index).unwrap();
            prop_assert_eq!(file.name_raw(), entry.path);
            prop_assert_eq!(file.unix_mode(), Some(mode));
            let mut contents = Vec::new();
            file.read_to_end(&mut contents).unwrap();
            prop_assert_eq!(&contents, entry.contents);

            prop_assert_eq!(ours.entries()[index].name(), entry.path);
            prop_assert_eq!(ours.entries()[index].mode(), Some(mode));
            prop_assert_eq!(ours.entries()[index].size(), entry.contents.len() as u64);
            prop_assert_eq!(&ours.read(index).unwrap(), entry.contents);
            let name = std::str::from_utf8(entry.path).unwrap();
            prop_assert_eq!(ours.find(name), Some(index));
        }
    }

    #[test]
    fn damaged_archives_never_panic(
        seed in any::<u64>(),
        cut in any::<prop::sample::Index>(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        is_cut in any::<bool>(),
    ) {
        let text = noise(seed, 700, 20);
        let mut archive = Vec::new();
        write_archive(&[Entry::new("a.json", &text), Entry::new("b", b""), Entry::new("c", &text[..9])], &mut archive).unwrap();
        for (at, byte) in flips {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        if is_cut {
            archive.truncate(cut.index(archive.len()));
        }
        if let Ok(mut reader) = ArchiveReader::from_bytes(&archive, Limits::default()) {
            for index in 0..reader.entries().len() {
                if let Ok(contents) = reader.read(index) {
                    prop_assert_eq!(contents.len() as u64, reader.entries()[index].size());
                }
            }
        }
    }
}

#[test]
fn lengths_around_the_borders_of_the_window_inflate() {
    let data = noise(3, 140_000, 6);
    let mut encoder = Encoder::new();
    for border in [261, 262, 263, 32_768, 65_274, 65_535, 65_536, 98_042, 98_304, 131_072] {
        for length in border - 4..=border + 4 {
            assert!(inflate(&encode(&mut encoder, &data[..length])) == data[..length], "{length}");
        }
    }
}

#[test]
fn many_entries_have_zip64_records() {
    let paths: Vec<String> = (0..66_000).map(|i| format!("{i:05}")).collect();
    let entries: Vec<_> = paths.iter().map(|path| Entry::new(path, path.as_bytes())).collect();
    let mut archive = Vec::new();
    write_archive(&entries, &mut archive).unwrap();
    assert_eq!(zip::ZipArchive::new(Cursor::new(&archive)).unwrap().len(), 66_000);
    let mut reader = ArchiveReader::from_bytes(&archive, Limits::default()).unwrap();
    assert_eq!(reader.entries().len(), 66_000);
    assert_eq!(reader.read_named("65999").unwrap(), b"65999");
    let limits = Limits { entries: 65_999, ..Limits::default() };
    let error = ArchiveReader::from_bytes(&archive, limits).unwrap_err();
    assert!(matches!(error, gait_evidence::EvidenceError::ArchiveEntries { limit: 65_999 }), "{error}");
}
