use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use gait_base::digest::sha256;
use gait_base::error::{Category, Classify};
use gait_gate::authority::kill_switch::KillSwitchEntry;
use gait_gate::policy::document::{LimitScope, LimitWindow};

use super::*;
use crate::clock::{Clock, SystemClock};

const NOW: Timestamp = Timestamp::EPOCH_1980;
const HOURLY: Limit = Limit { requests: 30, window: LimitWindow::Hour, scope: LimitScope::Tool };

fn store(folder: &Path) -> FileStore {
    FileStore::new(FileStorePaths::beneath(folder), Mode::Strict).unwrap()
}

fn count_of(store: &dyn StateStore, tries: usize) -> usize {
    (0..tries).filter(|_| store.take(&HOURLY, "tool.write", "alice", &NOW).unwrap().allowed).count()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn token_use(name: &str, expires_at: &str) -> TokenUse {
    TokenUse { token: sha256(name.as_bytes()), expires_at: Timestamp::parse(expires_at).unwrap() }
}

fn switch(tool: &str) -> KillSwitchState {
    let mut state = KillSwitchState::fresh("1", &NOW).unwrap();
    state.add(KillSwitchEntry { tool_name: tool.to_owned(), ..KillSwitchEntry::default() }, &NOW).unwrap();
    state
}

fn request(name: &str, second: i64) -> ApprovalRequest {
    ApprovalRequest {
        schema_id: "gait.gate.approval_request".to_owned(),
        schema_version: "1.0.0".to_owned(),
        intent_digest: sha256(name.as_bytes()).to_hex(),
        policy_digest: sha256(b"policy").to_hex(),
        created_at: Timestamp::from_unix(second, 0).unwrap(),
        tool_name: name.to_owned(),
        scope: vec!["a".to_owned()],
        ..ApprovalRequest::default()
    }
}

fn token(name: &str, id: &str) -> ApprovalToken {
    ApprovalToken {
        token_id: id.to_owned(),
        intent_digest: sha256(name.as_bytes()).to_hex(),
        policy_digest: sha256(b"policy").to_hex(),
        expires_at: SystemClock.now(),
        ..ApprovalToken::default()
    }
}

#[test]
fn stores_admit_exactly_as_many_as_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    // Two stores of one process share a file like two processes.
    let stores = [store(folder.path()), store(folder.path())];
    let admitted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (store, admitted) = (&stores[number % 2], &admitted);
            scope.spawn(move || admitted.fetch_add(count_of(store, 10), Ordering::Relaxed));
        }
    });
    assert_eq!(admitted.load(Ordering::Relaxed), 30);
    let state = folder.path().join(".gait-out");
    assert_eq!(names(&state), ["gate_rate_limits.json"], "no lock stays");
    assert_eq!((mode_of(&state) & !0o750, mode_of(&state.join("gate_rate_limits.json"))), (0, 0o600));
    let decision = store(folder.path()).take(&HOURLY, "tool.write", "bob", &NOW).unwrap();
    assert_eq!((decision.allowed, decision.used, decision.remaining), (false, 30, 0));
}

#[test]
fn what_is_not_named_is_kept_in_memory() {
    let nothing = FileStore::new(FileStorePaths::default(), Mode::Strict).unwrap();
    assert!(!FileStorePaths::default().is_named() && FileStorePaths::beneath("x").is_named());
    assert_eq!(count_of(&nothing, 40), 30);
    let used = [token_use("a", "2026-11-22T15:00:00Z")];
    assert_eq!(nothing.claim(&used, &NOW).unwrap(), Claim::Granted);
    assert_eq!(nothing.claim(&used, &NOW).unwrap(), Claim::Used(vec![used[0].token]));
    assert!(nothing.kill_switch().unwrap().is_none());
    nothing.request_approval(&request("a", 1)).unwrap();
    nothing.add_approval(&token("a", "1")).unwrap();
    assert_eq!(nothing.approval_requests().unwrap().len(), 1);
    let revision = nothing.revision(Topic::Approvals).unwrap();
    assert_eq!(nothing.wait(Topic::Approvals, Revision::default(), Duration::ZERO).unwrap(), revision);
}

