//! Intents against golden cases: our own under `golden/intent/`, and the recorded ones when they are at hand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gait_base::error::{Category, Classify as _};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use serde_json::Value;
use serde_json::value::RawValue;

type Row = BTreeMap<String, Box<RawValue>>;

fn vectors() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = std::env::var_os("GAIT_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no recorded cases at {}", folder.display());
    None
}

fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn golden(file: &str) -> Vec<Row> {
    rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/intent").join(file))
}

fn field(row: &Row, name: &str) -> Value {
    row.get(name).map_or(Value::Null, |raw| serde_json::from_str(raw.get()).unwrap())
}

fn input<'a>(row: &'a Row, name: &str) -> &'a [u8] {
    row.get(name).unwrap().get().as_bytes()
}

/// Checks what `want` says about an intent.
fn check(name: &Value, intent: &Intent, want: &Value) {
    let optional = |digest: Option<gait_base::digest::Digest>| digest.map_or(Value::Null, |d| d.to_string().into());
    if let Some(canonical) = want.get("canonical").and_then(Value::as_str) {
        assert_eq!(std::str::from_utf8(&intent.canonical()).unwrap(), canonical, "{name}");
    }
    assert_eq!(gait_base::digest::sha256(&intent.canonical()), intent.digest(), "{name}");
    assert_eq!(want["intent_digest"], intent.digest().to_string(), "{name}");
    assert_eq!(want["args_digest"], intent.args_digest().to_string(), "{name}");
    assert_eq!(want["script_hash"], optional(intent.script_hash()), "{name}");
}

#[test]
fn own_normal_forms() {
    for row in golden("normal_forms.jsonl") {
        let name = field(&row, "name");
        for mode in [Mode::Compat, Mode::Strict] {
            if mode.is_strict() && field(&row, "compat_only") == true {
                Intent::parse(input(&row, "input"), mode).unwrap_err();
                continue;
            }
            let intent = Intent::parse(input(&row, "input"), mode).unwrap_or_else(|error| panic!("{name}: {error}"));
            check(&name, &intent, &field(&row, "want"));
        }
    }
}

#[test]
fn own_refusals() {
    for row in golden("refusals.jsonl") {
        let (name, text) = (field(&row, "name"), field(&row, "text"));
        let mode = if field(&row, "strict_only") == true {
            Intent::parse(text.as_str().unwrap().as_bytes(), Mode::Compat).unwrap();
            Mode::Strict
        } else {
            Mode::Compat
        };
        let error = Intent::parse(text.as_str().unwrap().as_bytes(), mode).unwrap_err();
        assert_eq!(error.code(), field(&row, "code"), "{name}");
        assert_eq!(error.path(), field(&row, "path"), "{name}");
        assert_eq!(error.category(), Category::InvalidInput);
    }
}

#[test]
fn notices_tell_what_was_not_kept() {
    let text = br#"{"tool_name":"t","args":{"n":12345678901234567890},"context":{"identity":"i","workspace":"w","risk_class":"low"}}"#;
    let intent = Intent::parse(text, Mode::Compat).unwrap();
    assert_eq!(intent.notices().len(), 1);
    assert_eq!(intent.notices()[0].kind.as_str(), "integer_rounded");
    assert!(Intent::parse(text, Mode::Strict).is_err());
}

/// Ten thousand levels, in args and in the context, on the stack of an ordinary thread.
#[test]
fn deep_nests_are_read_normalized_copied_and_hashed() {
    let parse = || {
        let nest = format!("{}0{}", "[".repeat(9_990), "]".repeat(9_990));
        let text = format!(
            r#"{{"tool_name":"t","args":{{"a":{nest}}},"context":{{"identity":"i","workspace":"w","risk_class":"low","auth_context":{{"a":{nest}}}}}}}"#
        );
        let intent = Intent::parse(text.as_bytes(), Mode::Compat).unwrap();
        assert_eq!(gait_base::digest::sha256(&intent.canonical()), intent.clone().digest());
        assert!(Intent::parse(text.replace("[0]", "[[[[[[[[[[[[0]]]]]]]]]]]]").as_bytes(), Mode::Compat).is_err());
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(parse).unwrap().join().unwrap();
}

#[test]
fn recorded_normal_forms() {
    let Some(vectors) = vectors() else { return };
    let rows = rows(&vectors.join("gate/normalize.jsonl"));
    assert!(rows.len() > 100);
    for row in rows {
        let (name, want) = (field(&row, "name"), field(&row, "want"));
        match Intent::parse(input(&row, "input"), Mode::Compat) {
            Ok(intent) => check(&name, &intent, &want),
            Err(error) => assert_eq!(want["error"], true, "{name}: {error}"),
        }
    }
}

#[test]
fn recorded_evaluations_carry_our_digests() {
    let Some(vectors) = vectors() else { return };
    for row in rows(&vectors.join("gate/eval.jsonl")) {
        let (name, want) = (field(&row, "name"), field(&row, "want"));
        match Intent::parse(input(&row, "intent"), Mode::Compat) {
            Ok(intent) if want.get("intent_digest").is_some() => check(&name, &intent, &want),
            Ok(_) => assert_ne!(want["error"], "intent", "{name}"),
            Err(error) => assert_eq!(want["error"], "intent", "{name}: {error}"),
        }
    }
}

/// Cases whose intents fail or not as the exit code of `gate eval` says.
const CASES_ABOUT_INTENTS: &[&str] = &[
    "eval-arg-provenance",
    "eval-created-at-forms",
    "eval-intent-json-decoding",
    "eval-intent-required-and-enumerated-fields",
    "eval-raw-credential-material",
    "eval-skill-provenance",
    "eval-target-errors",
    "eval-target-normalization",
    "eval-unicode-and-escapes",
];

#[test]
fn recorded_commands_agree() {
    let Some(vectors) = vectors() else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(vectors.join("gate")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(case) = std::fs::read(folder.join("case.json")) else { continue };
        let case: Value = serde_json::from_slice(&case).unwrap();
        let about_intents = CASES_ABOUT_INTENTS.iter().any(|name| folder.ends_with(name));
        for step in case["steps"].as_array().unwrap() {
            let args: Vec<_> = step["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let intent = args.windows(2).find(|pair| pair[0] == "--intent").map(|pair| folder.join("in").join(pair[1]));
            let Some(bytes) =
                intent.and_then(|file| std::fs::read(file).ok()).filter(|_| args[..2] == ["gate", "eval"])
            else {
                continue;
            };
            let parsed = Intent::parse(&bytes, Mode::Compat);
            if step["exit"] == 6 {
                assert!(!about_intents || parsed.is_err(), "{folder:?} {args:?}");
                continue;
            }
            seen += 1;
            let intent = parsed.unwrap_or_else(|error| panic!("{folder:?} {args:?}: {error}"));
            if args.iter().any(|arg| ["--wrkr-inventory", "--context-envelope"].contains(arg))
                || step["write"].is_object()
            {
                continue;
            }
            if let Some(digest) = step["stdout"]["intent_digest"].as_str() {
                assert_eq!(prepared_digest(&intent), digest, "{folder:?} {args:?}");
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// The digest of an intent without the context claims that nothing proves.
fn prepared_digest(intent: &Intent) -> String {
    let mut context = intent.request().context.clone();
    context.context_set_digest.clear();
    context.context_evidence_mode.clear();
    context.context_refs.clear();
    context.auth_context.remove("context_age_seconds");
    intent.digest_with(&context).to_string()
}
