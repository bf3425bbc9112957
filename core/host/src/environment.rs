//! What the environment may say, as functions over a lookup, so that tests and bindings give their own (01 §13).

use gait_base::digest::sha256;
pub use gait_base::platform::{architecture, operating_system};

/// The producer version of library callers that give none (01 §3.4).
pub const DEVELOPMENT_VERSION: &str = "0.0.0-dev";

/// The value of a variable of this process; bytes that are no UTF-8 become U+FFFD.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    // Names that cannot exist would be a panic of the standard library's.
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The version that artifacts and outputs carry: `GAIT_PRODUCER_VERSION` unless blank, else our own (00 D10).
#[must_use]
pub fn producer_version(lookup: impl Fn(&str) -> Option<String>, own: &str) -> String {
    non_blank(&lookup, "GAIT_PRODUCER_VERSION").unwrap_or_else(|| own.to_owned())
}

/// Whether `GAIT_STRICT` asks for strict mode (00 D8).
#[must_use]
pub fn asks_for_strict(lookup: impl Fn(&str) -> Option<String>) -> bool {
    lookup("GAIT_STRICT").is_some_and(|value| value.trim() == "1")
}

/// The correlation id of a command line: `GAIT_CORRELATION_ID` unless blank, else taken from the arguments (01 §9).
///
/// `arguments` begins with the program's name, which is `gait` however it was called.
#[must_use]
pub fn correlation_id<S: AsRef<str>>(lookup: impl Fn(&str) -> Option<String>, arguments: &[S]) -> String {
    if let Some(given) = non_blank(&lookup, "GAIT_CORRELATION_ID") {
        return given;
    }
    if arguments.is_empty() {
        return "0".repeat(24);
    }
    let mut joined = String::new();
    for (position, argument) in arguments.iter().enumerate() {
        if position > 0 {
            joined.push('\u{1f}');
        }
        joined.push_str(argument.as_ref().trim());
    }
    sha256(joined.as_bytes()).short(24)
}

fn non_blank(lookup: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: fn(&str) -> Option<String> = |_| None;

    #[test]
    fn blank_overrides_count_as_unset() {
        assert_eq!(producer_version(NOTHING, "1.2.3"), "1.2.3");
        assert_eq!(producer_version(|_| Some("  ".into()), "1.2.3"), "1.2.3");
        assert_eq!(producer_version(|_| Some(" 9 ".into()), "1.2.3"), "9");
        assert_eq!(correlation_id(|_| Some(" x ".into()), &["gait"]), "x");
    }

    #[test]
    fn only_one_is_strict() {
        assert!(asks_for_strict(|_| Some("1".into())));
        for value in ["", "0", "true", "11"] {
            assert!(!asks_for_strict(|_| Some(value.into())), "{value:?}");
        }
        assert!(!asks_for_strict(NOTHING));
    }

    #[test]
    fn correlation_ids_follow_the_table() {
        let folder = std::env::var("GAIT_VECTORS")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
        let Ok(rows) = std::fs::read_to_string(format!("{folder}/primitives/correlation-id.jsonl")) else {
            eprintln!("skipped: no golden cases in {folder}");
            return;
        };
        for row in rows.lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            let arguments: Vec<_> =
                row["input"]["argv"].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect();
            assert_eq!(correlation_id(NOTHING, &arguments), row["want"]["correlation_id"], "{}", row["name"]);
        }
    }

    #[test]
    fn impossible_names_are_unset() {
        for name in ["", "A=B", "A\0B"] {
            assert_eq!(variable(name), None);
        }
    }
}
