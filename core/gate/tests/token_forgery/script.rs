//! Entries of the registry of approved scripts (03 §4.2, §4.5). Their times are signed in UTC, and their end is looked at
//! before their signature.

use serde_json::json;

use crate::bench::{Attack, EXPIRES, Kind, Scene, Terms, digest, file, honest, resigned};
use crate::edits::{self, Want, changed, set, text, without};

const KIND: Kind = Kind::Script;

pub(crate) fn members() -> Vec<Attack> {
    let mut attacks = vec![
        set(KIND, "schema_id", "".into(), "valid"),
        set(KIND, "schema_id", " \t".into(), "valid"),
        without(KIND, "schema_id", "valid"),
        // Padding passes for the kind, but it is content.
        text(KIND, "schema_id", |id| format!(" {id}"), "signature_invalid"),
        text(KIND, "schema_id", str::to_uppercase, "invalid"),
        set(KIND, "schema_id", "gait.gate.approval_token".into(), "invalid"),
        set(KIND, "schema_version", " ".into(), "valid"),
        set(KIND, "schema_version", "1.0.0 ".into(), "signature_invalid"),
        set(KIND, "schema_version", "1.1.0".into(), "invalid"),
        set(KIND, "producer_version", "".into(), "signature_invalid"),
        set(KIND, "producer_version", "1".into(), "signature_invalid"),
        // Unset, it becomes 1980.
        without(KIND, "created_at", "signature_invalid"),
        set(KIND, "created_at", json!(null), "signature_invalid"),
        set(KIND, "created_at", "2026-03-01T10:00:00+02:00".into(), "valid"),
        set(KIND, "created_at", "2026-03-01T10:00:00Z".into(), "invalid"),
        set(KIND, "created_at", "2026-03-01T08:00:00.000000001Z".into(), "signature_invalid"),
        without(KIND, "expires_at", "invalid"),
        set(KIND, "expires_at", json!(null), "invalid"),
        set(KIND, "expires_at", "2026-03-01T11:00:00+02:00".into(), "valid"),
        set(KIND, "expires_at", "2026-03-01T08:00:00Z".into(), "invalid"),
        set(KIND, "expires_at", "2026-03-01T08:15:00Z".into(), "expired"),
        set(KIND, "expires_at", "2027-03-01T09:00:00Z".into(), "signature_invalid"),
        without(KIND, "policy_digest", "invalid"),
        without(KIND, "script_hash", "invalid"),
        without(KIND, "tool_sequence", "invalid"),
        set(KIND, "tool_sequence", json!([]), "invalid"),
        set(KIND, "tool_sequence", json!(["fs.read"]), "signature_invalid"),
        // A scope of nothing would hold always.
        without(KIND, "scope", "signature_invalid"),
        set(KIND, "scope", json!([]), "signature_invalid"),
        set(KIND, "scope", json!([" "]), "signature_invalid"),
        set(KIND, "scope", json!(null), "signature_invalid"),
        set(KIND, "scope", json!(["risk:high"]), "signature_invalid"),
    ];
    for member in ["pattern_id", "approver_identity"] {
        attacks.extend(edits::name(KIND, member));
    }
    for member in ["policy_digest", "script_hash"] {
        attacks.extend(edits::digest(KIND, member));
    }
    for member in ["scope", "tool_sequence"] {
        attacks.extend(edits::words(KIND, member));
    }
    for member in ["created_at", "expires_at"] {
        // A tenth of a nanosecond is the same instant, and years later is another row.
        attacks.extend(edits::time(KIND, member).into_iter().filter(|attack| {
            let later = attack.name.contains("2036");
            !(later && member == "created_at")
        }));
    }
    attacks
}

fn brought(name: &str, change: impl FnOnce(&mut Terms), scene: Scene, want: impl Want) -> Attack {
    let entry = KIND.scene().token(KIND, 1, change);
    Attack { name: name.to_owned(), file: file(KIND, &entry), scene, want: want.both() }
}

fn signed(name: &str, member: &str, value: serde_json::Value, want: impl Want) -> Attack {
    let mut entry = honest(KIND);
    entry[member] = value;
    Attack { name: name.to_owned(), file: file(KIND, &resigned(entry, 1)), scene: KIND.scene(), want: want.both() }
}

/// A registry of these entries.
fn registry(name: &str, entries: &[serde_json::Value], want: impl Want) -> Attack {
    let bytes = serde_json::to_vec(&json!({ "entries": entries })).unwrap();
    Attack { name: name.to_owned(), file: bytes, scene: KIND.scene(), want: want.both() }
}

