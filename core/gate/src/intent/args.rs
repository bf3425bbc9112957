//! Free-form arguments: trimmed in place, names unique, no raw secrets (02 §4.3).

use gait_base::json::{Map, MapIterMut, Value};
use gait_base::text::{is_trimmed, lower_char, trim_in_place};

use super::error::IntentError;
use crate::vocabulary::SECRET_PREFIXES;

/// What is looked for besides the form of names and values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// Nothing.
    Form,
    /// Strings that look like credentials under names that speak of them.
    Secrets,
}

/// Names that speak of credentials contain one of these.
const SUGGESTIVE: &[&str] = &[
    "token",
    "secret",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "access-key",
    "accesskey",
    "password",
    "credential",
];
/// Names that end so speak of a reference or a property, not of the credential itself.
const HARMLESS_ENDINGS: &[&str] = &[
    "_ref",
    "_refs",
    "_digest",
    "_digests",
    "_hash",
    "_issuer",
    "_source",
    "_type",
    "_ttl",
    "_ttl_seconds",
    "_id",
    "_ids",
    "_name",
    "_names",
    "_scope",
    "_scopes",
];
/// Values that begin so are references.
const REFERENCE_PREFIXES: &[&str] = &["env:", "stub:", "cmd:", "ref:", "sha256:"];
/// From this length in bytes on a word of letters and digits may be a credential.
const MIN_MATERIAL_LEN: usize = 16;

/// How many segments of a path an error names, and how much of each: a path is for a person.
const MAX_PATH_SEGMENTS: usize = 32;
const MAX_SEGMENT_CHARS: usize = 80;

/// A container being walked. The walk keeps these on the heap, so that depth costs no stack.
enum Frame<'a> {
    List { rest: std::slice::IterMut<'a, Value>, index: usize },
    Object { rest: MapIterMut<'a>, name: &'a str },
}

impl<'a> Frame<'a> {
    fn next(&mut self) -> Option<&'a mut Value> {
        match self {
            Self::List { rest, index } => {
                *index = index.wrapping_add(1);
                rest.next()
            }
            Self::Object { rest, name } => rest.next().map(|(next, value)| {
                *name = next;
                value
            }),
        }
    }
}

