//! What a tool would touch: kind, endpoint class and domain, hints, and whether it destroys (02 §4.4).

use gait_base::text;

use super::endpoint_class;
use super::error::IntentError;
use super::field;
use super::request::Target;
use super::url_host;
use crate::vocabulary::{DISCOVERY_METHODS, ENDPOINT_CLASSES, TARGET_KINDS};

const UNKNOWN_DISCOVERY: &str = "unknown";

/// Normalizes the targets of one tool call: what can be inferred is, repeats vanish, the order is fixed.
pub(super) fn normalize(targets: &mut Vec<Target>, tool_name: &str) -> Result<(), IntentError> {
    for (index, target) in targets.iter_mut().enumerate() {
        normalize_one(target, tool_name).map_err(|error| error.in_item(index).in_member("targets"))?;
    }
    sort_unique(targets);
    Ok(())
}

fn normalize_one(target: &mut Target, tool_name: &str) -> Result<(), IntentError> {
    field::required_fold(&mut target.kind, "kind")?;
    field::one_of(&target.kind, "kind", TARGET_KINDS)?;
    field::required(&mut target.value, "value")?;
    text::trim_fold_in_place(&mut target.operation);
    text::trim_fold_in_place(&mut target.sensitivity);
    field::optional_word(&mut target.endpoint_class, "endpoint_class", ENDPOINT_CLASSES)?;
    if target.endpoint_class.is_empty() {
        endpoint_class::infer(&target.kind, &target.operation, tool_name).clone_into(&mut target.endpoint_class);
    }
    text::trim_fold_in_place(&mut target.endpoint_domain);
    if target.endpoint_domain.is_empty() {
        target.endpoint_domain = infer_domain(&target.kind, &target.value);
    }
    target.destructive |=
        target.destructive_hint || endpoint_class::is_destructive(&target.endpoint_class, &target.operation);
    normalize_discovery(&mut target.discovery_method)
}

fn normalize_discovery(method: &mut String) -> Result<(), IntentError> {
    text::trim_fold_in_place(method);
    if method.is_empty() {
        method.push_str(UNKNOWN_DISCOVERY);
        return Ok(());
    }
    if method.contains(['-', ' ']) {
        *method = method.replace(['-', ' '], "_");
    }
    field::one_of(method, "discovery_method", DISCOVERY_METHODS)
}

fn infer_domain(kind: &str, value: &str) -> String {
    let mut domain = match kind {
        "host" => host_part(value).to_owned(),
        "url" => url_host::of(value).unwrap_or_default(),
        _ => return String::new(),
    };
    text::trim_fold_in_place(&mut domain);
    domain
}

/// The host of an address such as `name:443`. An IPv6 address in brackets is cut at its first colon: the contract's.
fn host_part(value: &str) -> &str {
    let value = value.strip_prefix("http://").unwrap_or(value);
    let value = value.strip_prefix("https://").unwrap_or(value);
    value.split('/').next().and_then(|host| host.split(':').next()).unwrap_or_default()
}

/// Sorts by all fields and drops repeats; a list that is so already is left alone.
pub(super) fn sort_unique<T: Ord>(list: &mut Vec<T>) {
    if list.is_sorted_by(|a, b| a < b) {
        return;
    }
    list.sort();
    list.dedup();
}

#[cfg(test)]
mod tests {
    use gait_base::error::Classify as _;

    use super::*;

    fn target(kind: &str, value: &str) -> Target {
        Target { kind: kind.to_owned(), value: value.to_owned(), ..Target::default() }
    }

    fn one(target: Target) -> Target {
        let mut targets = vec![target];
        normalize(&mut targets, "tool").unwrap();
        targets.remove(0)
    }

    #[test]
    fn domains_of_hosts() {
        let table = [
            ("API.example.com:443", "api.example.com"),
            ("https://a.b/c", "a.b"),
            ("http://https://x/", "x"),
            ("HTTP://x.y", "http"),
            ("[::1]:80", "["),
            ("user@H", "user@h"),
            ("h : 80", "h"),
            ("/x", ""),
        ];
        for (value, domain) in table {
            assert_eq!(one(target("host", value)).endpoint_domain, domain, "{value}");
        }
        assert_eq!(one(target("repo", "h:80")).endpoint_domain, "");
        let given = Target { endpoint_domain: " X.Y ".to_owned(), ..target("repo", "r") };
        assert_eq!(one(given).endpoint_domain, "x.y");
    }

    #[test]
    fn destructive_by_word_class_or_operation() {
        assert!(!one(target("path", "/a")).destructive);
        assert!(one(Target { destructive_hint: true, ..target("path", "/a") }).destructive);
        assert!(one(Target { endpoint_class: "PROC.exec".to_owned(), ..target("path", "/a") }).destructive);
        assert!(one(Target { operation: " Drop ".to_owned(), ..target("table", "t") }).destructive);
        assert!(!one(Target { operation: "run".to_owned(), ..target("table", "t") }).destructive);
    }

    #[test]
    fn discovery_methods() {
        for (given, kept) in [("", "unknown"), (" Static-MCP ", "static_mcp"), ("dynamic mcp", "dynamic_mcp")] {
            let found = one(Target { discovery_method: given.to_owned(), ..target("path", "/a") });
            assert_eq!(found.discovery_method, kept);
        }
    }

    #[test]
    fn faults_name_the_member() {
        let mut targets = vec![target("path", "/a"), target("file", "/a")];
        let error = normalize(&mut targets, "t").unwrap_err();
        assert_eq!((error.code(), error.path()), ("intent_invalid_value", "targets[1].kind"));
        let error = normalize(&mut vec![target("path", " ")], "t").unwrap_err();
        assert_eq!((error.code(), error.path()), ("intent_missing_field", "targets[0].value"));
    }

    #[test]
    fn repeats_vanish_and_false_sorts_before_true() {
        let hinted = Target { read_only_hint: true, ..target("path", "/a") };
        let mut targets = vec![hinted.clone(), target("path", "/a"), target("bucket", "z"), hinted];
        normalize(&mut targets, "t").unwrap();
        let brief: Vec<_> = targets.iter().map(|t| (t.kind.as_str(), t.read_only_hint)).collect();
        assert_eq!(brief, [("bucket", false), ("path", false), ("path", true)]);
    }
}