pub(crate) fn scenes() -> Vec<Attack> {
    let own = || KIND.scene();
    let at = |now: &str| Scene { now: now.to_owned(), ..own() };
    let intent = |from: &str, to: &str| Scene { intent: own().intent.replacen(from, to, 1), ..own() };
    let forged = || {
        let mut entry = honest(KIND);
        entry["scope"] = json!(["*"]);
        entry
    };
    let over = || own().token(KIND, 1, |terms| terms.expires_at = "2026-03-01T08:10:00Z");
    vec![
        brought("at its own scene", |_| {}, own(), "valid"),
        brought("a nanosecond before its end", |_| {}, at("2026-03-01T08:59:59.999999999Z"), "valid"),
        brought("at its end", |_| {}, at(EXPIRES), "expired"),
        brought("before its beginning", |_| {}, at("2020-01-01T00:00:00Z"), "valid"),
        brought("under another key", |_| {}, Scene { key: 2, ..own() }, "signature_invalid"),
        brought("late and under another key", |_| {}, Scene { key: 2, ..at(EXPIRES) }, "expired"),
        brought(
            "under another policy",
            |_| {},
            Scene { policy: "default_verdict: dry_run\nrules: [{name: r, effect: block}]".to_owned(), ..own() },
            "not_found",
        ),
        brought("for another step", |_| {}, intent("\"fs.write\"", "\"fs.delete\""), "not_found"),
        brought(
            "for the steps the other way round",
            |_| {},
            intent(
                r#"{"tool_name": "fs.read"}, {"tool_name": "fs.write"}"#,
                r#"{"tool_name": "fs.write"}, {"tool_name": "fs.read"}"#,
            ),
            "not_found",
        ),
        brought(
            "for a step more",
            |_| {},
            intent(r#"{"tool_name": "fs.write"}"#, r#"{"tool_name": "fs.write"}, {"tool_name": "fs.write"}"#),
            "not_found",
        ),
        brought(
            "for other arguments",
            |_| {},
            intent(r#"{"tool_name": "fs.write"}"#, r#"{"tool_name": "fs.write", "args": {"x": 1}}"#),
            "not_found",
        ),
        brought(
            "for a call of that name",
            |_| {},
            Scene { intent: Kind::Approval.scene().intent, ..own() },
            "not_found",
        ),
        brought("for a higher risk", |_| {}, intent("\"low\"", "\"high\""), "not_found"),
        brought("for everything", |terms| terms.scope = &["*"], own(), "not_found"),
        brought("for any risk", |terms| terms.scope = &["risk:*"], own(), "not_found"),
        brought("for the tool of scripts", |terms| terms.scope = &["tool:script"], own(), "valid"),
        brought("for a step's tool", |terms| terms.scope = &["tool:fs.write"], own(), "not_found"),
        brought(
            "for one of two conditions",
            |terms| terms.scope = &["risk:low", "endpoint:fs.delete"],
            own(),
            "not_found",
        ),
        brought("for a workspace that begins alike", |terms| terms.scope = &["workspace_prefix:/"], own(), "not_found"),
        brought("for the workspace", |terms| terms.scope = &["workspace_prefix:/w"], own(), "valid"),
        brought("without conditions", |terms| terms.scope = &[], own(), "valid"),
        signed("for another script", "script_hash", digest("x").into(), "not_found"),
        signed("for other tools", "tool_sequence", json!(["fs.read", "fs.write", "x"]), "not_found"),
        // One bad entry spoils the registry (03 §4.6).
        registry("a forged one after an honest one", &[honest(KIND), forged()], "signature_invalid"),
        registry("a forged one before an honest one", &[forged(), honest(KIND)], "signature_invalid"),
        registry("one that is over after an honest one", &[honest(KIND), over()], "expired"),
        registry("a malformed one after an honest one", &[honest(KIND), json!({})], "invalid"),
        registry("null after an honest one", &[honest(KIND), json!(null)], "invalid"),
        registry("a number after an honest one", &[honest(KIND), json!(1)], "unreadable"),
        registry("an approval", &[honest(Kind::Approval)], ["invalid", "unreadable"]),
        registry("the same twice", &[honest(KIND), honest(KIND)], "valid"),
        registry("nothing", &[], "empty"),
        changed(
            KIND,
            "an entry that is a registry",
            |entry| *entry = json!({"entries": [entry.clone()]}),
            ["invalid", "unreadable"],
        ),
    ]
}