/// Normalizes an object and all that is in it. What is in normal form already is not touched.
///
/// Faults of form come before secrets, wherever they stand.
pub(super) fn normalize(object: &mut Map, scan: Scan) -> Result<(), IntentError> {
    trim_names(object)?;
    let mut secret = None;
    let mut outer = Vec::new();
    let mut current = Frame::Object { rest: object.iter_mut(), name: "" };
    loop {
        let Some(value) = current.next() else {
            match outer.pop() {
                Some(enclosing) => current = enclosing,
                None => break,
            }
            continue;
        };
        let inner = match value {
            Value::String(text) => {
                trim_in_place(text);
                if let (Scan::Secrets, Frame::Object { name, .. }, None) = (scan, &current, &secret)
                    && suggests_credential(name)
                    && looks_like_material(text)
                {
                    secret = Some(IntentError::SecretMaterial { path: path_of(&outer, &current) });
                }
                continue;
            }
            Value::Number(number) if !number.is_finite() => {
                return Err(IntentError::invalid(&path_of(&outer, &current), "a finite number"));
            }
            Value::Array(items) => Frame::List { rest: items.iter_mut(), index: usize::MAX },
            Value::Object(members) => {
                trim_names(members).map_err(|error| error.in_member(&path_of(&outer, &current)))?;
                Frame::Object { rest: members.iter_mut(), name: "" }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => continue,
        };
        outer.push(std::mem::replace(&mut current, inner));
    }
    secret.map_or(Ok(()), Err)
}

/// Trims the names of one object; none may be empty, none may collide with another (00 D6).
fn trim_names(object: &mut Map) -> Result<(), IntentError> {
    if object.iter().all(|(name, _)| !name.is_empty() && is_trimmed(name)) {
        return Ok(());
    }
    let mut members = std::mem::take(object).into_members();
    members.iter_mut().for_each(|(name, _)| trim_in_place(name));
    if members.iter().any(|(name, _)| name.is_empty()) {
        return Err(IntentError::invalid("", "an object without blank member names"));
    }
    *object = Map::from_unique_members(members).map_err(|_| IntentError::KeyCollision { path: String::new() })?;
    Ok(())
}

/// Where the walk stands. Long paths are cut in the middle: the end says most.
#[cold]
fn path_of(outer: &[Frame<'_>], current: &Frame<'_>) -> String {
    let mut path = String::new();
    let skipped = outer.len().saturating_sub(MAX_PATH_SEGMENTS);
    if skipped > 0 {
        path.push('…');
    }
    for frame in outer.iter().skip(skipped).chain([current]) {
        match frame {
            Frame::List { index, .. } => path.push_str(&format!("[{index}]")),
            Frame::Object { name, .. } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(name.chars().take(MAX_SEGMENT_CHARS));
            }
        }
    }
    path
}

/// Whether a member of that name is expected to hold credential material.
fn suggests_credential(name: &str) -> bool {
    if !name.is_ascii() {
        return lower_suggests_credential(&gait_base::text::fold(name));
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return lower_suggests_credential(&name.to_ascii_lowercase());
    }
    lower_suggests_credential(name)
}

fn lower_suggests_credential(name: &str) -> bool {
    let bytes = name.as_bytes();
    let contains = (0..bytes.len()).any(|at| {
        // All suggestive words begin with one of four letters.
        matches!(bytes[at], b't' | b's' | b'a' | b'p' | b'c')
            && SUGGESTIVE.iter().any(|word| bytes[at..].starts_with(word.as_bytes()))
    });
    contains && !HARMLESS_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a trimmed text looks like a credential rather than like a reference to one.
pub(crate) fn looks_like_material(text: &str) -> bool {
    if text.is_empty() || REFERENCE_PREFIXES.iter().any(|prefix| starts_with_fold(text, prefix)) {
        return false;
    }
    let bytes = text.as_bytes();
    if bytes.len() == 64 && bytes.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    if SECRET_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        return true;
    }
    bytes.len() >= MIN_MATERIAL_LEN
        && !bytes.iter().any(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        && bytes.iter().any(u8::is_ascii_alphabetic)
        && bytes.iter().any(u8::is_ascii_digit)
}

/// Whether `text`, folded, begins with `prefix`, which is folded already.
pub(super) fn starts_with_fold(text: &str, prefix: &str) -> bool {
    let mut folded = text.chars().map(lower_char);
    prefix.chars().all(|expected| folded.next() == Some(expected))
}

#[cfg(test)]
mod tests {
    use gait_base::error::Classify as _;
    use gait_base::json::{Reading, parse};

    use super::*;

    fn object(text: &str) -> Map {
        match parse(text.as_bytes(), Reading::COMPAT).unwrap() {
            Value::Object(map) => map,
            other => panic!("no object: {other:?}"),
        }
    }

    fn fault(text: &str) -> (&'static str, String) {
        let error = normalize(&mut object(text), Scan::Secrets).unwrap_err();
        (error.code(), error.path().to_owned())
    }

    #[test]
    fn trims_strings_and_names_everywhere() {
        let mut map = object(r#"{" b ":[" x ",{"\u00a0k":"y\u2028"}],"a":{"n":1,"s":""},"c":"\ufeff"}"#);
        normalize(&mut map, Scan::Secrets).unwrap();
        assert_eq!(map, object(r#"{"a":{"n":1,"s":""},"b":["x",{"k":"y"}],"c":"\ufeff"}"#));
    }

    #[test]
    fn names_that_collide_or_vanish_are_refused() {
        assert_eq!(fault(r#"{"a":1," a":2}"#), ("intent_key_collision", String::new()));
        assert_eq!(fault(r#"{"o":[0,{"x ":1," x":2}]}"#), ("intent_key_collision", "o[1]".to_owned()));
        assert_eq!(fault(r#"{"o":{" ":1}}"#), ("intent_invalid_value", "o".to_owned()));
        assert_eq!(fault(r#"{"":1}"#).0, "intent_invalid_value");
    }

    #[test]
    fn secrets_are_found_by_name_and_look() {
        let material = "abcdefgh12345678";
        for name in ["token", "My_TOKEN", "x-api-key", "accesskey2", "to\u{212A}en", "credentials", "secret_value"] {
            assert!(suggests_credential(name), "{name}");
        }
        for name in ["toke", "token_ref", "CREDENTIAL_TTL_SECONDS", "secret_names", "api key", "path", ""] {
            assert!(!suggests_credential(name), "{name}");
        }
        for value in [material, "sk-", "ASIA", "ghp_x", "github_pat_", "éééééééé1a"] {
            assert!(looks_like_material(value), "{value}");
        }
        let digest = "AB".repeat(32);
        for value in [
            "",
            "ENV:abcdefgh12345678",
            "sha256:abcdefgh12345678",
            &digest,
            "abcdefgh1234567",
            "SK-x",
            "akia",
            "abcdefghijklmnopq",
            "1234567890123456",
            "abcdefgh 12345678",
        ] {
            assert!(!looks_like_material(value), "{value}");
        }
        assert_eq!(
            fault(r#"{"a":[{"my_token":" abcdefgh12345678 "}]}"#),
            ("intent_secret_material", "a[0].my_token".to_owned())
        );
        for text in [r#"{"token":["abcdefgh12345678"]}"#, r#"{"token":{"x":"abcdefgh12345678"}}"#] {
            normalize(&mut object(text), Scan::Secrets).unwrap();
        }
        normalize(&mut object(r#"{"token":"sk-x"}"#), Scan::Form).unwrap();
    }

    #[test]
    fn form_comes_before_secrets() {
        assert_eq!(fault(r#"{"a_token":"sk-x","b":{"":1}}"#), ("intent_invalid_value", "b".to_owned()));
    }

    #[test]
    fn numbers_must_be_finite() {
        let mut map = Map::from_members(vec![("n".to_owned(), Value::from(vec![f64::NAN]))]);
        assert_eq!(normalize(&mut map, Scan::Form).unwrap_err().path(), "n[0]");
    }

    #[test]
    fn depth_costs_no_stack() {
        let mut value = Value::from(" sk-x ");
        for depth in 0..10_000 {
            value = if depth % 2 == 0 {
                Value::Object(Map::from_members(vec![(" token ".to_owned(), value)]))
            } else {
                Value::Array(vec![value].into())
            };
        }
        let mut map = Map::from_members(vec![("deep".to_owned(), value)]);
        let walk = move || normalize(&mut map, Scan::Secrets).unwrap_err();
        let error = std::thread::Builder::new().stack_size(128 * 1024).spawn(walk).unwrap().join().unwrap();
        assert_eq!(error.code(), "intent_secret_material");
        assert!(error.path().len() < 1_000);
    }
}