#[test]
fn a_refusal_writes_nothing_and_edits_of_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let store = FileStore::new(FileStorePaths::counters_at(&path), Mode::Compat).unwrap();
    count_of(&store, 30);
    let before = std::fs::read_to_string(&path).unwrap();
    let edited = format!("{before} \n");
    std::fs::write(&path, &edited).unwrap();
    assert_eq!(count_of(&store, 1), 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), edited);
    // At once, in place and of the same length: no time stamp need differ.
    for used in 10..29 {
        std::fs::write(&path, before.replace("\"count\": 30", &format!("\"count\": {used}"))).unwrap();
        assert_eq!(store.take(&HOURLY, "tool.write", "alice", &NOW).unwrap().used, used + 1);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(store.take(&HOURLY, "tool.write", "alice", &NOW).unwrap().used, 1);
}

#[test]
fn problems_are_classified() {
    let folder = tempfile::tempdir().unwrap();
    let take = |path: &Path| {
        let store = FileStore::new(FileStorePaths::counters_at(path), Mode::Compat).unwrap();
        store.take(&HOURLY, "t", "i", &NOW).unwrap_err()
    };
    let path = folder.path().join("state.json");
    assert_eq!(take(&folder.path().join("missing/state.json")).category(), Category::IoFailure);
    std::fs::write(&path, "[").unwrap();
    assert_eq!(take(&path).category(), Category::InvalidInput);
    std::fs::write(folder.path().join("state.json.lock"), "").unwrap();
    let error = take(&path);
    assert_eq!((error.category(), error.code()), (Category::StateContention, "rate_limit_lock_timeout"));
    let outside = FileStore::new(FileStorePaths::counters_at("../x"), Mode::Compat).map(|_| ()).unwrap_err();
    assert_eq!(outside.code(), "path_not_local");
}

#[test]
fn a_failed_write_grants_nothing_to_anyone_who_shared_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let store = FileStore::new(FileStorePaths::counters_at(&path), Mode::Strict).unwrap();
    assert_eq!(count_of(&store, 5), 5);
    let state = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(store.take(&HOURLY, "tool.write", "alice", &NOW).is_err()));
        }
    });
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, state).unwrap();
    assert_eq!(store.take(&HOURLY, "tool.write", "alice", &NOW).unwrap().used, 6);
}

#[test]
fn used_tokens_stay_used_whatever_the_clock_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let (now, ahead) = (at("2026-11-22T14:00:00Z"), at("2027-11-22T14:00:00Z"));
    let (first, second) = (token_use("first", "2026-11-22T15:00:00Z"), token_use("second", "2027-11-22T15:00:00Z"));
    assert_eq!(store(folder.path()).claim(&[first], &now).unwrap(), Claim::Granted);
    assert_eq!(store(folder.path()).claim(&[second, first], &now).unwrap(), Claim::Used(vec![first.token]));
    assert_eq!(store(folder.path()).claim(&[second], &ahead).unwrap(), Claim::Granted);
    let path = folder.path().join(".gait-out/gate_used_tokens.json");
    let file = std::fs::read_to_string(&path).unwrap();
    assert!(!file.contains(&first.token.to_hex()) && file.contains("\"forgotten_before\": \"2026-11-22T15:00:00Z\""));
    assert_eq!(store(folder.path()).claim(&[first], &now).unwrap(), Claim::Used(vec![first.token]));
    assert_eq!(mode_of(&path), 0o600);
}

