//! Freeze window, sandbox, dataflow and endpoint of a rule in normal form. Each is in force only when enabled or when a
//! setting that enables it is there.

use gait_base::path::clean;
use gait_base::text::{set, set_fold, sort_dedup, trim_fold_in_place, trim_in_place};

use super::check::Subject;
use super::{RESTRICTIONS, owned};
use crate::policy::document::{Dataflow, DormantLabels, EndpointRule, FreezeWindow, SandboxRule, Window};
use crate::policy::error::PolicyError;
use crate::policy::source::{DataflowSource, EndpointSource, FreezeWindowSource, SandboxSource, WindowSource};
use crate::verdict::Verdict;
use crate::vocabulary::{
    ENDPOINT_CLASSES, ENV_EXPOSURE_MODES, FILESYSTEM_ISOLATIONS, NETWORK_MODES, TAINTED_SOURCES, USER_MODES,
};

/// A freeze window. Time zone and times are not read here but when they are used.
pub(super) fn freeze_window(
    mut source: FreezeWindowSource,
    subject: Subject<'_>,
) -> Result<Option<Box<FreezeWindow>>, PolicyError> {
    trim_in_place(&mut source.timezone);
    trim_fold_in_place(&mut source.effect);
    trim_in_place(&mut source.reason);
    set_fold(&mut source.environments);
    set_fold(&mut source.risk_classes);
    let configured = source.enabled
        || !source.timezone.is_empty()
        || !source.effect.is_empty()
        || !source.reason.is_empty()
        || !source.environments.is_empty()
        || !source.risk_classes.is_empty()
        || !source.windows.is_empty();
    if !configured {
        return Ok(None);
    }
    if source.timezone.is_empty() {
        return Err(subject.fault("freeze_window.timezone", "a time zone is required"));
    }
    let effect = action_or(&source.effect, Verdict::Block, "freeze_window.effect", subject)?;
    if source.windows.is_empty() {
        return Err(subject.fault("freeze_window.windows", "at least one window is required"));
    }
    let mut windows = Vec::with_capacity(source.windows.len());
    for (index, WindowSource { mut name, mut start, mut end }) in source.windows.into_iter().enumerate() {
        trim_in_place(&mut name);
        trim_in_place(&mut start);
        trim_in_place(&mut end);
        if name.is_empty() {
            name = format!("window-{}", index + 1);
        }
        if start.is_empty() || end.is_empty() {
            return Err(subject.fault("freeze_window.windows", format!("`{name}` needs a start and an end")));
        }
        windows.push(Window { name, start, end });
    }
    Ok(Some(Box::new(FreezeWindow {
        timezone: source.timezone,
        effect,
        reason: source.reason,
        environments: source.environments,
        risk_classes: source.risk_classes,
        windows,
    })))
}

/// Sandbox demands.
pub(super) fn sandbox(
    mut source: SandboxSource,
    subject: Subject<'_>,
) -> Result<Option<Box<SandboxRule>>, PolicyError> {
    set_fold(&mut source.allowed_network_modes);
    subject.all_of("sandbox.allowed_network_modes", &source.allowed_network_modes, NETWORK_MODES)?;
    paths(&mut source.allowed_writable_path_prefixes, "sandbox.allowed_writable_path_prefixes", subject)?;
    paths(&mut source.required_read_only_roots, "sandbox.required_read_only_roots", subject)?;
    set_fold(&mut source.allowed_env_exposure_modes);
    subject.all_of("sandbox.allowed_env_exposure_modes", &source.allowed_env_exposure_modes, ENV_EXPOSURE_MODES)?;
    subject.not_negative("sandbox.max_timeout_seconds", source.max_timeout_seconds)?;
    set_fold(&mut source.allowed_filesystem_isolations);
    let isolations = &source.allowed_filesystem_isolations;
    subject.all_of("sandbox.allowed_filesystem_isolations", isolations, FILESYSTEM_ISOLATIONS)?;
    set_fold(&mut source.allowed_user_modes);
    subject.all_of("sandbox.allowed_user_modes", &source.allowed_user_modes, USER_MODES)?;
    let sandbox = SandboxRule {
        network_modes: source.allowed_network_modes,
        writable_path_prefixes: source.allowed_writable_path_prefixes,
        read_only_roots: source.required_read_only_roots,
        env_exposure_modes: source.allowed_env_exposure_modes,
        max_timeout_seconds: source.max_timeout_seconds,
        filesystem_isolations: source.allowed_filesystem_isolations,
        user_modes: source.allowed_user_modes,
    };
    Ok((source.enabled || sandbox != SandboxRule::default()).then(|| Box::new(sandbox)))
}

