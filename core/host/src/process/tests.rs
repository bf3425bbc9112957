//! Children that hang, flood, hide and leave things behind.

use super::*;

fn bounds(timeout: u64) -> Bounds<'static> {
    Bounds {
        stdin: b"",
        timeout: Duration::from_millis(timeout),
        grace: Duration::from_millis(200),
        capture: Capture::Each(1 << 20),
        sweep: false,
    }
}

fn shell(script: &str, bounds: &Bounds<'_>) -> Finished {
    run(Command::new("sh").args(["-c", script]), bounds).unwrap()
}

#[test]
fn streams_and_exit_code_come_back_apart() {
    let finished = shell("cat; echo out; echo err >&2; exit 3", &bounds(5000));
    assert_eq!((finished.exit_code, finished.timed_out, finished.overflowed), (3, false, false));
    assert_eq!((&finished.stdout[..], &finished.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
    assert_eq!(shell("kill -9 $$", &bounds(5000)).exit_code, -1);
}

#[test]
fn a_large_input_is_fed_whole_and_an_unread_one_harms_nobody() {
    let input = vec![b'x'; 1 << 20];
    let finished = shell("wc -c", &Bounds { stdin: &input, ..bounds(5000) });
    assert_eq!(String::from_utf8(finished.stdout).unwrap().trim(), "1048576");
    let finished = shell("exec <&-; echo deaf", &Bounds { stdin: &input, ..bounds(5000) });
    assert_eq!((finished.exit_code, &finished.stdout[..]), (0, &b"deaf\n"[..]));
}

#[test]
fn the_whole_group_ends_when_the_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let script =
        format!("(trap '' TERM; sleep 1; echo late > {}) & trap '' TERM; sleep 30 & wait; sleep 30", mark.display());
    let finished = shell(&script, &bounds(100));
    assert!(finished.timed_out);
    assert!(finished.elapsed < Duration::from_millis(900), "{:?}", finished.elapsed);
    std::thread::sleep(Duration::from_millis(1200));
    assert!(!mark.exists(), "a child of the child outlived the group");
}

#[test]
fn a_child_that_ends_when_asked_keeps_its_words() {
    let finished = shell("trap 'echo bye; exit 5' TERM; sleep 30 & wait", &bounds(100));
    assert!(finished.timed_out);
    assert_eq!((finished.exit_code, &finished.stdout[..]), (5, &b"bye\n"[..]));
}

#[test]
fn floods_are_bounded() {
    let flood = "head -c 50000000 /dev/zero; echo end >&2; exit 4";
    let finished = shell(flood, &bounds(20_000));
    assert_eq!((finished.exit_code, finished.overflowed, finished.stdout.len()), (4, true, 1 << 20));
    assert_eq!(finished.stderr, b"end\n");

    let finished = shell("cat /dev/zero", &Bounds { capture: Capture::Together(1000), ..bounds(20_000) });
    assert!(finished.overflowed && !finished.timed_out);
    assert_eq!((finished.exit_code, finished.stdout.len()), (-1, 1000));
    assert!(finished.elapsed < Duration::from_secs(5));
}

#[test]
fn a_child_that_closes_its_output_is_still_awaited() {
    let finished = shell("exec >&- 2>&-; sleep 0.2; exit 6", &bounds(5000));
    assert_eq!(finished.exit_code, 6);
    assert!(finished.elapsed >= Duration::from_millis(200));
}

#[test]
fn what_cannot_be_started_says_so() {
    let failed = run(&mut Command::new("/nowhere/at/all"), &bounds(1000));
    assert!(matches!(failed, Err(ProcessError::Start(_))));
}

#[test]
fn what_a_child_leaves_running_is_swept_when_asked() {
    for (sweep, lives) in [(true, false), (false, true)] {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let script = format!("(sleep 0.5; echo late > {}) >/dev/null 2>&1 & echo done", mark.display());
        let finished = shell(&script, &Bounds { sweep, ..bounds(5000) });
        assert_eq!((finished.exit_code, finished.timed_out, &finished.stdout[..]), (0, false, &b"done\n"[..]));
        assert!(finished.elapsed < Duration::from_millis(400), "{:?}", finished.elapsed);
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(mark.exists(), lives, "sweep: {sweep}");
    }
}
