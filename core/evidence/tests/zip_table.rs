//! Whole archives against the golden tables (01 §15, 04 §17).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod vectors;

use gait_base::digest::sha256;
use gait_evidence::archive::{ArchiveWriter, Entry};
use vectors::{decode, name, rows};

#[test]
fn primitives() {
    let mut writer = ArchiveWriter::new();
    for row in rows("primitives/zip") {
        let files = row["input"]["files"].as_array().cloned().unwrap_or_default();
        let entries: Vec<_> = files
            .iter()
            .map(|file| Entry {
                mode: file["mode"].as_u64().map(|mode| mode as u32),
                ..Entry::new(file["path"].as_str().expect("path"), file["text"].as_str().expect("text").as_bytes())
            })
            .collect();
        let want = &row["want"];
        let mut archive = Vec::new();
        let result = writer.write(&entries, &mut archive);
        assert_eq!(Some(result.is_ok()), want["ok"].as_bool(), "{}", name(&row));
        if result.is_ok() {
            assert_eq!(Some(&archive), decode(&want["b64"]).as_ref(), "{}", name(&row));
            assert_eq!(Some(archive.len() as u64), want["len"].as_u64(), "{}", name(&row));
            assert_eq!(Some(sha256(&archive).to_string().as_str()), want["sha256"].as_str(), "{}", name(&row));
        }
    }
}

#[test]
fn runpack() {
    let mut writer = ArchiveWriter::new();
    for row in rows("runpack/zip") {
        let files = row["input"]["files"].as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let files: Vec<_> = files
            .iter()
            .map(|file| (text(&file[0]), text(&file[1]), u32::from_str_radix(&text(&file[2]), 8).expect("octal mode")))
            .collect();
        let entries: Vec<_> = files
            .iter()
            .map(|(path, contents, mode)| Entry { mode: Some(*mode), ..Entry::new(path, contents.as_bytes()) })
            .collect();
        let mut archive = Vec::new();
        writer.write(&entries, &mut archive).expect("an archive");
        assert_eq!(Some(archive), decode(&row["want"]["base64"]), "{}", name(&row));
    }
}