/// Paths of a sandbox: trimmed, cleaned by their letters, sorted, without repeats (02 §4.8).
fn paths(list: &mut Vec<String>, setting: &str, subject: Subject<'_>) -> Result<(), PolicyError> {
    let mut cleaned = Vec::with_capacity(list.len());
    for path in list.iter().map(|path| path.trim()).filter(|path| !path.is_empty()) {
        let clean = clean(path);
        if is_assignment(path) || is_assignment(&clean) {
            return Err(subject.fault(setting, format!("`{path}` looks like an assignment, not a path")));
        }
        if clean != "." {
            cleaned.push(clean);
        }
    }
    sort_dedup(&mut cleaned);
    *list = cleaned;
    Ok(())
}

/// Whether a text begins like `NAME=`.
fn is_assignment(text: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Dataflow limits. Action and labels alone put nothing in force and go to `dormant` unchecked.
pub(super) fn dataflow(
    mut source: DataflowSource,
    subject: Subject<'_>,
    dormant: &mut DormantLabels,
) -> Result<Option<Box<Dataflow>>, PolicyError> {
    set_fold(&mut source.tainted_sources);
    set_fold(&mut source.destination_kinds);
    set(&mut source.destination_values);
    set_fold(&mut source.destination_operations);
    let mut labels = labels(source.action, source.reason_code, source.violation);
    let configured = source.enabled
        || !source.tainted_sources.is_empty()
        || !source.destination_kinds.is_empty()
        || !source.destination_values.is_empty()
        || !source.destination_operations.is_empty();
    if !configured {
        *dormant = labels;
        return Ok(None);
    }
    if source.tainted_sources.is_empty() {
        source.tainted_sources = owned(TAINTED_SOURCES);
    }
    let action = action_or(&labels.action, Verdict::RequireApproval, "dataflow.action", subject)?;
    default_to(&mut labels.reason_code, "dataflow_tainted_destination");
    default_to(&mut labels.violation, "tainted_dataflow");
    Ok(Some(Box::new(Dataflow {
        tainted_sources: source.tainted_sources,
        destination_kinds: source.destination_kinds,
        destination_values: source.destination_values,
        destination_operations: source.destination_operations,
        action,
        reason_code: labels.reason_code,
        violation: labels.violation,
    })))
}

/// Endpoint limits. Action and labels alone put nothing in force and go to `dormant` unchecked.
pub(super) fn endpoint(
    mut source: EndpointSource,
    subject: Subject<'_>,
    dormant: &mut DormantLabels,
) -> Result<Option<Box<EndpointRule>>, PolicyError> {
    const LABEL: &str = "endpoint_constraint_violation";
    set(&mut source.path_allowlist);
    set(&mut source.path_denylist);
    set_fold(&mut source.domain_allowlist);
    set_fold(&mut source.domain_denylist);
    set_fold(&mut source.egress_classes);
    trim_fold_in_place(&mut source.destructive_action);
    let mut labels = labels(source.action, source.reason_code, source.violation);
    let configured = source.enabled
        || !source.path_allowlist.is_empty()
        || !source.path_denylist.is_empty()
        || !source.domain_allowlist.is_empty()
        || !source.domain_denylist.is_empty()
        || !source.egress_classes.is_empty()
        || !source.destructive_action.is_empty();
    if !configured {
        *dormant = labels;
        return Ok(None);
    }
    let action = action_or(&labels.action, Verdict::Block, "endpoint.action", subject)?;
    let destructive_action = match source.destructive_action.as_str() {
        "" => None,
        word => Some(subject.verdict("endpoint.destructive_action", word, RESTRICTIONS)?),
    };
    for class in &source.egress_classes {
        subject.one_of("endpoint.egress_classes", class, ENDPOINT_CLASSES)?;
        if !class.starts_with("net.") {
            return Err(subject.fault("endpoint.egress_classes", format!("`{class}` is not a network class (`net.…`)")));
        }
    }
    default_to(&mut labels.reason_code, LABEL);
    default_to(&mut labels.violation, LABEL);
    Ok(Some(Box::new(EndpointRule {
        path_allowlist: source.path_allowlist,
        path_denylist: source.path_denylist,
        domain_allowlist: source.domain_allowlist,
        domain_denylist: source.domain_denylist,
        egress_classes: source.egress_classes,
        action,
        destructive_action,
        reason_code: labels.reason_code,
        violation: labels.violation,
    })))
}

fn labels(mut action: String, mut reason_code: String, mut violation: String) -> DormantLabels {
    trim_fold_in_place(&mut action);
    trim_in_place(&mut reason_code);
    trim_in_place(&mut violation);
    DormantLabels { action, reason_code, violation }
}

fn action_or(word: &str, default: Verdict, setting: &str, subject: Subject<'_>) -> Result<Verdict, PolicyError> {
    if word.is_empty() { Ok(default) } else { subject.verdict(setting, word, RESTRICTIONS) }
}

fn default_to(text: &mut String, default: &str) {
    if text.is_empty() {
        default.clone_into(text);
    }
}
