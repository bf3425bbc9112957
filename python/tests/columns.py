"""The columns of golden cases, read off a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gait

_OPTIONAL = (
    "script_hash",
    "min_approvals",
    "require_distinct_approvers",
    "require_broker_credential",
    "require_delegation",
    "broker_reference",
    "dataflow_triggered",
    "composite_risk_class",
    "freeze_window_status",
    "sandbox_status",
    "step_verdicts",
)


def columns(decision: gait.Decision) -> dict[str, Any]:
    """The decision as a row: members that are empty are left out, as in the golden cases."""
    row: dict[str, Any] = {
        "verdict": decision.verdict,
        "reason_codes": list(decision.reason_codes),
        "violations": list(decision.violations),
        "matched_rule": decision.matched_rule,
        "intent_digest": decision.intent_digest,
        "args_digest": decision.args_digest,
        "policy_digest": decision.policy_digest,
        "exit": decision.exit_code,
    }
    if decision.prepared_intent_digest != decision.intent_digest:
        row["prepared_intent_digest"] = decision.prepared_intent_digest
    for name in ("broker_scopes", "required_delegation_scopes", "rate_limit", "destructive_budget"):
        if value := getattr(decision, name):
            row[name] = list(value)
    for name in _OPTIONAL:
        if value := getattr(decision, name):
            row[name] = value
    return row
