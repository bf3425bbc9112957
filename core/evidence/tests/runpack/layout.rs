//! Which byte of an archive belongs to what, by the letters of its headers.

/// The name of every byte's field.
pub(crate) fn layout(archive: &[u8]) -> Vec<&'static str> {
    let number = |at: usize, length: usize| {
        archive[at..at + length].iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let mut names = vec!["?"; archive.len()];
    let mut mark = |at: &mut usize, length: usize, name: &'static str| {
        names[*at..*at + length].fill(name);
        *at += length;
    };
    let end = archive.len() - 22;
    let (entries, mut at) = (number(end + 10, 2), number(end + 16, 4));
    let mut locals = Vec::new();
    for _ in 0..entries {
        let (name, extra, comment) = (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2));
        locals.push((number(at + 42, 4), number(at + 20, 4)));
        for (length, field) in [
            (4, "directory: signature"),
            (1, "directory: made by"),
            (1, "directory: made on"),
            (2, "directory: version needed"),
            (2, "directory: flags"),
            (2, "directory: method"),
            (4, "directory: time"),
            (4, "directory: checksum"),
            (4, "directory: compressed size"),
            (4, "directory: size"),
            (2, "directory: name length"),
            (2, "directory: extra length"),
            (2, "directory: comment length"),
            (2, "directory: disk"),
            (2, "directory: internal attributes"),
            (4, "directory: external attributes"),
            (4, "directory: offset"),
        ] {
            mark(&mut at, length, field);
        }
        mark(&mut at, name, "directory: name");
        mark(&mut at, extra, "directory: extra");
        mark(&mut at, comment, "directory: comment");
    }
    for (mut at, compressed) in locals {
        let (name, extra) = (number(at + 26, 2), number(at + 28, 2));
        for (length, field) in [
            (4, "local: signature"),
            (2, "local: version needed"),
            (2, "local: flags"),
            (2, "local: method"),
            (4, "local: time"),
            (4, "local: checksum"),
            (4, "local: compressed size"),
            (4, "local: size"),
            (2, "local: name length"),
            (2, "local: extra length"),
        ] {
            mark(&mut at, length, field);
        }
        mark(&mut at, name, "local: name");
        mark(&mut at, extra, "local: extra");
        mark(&mut at, compressed, "stream");
        mark(&mut at, 16, "descriptor");
    }
    let mut at = end;
    for (length, field) in [
        (4, "end: signature"),
        (2, "end: disk"),
        (2, "end: directory disk"),
        (2, "end: entries here"),
        (2, "end: entries"),
        (4, "end: directory size"),
        (4, "end: directory offset"),
        (2, "end: comment length"),
    ] {
        mark(&mut at, length, field);
    }
    assert!(!names.contains(&"?"), "every byte is known");
    names
}
