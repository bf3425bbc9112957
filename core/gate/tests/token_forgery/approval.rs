//! Approval tokens (03 §2.3).

use serde_json::json;

use crate::bench::{Attack, EXPIRES, Kind, Scene, digest, file};
use crate::edits::{self, Want, set, text, without};

const KIND: Kind = Kind::Approval;

pub(crate) fn members() -> Vec<Attack> {
    let mut attacks = vec![
        // An empty kind or version takes the default.
        set(KIND, "schema_id", "".into(), "valid"),
        set(KIND, "schema_id", json!(null), "valid"),
        without(KIND, "schema_id", "valid"),
        set(KIND, "schema_id", " ".into(), "invalid"),
        text(KIND, "schema_id", |id| format!("{id} "), "invalid"),
        text(KIND, "schema_id", str::to_uppercase, "invalid"),
        set(KIND, "schema_id", "gait.gate.delegation_token".into(), "invalid"),
        set(KIND, "schema_id", 1.into(), "unreadable"),
        set(KIND, "schema_version", "".into(), "valid"),
        without(KIND, "schema_version", "valid"),
        set(KIND, "schema_version", "1.0".into(), "invalid"),
        set(KIND, "schema_version", "1.0.1".into(), "invalid"),
        set(KIND, "schema_version", 1.0.into(), "unreadable"),
        // An empty producer is the one that signed.
        set(KIND, "producer_version", "".into(), "valid"),
        without(KIND, "producer_version", "valid"),
        set(KIND, "producer_version", "0.0.1".into(), "signature_invalid"),
        set(KIND, "producer_version", " 0.0.0-dev".into(), "signature_invalid"),
        // Times that were never set
        without(KIND, "created_at", "invalid"),
        set(KIND, "created_at", json!(null), "invalid"),
        set(KIND, "created_at", "0001-01-01T00:00:00Z".into(), "invalid"),
        set(KIND, "created_at", "0001-01-01T02:00:00+02:00".into(), "invalid"),
        set(KIND, "created_at", "2026-03-01T10:00:00+02:00".into(), "signature_invalid"),
        without(KIND, "expires_at", "invalid"),
        set(KIND, "expires_at", json!(null), "invalid"),
        set(KIND, "expires_at", "0001-01-01T00:00:00Z".into(), "invalid"),
        set(KIND, "expires_at", "2026-03-01T11:00:00+02:00".into(), "signature_invalid"),
        set(KIND, "expires_at", "2026-03-01T09:00:00-00:00".into(), "valid"),
        set(KIND, "expires_at", "2026-03-02T09:59:00+24:59".into(), "signature_invalid"),
        without(KIND, "intent_digest", "invalid"),
        set(KIND, "intent_digest", "".into(), "invalid"),
        without(KIND, "policy_digest", "invalid"),
        set(KIND, "policy_digest", "".into(), "invalid"),
        // A binding that is blank is none.
        set(KIND, "delegation_binding_digest", "".into(), "valid"),
        set(KIND, "delegation_binding_digest", " ".into(), "valid"),
        set(KIND, "delegation_binding_digest", json!(null), "valid"),
        set(KIND, "delegation_binding_digest", digest("d").into(), "signature_invalid"),
        set(KIND, "delegation_binding_digest", "x".into(), "invalid"),
        set(KIND, "delegation_binding_digest", 1.into(), "unreadable"),
        without(KIND, "scope", "invalid"),
        set(KIND, "scope", json!([]), "invalid"),
        set(KIND, "scope", json!(["", " "]), "invalid"),
        set(KIND, "scope", json!(null), "invalid"),
        set(KIND, "scope", json!(["tool:fs.write"]), "signature_invalid"),
        without(KIND, "max_targets", "signature_invalid"),
        set(KIND, "max_targets", 0.into(), "signature_invalid"),
        set(KIND, "max_targets", json!(null), "signature_invalid"),
    ];
    for member in ["token_id", "approver_identity", "reason_code"] {
        attacks.extend(edits::name(KIND, member));
    }
    for member in ["intent_digest", "policy_digest"] {
        attacks.extend(edits::digest(KIND, member));
    }
    for member in ["created_at", "expires_at"] {
        attacks.extend(edits::time(KIND, member));
    }
    attacks.extend(edits::words(KIND, "scope"));
    attacks.extend(edits::count(KIND, "max_targets", 3));
    attacks.extend(edits::count(KIND, "max_ops", 0));
    attacks
}