#[test]
fn one_of_many_threads_gets_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [store(folder.path()), store(folder.path())];
    let granted = AtomicUsize::new(0);
    let used = [token_use("a", "2026-11-22T15:00:00Z"), token_use("b", "2026-11-22T15:00:00Z")];
    std::thread::scope(|scope| {
        for number in 0..16 {
            let (store, granted) = (&stores[number % 2], &granted);
            scope.spawn(move || {
                if store.claim(&used[number % 2..], &NOW).unwrap() == Claim::Granted {
                    granted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(granted.load(Ordering::Relaxed), 1, "both claims need the same second token");
}

#[test]
fn the_kill_switch_is_replaced_only_as_it_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (store(folder.path()), store(folder.path()));
    assert_eq!(one.kill_switch().unwrap_err().code(), "file_unusable", "named and missing");
    assert_eq!(one.revision(Topic::KillSwitch).unwrap(), Revision::default());
    let Swap::Done(first) = one.replace_kill_switch(Revision::default(), switch("a")).unwrap() else { panic!() };
    assert_eq!(two.replace_kill_switch(Revision::default(), switch("b")).unwrap(), Swap::Stale(first));
    let seen = two.kill_switch().unwrap().unwrap();
    assert_eq!((seen.revision, seen.document.entries.len()), (first, 1));
    let Swap::Done(second) = two.replace_kill_switch(first, switch("b")).unwrap() else { panic!() };
    assert_eq!(one.wait(Topic::KillSwitch, first, Duration::from_secs(5)).unwrap(), second);
    assert_eq!(one.kill_switch().unwrap().unwrap().document.entries[0].tool_name, "b");
    assert_eq!(
        one.replace_kill_switch(second, KillSwitchState::default()).unwrap_err().category(),
        Category::InvalidInput
    );
    assert_eq!(names(&folder.path().join(".gait-out")), ["kill_switch_state.json"]);
    std::fs::write(folder.path().join(".gait-out/kill_switch_state.json"), "{").unwrap();
    for _ in 0..2 {
        assert!(one.kill_switch().is_err(), "an older state must not stand in");
    }
}

#[test]
fn approvals_travel_through_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (gate, person) = (store(folder.path()), store(folder.path()));
    assert!(person.approval_requests().unwrap().is_empty());
    assert_eq!(gate.revision(Topic::Approvals).unwrap(), Revision::default());
    for (name, second) in [("later", 20), ("earlier", 10), ("later", 5)] {
        gate.request_approval(&request(name, second)).unwrap();
    }
    let waiting = person.approval_requests().unwrap();
    let named: Vec<_> = waiting.iter().map(|request| request.tool_name.as_str()).collect();
    assert_eq!(named, ["earlier", "later"]);
    let asked = gate.revision(Topic::Approvals).unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| gate.wait(Topic::Approvals, asked, Duration::from_secs(30)).unwrap());
        for id in ["2", "1", "2"] {
            person.add_approval(&token("later", id)).unwrap();
        }
        assert_ne!(waiter.join().unwrap(), asked);
    });
    let (intent, policy) = (sha256(b"later"), sha256(b"policy"));
    let ids: Vec<_> = gate.approvals(&intent, &policy).unwrap().into_iter().map(|token| token.token_id).collect();
    assert!(ids.iter().is_sorted() && ids.first().is_some_and(|id| id == "1"), "{ids:?}");
    assert!(gate.approvals(&intent, &intent).unwrap().is_empty());
    assert!(gate.approvals(&policy, &policy).unwrap().is_empty());
    gate.withdraw_request(&intent, &policy).unwrap();
    gate.withdraw_request(&intent, &policy).unwrap();
    assert_eq!(person.approval_requests().unwrap().len(), 1);
    let approvals = folder.path().join(".gait-out/approvals");
    for inner in ["", "requests", "tokens"] {
        assert_eq!(mode_of(&approvals.join(inner)), 0o700);
    }
    let kept = approvals.join("tokens").join(intent.to_hex());
    assert!(names(&kept).iter().all(|name| mode_of(&kept.join(name)) == 0o600));
}

#[test]
fn tokens_that_ended_long_ago_go_and_foreign_files_are_no_approvals() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let over = ApprovalToken { expires_at: NOW, ..token("a", "old") };
    store.add_approval(&over).unwrap();
    store.add_approval(&token("a", "new")).unwrap();
    let (intent, policy) = (sha256(b"a"), sha256(b"policy"));
    let ids = |store: &FileStore| -> Vec<_> {
        store.approvals(&intent, &policy).unwrap().into_iter().map(|token| token.token_id).collect()
    };
    assert_eq!(ids(&store), ["new"]);
    let kept = folder.path().join(format!(".gait-out/approvals/tokens/{intent}"));
    std::fs::write(kept.join(".x.json.tmp-12"), "half").unwrap();
    assert_eq!(ids(&store), ["new"]);
    std::fs::write(kept.join(format!("{}.json", sha256(b"other"))), "{}").unwrap();
    assert_eq!(store.approvals(&intent, &policy).unwrap_err().code(), "file_malformed");
    let climbing = ApprovalToken { intent_digest: "../../x".to_owned(), ..token("a", "x") };
    assert_eq!(store.add_approval(&climbing).unwrap_err().code(), "digest_malformed");
    let elsewhere = folder.path().join(format!(".gait-out/approvals/requests/{policy}-{policy}.json"));
    store.request_approval(&request("a", 1)).unwrap();
    std::fs::copy(elsewhere.with_file_name(format!("{intent}-{policy}.json")), elsewhere).unwrap();
    assert_eq!(store.approval_requests().unwrap_err().code(), "file_malformed");
}
