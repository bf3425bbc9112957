use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use gait_base::error::{Category, Classify};

use super::*;
use crate::authority::kill_switch::KillSwitchEntry;
use crate::policy::document::{LimitScope, LimitWindow};

const NOW: Timestamp = Timestamp::EPOCH_1980;

fn switch(tools: &[&str]) -> KillSwitchState {
    let mut state = KillSwitchState::fresh("1", &NOW).unwrap();
    for tool in tools {
        state.add(KillSwitchEntry { tool_name: (*tool).to_owned(), ..KillSwitchEntry::default() }, &NOW).unwrap();
    }
    state
}

fn request(name: &str, second: i64) -> ApprovalRequest {
    ApprovalRequest {
        intent_digest: sha256(name.as_bytes()).to_hex().to_uppercase(),
        policy_digest: sha256(b"policy").to_hex(),
        created_at: Timestamp::from_unix(second, 0).unwrap(),
        tool_name: name.to_owned(),
        ..ApprovalRequest::default()
    }
}

fn token(name: &str, id: &str) -> ApprovalToken {
    ApprovalToken {
        token_id: id.to_owned(),
        intent_digest: sha256(name.as_bytes()).to_hex(),
        policy_digest: sha256(b"policy").to_hex(),
        expires_at: NOW.plus_nanos(60_000_000_000).unwrap(),
        ..ApprovalToken::default()
    }
}

#[test]
fn threads_are_admitted_exactly_as_often_as_the_limit_says() {
    let store = MemoryStore::default();
    let limit = Limit { requests: 300, window: LimitWindow::Hour, scope: LimitScope::Tool };
    let admitted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let count = (0..100).filter(|_| store.take(&limit, "t", "a", &NOW).unwrap().allowed).count();
                admitted.fetch_add(count, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(admitted.load(Ordering::Relaxed), 300);
}

#[test]
fn a_token_is_claimed_by_one_thread_only() {
    let store = MemoryStore::default();
    let tokens = ["a", "b"].map(|name| TokenUse { token: sha256(name.as_bytes()), expires_at: NOW });
    let granted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                if store.claim(&tokens, &NOW).unwrap() == Claim::Granted {
                    granted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(granted.load(Ordering::Relaxed), 1);
}

#[test]
fn the_kill_switch_is_replaced_only_as_it_was_seen() {
    let store = MemoryStore::default();
    assert!(store.kill_switch().unwrap().is_none());
    let Swap::Done(first) = store.replace_kill_switch(Revision::default(), switch(&["a"])).unwrap() else { panic!() };
    assert_eq!(store.replace_kill_switch(Revision::default(), switch(&["b"])).unwrap(), Swap::Stale(first));
    let (one, two) = (store.kill_switch().unwrap().unwrap(), store.kill_switch().unwrap().unwrap());
    assert!(Arc::ptr_eq(&one.document, &two.document) && one.revision == first);
    assert_eq!(store.revision(Topic::KillSwitch).unwrap(), first);
    assert!(store.replace_kill_switch(first, KillSwitchState::default()).is_err(), "a state without times is none");
    let Swap::Done(second) = store.replace_kill_switch(first, switch(&["a", "b"])).unwrap() else { panic!() };
    assert_ne!(first, second);
    let given = MemoryStore::new(Mode::Compat).with_kill_switch(switch(&["a"])).unwrap();
    assert_eq!(given.revision(Topic::KillSwitch).unwrap(), first, "equal content, equal revision");
}

#[test]
fn requests_and_approvals_are_found_by_their_digests() {
    let store = MemoryStore::default();
    for (name, second) in [("later", 20), ("earlier", 10), ("later", 5)] {
        store.request_approval(&request(name, second)).unwrap();
    }
    let names: Vec<_> = store.approval_requests().unwrap().into_iter().map(|request| request.tool_name).collect();
    assert_eq!(names, ["earlier", "later"]);
    let before = store.revision(Topic::Approvals).unwrap();
    for id in ["2", "1", "2"] {
        store.add_approval(&token("later", id)).unwrap();
    }
    assert_ne!(store.revision(Topic::Approvals).unwrap(), before);
    let (intent, policy) = (sha256(b"later"), sha256(b"policy"));
    let ids: Vec<_> = store.approvals(&intent, &policy).unwrap().into_iter().map(|token| token.token_id).collect();
    assert_eq!(ids, ["1", "2"]);
    assert!(store.approvals(&policy, &intent).unwrap().is_empty());
    store.withdraw_request(&intent, &policy).unwrap();
    store.withdraw_request(&intent, &policy).unwrap();
    assert_eq!(store.approval_requests().unwrap().len(), 1);
    // What is over goes once the clock has shown it.
    store.claim(&[], &NOW.plus_nanos(61_000_000_000).unwrap()).unwrap();
    store.add_approval(&token("earlier", "3")).unwrap();
    assert!(store.approvals(&intent, &policy).unwrap().is_empty());
    let nameless = store.add_approval(&ApprovalToken::default()).unwrap_err();
    assert_eq!((nameless.category(), nameless.code()), (Category::InvalidInput, "digest_malformed"));
}

#[test]
fn no_more_is_kept_than_the_bound_says() {
    let store = MemoryStore::default();
    let mut shared = store.shared();
    for number in 0..APPROVAL_CAPACITY {
        let name = (sha256(&number.to_be_bytes()), sha256(b"policy"));
        shared.requests.insert(name, ApprovalRequest::default());
    }
    drop(shared);
    let refused = store.request_approval(&request("one more", 1)).unwrap_err();
    assert_eq!((refused.category(), refused.code()), (Category::StateContention, "state_full"));
}

#[test]
fn waiting_ends_with_the_change_or_with_patience() {
    let store = MemoryStore::default();
    let started = Instant::now();
    let unchanged = store.wait(Topic::Approvals, Revision::default(), Duration::from_millis(20)).unwrap();
    assert_eq!(unchanged, Revision::default());
    assert!(started.elapsed() >= Duration::from_millis(20));
    std::thread::scope(|scope| {
        let waiter =
            scope.spawn(|| store.wait(Topic::Approvals, Revision::default(), Duration::from_secs(60)).unwrap());
        store.request_approval(&request("a", 1)).unwrap();
        assert_ne!(waiter.join().unwrap(), Revision::default());
    });
    assert!(started.elapsed() < Duration::from_secs(30));
}
