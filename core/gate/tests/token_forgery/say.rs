//! Say tokens of voice commitments (03 §14.2, §14.4).

use serde_json::json;

use crate::bench::{Attack, EXPIRES, Kind, Scene, file};
use crate::edits::{self, set, text, without};

const KIND: Kind = Kind::Say;

pub(crate) fn members() -> Vec<Attack> {
    let mut attacks = vec![
        // A blank kind or version takes the default here.
        set(KIND, "schema_id", "".into(), "valid"),
        set(KIND, "schema_id", " ".into(), "valid"),
        text(KIND, "schema_id", str::to_uppercase, "invalid"),
        set(KIND, "schema_id", "gait.gate.approval_token".into(), "invalid"),
        set(KIND, "schema_version", "".into(), "valid"),
        set(KIND, "schema_version", "1".into(), "invalid"),
        set(KIND, "producer_version", "1".into(), "signature_invalid"),
        without(KIND, "created_at", "invalid"),
        set(KIND, "created_at", "2026-03-01T10:00:00+02:00".into(), "signature_invalid"),
        without(KIND, "expires_at", "invalid"),
        set(KIND, "expires_at", "2026-03-01T11:00:00+02:00".into(), "signature_invalid"),
        without(KIND, "intent_digest", "invalid"),
        without(KIND, "policy_digest", "invalid"),
        // A class is trimmed and folded, and one of a list.
        set(KIND, "commitment_class", " QUOTE\n".into(), "valid"),
        set(KIND, "commitment_class", "refund".into(), "signature_invalid"),
        set(KIND, "commitment_class", "*".into(), "invalid"),
        set(KIND, "commitment_class", "".into(), "invalid"),
        set(KIND, "commitment_class", json!(["quote"]), "unreadable"),
        // A currency is trimmed and raised.
        set(KIND, "currency", " eur".into(), "valid"),
        set(KIND, "currency", "USD".into(), "signature_invalid"),
        set(KIND, "turn_index", 1.into(), "signature_invalid"),
        without(KIND, "turn_index", "signature_invalid"),
        set(KIND, "call_seq", 0.into(), "invalid"),
        without(KIND, "call_seq", "invalid"),
        set(KIND, "quote_min_cents", 0.into(), "signature_invalid"),
        set(KIND, "quote_min_cents", 901.into(), "invalid"),
        set(KIND, "quote_max_cents", 0.into(), "signature_invalid"),
        set(KIND, "quote_max_cents", 99.into(), "invalid"),
        without(KIND, "quote_max_cents", "signature_invalid"),
    ];
    for member in ["token_id", "call_id"] {
        attacks.extend(edits::name(KIND, member));
    }
    for member in ["intent_digest", "policy_digest"] {
        attacks.extend(edits::digest(KIND, member));
    }
    for member in ["created_at", "expires_at"] {
        attacks.extend(edits::time(KIND, member));
    }
    for (member, signed) in [
        ("turn_index", 2),
        ("call_seq", 1),
        ("quote_min_cents", 100),
        ("quote_max_cents", 900),
        ("refund_ceiling_cents", 0),
    ] {
        attacks.extend(edits::count(KIND, member, signed));
    }
    attacks
}

pub(crate) fn scenes() -> Vec<Attack> {
    let own = || KIND.scene();
    let brought = |name: &str, scene: Scene, want: &'static str| {
        let token = own().token(KIND, 1, |_| {});
        Attack { name: name.to_owned(), file: file(KIND, &token), scene, want: [want; 2] }
    };
    let at = |now: &str| Scene { now: now.to_owned(), ..own() };
    let other_args = || Scene { intent: own().intent.replacen(r#""n": 1"#, r#""n": 2"#, 1), ..own() };
    let other_policy =
        || Scene { policy: "default_verdict: allow\nrules: [{name: r, effect: allow}]".to_owned(), ..own() };
    vec![
        brought("at its own scene", own(), "valid"),
        brought("a nanosecond before its end", at("2026-03-01T08:59:59.999999999Z"), "valid"),
        brought("at its end", at(EXPIRES), "expired"),
        brought("before its beginning", at("2020-01-01T00:00:00Z"), "valid"),
        brought("for other arguments", other_args(), "intent_mismatch"),
        brought("under another policy", other_policy(), "policy_mismatch"),
        brought("on another call", Scene { call_id: "call-2", ..own() }, "call_binding_mismatch"),
        brought("on the call in capitals", Scene { call_id: "CALL-1", ..own() }, "call_binding_mismatch"),
        brought("at another turn", Scene { turn_index: 3, ..own() }, "call_binding_mismatch"),
        brought("at the first turn", Scene { turn_index: 0, ..own() }, "call_binding_mismatch"),
        brought("for another class", Scene { class: "refund", ..own() }, "class_mismatch"),
        brought("under another key", Scene { key: 2, ..own() }, "signature_invalid"),
        brought("late, and for something else", Scene { now: EXPIRES.to_owned(), ..other_args() }, "intent_mismatch"),
    ]
}
