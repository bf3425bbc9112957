//! The `gait` binary as a shell sees it: help, completions, root errors, the reference page.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::Path;
use std::process::{Command, Output};

fn gait(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(args).current_dir(folder.path()).output().unwrap()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gait"));
    command.args(args).env_clear().env("GAIT_PRODUCER_VERSION", "1.2.3");
    command
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Exit code and standard output.
fn run(args: &[&str]) -> (i32, String) {
    let output = gait(args);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text(&output))
}

#[test]
fn every_command_and_group_has_help_that_exits_zero() {
    let names = gait_cli::table::leaves().filter(|leaf| !leaf.needs_dashes).map(|leaf| (leaf.path, leaf.order));
    for (path, order) in names {
        let (exit, by_word) = run(&[&["help"], path].concat());
        assert_eq!(exit, 0);
        assert!(by_word.contains("--json") && by_word.contains(&format!("gait {}", path.join(" "))), "{by_word}");
        if order == gait_cli::table::Order::Loose {
            continue;
        }
        for flags in [&["--help"][..], &["-h"], &["--json", "-help"], &["--h=true"]] {
            let args = [path, flags].concat();
            assert_eq!(run(&args), (0, by_word.clone()), "{args:?}");
        }
    }
    for group in gait_cli::table::groups() {
        let (exit, usage) = run(&[group.path, &["--help"]].concat());
        assert_eq!(exit, 0);
        assert_eq!(run(&[group.path, &["-h"]].concat()), (0, usage.clone()));
        assert_eq!(run(&[group.path, &["help"]].concat()), (0, usage.clone()));
        assert_eq!(run(&[&["help"], group.path].concat()), (0, usage.clone()));
        assert_eq!(run(group.path), (6, usage.clone()));
        assert_eq!(run(&[group.path, &["bogus", "--json"]].concat()), (6, usage));
    }
}

#[test]
fn help_goes_as_deep_as_the_words_lead() {
    let root = run(&["--help"]);
    assert_eq!(root.0, 0);
    for args in
        [&["-h"][..], &[" --help "], &["help"], &["help", "bogus"], &["help", "--json"], &["--help", "--explain"]]
    {
        assert_eq!(run(args), root, "{args:?}");
    }
    assert_eq!(run(&["help", "keys", "bogus"]), run(&["help", "keys"]));
    assert_eq!(run(&["help", "keys", "init", "more"]), run(&["keys", "init", "--help"]));
    let (_, page) = run(&["help", "approve"]);
    assert!(
        page.contains("--intent-digest")
            && page.contains("commands:\n  verify")
            && page.contains("gait help approve COMMAND")
    );
    assert!(run(&["help", "approve", "verify"]).1.contains("gait approve verify [flags]"));
}

#[test]
fn the_help_of_a_command_shows_its_flags_and_defaults() {
    let (_, page) = run(&["help", "keys", "init"]);
    assert_eq!(
        page,
        "\
Makes an Ed25519 key pair and writes both halves to files that only you can read.

usage:
  gait keys init [flags]

flags:
  --out-dir DIR  folder for both files, made when missing (default: gait-out/keys)
  --prefix NAME  the files are NAME_private.key and NAME_public.key (default: gait)
  --force        replace existing files

flags of every command:
  --json      print one line of JSON instead of text
  --strict    refuse what compatibility lets pass (also GAIT_STRICT=1)
  -h, --help  print this help
"
    );
}

#[test]
fn explain_comes_before_everything_but_unknown_words() {
    let (exit, sentence) = run(&["keys", "init", "--bogus", " --explain ", "--json"]);
    assert_eq!((exit, sentence.lines().count()), (0, 1));
    assert_eq!(run(&["keys", "--explain", "init"]), run(&["keys", "bogus", "--explain"]));
    assert_ne!(run(&["keys", "--explain"]).1, sentence);
    assert_eq!(run(&["version", "--json", "--explain"]).1.chars().next(), Some('P'));
    assert_eq!(run(&["keys", "init", "-explain"]).0, 6);
    assert_eq!(run(&["bogus", "--explain"]).0, 6);
    assert_eq!(run(&["--explain", "--json"]).0, 0);
}

