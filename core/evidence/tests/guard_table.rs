//! The rules of guard packs against the golden table (05 §19.1).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod vectors;

use gait_base::duration::parse_duration;
use gait_base::text::{set, split_csv};
use gait_evidence::guard::retention::ArtifactKind;
use gait_evidence::guard::{PackEntry, Template, entry_type, pack_id, pdf_escape};
use serde_json::{Value, json};
use vectors::{name, rows};

#[test]
fn guard_functions() {
    for row in rows("pack/fn-guard") {
        let input = &row["input"];
        let text = || input.as_str().expect("text");
        let got = match name(&row) {
            // The table knows the kinds that are looked at without being asked for.
            "retention_kind" => match ArtifactKind::of(text()) {
                Some(kind @ (ArtifactKind::Trace | ArtifactKind::Pack)) => json!(kind.as_str()),
                _ => json!(""),
            },
            "template" => json!(Template::named(text()).as_str()),
            "guard_entry_type" => json!(entry_type(text())),
            "pdf_escape" => json!(pdf_escape(text())),
            "duration_ns" => parse_duration(text()).map_or_else(|_| json!({"error": true}), |nanos| json!(nanos)),
            "path_list" => {
                let lists = input.as_array().expect("lists");
                let mut paths: Vec<String> =
                    lists.iter().flat_map(|list| split_csv(list.as_str().expect("text"))).collect();
                set(&mut paths);
                json!(paths)
            }
            "guard_pack_id" => json!(id_of(input)),
            other => panic!("no function {other}"),
        };
        assert_eq!(got, row["want"], "{} of {input}", name(&row));
    }
}

fn id_of(input: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let contents: Vec<PackEntry> = input["contents"]
        .as_array()
        .expect("contents")
        .iter()
        .map(|entry| PackEntry {
            path: text(&entry["path"]),
            sha256: text(&entry["sha256"]),
            kind: text(&entry["type"]),
        })
        .collect();
    pack_id(&text(&input["run_id"]), &contents).expect("an id")
}
