//! The intents that a simulation runs over: files and folders, as they are named on the command line (02 §13).

use std::fs;

use gait_base::path::clean;
use gait_base::text::split_csv;
use gait_host::error::HostError;

use crate::report::Failure;

/// The `.json` files that a comma list of files and folders names: cleaned, sorted, each once.
pub(super) fn collect(list: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for path in split_csv(list) {
        let path = clean(&path);

        if fs::metadata(&path).map_err(|source| unreadable(&path, source))?.is_dir() {
            below(&path, &mut found)?;
        } else if is_json(&path) {
            found.push(path);
        } else {
            return Err(Failure::usage(format!("fixture {path} is not a .json file")));
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(Failure::usage("--fixtures names no .json file"));
    }
    Ok(found)
}

/// Walks a folder without following links to folders.
fn below(folder: &str, found: &mut Vec<String>) -> Result<(), Failure> {
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).map_err(|source| unreadable(&folder, source))? {
            let entry = entry.map_err(|source| unreadable(&folder, source))?;
            let Ok(name) = entry.file_name().into_string() else {
                return Err(Failure::usage(format!("a file name in {folder} is not valid UTF-8")));
            };
            let path = clean(&format!("{folder}/{name}"));
            if entry.file_type().map_err(|source| unreadable(&path, source))?.is_dir() {
                pending.push(path);
            } else if is_json(&path) {
                found.push(path);
            }
        }
    }
    Ok(())
}

fn unreadable(path: &str, source: std::io::Error) -> Failure {
    HostError::Io { action: "read", path: path.into(), source }.into()
}

fn is_json(path: &str) -> bool {
    path.as_bytes().last_chunk::<5>().is_some_and(|end| end.eq_ignore_ascii_case(b".json"))
}
