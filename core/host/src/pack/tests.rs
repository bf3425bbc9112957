use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use gait_base::digest::sha256;
use gait_base::error::{Category, Classify};
use gait_base::key::config::KeyConfig;
use gait_base::time::Timestamp;
use gait_evidence::archive::{ArchiveReader, Limits};
use gait_evidence::job::Submission;
use gait_evidence::pack::Workspace;
use gait_evidence::runpack::{RecordOptions, RunpackDraft, record};
use gait_gate::mode::Mode;

use super::workspace::Machine;
use super::*;
use crate::job::JobStore;

const RUN: &str = r#"{"run":{"run_id":"run_a","created_at":"2026-03-01T10:00:00Z"},
    "intents":[{"intent_id":"i","tool_name":"t","args":{}}],"results":[{"intent_id":"i","status":"ok","result":{}}]}"#;

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Writes a runpack; gives its path.
fn runpack(folder: &Path) -> String {
    let (draft, _) = RunpackDraft::parse(RUN.as_bytes(), Mode::Strict).unwrap();
    let options = RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None };
    let path = folder.join("runpack_run_a.zip");
    std::fs::write(&path, record(draft, &options).unwrap().bytes).unwrap();
    text(&path)
}

fn build_of(kind: &str, from: &str, out: &str) -> BuildRequest {
    BuildRequest { kind: kind.into(), from: from.into(), out: out.into(), ..BuildRequest::default() }
}

fn check(path: &str) -> PackOutput {
    let request =
        VerifyRequest { path, profile: "", require_signature: false, keys: KeyConfig::default(), mode: Mode::Strict };
    verify(&request).unwrap()
}

/// Bytes that compress to little and are not all the same.
fn filler(length: usize, seed: u8) -> Vec<u8> {
    let block: Vec<u8> = (0..=255_u8).map(|byte| byte.wrapping_mul(31).wrapping_add(seed)).collect();
    block.iter().copied().cycle().take(length).collect()
}

/// An authorization whose trace has three large companions.
fn large_authorization(folder: &Path, length: usize) -> String {
    std::fs::write(folder.join("trace.json"), r#"{"trace_id":"trace_a"}"#).unwrap();
    for (seed, name) in (1..).zip(["audit.bin", "credential.bin", "outcome.bin"]) {
        std::fs::write(folder.join(name), filler(length, seed)).unwrap();
    }
    let bundle = format!(
        r#"{{"created_at":"2026-05-02T00:00:00Z","trace_id":"trace_a","policy_digest":"{}","intent_digest":"{}","trace_path":"trace.json",
            "approval_audit_path":"audit.bin","credential_evidence_path":"credential.bin","outcome_path":"outcome.bin","outcome_status":"allow"}}"#,
        "a".repeat(64),
        "b".repeat(64)
    );
    let path = folder.join("bundle.json");
    std::fs::write(&path, bundle).unwrap();
    text(&path)
}

#[test]
fn packs_go_beside_their_source_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let runpack = runpack(folder.path());
    let beside = build(&build_of("RUN", &runpack, ""), "1.0").unwrap();
    assert_eq!(beside.path, text(&folder.path().join(format!("pack_{}.zip", beside.pack_id))));
    let out = text(&folder.path().join("deep/er/./p.zip"));
    let told = build(&build_of("", &runpack, &out), "1.0").unwrap();
    assert_eq!(
        (told.path.as_str(), &told.pack_id),
        (text(&folder.path().join("deep/er/p.zip")).as_str(), &beside.pack_id)
    );
    assert!(check(&told.path).ok && check(&runpack).verify.unwrap().legacy_type == "runpack");
    assert_eq!(std::fs::read(&told.path).unwrap(), std::fs::read(&beside.path).unwrap());
}

#[test]
fn jobs_are_packed_with_their_journal() {
    let folder = tempfile::tempdir().unwrap();
    let store = JobStore::new(folder.path(), Mode::Strict).unwrap();
    let submission =
        Submission { job_id: "job_a".into(), environment_fingerprint: "e".into(), ..Submission::default() };
    store.submit(&submission).unwrap();
    store.pause("job_a", "me").unwrap();
    let root = text(folder.path());
    let out = text(&folder.path().join("p.zip"));
    let sources = ["job_a".to_owned(), format!("{root}/job_a/"), format!("{root}/job_a/state.json")];
    let ids: Vec<String> = sources
        .iter()
        .map(|from| {
            let request = BuildRequest { job_root: root.clone(), ..build_of("job", from, &out) };
            build(&request, "1.0").unwrap().pack_id
        })
        .collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(check(&out).ok);
    assert_eq!(inspect(&out, Mode::Strict).unwrap().inspect.unwrap().job_lineage.unwrap().event_count, 2);
}

