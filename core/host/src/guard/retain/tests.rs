//! Retention over real folders: links, holds, crashes, files that change meanwhile.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use gait_base::error::Classify;
use gait_base::json::{self, Reading};
use gait_evidence::guard::retention::Caps;

use super::*;
use crate::clock::SystemClock;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("root")).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file that is ten days old.
    fn old(&self, name: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        let time = SystemTime::now() - Duration::from_secs(10 * 24 * 3600);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    fn run<'a>(&self, change: impl FnOnce(&mut RetainRequest<'a>)) -> Result<Retained, GuardFileError> {
        let mut request = RetainRequest {
            root: String::leak(self.path("root").display().to_string()),
            policy: RetentionPolicy { runpack: None, ..RetentionPolicy::default() },
            dry_run: false,
            report: "",
            hold: "",
            producer_version: "0.0.0-dev",
            mode: Mode::Compat,
        };
        change(&mut request);
        retain(&request, &SystemClock)
    }

    fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path(name)).is_ok()
    }
}

fn reasons(retained: &Retained) -> Vec<(&str, &str)> {
    let root = format!("{}/", retained.report.root_path);
    let shown = |event: &'_ gait_evidence::guard::retention::RetentionEvent| event.path.len() - root.len();
    let all = retained.report.kept_files.iter();
    all.map(|event| (&event.path[event.path.len() - shown(event)..], event.reason.as_str())).collect()
}

#[test]
fn old_artifacts_go_and_nothing_else() {
    let folder = Folder::new();
    for name in ["trace_1.json", "a/b/trace_2.json", "evidence_pack_1.zip", "runpack_1.zip", "trace.json", "notes"] {
        folder.old(&format!("root/{name}"));
    }
    fs::write(folder.path("root/trace_new.json"), "x").unwrap();
    let retained = folder.run(|_| {}).unwrap();
    assert!(retained.not_removed.is_empty());
    assert_eq!(retained.report.scanned_files, 4);
    assert_eq!(reasons(&retained), [("evidence_pack_1.zip", ""), ("trace_new.json", "")]);
    assert!(!folder.has("root/trace_1.json") && !folder.has("root/a/b/trace_2.json"));
    for name in ["evidence_pack_1.zip", "runpack_1.zip", "trace.json", "notes", "trace_new.json", "a/b"] {
        assert!(folder.has(&format!("root/{name}")), "{name}");
    }
}

#[test]
fn links_are_not_followed_out() {
    let folder = Folder::new();
    folder.old("outside/trace_1.json");
    folder.old("outside/target.txt");
    symlink(folder.path("outside"), folder.path("root/away")).unwrap();
    symlink(folder.path("outside/target.txt"), folder.path("root/trace_link.json")).unwrap();
    symlink("../root", folder.path("root/loop")).unwrap();
    let none = Caps { age_nanos: Some(1), ..Caps::default() };
    let retained = folder.run(|request| request.policy.trace = none).unwrap();
    assert_eq!(retained.report.scanned_files, 1, "the link itself");
    assert!(!folder.has("root/trace_link.json"));
    assert!(folder.has("outside/trace_1.json") && folder.has("outside/target.txt") && folder.has("root/away"));

    // A root that is a link is not followed either.
    let linked = folder.path("linked");
    symlink(folder.path("outside"), &linked).unwrap();
    let retained = folder.run(|request| {
        request.policy.trace = none;
        request.root = linked.to_str().unwrap();
    });
    assert_eq!(retained.unwrap().report.scanned_files, 0);
    assert!(folder.has("outside/trace_1.json"));
}

#[test]
fn a_folder_that_becomes_a_link_meanwhile_leads_nowhere() {
    let folder = Folder::new();
    folder.old("root/sub/trace_1.json");
    folder.old("outside/trace_1.json");
    let root = folder.path("root");
    let policy = RetentionPolicy::default();
    let mut tree = Tree::scan(root.to_str().unwrap(), &policy, &HoldList::default()).unwrap();
    fs::rename(folder.path("root/sub"), folder.path("root/was")).unwrap();
    symlink(folder.path("outside"), folder.path("root/sub")).unwrap();
    assert!(matches!(tree.remove(0), Removal::Changed));
    assert!(folder.has("outside/trace_1.json") && folder.has("root/was/trace_1.json"));
}

#[test]
fn a_file_that_changes_meanwhile_stays() {
    let folder = Folder::new();
    folder.old("root/trace_1.json");
    folder.old("root/trace_2.json");
    let root = folder.path("root");
    let mut tree = Tree::scan(root.to_str().unwrap(), &RetentionPolicy::default(), &HoldList::default()).unwrap();
    fs::write(folder.path("root/trace_1.json"), "new evidence").unwrap();
    fs::remove_file(folder.path("root/trace_2.json")).unwrap();
    assert!(matches!(tree.remove(0), Removal::Changed));
    assert!(matches!(tree.remove(1), Removal::Gone), "gone already");
    assert!(folder.has("root/trace_1.json"));
}

#[test]
fn holds_are_honoured_wherever_they_stand() {
    let folder = Folder::new();
    for name in ["trace_1.json", "trace_2.json", "case/trace_3.json", "case/x/trace_4.json", "some/trace_5.json"] {
        folder.old(&format!("root/{name}"));
    }
    folder.old("root/some/trace_6.json");
    fs::write(folder.path("root/case/.gait-hold"), "\n# case 7: everything\n").unwrap();
    fs::write(folder.path("root/some/.gait-hold"), "trace_5.json\n").unwrap();
    fs::write(folder.path("holds"), "trace_1.json\n").unwrap();
    let list = folder.path("holds");
    let retained = folder.run(|request| request.hold = list.to_str().unwrap()).unwrap();
    let held = ["case/trace_3.json", "case/x/trace_4.json", "some/trace_5.json", "trace_1.json"];
    assert_eq!(reasons(&retained), held.map(|name| (name, "hold")));
    assert!(held.iter().all(|name| folder.has(&format!("root/{name}"))));
    assert!(!folder.has("root/trace_2.json") && !folder.has("root/some/trace_6.json"));
}

