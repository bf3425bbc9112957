//! Attacks on single members of a document whose signature stays as it was.

use serde_json::Value;

use crate::bench::{Attack, Kind, file, honest};

/// What must be found in both modes, or in compat and in strict mode.
pub(crate) trait Want {
    fn both(self) -> [&'static str; 2];
}

impl Want for &'static str {
    fn both(self) -> [&'static str; 2] {
        [self, self]
    }
}

impl Want for [&'static str; 2] {
    fn both(self) -> [&'static str; 2] {
        self
    }
}

/// The honest document, changed.
pub(crate) fn changed(kind: Kind, name: impl Into<String>, change: impl FnOnce(&mut Value), want: impl Want) -> Attack {
    let mut document = honest(kind);
    change(&mut document);
    Attack { name: name.into(), file: file(kind, &document), scene: kind.scene(), want: want.both() }
}

/// The honest document with another value of a member.
pub(crate) fn set(kind: Kind, member: &str, value: Value, want: impl Want) -> Attack {
    changed(kind, format!("{member}: {value}"), |document| document[member] = value, want)
}

/// The honest document without a member.
pub(crate) fn without(kind: Kind, member: &str, want: impl Want) -> Attack {
    let name = format!("{member}: absent");
    changed(kind, name, |document| drop(document.as_object_mut().unwrap().remove(member)), want)
}

/// A text member, changed.
pub(crate) fn text(kind: Kind, member: &str, change: impl FnOnce(&str) -> String, want: impl Want) -> Attack {
    let value = change(honest(kind)[member].as_str().unwrap());
    set(kind, member, value.into(), want)
}

/// What is the same for every text that is trimmed, required and case-sensitive.
pub(crate) fn name(kind: Kind, member: &'static str) -> Vec<Attack> {
    let text = |change: fn(&str) -> String, want: &'static str| text(kind, member, change, want);
    let mut attacks = vec![
        // Padding is no content.
        text(|value| format!(" {value}\n"), "valid"),
        text(|value| format!("\u{a0}{value}\u{2003}"), "valid"),
        text(|value| format!("{value}x"), "signature_invalid"),
        text(|value| format!("{value}\0"), "signature_invalid"),
        text(|value| format!("{value}\u{fffd}"), "signature_invalid"),
        text(|value| format!("{value}\u{200b}"), "signature_invalid"),
        text(|value| format!("\u{feff}{value}"), "signature_invalid"),
        text(|value| value.replacen(|_: char| true, "\u{430}", 1), "signature_invalid"),
        text(other_case, "signature_invalid"),
        text(|value| format!("{value} {value}"), "signature_invalid"),
        text(|_| String::new(), "invalid"),
        text(|_| " \t".to_owned(), "invalid"),
        text(|_| "x".repeat(1 << 20), "signature_invalid"),
        without(kind, member, "invalid"),
    ];
    attacks.push(set(kind, member, Value::Null, "invalid"));
    attacks.extend(other_types(kind, member));
    attacks
}

fn other_case(value: &str) -> String {
    let upper = value.to_uppercase();
    if upper == value { value.to_lowercase() } else { upper }
}

/// The same word to a person: Cyrillic for some of its letters, another point.
fn look_alike(word: &str) -> String {
    word.replace('a', "\u{430}").replace('e', "\u{435}").replace('i', "\u{456}").replace('.', "\u{2024}")
}

/// What is the same for every digest that must be there.
pub(crate) fn digest(kind: Kind, member: &'static str) -> Vec<Attack> {
    let text = |change: fn(&str) -> String, want: &'static str| text(kind, member, change, want);
    let mut attacks = vec![
        // Case and padding are no content.
        text(str::to_uppercase, "valid"),
        text(|value| format!(" {value}\t"), "valid"),
        text(|_| crate::bench::digest("other"), "signature_invalid"),
        text(|value| value.chars().rev().collect(), "signature_invalid"),
        text(|value| value[1..].to_owned(), "invalid"),
        text(|value| format!("{value}0"), "invalid"),
        text(|value| format!("{value} {value}"), "invalid"),
        text(|value| format!("sha256:{value}"), "invalid"),
        text(|value| format!("\u{ff10}{}", &value[1..]), "invalid"),
        text(|value| format!("{}g", &value[1..]), "invalid"),
        text(|value| format!("{value}\0"), "invalid"),
    ];
    attacks.extend(other_types(kind, member));
    attacks
}

