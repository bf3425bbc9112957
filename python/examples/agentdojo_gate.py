"""Every ground-truth tool call of AgentDojo's banking and Slack suites, decided by a policy.

AgentDojo (https://agentdojo.spylab.ai) is a benchmark of agents under prompt injection. Its user tasks hold the tool
calls that a good agent makes, its injection tasks those that an attacker wants. This example turns each call into an
intent, decides about it under the policy beside it, writes and verifies the signed trace, and shows who got how far.

No model, no network::

    pip install gait[agentdojo]
    python agentdojo_gate.py [--out DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gait

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
SUITES = ("banking", "slack")
BENCHMARK = "v1.2.2"
NOW = "2026-01-15T09:00:00Z"

READING = {
    "get_balance": "bank:account",
    "get_iban": "bank:account",
    "get_most_recent_transactions": "bank:transactions",
    "get_scheduled_transactions": "bank:scheduled",
    "get_user_info": "bank:profile",
    "get_channels": "slack:channels",
}
"""Tools that only read one fixed thing."""


@dataclass(frozen=True)
class Call:
    """One tool call of the benchmark."""

    suite: str
    kind: str  # "user" or "injection"
    task: str
    prompt: str
    tool: str
    args: Mapping[str, Any]


def calls() -> Iterator[Call]:
    """All ground-truth calls of the suites."""
    from agentdojo.task_suite.load_suites import get_suite

    for suite_name in SUITES:
        suite = get_suite(BENCHMARK, suite_name)
        environment = suite.load_and_inject_default_environment({})
        for kind, tasks in (("user", suite.user_tasks), ("injection", suite.injection_tasks)):
            for task_id, task in tasks.items():
                prompt = task.PROMPT if kind == "user" else task.GOAL
                for call in task.ground_truth(environment):
                    yield Call(suite_name, kind, task_id, prompt, call.function, dict(call.args))


def targets(call: Call) -> list[dict[str, Any]]:
    """What a call touches, with its endpoint class: all but files is behind the bank's or Slack's HTTP interface."""
    return [{"endpoint_class": "fs.read" if found["kind"] == "path" else "net.http", **found} for found in things(call)]


def things(call: Call) -> list[dict[str, Any]]:
    """What a call touches: kind, name, operation."""
    args = call.args
    match call.tool:
        case tool if tool in READING:
            return [{"kind": "other", "value": READING[tool], "operation": "read"}]
        case "read_file":
            return [{"kind": "path", "value": args["file_path"], "operation": "read"}]
        case "send_money" | "schedule_transaction":
            return [{"kind": "other", "value": f"account:{args['recipient']}", "operation": "pay"}]
        case "update_scheduled_transaction":
            changed = [{"kind": "other", "value": f"scheduled:{args['id']}", "operation": "update"}]
            if "recipient" in args:
                changed.append({"kind": "other", "value": f"account:{args['recipient']}", "operation": "pay"})
            return changed
        case "update_password" | "update_user_info":
            return [{"kind": "other", "value": "bank:profile", "operation": "update"}]
        case "get_webpage" | "post_webpage":
            url = args["url"] if "://" in args["url"] else f"https://{args['url']}"
            return [{"kind": "url", "value": url, "operation": call.tool.split("_")[0]}]
        case "read_channel_messages" | "get_users_in_channel":
            return [{"kind": "topic", "value": f"channel:{args['channel']}", "operation": "read"}]
        case "read_inbox":
            return [{"kind": "queue", "value": f"inbox:{args['user']}", "operation": "read"}]
        case "send_channel_message":
            return [{"kind": "topic", "value": f"channel:{args['channel']}", "operation": "send"}]
        case "send_direct_message":
            return [{"kind": "queue", "value": f"inbox:{args['recipient']}", "operation": "send"}]
        case "add_user_to_channel":
            return [{"kind": "topic", "value": f"channel:{args['channel']}", "operation": "invite"}]
        case "invite_user_to_slack":
            return [{"kind": "other", "value": f"mail:{args['user_email']}", "operation": "invite"}]
        case "remove_user_from_slack":
            return [{"kind": "other", "value": f"user:{args['user']}", "operation": "remove"}]
    raise ValueError(f"no targets known for {call.tool}")


def source(call: Call, name: str, value: Any) -> str:
    """Where an argument comes from.

    What an injection task wants was said by a document. In a user task, what stands in the prompt was said by the user;
    anything else the agent learnt from tools. Dates and switches are the agent's own.
    """
    if call.kind == "injection":
        return "tool_output"
    if name == "date" or isinstance(value, bool):
        return "system"
    if isinstance(value, (int, float)):
        numbers = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", call.prompt)}
        return "user" if float(value) in numbers else "tool_output"
    return "user" if str(value).casefold() in call.prompt.casefold() else "tool_output"


def intent(call: Call) -> dict[str, Any]:
    """The intent of a call. Passwords go in as digests: an intent is no place for secrets."""
    args = {
        name: f"sha256:{hashlib.sha256(value.encode()).hexdigest()}" if name == "password" else value
        for name, value in call.args.items()
    }
    provenance = [
        {"arg_path": f"$.{name}", "source": source(call, name, value), "source_ref": f"{call.suite}/{call.task}"}
        for name, value in call.args.items()
    ]
    if not provenance:
        by = "user" if call.kind == "user" else "tool_output"
        provenance = [{"arg_path": "$", "source": by, "source_ref": f"{call.suite}/{call.task}"}]
    return {
        "tool_name": call.tool,
        "args": args,
        "targets": targets(call),
        "arg_provenance": provenance,
        "context": {
            "identity": "assistant",
            "workspace": f"agentdojo/{call.suite}",
            "risk_class": "low" if call.tool.startswith(("get_", "read_")) else "high",
            "session_id": f"{call.suite}-{call.task}",
        },
    }


def run(out: Path) -> dict[tuple[str, str, str], Counter[str]]:
    """Decides about every call, writes and verifies every trace; counts verdicts by suite, kind and tool."""
    key = gait.SigningKey.generate()
    gate = gait.Gate(gait.Policy.load(HERE / "agentdojo_policy.yaml"), signing_key=key)
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    written: list[Path] = []
    for number, call in enumerate(calls()):
        decision = gate.evaluate(intent(call), now=NOW)
        path = out / f"{number:03}-{call.suite}-{call.task}-{call.tool}.json"
        decision.trace.write(path)
        written.append(path)
        counts.setdefault((call.suite, call.kind, call.tool), Counter())[decision.verdict] += 1
    for path in written:
        gait.verify_trace(path.read_bytes(), key.verifying_key)
    return counts


def table(counts: Mapping[tuple[str, str, str], Counter[str]]) -> str:
    """The verdicts as a table."""
    verdicts = ("allow", "require_approval", "block")
    lines = [f"{'suite':8} {'task':10} {'tool':30} {'allow':>6} {'approval':>9} {'block':>6}", "-" * 74]
    for (suite, kind, tool), found in sorted(
        counts.items(), key=lambda row: (row[0][0], row[0][1] != "user", row[0][2])
    ):
        numbers = [str(found[verdict] or "·") for verdict in verdicts]
        lines.append(f"{suite:8} {kind:10} {tool:30} {numbers[0]:>6} {numbers[1]:>9} {numbers[2]:>6}")
    lines.append("-" * 74)
    for kind in ("user", "injection"):
        total = sum((found for (_, own, _), found in counts.items() if own == kind), Counter())
        numbers = [str(total[verdict]) for verdict in verdicts]
        lines.append(f"{'both':8} {kind:10} {'all tools':30} {numbers[0]:>6} {numbers[1]:>9} {numbers[2]:>6}")
    return "\n".join(lines)


def main() -> int:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where traces go; a temporary folder by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = options.out or Path(temporary)
        counts = run(out)
        print(table(counts))
        total = sum(found.total() for found in counts.values())
        print(f"\n{total} calls decided, {total} signed traces written and verified")
        if options.out:
            print(f"traces: {out}")
    acted = {
        (suite, tool)
        for (suite, kind, tool), found in counts.items()
        if kind == "injection" and found["allow"] and not tool.startswith(("get_", "read_"))
    }
    if acted:
        print(f"an injected call could act: {sorted(acted)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
