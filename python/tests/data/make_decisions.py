"""Writes decisions.jsonl: cases of our own with what was decided. Run it only to record a change that is meant."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gait

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.columns import columns  # noqa: E402

CONTEXT = {"identity": "ada", "workspace": "/srv/shop", "risk_class": "medium"}
PATH = {"kind": "path", "value": "/srv/shop/a.csv", "operation": "read"}


def case(name: str, rule: dict[str, Any], /, default: str = "block", **intent: Any) -> dict[str, Any]:
    """A policy of one rule and an intent."""
    policy = {"default_verdict": default, "rules": [{"name": name, "effect": "allow", "match": {}} | rule]}
    base: dict[str, Any] = {"tool_name": "Shop.Read", "args": {"path": " /srv/shop/a.csv "}, "targets": [PATH]}
    document = base | {"context": CONTEXT} | intent
    return {"name": name, "policy_yaml": json.dumps(policy, sort_keys=True), "intent": document}


CASES = [
    case("plain allow", {"match": {"tool_name": "shop.read"}}),
    case("no rule matches", {"match": {"tool_name": "other"}}),
    case("default approval", {"match": {"tool_name": "other"}}, default="require_approval"),
    case("approvals", {"effect": "require_approval", "min_approvals": 2, "reason_codes": ["z", "a"]}),
    case("rehearsal", {"effect": "dry_run"}),
    case(
        "tainted",
        {"dataflow": {"tainted_sources": ["tool_output"], "destination_kinds": ["path"], "action": "block"}},
        arg_provenance=[{"arg_path": "$.path", "source": "tool_output"}],
    ),
    case("paths", {"endpoint": {"path_allowlist": ["/srv/other/**"]}}),
    case("limits", {"rate_limit": {"requests": 5}, "destructive_budget": {"requests": 2, "window": "hour"}}),
    case("broker", {"require_broker_credential": True, "broker_reference": "vault", "broker_scopes": ["R", "admin"]}),
    case(
        "destructive",
        {"violations": ["v"]},
        targets=[{"kind": "path", "value": "/srv/shop/a.csv", "operation": "delete"}],
        context=CONTEXT | {"phase": "plan"},
    ),
    case(
        "unproven context claims",
        {},
        context=CONTEXT | {"context_set_digest": "c" * 64, "context_evidence_mode": "required"},
    ),
    case(
        "script",
        {"match": {"tool_names": ["a.read", "b.write"]}},
        script={"steps": [{"tool_name": "a.read", "args": {}}, {"tool_name": "B.Write", "args": {"n": 1}}]},
    ),
    case("numbers and text", {}, args={"i": 7, "f": 0.1, "e": 1e21, "t": "é\u2028<&>😀", "l": [[], {}, None, True]}),
]


def main() -> None:
    """Records."""
    with (HERE / "decisions.jsonl").open("w", encoding="utf-8") as file:
        for row in CASES:
            decision = gait.Policy.parse(row["policy_yaml"]).evaluate(row["intent"], now="2026-01-15T09:00:00Z")
            file.write(json.dumps(row | {"want": columns(decision)}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
