//! What may be run as a broker, what is run, and what it sees.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use gait_base::error::{Classify, ExitCode};
use gait_gate::mode::Mode;
use gait_host::broker::{ALLOW_LIST_VARIABLE, COMMAND_ENVIRONMENT_VARIABLE};

use crate::row::{ANSWER, SECRETS};
use crate::{decide, issue};

const BOTH: [Mode; 2] = [Mode::Compat, Mode::Strict];

/// Commands that cannot be run, or are not run as they seem to ask: all of them fail to issue and block.
#[test]
fn what_cannot_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let file = |name: &str, text: &str, mode: u32| {
        std::fs::write(path(name), text).unwrap();
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
        path(name)
    };
    let script = format!("#!/bin/sh\necho '{ANSWER}'\n");
    symlink("nowhere", path("dangling")).unwrap();
    symlink("loop", path("loop")).unwrap();
    const FAILED: &str = "broker_command_failed";
    const NO_WORD: &str = "broker_command_invalid";
    let rows: Vec<(&str, String, &str)> = vec![
        ("missing", path("missing"), FAILED),
        ("missing folder", path("missing/broker"), FAILED),
        ("missing from PATH", "gait-no-such-broker".to_owned(), FAILED),
        ("a folder", folder.path().to_str().unwrap().to_owned(), FAILED),
        ("a folder with a slash", format!("{}/", folder.path().display()), FAILED),
        ("not executable", file("plain", &script, 0o600), FAILED),
        ("a program with a slash", "/bin/sh/".to_owned(), FAILED),
        ("a device", "/dev/null".to_owned(), FAILED),
        ("a dangling link", path("dangling"), FAILED),
        ("a link to itself", path("loop"), FAILED),
        ("no interpreter line", file("bare", &format!("echo '{ANSWER}'\n"), 0o700), FAILED),
        ("a missing interpreter", file("lost", &script.replace("/bin/sh", "/no/such/sh"), 0o700), FAILED),
        ("nothing in it", file("empty", "", 0o700), FAILED),
        ("a name that is too long", "x".repeat(5000), FAILED),
        ("a path that is too long", format!("/{}", "x/".repeat(5000)), FAILED),
        ("a NUL", "/bin/sh\0".to_owned(), FAILED),
        ("a point", ".".to_owned(), FAILED),
        ("two points", "..".to_owned(), FAILED),
        ("a blank within", "/bin/sh -c".to_owned(), NO_WORD),
        ("a tab within", "/bin/sh\t-c".to_owned(), NO_WORD),
        ("a line within", "/bin/sh\n-c".to_owned(), NO_WORD),
        ("a carriage return within", "/bin/sh\r-c".to_owned(), NO_WORD),
        ("a blank beyond ASCII within", "/bin/sh\u{a0}-c".to_owned(), FAILED),
        ("a shell's line", "sh;reboot".to_owned(), FAILED),
        ("a variable", "$SHELL".to_owned(), FAILED),
        ("a substitution", "`id`".to_owned(), FAILED),
        ("a home", "~/broker".to_owned(), FAILED),
        ("an assignment", "A=1".to_owned(), FAILED),
        ("a flag", "-c".to_owned(), FAILED),
    ];
    for (name, command, code) in &rows {
        for mode in BOTH {
            let label = format!("{name} ({mode:?})");
            assert_eq!(issue(command, "", mode, &label), Some(*code), "{label}");
            let evaluation = decide(folder.path(), ("", ""), (command, ""), mode).unwrap();
            assert_eq!(evaluation.exit, ExitCode::PolicyBlocked, "{label}");
            assert_eq!(evaluation.output.violations, ["broker_credential_missing"], "{label}");
        }
    }
}

