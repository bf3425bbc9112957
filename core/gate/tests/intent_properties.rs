//! What holds of every intent: normalizing twice changes nothing, spelling and order do not count, nothing panics.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() }
}

fn blank() -> impl Strategy<Value = &'static str> {
    select(vec!["", " ", "\t", "\u{a0}", "\u{2028}"])
}

fn word() -> impl Strategy<Value = String> {
    (blank(), "[a-cA-Cé/.:_-]{1,6}", blank()).prop_map(|(before, word, after)| format!("{before}{word}{after}"))
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::from),
        (-1_000_000i64..1_000_000).prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            // Numbered, so that no two names are equal once trimmed.
            prop::collection::vec((word(), inner), 0..4).prop_map(|members| {
                let named = members.into_iter().enumerate();
                Value::Object(named.map(|(at, (name, value))| (format!("{at}{name}"), value)).collect())
            }),
        ]
    })
}

fn target() -> impl Strategy<Value = Value> {
    let kind = select(vec!["path", " URL", "Host ", "repo", "other", "table"]);
    let operation = select(vec!["", " Read", "rm", "DNS", "exec", "copy"]);
    let value = prop_oneof![word(), Just("https://u@H.example:8/x?y".to_owned()), Just("[::1]:80".to_owned())];
    let discovery = select(vec!["", "Static-MCP", "webmcp", " dynamic mcp "]);
    (kind, value, operation, discovery, any::<[bool; 3]>()).prop_map(|(kind, value, operation, discovery, flags)| {
        json!({"kind": kind, "value": value, "operation": operation, "discovery_method": discovery,
            "destructive": flags[0], "read_only_hint": flags[1], "open_world_hint": flags[2]})
    })
}

fn intent() -> impl Strategy<Value = Value> {
    let args = prop::collection::vec((word(), json_value()), 0..4).prop_map(|members| {
        let named = members.into_iter().enumerate();
        Value::Object(named.map(|(at, (name, value))| (format!("{at}{name}"), value)).collect())
    });
    let provenance = prop::collection::vec((word(), select(vec!["User", " external", "tool_output"])), 0..3);
    let targets = prop::collection::vec(target(), 0..4);
    let context = (word(), word(), word(), prop::collection::vec(word(), 0..3));
    let delegation = prop::option::of((word(), word(), word()));
    (word(), args, targets, provenance, context, delegation, any::<bool>()).prop_map(
        |(tool, args, targets, provenance, (identity, workspace, risk, scopes), delegation, script)| {
            let provenance: Vec<_> =
                provenance.into_iter().map(|(path, source)| json!({"arg_path": path, "source": source})).collect();
            let mut request = json!({
                "schema_id": "gait.gate.intent_request", "schema_version": "1.0.0", "producer_version": "1",
                "created_at": "2026-03-01T10:00:00Z", "tool_name": tool, "args": args,
                "targets": targets, "arg_provenance": provenance,
                "context": {"identity": identity, "workspace": workspace, "risk_class": risk, "credential_scopes": scopes,
                    "auth_context": {"x": args}},
            });
            if let Some((from, over, to)) = delegation {
                request["delegation"] = json!({"requester_identity": to, "issued_at": "2026-03-01T10:00:00+01:00", "chain": [
                    {"delegator_identity": from, "delegate_identity": over},
                    {"delegator_identity": over, "delegate_identity": to}]});
            }
            if script {
                request["script"] = json!({"steps": [{"tool_name": "s", "args": args, "targets": targets}]});
                request["targets"] = json!([]);
            }
            request
        },
    )
}

fn text(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// The same document with the members of every object in reverse order.
fn write_reversed(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.iter().rev().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_reversed(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_reversed(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn normalizing_twice_is_normalizing_once(request in intent()) {
        let once = Intent::parse(&text(&request), Mode::Compat);
        prop_assume!(once.is_ok());
        let once = once.unwrap();
        let twice = Intent::from_request(once.request().clone(), Mode::Compat).unwrap();
        prop_assert_eq!(once.digest(), twice.digest());
        prop_assert_eq!(&once, &twice);
        let read = Intent::parse(&once.canonical(), Mode::Compat).unwrap();
        prop_assert_eq!(read.canonical(), once.canonical());
    }

    #[test]
    fn order_of_members_does_not_count(request in intent()) {
        let mut reversed = String::new();
        write_reversed(&request, &mut reversed);
        let (plain, reversed) = (Intent::parse(&text(&request), Mode::Strict), Intent::parse(reversed.as_bytes(), Mode::Strict));
        match (plain, reversed) {
            (Ok(plain), Ok(reversed)) => prop_assert_eq!(plain.digest(), reversed.digest()),
            (plain, reversed) => prop_assert_eq!(plain.is_err(), reversed.is_err()),
        }
    }

    #[test]
    fn strict_takes_less_and_means_the_same(request in intent(), unknown in prop::option::of(word())) {
        let mut request = request;
        if let (Some(name), Some(members)) = (unknown, request.as_object_mut()) {
            members.insert(name, Value::Null);
        }
        let compat = Intent::parse(&text(&request), Mode::Compat);
        if let Ok(strict) = Intent::parse(&text(&request), Mode::Strict) {
            prop_assert_eq!(strict.digest(), compat.unwrap().digest());
        }
    }

    #[test]
    fn claimed_digests_and_case_of_names_do_not_count(request in intent(), claim in ".{0,8}") {
        let mut other = Map::new();
        for (name, value) in request.as_object().unwrap() {
            other.insert(name.to_uppercase(), value.clone());
        }
        for name in ["args_digest", "intent_digest", "script_hash"] {
            other.insert(name.to_owned(), claim.clone().into());
        }
        let (plain, other) = (Intent::parse(&text(&request), Mode::Compat), Intent::parse(&text(&other.into()), Mode::Compat));
        prop_assert_eq!(plain.map(|intent| intent.digest()), other.map(|intent| intent.digest()));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(select(br#"{}[]",:0e-. \ntrufals"#.to_vec()), 0..64), whole in any::<Vec<u8>>()) {
        let _ = Intent::parse(&bytes, Mode::Compat);
        let _ = Intent::parse(&whole, Mode::Strict);
    }

    #[test]
    fn damaged_documents_do_not_panic(request in intent(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text(&request);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for mode in [Mode::Compat, Mode::Strict] {
            let _ = Intent::parse(&bytes, mode).map(|intent| intent.digest());
        }
    }

    #[test]
    fn any_value_in_any_place_does_not_panic(value in json_value(), place in select(vec![
        "tool_name", "args", "script", "targets", "arg_provenance", "skill_provenance", "delegation", "relationship", "context",
    ]), request in intent()) {
        let mut request = request;
        request[place] = value;
        let _ = Intent::parse(&text(&request), Mode::Compat).map(|intent| intent.digest());
    }
}
