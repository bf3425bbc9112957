//! Which entries stop an intent (03 §5.3).

use gait_base::path::clean;
use gait_base::text::{folds_to, sort_dedup};
use gait_base::time::Timestamp;

use super::{KillSwitchEntry, KillSwitchState};
use crate::finding::KillSwitchDecision;
use crate::intent::{IntentRequest, Target};
use crate::mode::Mode;

const ACTIVE: &str = "kill_switch_active";

impl KillSwitchState {
    /// What the entries say about an intent in normal form, `at` that moment. The order of entries does not matter.
    ///
    /// In strict mode `tool_name` matches the tools inside a script too (00 D5).
    #[must_use]
    pub fn decide(&self, request: &IntentRequest, at: &Timestamp, mode: Mode) -> KillSwitchDecision {
        let evaluated_at = at.to_utc().unwrap_or(*at);
        let (mut codes, mut ids) = (Vec::new(), Vec::new());
        let mut active = false;
        for entry in self.entries.iter().filter(|entry| entry.in_force(at) && entry.matches(request, mode)) {
            active = true;
            entry.for_each_code(|code| codes.push(code.to_owned()));
            ids.extend(Some(&entry.entry_id).filter(|id| !id.is_empty()).cloned());
        }
        if !active {
            return KillSwitchDecision { status: "inactive".to_owned(), evaluated_at, ..KillSwitchDecision::default() };
        }
        codes.push(ACTIVE.to_owned());
        sort_dedup(&mut codes);
        sort_dedup(&mut ids);
        KillSwitchDecision {
            status: "active".to_owned(),
            reason_code: codes.iter().find(|code| *code != ACTIVE).map_or(ACTIVE, String::as_str).to_owned(),
            reason_codes: codes,
            matched_entry_ids: ids,
            evaluated_at,
        }
    }
}

impl KillSwitchEntry {
    fn in_force(&self, at: &Timestamp) -> bool {
        self.enabled && (self.expires_at.is_zero() || at.is_before(&self.expires_at))
    }

    fn matches(&self, request: &IntentRequest, mode: Mode) -> bool {
        let context = &request.context;
        let holds = |selector: &String, value: &String| selector.is_empty() || selector == value;
        holds(&self.agent_id, &context.agent_id)
            && holds(&self.identity, &context.identity)
            && self.matches_tool(request, mode)
            && (self.environment.is_empty() || folds_to(&context.environment, &self.environment))
            && self.matches_target(request)
            && self.matches_path(request)
            && (self.workspace_prefixes.is_empty() || lies_under_one(&self.workspace_prefixes, &context.workspace))
    }

    fn matches_tool(&self, request: &IntentRequest, mode: Mode) -> bool {
        let steps = request.script.iter().filter(|_| mode.is_strict()).flat_map(|script| &script.steps);
        self.tool_name.is_empty()
            || request.tool_name == self.tool_name
            || steps.into_iter().any(|step| step.tool_name == self.tool_name)
    }

    fn matches_target(&self, request: &IntentRequest) -> bool {
        if self.target_kind.is_empty() && self.target_value.is_empty() {
            return true;
        }
        let holds = |selector: &String, value: &String| selector.is_empty() || selector == value;
        all_targets(request)
            .any(|target| holds(&self.target_kind, &target.kind) && holds(&self.target_value, &target.value))
    }

    fn matches_path(&self, request: &IntentRequest) -> bool {
        self.path_prefixes.is_empty()
            || all_targets(request)
                .any(|target| target.kind == "path" && lies_under_one(&self.path_prefixes, &target.value))
    }

    /// The codes of the selectors that are set.
    fn for_each_code(&self, mut found: impl FnMut(&'static str)) {
        let selectors = [
            (!self.agent_id.is_empty(), "kill_switch_agent_id_active"),
            (!self.identity.is_empty(), "kill_switch_identity_active"),
            (!self.tool_name.is_empty(), "kill_switch_tool_name_active"),
            (!self.environment.is_empty(), "kill_switch_environment_active"),
            (!self.target_kind.is_empty() || !self.target_value.is_empty(), "kill_switch_target_active"),
            (!self.path_prefixes.is_empty(), "kill_switch_path_active"),
            (!self.workspace_prefixes.is_empty(), "kill_switch_workspace_active"),
        ];
        selectors.into_iter().filter(|(set, _)| *set).for_each(|(_, code)| found(code));
    }
}

/// The intent's own targets and those of all steps.
fn all_targets(request: &IntentRequest) -> impl Iterator<Item = &Target> {
    let steps = request.script.iter().flat_map(|script| &script.steps);
    request.targets.iter().chain(steps.flat_map(|step| &step.targets))
}

fn lies_under_one(prefixes: &[String], path: &str) -> bool {
    let path = clean(path);
    let under = |prefix: &String| match path.strip_prefix(prefix.as_str()) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'),
        None => false,
    };
    prefixes.iter().any(under)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intent::{Context, Script, ScriptStep};

    fn target(kind: &str, value: &str) -> Target {
        Target { kind: kind.into(), value: value.into(), ..Target::default() }
    }

    fn request() -> IntentRequest {
        let context = Context {
            identity: "alice".into(),
            agent_id: "agent-1".into(),
            workspace: "/repo/app".into(),
            environment: "Prod".into(),
            ..Context::default()
        };
        let targets = vec![target("path", "/data/./report.txt"), target("url", "https://x")];
        IntentRequest { tool_name: "tool.write".into(), targets, context, ..IntentRequest::default() }
    }

