//! Attacks on the JSON text of a file, and on single bytes of it.

use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::approved_script::ScriptRegistry;
use gait_gate::authority::delegation::DelegationToken;
use gait_gate::authority::voice::SayToken;
use gait_gate::mode::Mode;
use proptest::prelude::*;

use crate::bench::{Attack, KINDS, Kind, MODES, file, honest, resigned};
use crate::edits::Want;
use crate::judge::{judge, validates};
use crate::signatures::decode;

const INVALID: &str = "signature_invalid";

fn written(kind: Kind) -> String {
    String::from_utf8(file(kind, &honest(kind))).unwrap()
}

/// A text member that every kind has, and one that is trimmed.
const fn names(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Approval => ("approver_identity", "carol"),
        Kind::Delegation => ("delegator_identity", "lead"),
        Kind::Script => ("approver_identity", "carol"),
        Kind::Say => ("call_id", "call-1"),
    }
}

pub(crate) fn attacks(kind: Kind) -> Vec<Attack> {
    [members(kind), bytes(kind)].into_iter().flatten().collect()
}

fn row(kind: Kind, name: &str, file: impl Into<Vec<u8>>, want: impl Want) -> Attack {
    let file = file.into();
    assert!(file != written(kind).as_bytes(), "{kind:?}: {name} changes nothing");
    Attack { name: name.to_owned(), file, scene: kind.scene(), want: want.both() }
}

/// Members that stand twice, or under another name.
fn members(kind: Kind) -> Vec<Attack> {
    let (name, value) = names(kind);
    let text = written(kind);
    let member = format!("\"{name}\": \"{value}\"");
    let replaced = |by: &str| text.replacen(&member, by, 1);
    let read = |name: &str, by: &str| row(kind, name, replaced(by), ["valid", "unreadable"]);
    let signature = serde_json::to_string(&honest(kind)["signature"]).unwrap();
    let at_signature = |by: &str| text.replacen("\"signature\": {", by, 1);
    vec![
        // What is not of the document, and what the last of several says, is not signed and not asked.
        read("an unknown member", &format!("\"admin\": true, {member}")),
        read("an unknown member that hides a known one", &format!("\"x\": {{{member}}}, {member}")),
        read("a member in capitals", &format!("\"{}\": \"{value}\"", name.to_uppercase())),
        read("a member twice, alike", &format!("{member}, {member}")),
        read("a member twice, the honest one last", &format!("\"{name}\": \"mallory\", {member}")),
        read("a member twice, null last", &format!("{member}, \"{name}\": null")),
        read(
            "a member twice, the honest one last, in capitals",
            &format!("\"{name}\": \"mallory\", \"{}\": \"{value}\"", name.to_uppercase()),
        ),
        row(
            kind,
            "a member twice, the forged one last",
            replaced(&format!("{member}, \"{name}\": \"mallory\"")),
            [INVALID, "unreadable"],
        ),
        row(
            kind,
            "a member twice, the forged one last, in capitals",
            replaced(&format!("{member}, \"{}\": \"mallory\"", name.to_uppercase())),
            [INVALID, "unreadable"],
        ),
        row(kind, "a member twice, a wrong type first", replaced(&format!("\"{name}\": 1, {member}")), "unreadable"),
        row(
            kind,
            "a member with a long s",
            replaced(&format!("\"{}\": \"mallory\", {member}", name.replace('s', "\u{17f}"))),
            ["valid", "unreadable"],
        ),
        row(
            kind,
            "a member with a NUL in its name",
            replaced(&format!("\"{name}\\u0000\": \"mallory\", {member}")),
            ["valid", "unreadable"],
        ),
        row(
            kind,
            "a member with blanks in its name",
            replaced(&format!("\" {name}\": \"mallory\", {member}")),
            ["valid", "unreadable"],
        ),
        row(
            kind,
            "a signature twice",
            at_signature(&format!("\"signature\": {signature}, \"signature\": {{")),
            ["valid", "unreadable"],
        ),
        row(
            kind,
            "a signature twice, a forged one first",
            at_signature("\"signature\": {\"alg\": \"none\", \"sig\": \"x\"}, \"signature\": {"),
            ["valid", "unreadable"],
        ),
        row(
            kind,
            "a signature before null",
            at_signature(&format!("\"signature\": {signature}, \"signature\": null, \"x\": {{")),
            ["signature_missing", "unreadable"],
        ),
        row(
            kind,
            "a signature before nothing",
            at_signature(&format!("\"signature\": {signature}, \"signature\": {{}}, \"x\": {{")),
            ["valid", "unreadable"],
        ),
        // Letters by their numbers are the same letters.
        row(kind, "escapes", replaced(&format!("\"{}\": \"{}\"", escaped(name), escaped(value))), "valid"),
        row(kind, "a broken escape", replaced(&format!("\"{name}\": \"\\x63\"")), "unreadable"),
        row(kind, "a control character", replaced(&format!("\"{name}\": \"{value}\u{1}\"")), "unreadable"),
        row(kind, "half a surrogate", replaced(&format!("\"{name}\": \"{value}\\ud800\"")), [INVALID, "unreadable"]),
        row(
            kind,
            "deep",
            replaced(&format!("\"x\": {}{}, {member}", "[".repeat(900), "]".repeat(900))),
            ["valid", "unreadable"],
        ),
        row(
            kind,
            "very deep",
            replaced(&format!("\"x\": {}{}, {member}", "[".repeat(20_000), "]".repeat(20_000))),
            "unreadable",
        ),
        row(
            kind,
            "very deep and never closed",
            replaced(&format!("\"x\": {}", "{\"x\":[".repeat(100_000))),
            "unreadable",
        ),
        row(
            kind,
            "a number of a million digits",
            replaced(&format!("\"x\": {}, {member}", "9".repeat(1_000_000))),
            ["valid", "unreadable"],
        ),
    ]
}

