//! The lower floors touch no machine: no file, clock, environment, thread, process or network (the design's layering).
//! Whoever needs one of those belongs into the host.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// What code of these floors must not name.
const FORBIDDEN: [&str; 13] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::os",
    "std::path",
    "SystemTime",
    "Instant",
    "stdin",
    "println!",
    "static mut",
    "thread_local!",
];

/// Crates that these floors must not depend on.
const FORBIDDEN_CRATES: [&str; 9] =
    ["gait-host", "gait-cli", "gait-ffi", "rustix", "libc", "tempfile", "getrandom", "rand", "tokio"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_lower_floors_touch_no_machine() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut faults = Vec::new();
    for floor in ["base", "gate", "evidence"] {
        let mut files = Vec::new();
        sources(&core.join(floor).join("src"), &mut files);
        assert!(files.len() > 5, "{floor} has its sources elsewhere");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            // Tests stand at the end of their file.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                // Constants of the build are known without asking the machine.
                let line = line.replace("std::env::consts", "");
                let named = FORBIDDEN.iter().filter(|name| line.contains(*name));
                faults.extend(named.map(|name| format!("{}:{}: {name}", file.display(), number + 1)));
            }
        }
        let manifest = fs::read_to_string(core.join(floor).join("Cargo.toml")).unwrap();
        let (_, rest) = manifest.split_once("[dependencies]").unwrap();
        let dependencies = rest.split("\n[").next().unwrap_or_default();
        let named = FORBIDDEN_CRATES.iter().filter(|name| dependencies.lines().any(|line| line.starts_with(*name)));
        faults.extend(named.map(|name| format!("{floor} depends on {name}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
