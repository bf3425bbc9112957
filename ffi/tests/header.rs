//! Keeps the checked-in header, the shared library's name and the C++ header in step with the sources.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::{Path, PathBuf};
use std::{env, fs};

fn header_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/gait.h")
}

fn generate() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(folder).with_config(config).generate().unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).unwrap()
}

#[test]
fn the_header_is_current() {
    let made = generate();
    if env::var_os("GAIT_UPDATE_HEADER").is_some() {
        fs::write(header_path(), &made).unwrap();
    }
    let checked_in = fs::read_to_string(header_path()).unwrap_or_default();
    let line = made.lines().zip(checked_in.lines()).position(|(made, checked_in)| made != checked_in);
    assert!(
        made == checked_in,
        "include/gait.h differs from the sources at line {:?}: run GAIT_UPDATE_HEADER=1 cargo test -p gait-ffi --test header",
        line.map(|line| line + 1)
    );
}

#[test]
fn every_function_has_its_prefix_and_its_words() {
    let header = generate();
    let mut functions = 0;
    let mut comment = false;
    for line in header.lines() {
        if line.contains("(")
            && (line.starts_with("gait_") || line.starts_with("uint32_t ") || line.starts_with("size_t "))
        {
            assert!(comment, "no comment before: {line}");
            functions += 1;
        }
        comment = line.trim_end().ends_with("*/");
    }
    assert!(functions > 80, "{functions} functions");
}

#[test]
fn the_soname_carries_the_major_number() {
    let build = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs")).unwrap();
    let major = gait::gait_abi_version() >> 16;
    assert!(build.contains(&format!("let abi = {major};")), "build.rs and GAIT_ABI_VERSION disagree");
    assert!(generate().contains(&format!("#define GAIT_ABI_VERSION {}", gait::gait_abi_version())));
}