    fn entry(id: &str, change: impl FnOnce(&mut KillSwitchEntry)) -> KillSwitchEntry {
        let mut entry = KillSwitchEntry { entry_id: id.into(), enabled: true, ..KillSwitchEntry::default() };
        change(&mut entry);
        entry
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn decide(entries: Vec<KillSwitchEntry>, request: &IntentRequest, mode: Mode) -> KillSwitchDecision {
        let state = KillSwitchState { entries, ..KillSwitchState::default() };
        state.decide(request, &at("2026-02-01T01:00:00+01:00"), mode)
    }

    type Change = fn(&mut KillSwitchEntry);

    #[test]
    fn each_selector_alone() {
        let table: [(&str, Change); 12] = [
            ("kill_switch_agent_id_active", |e| e.agent_id = "agent-1".into()),
            ("kill_switch_identity_active", |e| e.identity = "alice".into()),
            ("kill_switch_tool_name_active", |e| e.tool_name = "tool.write".into()),
            ("kill_switch_environment_active", |e| e.environment = "prod".into()),
            ("kill_switch_target_active", |e| e.target_kind = "url".into()),
            ("kill_switch_target_active", |e| e.target_value = "https://x".into()),
            ("kill_switch_path_active", |e| e.path_prefixes = vec!["/data".into()]),
            ("kill_switch_path_active", |e| e.path_prefixes = vec!["/data/report.txt".into()]),
            ("kill_switch_path_active", |e| e.path_prefixes = vec!["/".into()]),
            ("kill_switch_workspace_active", |e| e.workspace_prefixes = vec!["/repo".into()]),
            ("kill_switch_workspace_active", |e| e.workspace_prefixes = vec!["/".into()]),
            ("kill_switch_active", |_| {}),
        ];
        for (code, change) in table {
            let decision = decide(vec![entry("e", change)], &request(), Mode::Compat);
            assert_eq!(decision.status, "active", "{code}");
            assert_eq!(decision.reason_code, code);
            assert!(decision.reason_codes.iter().any(|code| code == "kill_switch_active"));
            assert_eq!(decision.matched_entry_ids, ["e"]);
            assert_eq!(decision.evaluated_at.to_string(), "2026-02-01T00:00:00Z");
        }
    }

    #[test]
    fn near_misses() {
        let table: [Change; 9] = [
            |e| e.identity = "Alice".into(),
            |e| e.agent_id = "agent".into(),
            |e| e.tool_name = "tool".into(),
            |e| e.environment = "pro".into(),
            |e| e.path_prefixes = vec!["/dat".into()],
            |e| e.path_prefixes = vec!["https:/x".into()],
            |e| e.workspace_prefixes = vec!["/repo/ap".into()],
            |e| {
                e.identity = "alice".into();
                e.agent_id = "agent-2".into();
            },
            |e| {
                e.target_kind = "path".into();
                e.target_value = "https://x".into();
            },
        ];
        for change in table {
            let decision = decide(vec![entry("e", change)], &request(), Mode::Strict);
            assert_eq!(decision.status, "inactive");
            assert!(decision.reason_code.is_empty() && decision.reason_codes.is_empty());
            assert!(decision.matched_entry_ids.is_empty());
        }
    }

    #[test]
    fn disabled_and_expired_entries_do_not_count() {
        let status = |change: Change| decide(vec![entry("e", change)], &request(), Mode::Compat).status;
        assert_eq!(status(|e| e.enabled = false), "inactive");
        assert_eq!(status(|e| e.expires_at = Timestamp::parse("2026-02-01T00:00:00Z").unwrap()), "inactive");
        assert_eq!(status(|e| e.expires_at = Timestamp::parse("2026-02-01T00:00:00.000000001Z").unwrap()), "active");
    }

    #[test]
    fn steps_lend_their_targets_always_and_their_names_in_strict_mode() {
        let step =
            ScriptStep { tool_name: "fs.rm".into(), targets: vec![target("path", "/etc/x")], ..ScriptStep::default() };
        let script = IntentRequest {
            tool_name: "script".into(),
            script: Some(Script { steps: vec![step] }),
            targets: Vec::new(),
            ..request()
        };
        let by_path = || vec![entry("e", |e| e.path_prefixes = vec!["/etc".into()])];
        assert_eq!(decide(by_path(), &script, Mode::Compat).status, "active");
        let by_name = |name: &str| vec![entry("e", |e| e.tool_name = name.into())];
        assert_eq!(decide(by_name("fs.rm"), &script, Mode::Compat).status, "inactive");
        assert_eq!(decide(by_name("fs.rm"), &script, Mode::Strict).status, "active");
        assert_eq!(decide(by_name("script"), &script, Mode::Strict).status, "active");
    }

    #[test]
    fn entries_without_an_id_match_without_a_trace() {
        let decision = decide(vec![entry("", |e| e.identity = "alice".into())], &request(), Mode::Compat);
        assert_eq!(decision.status, "active");
        assert!(decision.matched_entry_ids.is_empty());
    }

    proptest! {
        #[test]
        fn the_order_of_entries_does_not_matter(picks in proptest::collection::vec((0usize..6, any::<bool>()), 0..12), turn in 0usize..12) {
            let changes: [Change; 6] = [
                |e| e.identity = "alice".into(),
                |e| e.identity = "bob".into(),
                |e| e.tool_name = "tool.write".into(),
                |e| e.path_prefixes = vec!["/data".into()],
                |e| e.environment = "dev".into(),
                |_| {},
            ];
            let mut entries: Vec<_> = picks.iter().map(|(pick, enabled)| {
                let mut entry = entry(&format!("e{pick}"), changes[*pick]);
                entry.enabled = *enabled;
                entry
            }).collect();
            let before = decide(entries.clone(), &request(), Mode::Compat);
            if !entries.is_empty() {
                let turn = turn % entries.len();
                entries.rotate_left(turn);
            }
            entries.reverse();
            prop_assert_eq!(decide(entries, &request(), Mode::Compat), before);
        }
    }
}
