//! Compares outputs: values under prose keys and volatile places by type, all else exactly.

use serde_json::Value;

/// Keys whose values are words for a person.
const PROSE: [&str; 17] = [
    "error",
    "hint",
    "message",
    "summary",
    "description",
    "detail",
    "details",
    "explanation",
    "usage",
    "next_step",
    "remediation",
    "fix",
    "why",
    "note",
    "warning",
    "warnings",
    "signature_note",
];

/// What a file or an output is.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Json,
    JsonLines,
    Text,
    Absent,
    Folder,
    Exists,
    Bytes,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Text => "text",
            Self::Absent => "absent",
            Self::Folder => "dir",
            Self::Exists => "exists",
            Self::Bytes => "bytes",
        }
    }
}

/// JSON when the whole of it is JSON, else JSON lines when each line is, else text.
pub(crate) fn parse(text: &str) -> (Kind, Value) {
    if let Ok(value) = serde_json::from_str(text) {
        return (Kind::Json, value);
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<Vec<Value>, _>>() {
        Ok(values) if !values.is_empty() => (Kind::JsonLines, values.into()),
        _ => (Kind::Text, text.into()),
    }
}

/// What may differ.
pub(crate) struct Comparison {
    /// JSON pointers, `*` for one segment, of which only the type counts.
    pub(crate) volatile: Vec<String>,
    /// Prose keys that count nevertheless.
    pub(crate) exact: Vec<String>,
}

impl Comparison {
    /// The places where `got` departs from `want`.
    pub(crate) fn differences(&self, want: &Value, got: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(want, got, "", &mut found);
        found
    }

    fn compare(&self, want: &Value, got: &Value, at: &str, found: &mut Vec<String>) {
        if std::mem::discriminant(want) != std::mem::discriminant(got) {
            found.push(format!("{at}/: want {want:.160} got {got:.160}"));
            return;
        }
        if self.is_volatile(at) {
            return;
        }
        match (want, got) {
            (Value::String(want), Value::String(got)) if self.is_prose(at) => {
                if want.is_empty() != got.is_empty() {
                    found.push(format!("{at}: want {want:?} got {got:?}"));
                }
            }
            (Value::Object(want), Value::Object(got)) => {
                let names: std::collections::BTreeSet<&String> = want.keys().chain(got.keys()).collect();
                for name in names {
                    let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    match (want.get(name), got.get(name)) {
                        (Some(want), Some(got)) => self.compare(want, got, &at, found),
                        _ if self.is_volatile(&at) => {}
                        (Some(want), None) => found.push(format!("{at}: missing, want {want}")),
                        (None, got) => found.push(format!("{at}: not expected, got {}", got.unwrap_or(&Value::Null))),
                    }
                }
            }
            (Value::Array(want), Value::Array(got)) if want.len() == got.len() => {
                for (index, (want, got)) in want.iter().zip(got).enumerate() {
                    self.compare(want, got, &format!("{at}/{index}"), found);
                }
            }
            (Value::Number(want), Value::Number(got)) if want.as_f64() == got.as_f64() => {}
            _ if want == got => {}
            _ => found.push(format!("{at}: want {want} got {got}")),
        }
    }

    fn is_volatile(&self, at: &str) -> bool {
        self.volatile.iter().any(|pattern| {
            pattern.split('/').count() == at.split('/').count()
                && pattern.split('/').zip(at.split('/')).all(|(one, segment)| one == "*" || one == segment)
        })
    }

    fn is_prose(&self, at: &str) -> bool {
        let key = at.rsplit('/').find(|segment| segment.is_empty() || !segment.bytes().all(|b| b.is_ascii_digit()));
        key.is_some_and(|key| PROSE.contains(&key) && !self.exact.iter().any(|exact| exact == key))
    }
}