/// Arguments are words of the program, and no shell looks at them.
#[test]
fn arguments_stay_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let script = format!("for word; do printf '<%s>\\n' \"$word\"; done > '{}'\necho '{ANSWER}'\n", path("words"));
    std::fs::write(path("script"), script).unwrap();
    let mark = path("mark");
    let hostile = [
        format!(";touch {mark}"),
        format!("$(touch {mark})"),
        format!("`touch {mark}`"),
        format!("&& touch {mark}"),
        format!("| tee {mark}"),
        format!("> {mark}"),
        "a b".to_owned(),
        "'".to_owned(),
        "\"".to_owned(),
        "*".to_owned(),
        "~".to_owned(),
        "$HOME".to_owned(),
        "line\nbreak".to_owned(),
        "-c".to_owned(),
        "--".to_owned(),
        "@/etc/passwd".to_owned(),
    ];
    let arguments = format!("{},, {}", path("script"), hostile.join(" , "));
    for mode in BOTH {
        let evaluation = decide(folder.path(), ("", ""), ("/bin/sh", &arguments), mode).unwrap();
        assert_eq!(evaluation.exit, ExitCode::Ok, "{mode:?}");
        let want: String = hostile.iter().map(|word| format!("<{word}>\n")).collect();
        assert_eq!(std::fs::read_to_string(path("words")).unwrap(), want, "{mode:?}");
        assert!(!Path::new(&mark).exists(), "{mode:?}");
        // A NUL cannot be an argument.
        assert_eq!(issue("/bin/sh", &format!("{},\0", path("script")), mode, "NUL"), Some("broker_command_failed"));
    }
}

/// Variables of the process decide here, so that every row is played in a process of its own.
fn played_apart(case: &str, folder: &Path, variables: &[(&str, &str)], arguments: [&str; 4]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "programs::one_case_apart", "--ignored", "--nocapture"])
        .env(
            "HOSTILE_CASE",
            [case, folder.to_str().unwrap()].into_iter().chain(arguments).collect::<Vec<_>>().join("|"),
        )
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{case}: {said}");
    assert!(said.contains("1 passed"), "{case}: {said}");
}

#[test]
#[ignore = "played by the tests below, in processes of their own"]
fn one_case_apart() {
    let Ok(case) = std::env::var("HOSTILE_CASE") else { return };
    let words: Vec<&str> = case.split('|').collect();
    let [name, folder, mode, command, arguments, want] = words[..] else { panic!("{case}") };
    let mode = if mode == "strict" { Mode::Strict } else { Mode::Compat };
    let said = match decide(Path::new(folder), ("", ""), (command, arguments), mode) {
        Ok(evaluation) => evaluation.output.verdict,
        Err(error) => {
            assert_eq!(error.category().exit_code(), ExitCode::InvalidInput, "{name}");
            error.code().to_owned()
        }
    };
    assert_eq!(said, want, "{name} {mode:?}");
}

#[test]
fn what_is_on_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("script"), format!("echo '{ANSWER}'\n")).unwrap();
    for name in ["evil/deep", "bin"] {
        std::fs::create_dir_all(path(name)).unwrap();
    }
    for (link, target) in
        [("evil/sh", "/bin/sh"), ("evil/deep/sh", "/bin/sh"), ("bin/listed", "/bin/sh"), ("sh", "/bin/sh")]
    {
        symlink(target, path(link)).unwrap();
    }
    // Seen by its letters `hop/../bin/listed` is `bin/listed`; the system goes through `evil/deep`.
    symlink(path("evil/deep"), path("hop")).unwrap();
    let (evil, listed, hop) = (path("evil/sh"), path("bin/listed"), path("hop/../bin/listed"));
    let roundabout = path("evil/../bin/./listed");
    const NO: &str = "broker_command_not_allowed";
    let rows: [(&str, &str, &str, [&str; 2]); 18] = [
        ("no list", &evil, "", ["allow", "allow"]),
        ("a list of nothing", &evil, " , ,", ["allow", "allow"]),
        ("a name for a name", "sh", "x, sh", ["allow", "allow"]),
        ("a path for itself", &listed, &listed, ["allow", "allow"]),
        ("a path for a way round to it", &roundabout, &listed, ["allow", "allow"]),
        ("a list that goes a way round", &listed, &roundabout, ["allow", "allow"]),
        // By the letters it is on the list. In strict mode that is also what runs.
        ("a path through a link", &hop, &listed, ["block", "allow"]),
        ("a name for any path of that name", &evil, "sh", ["allow", NO]),
        ("a name for a relative path", "evil/sh", "sh", ["allow", NO]),
        ("a name for the working folder's", "./sh", "sh", ["allow", NO]),
        ("a relative path for itself", "evil/sh", "./evil/sh", ["allow", NO]),
        ("a working folder's path for a name", "sh", "./sh", ["allow", NO]),
        ("a path for a name", "sh", &listed, [NO, NO]),
        ("a path for another", &evil, &listed, [NO, NO]),
        ("another name", &evil, "bash,dash,s", [NO, NO]),
        ("a name in capitals", "SH", "sh", [NO, NO]),
        ("a pattern", &evil, "*,/*,evil/*", [NO, NO]),
        ("a folder for what is in it", &evil, &path("evil"), [NO, NO]),
    ];
    for (name, command, list, wants) in rows {
        for (mode, want) in ["compat", "strict"].into_iter().zip(wants) {
            played_apart(name, folder.path(), &[(ALLOW_LIST_VARIABLE, list)], [mode, command, &path("script"), want]);
        }
    }
}