#[test]
fn version_ignores_what_it_does_not_know() {
    assert_eq!(run(&[]), (0, "gait 1.2.3\n".to_owned()));
    assert_eq!(run(&["version", "--json=true", "--bogus"]), (0, "gait 1.2.3\n".to_owned()));
    let blank = command(&["version"]).env("GAIT_PRODUCER_VERSION", " ").output().unwrap();
    assert_eq!(text(&blank), format!("gait {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn arguments_that_are_not_utf8_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let output = command(&["version"]).arg(std::ffi::OsStr::from_bytes(b"\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(6));
}

#[test]
fn a_correlation_id_may_be_given() {
    let output = command(&["version", "--json"]).env("GAIT_CORRELATION_ID", " mine ").output().unwrap();
    assert_eq!(text(&output), "{\"correlation_id\":\"mine\",\"ok\":true,\"version\":\"1.2.3\"}\n");
}

#[test]
fn output_is_plain_when_it_does_not_go_to_a_terminal() {
    for args in [&["help"][..], &["bogus"], &["keys", "init", "--bogus"], &["keys", "verify"]] {
        let output = gait(args);
        assert!(!output.stdout.contains(&0x1b), "{args:?}");
    }
}

#[test]
fn usage_errors_name_the_usage() {
    let (exit, page) = run(&["keys", "init", "--bogus"]);
    assert_eq!(exit, 6);
    assert_eq!(page, "keys init error: flag provided but not defined: -bogus\nusage: gait keys init [flags]\n");
}

#[test]
fn success_that_cannot_be_written_is_none() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else {
        eprintln!("skipped: no /dev/full here");
        return;
    };
    let status = command(&["version", "--json"]).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn bash_accepts_and_uses_its_completions() {
    let (exit, script) = run(&["completions", "bash"]);
    assert_eq!(exit, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gait.bash");
    std::fs::write(&path, script).unwrap();
    let Ok(checked) = Command::new("bash").arg("-n").arg(&path).output() else {
        eprintln!("skipped: no bash here");
        return;
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));

    let complete = |line: &str| -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let script = format!(
            "source {}; COMP_WORDS=({}); COMP_CWORD={}; _gait; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            path.display(),
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words.len() - 1
        );
        let output = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        text(&output).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(complete("gait vers"), ["version"]);
    assert_eq!(complete("gait keys "), ["init", "rotate", "verify"]);
    assert_eq!(complete("gait keys init --f"), ["--force"]);
    assert_eq!(complete("gait keys init --force --h"), ["--help"]);
    assert_eq!(complete("gait completions f"), ["fish"]);
    assert_eq!(complete("gait approve "), ["verify", "inspect"]);
    assert_eq!(complete("gait approve --req"), ["--request"]);
    assert_eq!(complete("gait approve verify --public-key-e"), ["--public-key-env"]);
    assert_eq!(complete("gait keys verify --private-key g"), ["gait.bash"]);
    assert_eq!(complete("gait keys verify --private-key --p"), Vec::<String>::new());
}

#[test]
fn completions_want_one_known_shell() {
    for args in [&["completions"][..], &["completions", "tcsh"], &["completions", "bash", "zsh"]] {
        assert_eq!(run(args).0, 6, "{args:?}");
    }
    let (exit, json) = run(&["completions", "--json", "zsh"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((exit, value["shell"].as_str()), (0, Some("zsh")));
    assert!(value["script"].as_str().unwrap().starts_with("#compdef gait"));
}

#[test]
fn the_reference_page_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(
        written == gait_cli::reference::markdown(),
        "docs/cli.md is not current: cargo run -p gait-cli --example reference > docs/cli.md"
    );
}