#[test]
fn holds_by_absolute_path() {
    let folder = Folder::new();
    folder.old("root/a/trace_1.json");
    let root = fs::canonicalize(folder.path("root")).unwrap();
    fs::write(folder.path("holds"), format!("{}/a\n", root.display())).unwrap();
    let list = folder.path("holds");
    let retained = folder.run(|request| request.hold = list.to_str().unwrap()).unwrap();
    assert_eq!(reasons(&retained), [("a/trace_1.json", "hold")]);
}

#[test]
fn a_hold_that_cannot_be_understood_stops_everything() {
    let folder = Folder::new();
    folder.old("root/trace_1.json");
    let missing = folder.path("missing");
    assert!(folder.run(|request| request.hold = missing.to_str().unwrap()).is_err());
    fs::create_dir(folder.path("root/z")).unwrap();
    fs::write(folder.path("root/z/.gait-hold"), "trace_[a-\n").unwrap();
    assert_eq!(folder.run(|_| {}).unwrap_err().code(), "hold_list_malformed");
    fs::remove_file(folder.path("root/z/.gait-hold")).unwrap();
    symlink("/dev/null", folder.path("root/z/.gait-hold")).unwrap();
    assert!(folder.run(|_| {}).is_err());
    fs::remove_file(folder.path("root/z/.gait-hold")).unwrap();
    fs::create_dir(folder.path("root/z/.gait-hold")).unwrap();
    assert!(folder.run(|_| {}).is_err());
    assert!(folder.has("root/trace_1.json"));
}

#[test]
fn the_report_comes_first() {
    let folder = Folder::new();
    folder.old("root/trace_1.json");
    // It cannot be written: nothing goes.
    fs::write(folder.path("file"), "").unwrap();
    let impossible = folder.path("file/report.json");
    assert!(folder.run(|request| request.report = impossible.to_str().unwrap()).is_err());
    assert!(folder.has("root/trace_1.json"));

    let path = folder.path("reports/r.json");
    let retained = folder.run(|request| request.report = path.to_str().unwrap()).unwrap();
    let report: RetentionReport = json::decode(&fs::read(&path).unwrap(), Reading::STRICT).unwrap();
    assert_eq!(report, retained.report);
    assert_eq!((report.state.as_str(), report.deleted_files.len()), ("", 1));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!folder.has("root/trace_1.json"));
}

#[test]
fn a_report_among_the_artifacts_survives_its_run() {
    let folder = Folder::new();
    folder.old("root/trace_report.json");
    let path = folder.path("root/trace_report.json");
    let retained = folder.run(|request| request.report = path.to_str().unwrap()).unwrap();
    assert_eq!(reasons(&retained), [("trace_report.json", "changed")]);
    assert!(folder.has("root/trace_report.json"));
}

#[test]
fn strict_mode_removes_nothing_unreported() {
    let folder = Folder::new();
    folder.old("root/trace_1.json");
    let error = folder.run(|request| request.mode = Mode::Strict).unwrap_err();
    assert_eq!(error.code(), "retention_report_missing");
    let dry = |request: &mut RetainRequest<'_>| (request.mode, request.dry_run) = (Mode::Strict, true);
    assert_eq!(folder.run(dry).unwrap().report.deleted_files.len(), 1);
    assert!(folder.has("root/trace_1.json"));
}

#[test]
fn one_file_and_no_folder() {
    let folder = Folder::new();
    folder.old("root/trace_1.json");
    let file = folder.path("root/trace_1.json");
    let retained = folder.run(|request| request.root = file.to_str().unwrap()).unwrap();
    assert_eq!(retained.report.deleted_files[0].path, file.to_str().unwrap());
    assert!(!folder.has("root/trace_1.json"));
    let missing = folder.path("missing");
    assert_eq!(
        folder.run(|request| request.root = missing.to_str().unwrap()).unwrap_err().category().exit_code().code(),
        6
    );
}

#[test]
fn folders_nested_too_deeply_are_refused() {
    let folder = Folder::new();
    let deep: PathBuf =
        std::iter::once(folder.path("root")).chain(std::iter::repeat_n(PathBuf::from("d"), 140)).collect();
    fs::create_dir_all(&deep).unwrap();
    assert_eq!(folder.run(|_| {}).unwrap_err().code(), "retention_too_much");
}

#[test]
fn the_newest_stay_within_count_and_bytes() {
    let folder = Folder::new();
    for name in ["trace_1.json", "trace_2.json", "trace_3.json"] {
        folder.old(&format!("root/{name}"));
    }
    let caps = Caps { count: Some(2), ..Caps::default() };
    let retained = folder.run(|request| request.policy.trace = caps).unwrap();
    assert_eq!(retained.report.deleted_files.len(), 1);
    assert_eq!(retained.report.deleted_files[0].reason, "count");
    let caps = Caps { bytes: Some(1), ..Caps::default() };
    let retained = folder.run(|request| request.policy.trace = caps).unwrap();
    assert_eq!(retained.report.deleted_files[0].reason, "bytes");
    assert_eq!(retained.report.kept_files.len(), 1);
}