#[test]
fn what_is_found_through_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("script"), format!("echo '{ANSWER}'\n")).unwrap();
    symlink("/bin/sh", path("gait-broker")).unwrap();
    let here = path("");
    for (name, search, want) in [
        ("its folder", here.clone(), "allow"),
        ("its folder after others", format!("/nowhere:{here}"), "allow"),
        ("the working folder", ".".to_owned(), "block"),
        ("the working folder, unsaid", String::new(), "block"),
        ("the working folder, unsaid, after others", "/nowhere:".to_owned(), "block"),
        ("the working folder before its own", format!(".:{here}"), "block"),
        ("elsewhere", "/nowhere".to_owned(), "block"),
    ] {
        for mode in ["compat", "strict"] {
            played_apart(name, folder.path(), &[("PATH", &search)], [mode, "gait-broker", &path("script"), want]);
        }
    }
}

#[test]
fn what_a_program_sees() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("script"), format!("/usr/bin/env > '{}'\necho '{ANSWER}'\n", path("seen"))).unwrap();
    let variables = [
        ("HOSTILE_TOKEN", SECRETS[0]),
        ("GAIT_SIGNING_KEY", SECRETS[4]),
        ("LD_LIBRARY_PATH_X", "/evil"),
        ("BROKER_ADDRESS", "https://broker.example"),
        ("LANG", "C"),
        (COMMAND_ENVIRONMENT_VARIABLE, " BROKER_ADDRESS ,,UNSET_NAME, A=B, PATH"),
    ];
    for (mode, all) in [("compat", true), ("strict", false)] {
        played_apart("seen", folder.path(), &variables, [mode, "/bin/sh", &path("script"), "allow"]);
        let seen = std::fs::read_to_string(path("seen")).unwrap();
        let names: Vec<&str> = seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        for name in ["PATH", "LANG", "BROKER_ADDRESS"] {
            assert!(names.contains(&name), "{mode}: {seen}");
        }
        for name in ["HOSTILE_TOKEN", "GAIT_SIGNING_KEY", "LD_LIBRARY_PATH_X", COMMAND_ENVIRONMENT_VARIABLE] {
            assert_eq!(names.contains(&name), all, "{mode}: {name}");
        }
        if !all {
            // The shell adds three of its own.
            let known = ["PATH", "HOME", "LANG", "TMPDIR", "BROKER_ADDRESS", "PWD", "SHLVL", "_", "OLDPWD"];
            // macOS puts one of its own into every process.
            let strange = names.iter().find(|name| !known.contains(name) && !name.starts_with("__CF"));
            assert_eq!(strange, None, "{names:?}");
        }
    }
}