/// The text itself.
fn bytes(kind: Kind) -> Vec<Attack> {
    let (name, value) = names(kind);
    let text = written(kind);
    let within = |bytes: &[u8]| {
        let at = text.find(&format!("\"{value}\"")).unwrap() + 1 + value.len();
        [&text.as_bytes()[..at], bytes, &text.as_bytes()[at..]].concat()
    };
    // A document whose name holds U+FFFD, and a file in which a broken byte stands for it.
    let mut replaced = honest(kind);
    replaced[name] = format!("{value}\u{fffd}").into();
    let replaced = String::from_utf8(file(kind, &resigned(replaced, 1))).unwrap();
    let at = replaced.find('\u{fffd}').unwrap();
    let broken = [&replaced.as_bytes()[..at], b"\xff", &replaced.as_bytes()[at + 3..]].concat();
    // Of say tokens the call is compared, too.
    let same = if kind == Kind::Say {
        ["call_binding_mismatch", "unreadable"]
    } else if kind == Kind::Delegation {
        ["delegator_mismatch", "unreadable"]
    } else {
        ["valid", "unreadable"]
    };
    vec![
        row(kind, "an invalid byte", within(b"\xff"), [INVALID, "unreadable"]),
        row(kind, "an overlong letter", within(b"\xc1\xa1"), [INVALID, "unreadable"]),
        row(kind, "a surrogate in UTF-8", within(b"\xed\xa0\x80"), [INVALID, "unreadable"]),
        row(kind, "a raw NUL", within(b"\0"), "unreadable"),
        row(kind, "a raw line break", within(b"\n"), "unreadable"),
        row(kind, "an invalid byte for a sign of one", broken, same),
        row(kind, "a byte order mark", format!("\u{feff}{text}"), "unreadable"),
        row(kind, "UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), "unreadable"),
        row(kind, "blanks around", format!("\n\t {text} \r\n\n"), "valid"),
        row(kind, "blanks beyond JSON's", format!("\u{a0}{text}"), "unreadable"),
        row(kind, "a NUL after", format!("{text}\0"), "unreadable"),
        row(kind, "another value after", format!("{text}{{}}"), "unreadable"),
        row(kind, "itself after", format!("{text}{text}"), "unreadable"),
        row(kind, "a comment", format!("// signed\n{text}"), "unreadable"),
        row(kind, "a comma too many", text.replacen('}', ",}", 1), "unreadable"),
        row(kind, "a text of it", serde_json::to_vec(&text).unwrap(), "unreadable"),
        row(kind, "a megabyte of blanks", format!("{}{text}", " ".repeat(1 << 20)), "valid"),
        row(kind, "more than any file may have", format!("{text}{}", " ".repeat(17 << 20)), "unreadable"),
        row(kind, "a list of it", format!("[[{text}]]"), "unreadable"),
    ]
}

fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect()
}