#[test]
fn several_threads_find_the_digests_that_one_finds() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = large_authorization(folder.path(), 3 << 20);
    let out = text(&folder.path().join("p.zip"));
    build(&build_of("authorization", &bundle, &out), "1.0").unwrap();
    assert!(check(&out).ok);
    let file = PackFile::open(&out).unwrap();
    let mut archive = ArchiveReader::open(file.reader(), Limits::default()).unwrap();
    let wanted: Vec<usize> = (0..archive.entries().len()).collect();
    let found = Machine(&file).digests(&archive, &wanted);
    if std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1) {
        assert_eq!(found.len(), wanted.len());
    }
    for (index, digest) in found {
        assert_eq!(sha256(&archive.read(index).unwrap()), digest);
    }
}

#[test]
fn what_threads_cannot_read_is_told_by_verification() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = large_authorization(folder.path(), 3 << 20);
    let out = folder.path().join("p.zip");
    build(&build_of("authorization", &bundle, &text(&out)), "1.0").unwrap();
    let mut bytes = std::fs::read(&out).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&out, bytes).unwrap();
    let request = VerifyRequest {
        path: &text(&out),
        profile: "",
        require_signature: false,
        keys: KeyConfig::default(),
        mode: Mode::Compat,
    };
    assert!(verify(&request).map_or_else(|error| error.category() == Category::InvalidInput, |found| !found.ok));
}

#[test]
fn scratch_is_memory_or_a_file_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x"), b"").unwrap();
    let file = PackFile::open(folder.path().join("x")).unwrap();
    for size in [10, 10 << 20] {
        let mut scratch = Machine(&file).scratch(size).unwrap();
        scratch.write_all(b"0123456789").unwrap();
        scratch.flush().unwrap();
        assert_eq!(scratch.seek(SeekFrom::End(-3)).unwrap(), 7);
        let mut rest = String::new();
        scratch.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "789");
    }
}

#[test]
fn strict_export_looks_at_all_arguments_first() {
    let folder = tempfile::tempdir().unwrap();
    let runpack = runpack(folder.path());
    let (otel, sql) = (text(&folder.path().join("o.jsonl")), text(&folder.path().join("s.sql")));
    let request = |mode, table: &'static str| ExportRequest {
        path: &runpack,
        otel_out: &otel,
        postgres_sql_out: &sql,
        postgres_table: table,
        postgres_include_ddl: false,
        mode,
    };
    assert_eq!(export(&request(Mode::Strict, "a b")).unwrap_err().code(), "table_name_invalid");
    assert!(!Path::new(&otel).exists());
    assert!(export(&request(Mode::Compat, "a b")).is_err() && Path::new(&otel).exists());
    export(&request(Mode::Strict, "t")).unwrap();
    assert_eq!(std::fs::read_to_string(&otel).unwrap().lines().count(), 16);
    assert!(std::fs::read_to_string(&sql).unwrap().starts_with("INSERT INTO \"t\" ("));
    assert!(export(&ExportRequest { otel_out: " ", postgres_sql_out: "", ..request(Mode::Compat, "") }).is_err());
}

#[test]
fn arguments_that_make_no_sense_are_invalid_input() {
    let folder = tempfile::tempdir().unwrap();
    let runpack = runpack(folder.path());
    let refuse = |request: BuildRequest| build(&request, "1.0").unwrap_err().category();
    for request in [
        build_of("run", " ", ""),
        build_of("session", &runpack, ""),
        build_of("run", "run_nowhere_at_all", ""),
        build_of("run", &runpack, "../p.zip"),
        build_of("call", &runpack, ""),
        build_of("authorization", &text(folder.path()), ""),
        BuildRequest { key_mode: "test".into(), ..build_of("run", &runpack, "") },
        BuildRequest { key_mode: "prod".into(), ..build_of("run", &runpack, "") },
        BuildRequest { key_mode: "dev".into(), private_key: "k".into(), ..build_of("run", &runpack, "") },
    ] {
        assert_eq!(refuse(request.clone()), Category::InvalidInput, "{request:?}");
    }
    for path in ["", " ", "/nowhere/at/all.zip", folder.path().to_str().unwrap()] {
        assert_eq!(inspect(path, Mode::Compat).unwrap_err().category(), Category::InvalidInput, "{path:?}");
    }
    let strict = VerifyRequest {
        path: &runpack,
        profile: "Strict",
        require_signature: false,
        keys: KeyConfig::default(),
        mode: Mode::Compat,
    };
    assert_eq!(verify(&strict).unwrap_err().code(), "invalid_argument");
    assert!(verify(&VerifyRequest { profile: "paranoid", ..strict }).is_err());
}

#[test]
fn comparisons_are_written_where_a_folder_is() {
    let folder = tempfile::tempdir().unwrap();
    let runpack = runpack(folder.path());
    let out = text(&folder.path().join("d.json"));
    let found = diff(&runpack, &runpack, &out, Mode::Strict).unwrap();
    assert!(found.ok && found.path == out);
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(written.starts_with(r#"{"schema_id":"gait.pack.diff""#) && !written.ends_with('\n'));
    let nowhere = text(&folder.path().join("no/d.json"));
    assert_eq!(diff(&runpack, &runpack, &nowhere, Mode::Strict).unwrap_err().category(), Category::InvalidInput);
}
