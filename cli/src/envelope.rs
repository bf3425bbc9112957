//! The envelope of every JSON output: correlation id, error members, migration guidance (01 §7.2).

use gait_base::error::{Category, ExitCode};
use gait_base::json::{self, Map, Reading, Value};

use crate::report::{Class, Failure, Migration, Report};

/// What is printed when a record cannot be encoded.
const ENCODE_FAILED: &[u8] = br#"{"ok":false,"error":"failed to encode output","error_code":"encode_failed","error_category":"internal_failure","retryable":false}"#;

/// One line of JSON and the exit code that goes with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The JSON, without the final newline.
    pub(crate) json: Vec<u8>,
    /// The exit code.
    pub(crate) exit: u8,
}

/// What of the surroundings goes into an envelope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// The id of this call.
    pub(crate) correlation_id: &'a str,
    /// In strict mode errors show their own class instead of that of the exit code.
    pub(crate) strict: bool,
}

/// The line of a report.
pub(crate) fn of_report(report: &Report, surroundings: Surroundings<'_>) -> Line {
    let record = report.record.as_ref().and_then(|encoded| encoded.as_ref().ok());
    let record = record.and_then(|bytes| json::decode::<Map>(bytes, Reading::COMPAT).ok());
    match record {
        Some(map) => seal(map, report.exit, report.class, None, surroundings),
        None => encode_failed(),
    }
}

/// The line of a failure; `error_members` is what the command's error output always has, as a JSON object or empty.
pub(crate) fn of_failure(failure: &Failure, error_members: &str, surroundings: Surroundings<'_>) -> Line {
    let mut map = if error_members.is_empty() {
        Map::new()
    } else {
        json::decode::<Map>(error_members.as_bytes(), Reading::COMPAT).unwrap_or_default()
    };
    map.insert("ok".to_owned(), Value::Bool(false));
    map.insert("error".to_owned(), Value::from(failure.text.as_str()));
    seal(map, failure.exit.code(), failure.class, failure.migration.as_deref(), surroundings)
}

fn seal(
    mut map: Map,
    exit: u8,
    class: Option<Class>,
    migration: Option<&Migration>,
    surroundings: Surroundings<'_>,
) -> Line {
    set_if_blank(&mut map, "correlation_id", surroundings.correlation_id);
    if !is_blank(map.get("error")) {
        let default = exit_code(exit);
        let class = class.filter(|_| surroundings.strict);
        let category = class.map_or_else(|| default.default_category(), |class| Some(class.category));
        set_if_blank(&mut map, "error_code", class.map_or(default.default_error_code(), |class| class.code));
        set_if_blank(&mut map, "error_category", category.map_or("", Category::as_str));
        if !map.contains_key("retryable") {
            let told = map.get("error_category").and_then(Value::as_str).unwrap_or_default();
            let passes = [Category::NetworkTransient, Category::StateContention].iter().any(|one| one.as_str() == told);
            map.insert("retryable".to_owned(), Value::Bool(class.map_or(passes, |class| class.retryable)));
        }
        set_if_blank(&mut map, "hint", migration.map_or(default.default_hint(), |migration| &migration.hint));
        if let Some(migration) = migration
            && !map.contains_key("migration")
        {
            map.insert("migration".to_owned(), migration.record.clone());
        }
    }
    match json::to_compact(&map) {
        Ok(json) => Line { json, exit },
        Err(_) => encode_failed(),
    }
}

/// The exit code by its number; a child's own codes count as internal failures.
fn exit_code(exit: u8) -> ExitCode {
    match exit {
        0 => ExitCode::Ok,
        2 => ExitCode::VerificationFailed,
        3 => ExitCode::PolicyBlocked,
        4 => ExitCode::ApprovalRequired,
        5 => ExitCode::Regression,
        6 => ExitCode::InvalidInput,
        7 => ExitCode::DependencyMissing,
        8 => ExitCode::UnsafeOperation,
        _ => ExitCode::InternalFailure,
    }
}

fn encode_failed() -> Line {
    Line { json: ENCODE_FAILED.to_vec(), exit: ExitCode::InvalidInput.code() }
}

fn is_blank(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_none_or(|text| text.trim().is_empty())
}