/// No beginning of a file is a token, but for the one that lacks the last line break alone.
pub(crate) fn truncated_anywhere(kind: Kind) {
    let text = written(kind);
    for mode in MODES {
        for end in 0..text.len() {
            let found = judge(kind, &text.as_bytes()[..end], mode, &kind.scene());
            let want = if end + 1 == text.len() { "valid" } else { "unreadable" };
            assert!(
                found == want || (kind == Kind::Script && end == 0 && found == "empty"),
                "{kind:?}, {end} bytes: {found}"
            );
        }
    }
}

/// Whether a file is found valid. One that is says what the honest one says: its signature is over the same digest, by
/// the same bytes.
fn passes(kind: Kind, bytes: &[u8], mode: Mode) -> bool {
    let scene = &kind.scene();
    if !validates(kind, bytes, mode, scene) {
        return false;
    }
    let found = match kind {
        Kind::Approval => ApprovalToken::parse(bytes, mode).unwrap().signature,
        Kind::Delegation => DelegationToken::parse(bytes, mode).unwrap().signature,
        Kind::Script => ScriptRegistry::parse(bytes, mode).unwrap().entries.remove(0).signature,
        Kind::Say => SayToken::parse(bytes, mode).unwrap().signature,
    };
    let (found, own) = (found.unwrap(), &honest(kind)["signature"]);
    assert_eq!(found.signed_digest, own["signed_digest"], "{kind:?}: {}", String::from_utf8_lossy(bytes));
    assert_eq!(
        decode(&found.sig),
        decode(own["sig"].as_str().unwrap()),
        "{kind:?}: {}",
        String::from_utf8_lossy(bytes)
    );
    true
}

/// Every single bit in compat mode. Strict mode reads less: what compat mode refuses is played there now and then only.
fn any_flipped_bit_is_refused_or_harmless(kind: Kind) {
    let text = written(kind).into_bytes();
    let mut harmless = 0;
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let passed = passes(kind, &flipped, Mode::Compat);
        harmless += usize::from(passed);
        if passed && harmless % 16 == 0 {
            assert_eq!(judge(kind, &flipped, Mode::Compat, &kind.scene()), "valid", "bit {bit}");
        }
        if passed || bit % 13 == 0 {
            let strict = passes(kind, &flipped, Mode::Strict);
            assert!(passed || !strict, "bit {bit}: valid in strict mode alone");
        }
    }
    // Case of names and of folded members, blanks, unused bits: there are such flips, and they are few.
    assert!((10..text.len()).contains(&harmless), "{harmless} of {}", text.len() * 8);
}

#[test]
fn any_flipped_bit_of_an_approval() {
    any_flipped_bit_is_refused_or_harmless(Kind::Approval);
}

#[test]
fn any_flipped_bit_of_a_delegation() {
    any_flipped_bit_is_refused_or_harmless(Kind::Delegation);
}

#[test]
fn any_flipped_bit_of_a_script_entry() {
    any_flipped_bit_is_refused_or_harmless(Kind::Script);
}

#[test]
fn any_flipped_bit_of_a_say_token() {
    any_flipped_bit_is_refused_or_harmless(Kind::Say);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes cut out, put in and written over, several times.
    #[test]
    fn any_edit_is_refused_or_harmless(
        kind in 0usize..4,
        edits in prop::collection::vec((0usize..2000, 0usize..4, prop::collection::vec(any::<u8>(), 0..4)), 1..4),
        strict in any::<bool>(),
    ) {
        let kind = KINDS[kind];
        let mut bytes = written(kind).into_bytes();
        for (at, cut, put) in edits {
            let at = at % (bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put);
        }
        let mode = if strict { Mode::Strict } else { Mode::Compat };
        passes(kind, &bytes, mode);
    }
}
