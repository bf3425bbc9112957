//! Delegation tokens (03 §3.3, §3.4).

use serde_json::json;

use crate::bench::{Attack, EXPIRES, Kind, Scene, Terms, digest, file, honest, resigned};
use crate::edits::{self, Want, set, text, without};

const KIND: Kind = Kind::Delegation;

pub(crate) fn members() -> Vec<Attack> {
    let mut attacks = vec![
        set(KIND, "schema_id", "".into(), "valid"),
        without(KIND, "schema_id", "valid"),
        set(KIND, "schema_id", "\t".into(), "invalid"),
        set(KIND, "schema_id", "gait.gate.approval_token".into(), "invalid"),
        set(KIND, "schema_version", json!(null), "valid"),
        set(KIND, "schema_version", "2.0.0".into(), "invalid"),
        set(KIND, "producer_version", "".into(), "valid"),
        set(KIND, "producer_version", "1".into(), "signature_invalid"),
        without(KIND, "created_at", "invalid"),
        set(KIND, "created_at", "0001-01-01T00:00:00Z".into(), "invalid"),
        set(KIND, "created_at", "2026-03-01T07:00:00-01:00".into(), "signature_invalid"),
        without(KIND, "expires_at", "invalid"),
        set(KIND, "expires_at", json!(null), "invalid"),
        set(KIND, "expires_at", "2026-03-01T08:00:00-01:00".into(), "signature_invalid"),
        // Bindings are optional, but not what was signed away.
        without(KIND, "intent_digest", "signature_invalid"),
        set(KIND, "intent_digest", "".into(), "signature_invalid"),
        set(KIND, "intent_digest", json!(null), "signature_invalid"),
        without(KIND, "policy_digest", "signature_invalid"),
        set(KIND, "policy_digest", " ".into(), "signature_invalid"),
        without(KIND, "scope", "invalid"),
        set(KIND, "scope", json!([" "]), "invalid"),
        set(KIND, "scope", json!(["write"]), "signature_invalid"),
        // A class is trimmed and folded.
        text(KIND, "scope_class", |class| format!(" {} ", class.to_uppercase()), "valid"),
        set(KIND, "scope_class", "*".into(), "signature_invalid"),
        set(KIND, "scope_class", "write".into(), "signature_invalid"),
        set(KIND, "scope_class", "".into(), "signature_invalid"),
        without(KIND, "scope_class", "signature_invalid"),
        set(KIND, "scope_class", json!(["*"]), "unreadable"),
    ];
    for member in ["token_id", "delegator_identity", "delegate_identity"] {
        attacks.extend(edits::name(KIND, member));
    }
    for member in ["intent_digest", "policy_digest"] {
        attacks.extend(edits::digest(KIND, member));
    }
    for member in ["created_at", "expires_at"] {
        attacks.extend(edits::time(KIND, member));
    }
    attacks.extend(edits::words(KIND, "scope"));
    attacks
}

fn brought(name: &str, change: impl FnOnce(&mut Terms), scene: Scene, want: impl Want) -> Attack {
    let token = KIND.scene().token(KIND, 1, change);
    Attack { name: name.to_owned(), file: file(KIND, &token), scene, want: want.both() }
}

/// A token that says something else, and is signed by the trusted key as it stands.
fn signed(name: &str, member: &str, value: serde_json::Value, scene: Scene, want: impl Want) -> Attack {
    let mut token = honest(KIND);
    token[member] = value;
    Attack { name: name.to_owned(), file: file(KIND, &resigned(token, 1)), scene, want: want.both() }
}

pub(crate) fn scenes() -> Vec<Attack> {
    let own = || KIND.scene();
    let at = |now: &str| Scene { now: now.to_owned(), ..own() };
    let other_args = || Scene { intent: own().intent.replacen(r#""n": 1"#, r#""n": 2"#, 1), ..own() };
    let other_policy = || Scene { policy: own().policy.replacen("name: r", "name: s", 1), ..own() };
    let from_owner = || Scene { intent: own().intent.replacen("\"lead\"", "\"owner\"", 1), ..own() };
    vec![
        brought("at its own scene", |_| {}, own(), "valid"),
        brought("a nanosecond before its end", |_| {}, at("2026-03-01T08:59:59.999999999Z"), "valid"),
        brought("at its end", |_| {}, at(EXPIRES), "expired"),
        brought("a nanosecond after its end", |_| {}, at("2026-03-01T09:00:00.000000001Z"), "expired"),
        brought("before its beginning", |_| {}, at("2020-01-01T00:00:00Z"), "valid"),
        brought("for other arguments", |_| {}, other_args(), "intent_mismatch"),
        brought("under another policy", |_| {}, other_policy(), "policy_mismatch"),
        // The end comes before the bindings here.
        brought("late, and for something else", |_| {}, Scene { now: EXPIRES.to_owned(), ..other_args() }, "expired"),
        brought("from another", |terms| terms.who = "owner", own(), "delegator_mismatch"),
        brought("from the same in capitals", |terms| terms.who = "Lead", own(), "delegator_mismatch"),
        brought("for another", |terms| terms.to = "rover", own(), "delegate_mismatch"),
        brought("the wrong way round", |terms| (terms.who, terms.to) = ("worker", "lead"), own(), "delegator_mismatch"),
        brought("to oneself", |terms| terms.who = "worker", own(), "delegator_mismatch"),
        brought("where another delegates", |_| {}, from_owner(), "delegator_mismatch"),
        brought(
            "of everything, for another",
            |terms| (terms.to, terms.scope) = ("rover", &["*"]),
            own(),
            "delegate_mismatch",
        ),
        brought(
            "of everything, from another",
            |terms| (terms.who, terms.scope) = ("rover", &["*"]),
            own(),
            "delegator_mismatch",
        ),
        brought("of something else", |terms| terms.scope = &["read", "writes", "wri"], own(), "scope_mismatch"),
        brought("of everything", |terms| terms.scope = &["*"], own(), "valid"),
        brought("under another key", |_| {}, Scene { key: 2, ..own() }, "signature_invalid"),
        signed("of a class of that name", "scope_class", "write".into(), own(), "valid"),
        signed("bound to no intent", "intent_digest", digest("x").into(), own(), "intent_mismatch"),
        signed("bound to no policy", "policy_digest", digest("x").into(), own(), "policy_mismatch"),
        // The id is not computed again (03 §2.1).
        signed("with another id", "token_id", "x".into(), own(), "valid"),
    ]
}