/// An honest token, perhaps of another scene, brought to a scene.
fn brought(name: &str, minted: &Scene, scope: &'static [&'static str], to: Scene, want: impl Want) -> Attack {
    let token = minted.token(KIND, 1, |terms| {
        if !scope.is_empty() {
            terms.scope = scope;
        }
    });
    Attack { name: name.to_owned(), file: file(KIND, &token), scene: to, want: want.both() }
}

/// Tokens that are genuine, and for something else.
pub(crate) fn scenes() -> Vec<Attack> {
    let own = || KIND.scene();
    let at = |now: &str| Scene { now: now.to_owned(), ..own() };
    let intent = |from: &str, to: &str| Scene { intent: own().intent.replacen(from, to, 1), ..own() };
    let other_args = || intent(r#""n": 1"#, r#""n": 2"#);
    let other_policy =
        || Scene { policy: format!("{}\n# by another", own().policy).replacen("name: r", "name: s", 1), ..own() };
    let delegated = || intent(r#""context""#, r#""delegation": {"requester_identity": "worker"}, "context""#);
    let destructive = || {
        let apply = intent(r#""value": "/a""#, r#""value": "/a", "destructive": true"#);
        Scene { intent: apply.intent.replacen(r#""risk_class""#, r#""phase": "apply", "risk_class""#, 1), ..own() }
    };
    let targets = |count: usize| {
        let more: String = (1..count).map(|number| format!(r#", {{"kind": "path", "value": "/{number}"}}"#)).collect();
        intent(r#""value": "/a"}"#, &format!(r#""value": "/a"}}{more}"#))
    };
    let minted_for = |name, scene: Scene, scope, want| brought(name, &scene.clone(), scope, scene, want);
    vec![
        brought("at its own scene", &own(), &[], own(), "valid"),
        brought("a nanosecond before its end", &own(), &[], at("2026-03-01T08:59:59.999999999Z"), "valid"),
        brought("at its end", &own(), &[], at(EXPIRES), "expired"),
        brought("at its end, elsewhere", &own(), &[], at("2026-03-01T14:30:00+05:30"), "expired"),
        brought("a nanosecond after its end", &own(), &[], at("2026-03-01T09:00:00.000000001Z"), "expired"),
        brought("years after", &own(), &[], at("2036-03-01T00:00:00Z"), "expired"),
        // Nothing compares the beginning with the clock (03 §2.3, §18.6).
        brought("before its beginning", &own(), &[], at("2026-02-01T00:00:00Z"), "valid"),
        brought("for other arguments", &own(), &[], other_args(), "intent_mismatch"),
        brought("for everything, but other arguments", &own(), &["*"], other_args(), "intent_mismatch"),
        brought("for another identity", &own(), &[], intent("worker", "rover"), "intent_mismatch"),
        brought("for other targets", &own(), &[], intent("\"/a\"", "\"/b\""), "intent_mismatch"),
        brought("under another policy", &own(), &["*"], other_policy(), "policy_mismatch"),
        brought("for another intent under another policy", &other_policy(), &["*"], other_args(), "intent_mismatch"),
        // Without a binding on an intent that is delegated; the intent's digest differs, so it is minted there.
        minted_for("not bound to the delegation", delegated(), &["*"], "delegation_binding_mismatch"),
        minted_for("for another tool", own(), &["tool:fs.read"], "scope_mismatch"),
        minted_for("for part of the tool's name", own(), &["tool:fs", "fs.write", "tool:fs.*"], "scope_mismatch"),
        minted_for("for everything", own(), &["*"], "valid"),
        minted_for("for everything and nothing", own(), &["x", "*"], "valid"),
        minted_for("for destruction, by its tool", destructive(), &["tool:fs.write"], "scope_mismatch"),
        minted_for(
            "for destruction, without the phase",
            destructive(),
            &["tool:fs.write", "destructive:apply"],
            "scope_mismatch",
        ),
        minted_for("for destruction", destructive(), &["tool:fs.write", "destructive:apply", "phase:apply"], "valid"),
        minted_for("three targets", targets(3), &[], "valid"),
        minted_for("four targets", targets(4), &[], "max_targets_exceeded"),
        minted_for("four targets of everything", targets(4), &["*"], "max_targets_exceeded"),
        brought("under another key", &own(), &[], Scene { key: 2, ..own() }, "signature_invalid"),
        // What is checked first decides.
        brought(
            "late, and for something else",
            &own(),
            &[],
            Scene { now: EXPIRES.to_owned(), ..other_args() },
            "intent_mismatch",
        ),
        brought("late, and for another tool", &own(), &["x"], at(EXPIRES), "expired"),
    ]
}
