//! Rate limits and destructive budgets in normal form.

use gait_base::text::trim_fold_in_place;

use super::check::Subject;
use crate::policy::document::{Limit, LimitScope, LimitWindow};
use crate::policy::error::PolicyError;
use crate::policy::source::LimitSource;

/// A rate limit. Without requests there is none, and what else is set goes to `dormant` unchecked.
pub(super) fn rate_limit(
    source: LimitSource,
    subject: Subject<'_>,
    dormant: &mut (String, String),
) -> Result<Option<Limit>, PolicyError> {
    let source = folded(source, "rate_limit.requests", subject)?;
    if source.requests == 0 {
        *dormant = (source.window, source.scope);
        return Ok(None);
    }
    limit(&source, "rate_limit", subject).map(Some)
}

/// A destructive budget. Without requests nothing else may be set.
pub(super) fn destructive_budget(source: LimitSource, subject: Subject<'_>) -> Result<Option<Limit>, PolicyError> {
    const REQUESTS: &str = "destructive_budget.requests";
    let source = folded(source, REQUESTS, subject)?;
    if source.requests == 0 {
        if source.window.is_empty() && source.scope.is_empty() {
            return Ok(None);
        }
        return Err(subject.fault(REQUESTS, "a window or scope needs at least 1 request"));
    }
    limit(&source, "destructive_budget", subject).map(Some)
}

fn folded(mut source: LimitSource, setting: &str, subject: Subject<'_>) -> Result<LimitSource, PolicyError> {
    subject.not_negative(setting, source.requests)?;
    trim_fold_in_place(&mut source.window);
    trim_fold_in_place(&mut source.scope);
    Ok(source)
}

fn limit(source: &LimitSource, group: &str, subject: Subject<'_>) -> Result<Limit, PolicyError> {
    let window = match source.window.as_str() {
        "" | "minute" => LimitWindow::Minute,
        "hour" => LimitWindow::Hour,
        other => return Err(subject.fault(&format!("{group}.window"), format!("`{other}` is not one of minute, hour"))),
    };
    let scope = match source.scope.as_str() {
        "" | "tool_identity" => LimitScope::ToolIdentity,
        "tool" => LimitScope::Tool,
        "identity" => LimitScope::Identity,
        other => {
            let problem = format!("`{other}` is not one of tool, identity, tool_identity");
            return Err(subject.fault(&format!("{group}.scope"), problem));
        }
    };
    Ok(Limit { requests: source.requests, window, scope })
}