fn set_if_blank(map: &mut Map, name: &str, text: &str) {
    if !text.is_empty() && is_blank(map.get(name)) {
        map.insert(name.to_owned(), Value::from(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    const COMPAT: Surroundings<'_> = Surroundings { correlation_id: "c0ffee", strict: false };
    const STRICT: Surroundings<'_> = Surroundings { correlation_id: "c0ffee", strict: true };

    fn object(text: &str) -> Map {
        json::decode(text.as_bytes(), Reading::COMPAT).unwrap()
    }

    fn text(line: &Line) -> &str {
        std::str::from_utf8(&line.json).unwrap()
    }

    fn report(record: &str) -> Report {
        Report::new(&object(record), Text::default())
    }

    #[test]
    fn members_are_sorted_and_escaped() {
        let line = of_report(&report(r#"{"b":"<&>\u2028é","a":{"z":1,"y":[]},"n":1e21}"#), COMPAT);
        assert_eq!(
            text(&line),
            r#"{"a":{"y":[],"z":1},"b":"\u003c\u0026\u003e\u2028é","correlation_id":"c0ffee","n":1e+21}"#
        );
    }

    #[test]
    fn a_correlation_id_of_the_record_stays_unless_blank() {
        assert_eq!(text(&of_report(&report(r#"{"correlation_id":"x"}"#), COMPAT)), r#"{"correlation_id":"x"}"#);
        assert_eq!(text(&of_report(&report(r#"{"correlation_id":" "}"#), COMPAT)), r#"{"correlation_id":"c0ffee"}"#);
    }

    #[test]
    fn a_result_that_is_not_ok_but_has_no_error_gets_no_error_members() {
        let line = of_report(&report(r#"{"ok":false,"error":" "}"#).exit(ExitCode::VerificationFailed), COMPAT);
        assert_eq!((text(&line), line.exit), (r#"{"correlation_id":"c0ffee","error":" ","ok":false}"#, 2));
    }

    #[test]
    fn an_error_gets_the_members_of_its_exit_code() {
        let line = of_report(&report(r#"{"ok":false,"error":"e"}"#).exit(ExitCode::UnsafeOperation), COMPAT);
        let map = object(text(&line));
        assert_eq!(map.get("error_code").and_then(Value::as_str), Some("unsafe_operation"));
        assert_eq!(map.get("error_category").and_then(Value::as_str), Some("internal_failure"));
        assert_eq!(map.get("retryable"), Some(&Value::Bool(false)));
        assert_eq!(
            map.get("hint").and_then(Value::as_str),
            Some("pass explicit unsafe flags only for approved replay paths")
        );
    }

    #[test]
    fn members_that_the_record_sets_itself_stay() {
        let line = of_report(
            &report(
                r#"{"error":"e","error_code":"mine","error_category":"state_contention","hint":"h","retryable":null}"#,
            )
            .exit(ExitCode::InternalFailure),
            COMPAT,
        );
        assert_eq!(
            text(&line),
            r#"{"correlation_id":"c0ffee","error":"e","error_category":"state_contention","error_code":"mine","hint":"h","retryable":null}"#
        );
        let line = of_report(
            &report(r#"{"error":"e","error_category":"network_transient"}"#).exit(ExitCode::InternalFailure),
            COMPAT,
        );
        assert_eq!(object(text(&line)).get("retryable"), Some(&Value::Bool(true)));
    }

    #[test]
    fn strict_mode_shows_the_class_of_the_error_itself() {
        let class = Class { code: "append_lock_timeout", category: Category::StateContention, retryable: true };
        let failure = Failure { class: Some(class), exit: ExitCode::InternalFailure, ..Failure::usage("held") };
        let compat = object(text(&of_failure(&failure, "", COMPAT)));
        assert_eq!(compat.get("error_code").and_then(Value::as_str), Some("internal_failure"));
        assert_eq!(compat.get("retryable"), Some(&Value::Bool(false)));
        let strict = object(text(&of_failure(&failure, "", STRICT)));
        assert_eq!(strict.get("error_code").and_then(Value::as_str), Some("append_lock_timeout"));
        assert_eq!(strict.get("error_category").and_then(Value::as_str), Some("state_contention"));
        assert_eq!(strict.get("retryable"), Some(&Value::Bool(true)));
    }

    #[test]
    fn failures_carry_the_members_of_their_command_and_guidance() {
        let failure = Migration::of_command("gait mcp-verify", "gait mcp verify");
        let map = object(text(&of_failure(&failure, r#"{"schema_id":"s"}"#, COMPAT)));
        assert_eq!(map.get("schema_id").and_then(Value::as_str), Some("s"));
        assert_eq!(map.get("hint").and_then(Value::as_str), Some("use `gait mcp verify` instead"));
        assert_eq!(map.get("migration").and_then(|m| m.get("kind")).and_then(Value::as_str), Some("command"));
    }

    #[test]
    fn a_record_that_cannot_be_encoded_is_an_error_of_its_own() {
        let not_an_object = Report::new(&Value::Bool(true), Text::default());
        let line = of_report(&not_an_object, COMPAT);
        assert_eq!((line.json.as_slice(), line.exit), (ENCODE_FAILED, 6));
    }
}
