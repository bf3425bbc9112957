//! Disks that are full: writes that are cut short and fail.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gait_base::error::{Category, Classify};
use gait_evidence::session::Tail;

use crate::players::{NUMBER, PART, TARGET, acknowledged, say};
use crate::recorded::{read, recorded};
use crate::sessions::{JOURNAL, command, event, quick_folder, started};

/// Starts a child under a limit for the size of files: writes beyond it are cut short and then fail.
fn play_on_a_small_disk(folder: &Path, blocks: u64) -> Option<Child> {
    let script = format!("trap '' XFSZ && ulimit -f {blocks} && exec \"$0\" \"$@\"");
    Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(PART, "append until the disk is full"), (NUMBER, &blocks.to_string())])
        .env(TARGET, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}

#[test]
fn a_full_disk_costs_no_acknowledged_event_and_no_session() {
    let folder = quick_folder();
    drop(started(folder.path()));
    let mut told = Vec::new();
    for blocks in [5, 9, 14, 22, 37] {
        let Some(mut child) = play_on_a_small_disk(folder.path(), blocks) else {
            eprintln!("skipped: no shell to set limits with");
            return;
        };
        told.extend(acknowledged(&mut child));
        assert!(child.wait().unwrap().success(), "the child met something else than a full disk");
        let found = read(&folder.path().join(JOURNAL));
        assert_eq!(found.tail, Tail::Closed, "the half line was cut off again");
        let appended = command(folder.path()).append(event(&format!("after.{blocks}"))).unwrap();
        assert!(appended.repairs.is_empty());
        told.push((appended.event.sequence, format!("after.{blocks}")));
    }
    assert!(told.len() > 10);
    assert!(told.into_iter().eq(recorded(folder.path())));
}

/// The same on a file system that is really full, where the machine lets us mount one.
#[test]
fn a_full_file_system_costs_no_acknowledged_event_and_no_session() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let script = "mount -t tmpfs -o size=48k tmpfs \"$GAIT_TEST_TARGET\" && \"$0\" \"$@\" && cp \"$GAIT_TEST_TARGET\"/* \"$GAIT_TEST_TARGET/..\"";
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full_disk::fill", "--nocapture", "--test-threads=1"])
        .env(TARGET, &disk)
        .output();
    match output {
        Ok(output) if folder.path().join(JOURNAL).exists() => {
            assert!(output.status.success());
            let said = String::from_utf8(output.stdout).unwrap();
            let told = said.lines().filter(|line| line.starts_with("ack ")).count();
            assert!(told > 10 && said.contains("full"), "{said}");
            let found = read(&folder.path().join(JOURNAL));
            assert_eq!(found.events.len(), told, "acknowledged and there");
            assert_eq!(found.tail, Tail::Closed);
        }
        output => eprintln!("skipped: no file system can be mounted here: {output:?}"),
    }
}

/// Not a test by itself: fills the disk that the test above mounts, and goes on when there is room again.
#[test]
fn fill() {
    let Some(folder) = std::env::var_os(TARGET).filter(|_| std::env::var_os(PART).is_none()) else { return };
    let folder = PathBuf::from(folder);
    println!();
    let ballast = folder.join("ballast");
    let session = started(&folder);
    std::fs::write(&ballast, vec![0; 8 << 10]).unwrap();
    for turn in 0u64.. {
        match session.append(event(&format!("0.{turn}"))) {
            Ok(appended) => say(&format!("ack {} 0.{turn} end", appended.event.sequence)),
            Err(fault) => {
                assert_eq!(fault.category(), Category::IoFailure, "{fault}");
                say("full");
                break;
            }
        }
    }
    std::fs::remove_file(&ballast).unwrap();
    let appended = session.append(event("after")).unwrap();
    say(&format!("ack {} after end", appended.event.sequence));
}
