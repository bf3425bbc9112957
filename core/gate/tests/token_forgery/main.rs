//! Forged, altered, moved and misspelled tokens, as tables: every row is judged by validation alone, by the count or the
//! chain that it is part of, and by the decision that comes of it, in both modes (03 §2, §3, §4, §14; 00 D6, D8).
//!
//! Rows that say `valid` are the harmless ones: spellings which leave the signed content as it is, because what is signed
//! is the normal form (03 §2.3). Compat mode reads them; strict mode refuses those that are a matter of JSON.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod approval;
mod bench;
mod delegation;
mod edits;
mod judge;
mod people;
mod say;
mod script;
mod signatures;
mod text;

use bench::{Attack, KINDS, Kind};

/// Plays a table, and says of all rows at once which went wrong.
fn play(kind: Kind, attacks: &[Attack]) {
    let mut wrong = Vec::new();
    for attack in attacks {
        for (mode, want) in bench::MODES.into_iter().zip(attack.want) {
            let found = judge::judge(kind, &attack.file, mode, &attack.scene);
            if found != want {
                wrong.push(format!("{} ({mode:?}): {found}, not {want}", attack.name));
            }
        }
    }
    println!("{kind:?}: {} rows", attacks.len());
    assert!(wrong.is_empty(), "{kind:?}, {} of {} rows:\n{}", wrong.len(), 2 * attacks.len(), wrong.join("\n"));
}

#[test]
fn honest_tokens_are_valid() {
    for kind in KINDS {
        for mode in bench::MODES {
            assert_eq!(judge::judge(kind, &bench::file(kind, &bench::honest(kind)), mode, &kind.scene()), "valid");
        }
    }
}

#[test]
fn signatures() {
    for kind in KINDS {
        play(kind, &signatures::attacks(kind));
    }
}

#[test]
fn spellings() {
    for kind in KINDS {
        play(kind, &text::attacks(kind));
    }
}

#[test]
fn truncated_anywhere() {
    for kind in KINDS {
        text::truncated_anywhere(kind);
    }
}

#[test]
fn members_of_approvals() {
    edits::every_member_is_attacked(Kind::Approval, &approval::members());
    play(Kind::Approval, &approval::members());
}

#[test]
fn approvals_of_other_things() {
    play(Kind::Approval, &approval::scenes());
}

#[test]
fn members_of_delegations() {
    edits::every_member_is_attacked(Kind::Delegation, &delegation::members());
    play(Kind::Delegation, &delegation::members());
}

#[test]
fn delegations_of_other_things() {
    play(Kind::Delegation, &delegation::scenes());
}

#[test]
fn members_of_script_entries() {
    edits::every_member_is_attacked(Kind::Script, &script::members());
    play(Kind::Script, &script::members());
}

#[test]
fn script_entries_for_other_things() {
    play(Kind::Script, &script::scenes());
}

#[test]
fn members_of_say_tokens() {
    edits::every_member_is_attacked(Kind::Say, &say::members());
    play(Kind::Say, &say::members());
}

#[test]
fn say_tokens_for_other_things() {
    play(Kind::Say, &say::scenes());
}
