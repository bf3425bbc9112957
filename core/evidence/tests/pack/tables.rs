//! The golden table of functions (05 §19.1).

use gait_base::json::{self, Map, Reading};
use gait_evidence::pack::{
    ResultVerdict, Table, context_privacy_mode, counts_as_regress_failure, entry_type, otel_ids, result_verdict,
};
use gait_gate::authority::authorization_bundle::clean_link_path;
use serde_json::{Value, json};

use crate::vectors::{name, rows};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn map(value: &Value) -> Map {
    json::decode(value.to_string().as_bytes(), Reading::COMPAT).unwrap()
}

/// The path check of 05 §1.4 as the letters of a path have it; the machine's part is not asked.
fn pack_path(typed: &str) -> Value {
    let cleaned = gait_base::path::clean(typed.trim());
    if matches!(cleaned.as_str(), "." | "/") || gait_base::path::leaves_working_folder(&cleaned) {
        return json!({"error": true});
    }
    json!(cleaned)
}

#[test]
fn every_row_holds() {
    for row in rows("pack/fn-pack") {
        let input = &row["input"];
        let got = match name(&row) {
            "entry_type" => json!(entry_type(text(input))),
            "postgres_table" => match Table::parse(text(input)) {
                Ok(table) => json!({"quoted": table.quoted(), "index": table.index()}),
                Err(_) => json!({"error": true}),
            },
            "authorization_path" => json!(clean_link_path(text(input))),
            "pack_path" => pack_path(text(input)),
            "export_verdict" => json!(match result_verdict(&map(input)) {
                Some(ResultVerdict::Block) => "block",
                Some(ResultVerdict::RequireApproval) => "require_approval",
                Some(ResultVerdict::Allow) => "allow",
                None => "",
            }),
            "regress_failure" => json!(counts_as_regress_failure(&map(input))),
            "otel_ids" => {
                let [pack_id, digest, kind, source] =
                    ["pack_id", "manifest_digest", "pack_type", "source_ref"].map(|name| text(&input[name]));
                let ids = otel_ids(pack_id, digest, kind, source);
                json!({"trace_id": ids.trace_id, "span_id": ids.span_id})
            }
            "context_privacy_mode" => {
                let modes: Vec<&str> = input.as_array().unwrap().iter().map(text).collect();
                json!(context_privacy_mode(modes))
            }
            other => panic!("no such function: {other}"),
        };
        assert_eq!(got, row["want"], "{row}");
    }
}
