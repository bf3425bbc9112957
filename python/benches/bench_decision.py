"""How long a decision about a Python dict takes, beside ``json.dumps`` of the same dict in the same run.

Prints one line of JSON. ``ratio`` is decision over ``json.dumps``, the medians of interleaved rounds; budget: 1.5.
``--check`` exits with 1 above the budget.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import gait

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET = 1.5

POLICY = """
schema_id: gait.gate.policy
schema_version: 1.0.0
default_verdict: block
rules:
  - name: block-secrets
    priority: 10
    effect: block
    match: {tool_names: [secrets.read, secrets.list]}
  - name: approve-deploys
    priority: 20
    effect: require_approval
    match: {tool_names: [deploy.release], risk_classes: [high, critical]}
  - name: block-deletes
    priority: 30
    effect: block
    match: {target_kinds: [path], tool_names: [fs.delete]}
  - name: allow-writes
    priority: 40
    effect: allow
    match:
      tool_names: [fs.write]
      risk_classes: [low, medium]
      workspace_prefixes: [/srv/agents]
"""


def intent() -> dict[str, Any]:
    """A realistic intent: some 40 members, some 800 bytes of JSON."""
    return {
        "schema_id": "gait.gate.intent_request",
        "schema_version": "1.0.0",
        "created_at": "2026-03-01T10:20:30Z",
        "producer_version": "1.4.0",
        "tool_name": "fs.write",
        "args": {
            "path": "/srv/agents/reports/q1.md",
            "mode": "0644",
            "append": False,
            "retries": 3,
            "content": "Revenue grew 4.2 % over the previous quarter.",
            "tags": ["report", "finance", "q1"],
            "options": {"fsync": True, "backup": None, "timeout": 2.5},
        },
        "targets": [
            {"kind": "path", "value": "/srv/agents/reports/q1.md", "operation": "write"},
            {"kind": "path", "value": "/srv/agents/reports", "operation": "list"},
        ],
        "arg_provenance": [{"arg_path": "$.content", "source": "user", "source_ref": "msg-17"}],
        "context": {
            "identity": "agent-7",
            "workspace": "/srv/agents/reports",
            "risk_class": "medium",
            "phase": "apply",
            "agent_id": "reporter",
            "run_id": "run_9f2c",
            "session_id": "sess_41",
            "request_id": "req_000172",
            "environment": "prod",
        },
    }


def per_call(function: Callable[[], object], calls: int) -> float:
    """Microseconds for one call."""
    rounds = range(calls)
    start = time.perf_counter()
    for _ in rounds:
        function()
    return (time.perf_counter() - start) / calls * 1e6


def count_members(value: object) -> int:
    """The members of all objects and the items of all lists."""
    if isinstance(value, dict):
        return sum(1 + count_members(item) for item in value.values())
    if isinstance(value, list):
        return sum(count_members(item) for item in value)
    return 0


def parallel_rate(gate: gait.Gate, intents: list[gait.Intent], threads: int) -> float:
    """Decisions a second of ``threads`` threads that each decide about the whole batch."""
    workers = [threading.Thread(target=gate.evaluate_many, args=(intents,)) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * len(intents) / (time.perf_counter() - start)


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 above the budget")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--calls", type=int, default=4000)
    options = parser.parse_args()

    document = intent()
    text = json.dumps(document)
    gate = gait.Gate(gait.Policy.parse(POLICY), signing_key=gait.SigningKey.generate())
    parsed = gait.Intent.parse(document)
    assert gate.evaluate(document).verdict == "allow", gate.evaluate(document)

    measured: dict[str, Callable[[], object]] = {
        "json_dumps": lambda: json.dumps(document),
        "evaluate_dict": lambda: gate.evaluate(document),
        "evaluate_intent": lambda: gate.evaluate(parsed),
        "evaluate_text": lambda: gate.evaluate(text),
    }
    times: dict[str, list[float]] = {name: [] for name in measured}
    gc.disable()
    for function in measured.values():
        per_call(function, options.calls)
    for _ in range(options.rounds):
        for name, function in measured.items():
            times[name].append(per_call(function, options.calls))
    gc.enable()
    medians = {name: statistics.median(values) for name, values in times.items()}
    signed = statistics.median(per_call(lambda: gate.evaluate(document).trace.to_json(), 200) for _ in range(9))
    ratio = medians["evaluate_dict"] / medians["json_dumps"]
    batch = [parsed] * 20000
    print(
        json.dumps(
            {
                "bench": "python_decision",
                "bytes": len(text),
                "members": count_members(document),
                "json_dumps_us": round(medians["json_dumps"], 3),
                "evaluate_dict_us": round(medians["evaluate_dict"], 3),
                "evaluate_intent_us": round(medians["evaluate_intent"], 3),
                "evaluate_text_us": round(medians["evaluate_text"], 3),
                "evaluate_and_signed_trace_us": round(signed, 3),
                "batch_per_second_1_thread": round(parallel_rate(gate, batch, 1)),
                "batch_per_second_2_threads": round(parallel_rate(gate, batch, 2)),
                "ratio": round(ratio, 3),
                "budget": BUDGET,
                "ok": ratio <= BUDGET,
            }
        )
    )
    return 1 if options.check and ratio > BUDGET else 0


if __name__ == "__main__":
    sys.exit(main())