/// What is the same for the times of tokens, which are signed with the offset that they are written with.
pub(crate) fn time(kind: Kind, member: &'static str) -> Vec<Attack> {
    let text = |change: fn(&str) -> String, want: &'static str| text(kind, member, change, want);
    let mut attacks = vec![
        // Spellings of the same instant with the same offset.
        text(|value| value.replace('Z', ".000Z"), "valid"),
        text(|value| value.replace('Z', ",0Z"), "valid"),
        text(|value| value.replace("T0", "T"), "valid"),
        text(|value| value.replace('Z', "+00:00"), "valid"),
        text(|value| value.replace('Z', ".000000001Z"), "signature_invalid"),
        text(|value| value.replacen("2026", "2036", 1), "signature_invalid"),
        text(|value| format!(" {value}"), "unreadable"),
        text(|value| value.replace('T', " "), "unreadable"),
        text(|value| value.replace('T', "t"), "unreadable"),
        text(|value| value.replace('Z', "z"), "unreadable"),
        text(|value| value.replace('Z', ""), "unreadable"),
        text(|value| value.replacen("2026", "12026", 1), "unreadable"),
        text(|_| "9999-12-31T24:00:00Z".to_owned(), "unreadable"),
        text(|_| String::new(), "unreadable"),
        text(|_| "never".to_owned(), "unreadable"),
    ];
    attacks.extend(other_types(kind, member));
    attacks
}

/// What is the same for every scope and every other set of folded words.
pub(crate) fn words(kind: Kind, member: &'static str) -> Vec<Attack> {
    let list = |change: fn(&mut Vec<Value>), want: &'static str| {
        let mut value = honest(kind)[member].clone();
        change(value.as_array_mut().unwrap());
        set(kind, member, value, want)
    };
    vec![
        // Order, repeats, case, padding and blanks are no content.
        list(|words| words.reverse(), "valid"),
        list(|words| words.extend(words.clone()), "valid"),
        list(|words| words[0] = words[0].as_str().unwrap().to_uppercase().into(), "valid"),
        list(|words| words[0] = format!(" {}\n", words[0].as_str().unwrap()).into(), "valid"),
        list(|words| words.extend(["".into(), " ".into()]), "valid"),
        list(|words| words.push(Value::Null), "valid"),
        list(|words| words.push("*".into()), "signature_invalid"),
        list(|words| words.insert(0, "tool:x".into()), "signature_invalid"),
        list(|words| words[0] = "*".into(), "signature_invalid"),
        list(|words| words[0] = format!("{}\0", words[0].as_str().unwrap()).into(), "signature_invalid"),
        list(|words| words[0] = look_alike(words[0].as_str().unwrap()).into(), "signature_invalid"),
        list(|words| words[0] = format!("{},*", words[0].as_str().unwrap()).into(), "signature_invalid"),
        list(|words| words.push(Value::Array(Vec::new())), "unreadable"),
        list(|words| words.push(1.into()), "unreadable"),
        set(kind, member, "*".into(), "unreadable"),
        set(kind, member, serde_json::json!({"0": "*"}), "unreadable"),
        set(kind, member, true.into(), "unreadable"),
    ]
}

/// What is the same for every count: `signed` is what was signed.
pub(crate) fn count(kind: Kind, member: &'static str, signed: i64) -> Vec<Attack> {
    let mut attacks = vec![
        set(kind, member, (signed + 1).into(), "signature_invalid"),
        set(kind, member, i64::MIN.into(), ["invalid", "unreadable"]),
        set(kind, member, (-1).into(), "invalid"),
        set(kind, member, (1u64 << 63).into(), "unreadable"),
        set(kind, member, 1.5.into(), "unreadable"),
        set(kind, member, 3.0.into(), "unreadable"),
        set(kind, member, "3".into(), "unreadable"),
        set(kind, member, serde_json::json!([3]), "unreadable"),
    ];
    if signed == 0 {
        attacks.extend([set(kind, member, 0.into(), "valid"), set(kind, member, Value::Null, "valid")]);
    }
    attacks
}

/// Values of types that no text member has.
fn other_types(kind: Kind, member: &'static str) -> Vec<Attack> {
    [1.into(), true.into(), serde_json::json!(["x"]), serde_json::json!({"x": "y"})]
        .map(|value| set(kind, member, value, "unreadable"))
        .into()
}

/// No member may be forgotten: each is refused for at least one change.
pub(crate) fn every_member_is_attacked(kind: Kind, attacks: &[Attack]) {
    for member in honest(kind).as_object().unwrap().keys().filter(|member| *member != "signature") {
        let refused = |attack: &&Attack| attack.name.starts_with(&format!("{member}:")) && attack.want[0] != "valid";
        assert!(attacks.iter().any(|attack| refused(&attack)), "{kind:?}: nobody attacks {member}");
    }
}
