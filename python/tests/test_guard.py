"""The decorator."""

from __future__ import annotations

import asyncio
import datetime
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import gait

from .conftest import NOW, POLICY

CONTEXT = {"identity": "agent-7", "workspace": "/srv", "risk_class": "low"}


def test_the_tool_runs_only_on_allow(gate: gait.Gate) -> None:
    ran: list[str] = []

    def make(tool: str) -> Any:
        @gait.guard(gate, context=CONTEXT, tool_name=tool)
        def run(path: str) -> str:
            ran.append(tool)
            return path.upper()

        return run

    assert make("fs.read")("a") == "A"
    for tool, error in (("fs.write", gait.ApprovalRequired), ("deploy", gait.DryRun), ("x", gait.PolicyBlocked)):
        with pytest.raises(error):
            make(tool)("a")
    assert ran == ["fs.read"]


def test_asynchronous_tools(gate: gait.Gate) -> None:
    ran: list[int] = []

    @gait.guard(gate, context=CONTEXT, tool_name="fs.read")
    async def read(n: int) -> int:
        ran.append(n)
        return n + 1

    @gait.guard(gate, context=CONTEXT, tool_name="rm")
    async def remove(n: int) -> int:
        ran.append(n)
        return n

    @gait.guard(gate, context=CONTEXT, tool_name="deploy", on_dry_run=lambda n: -n)
    async def deploy(n: int) -> int:
        ran.append(n)
        return n

    assert inspect.iscoroutinefunction(read)
    assert asyncio.run(read(1)) == 2
    with pytest.raises(gait.PolicyBlocked):
        asyncio.run(remove(5))
    assert asyncio.run(deploy(7)) == -7
    assert ran == [1]


def test_the_intent_of_a_call(gate: gait.Gate) -> None:
    seen: list[gait.Decision] = []

    @dataclass
    class Options:
        depth: int
        since: datetime.date

    class Tools:
        @gait.guard(
            gate,
            tool_name="fs.read",
            context=lambda arguments: CONTEXT | {"session_id": f"s-{arguments['user']}"},
            targets=[{"kind": "path", "value": "{path}", "operation": "read"}],
            arg_provenance={"path": "tool_output", "absent": "user"},
            risk_class="high",
            extra={"created_at": NOW},
            on_decision=seen.append,
            clock=lambda: NOW,
        )
        def read(self, path: Path, *more: int, user: str = "ada", **rest: Any) -> str:
            """Reads."""
            return f"{path}{more}{user}{sorted(rest)}"

    options = Options(2, datetime.date(2026, 1, 2))
    assert Tools().read(Path("/srv/a"), 1, 2, options=options) == "/srv/a(1, 2)ada['options']"
    assert Tools.read.__doc__ == "Reads."
    wanted = {
        "created_at": NOW,
        "tool_name": "fs.read",
        "args": {"path": "/srv/a", "more": [1, 2], "user": "ada", "options": {"depth": 2, "since": "2026-01-02"}},
        "targets": [{"kind": "path", "value": "/srv/a", "operation": "read"}],
        "arg_provenance": [{"arg_path": "$.path", "source": "tool_output"}],
        "context": CONTEXT | {"session_id": "s-ada", "risk_class": "high"},
    }
    assert seen[0].intent_digest == gait.Intent.parse(wanted).digest
    assert seen[0].evaluated_at == NOW


def test_functions_make_every_part(gate: gait.Gate) -> None:
    seen: list[gait.Decision] = []

    @gait.guard(
        gate,
        context=CONTEXT,
        args=lambda arguments: {"n": arguments["n"] * 2},
        targets=lambda arguments: [{"kind": "table", "value": f"t{arguments['n']}"}],
        arg_provenance=lambda arguments: [{"arg_path": "$.n", "source": "user"}],
        on_decision=seen.append,
    )
    def poll(n: int) -> int:
        return n

    assert poll(3) == 3
    wanted = {
        "tool_name": "poll",
        "args": {"n": 6},
        "targets": [{"kind": "table", "value": "t3"}],
        "arg_provenance": [{"arg_path": "$.n", "source": "user"}],
        "context": CONTEXT,
    }
    assert seen[0].intent_digest == gait.Intent.parse(wanted).digest


def test_errors_keep_the_tool_from_running(gate: gait.Gate) -> None:
    ran: list[object] = []

    @gait.guard(gate, context={"identity": "a"}, tool_name="fs.read")
    def without_context(value: object) -> None:
        ran.append(value)

    @gait.guard(gate, context=CONTEXT, tool_name="fs.read")
    def with_any(value: object) -> None:
        ran.append(value)

    def refuse(decision: gait.Decision) -> None:
        raise OSError("disk full")

    @gait.guard(gate, context=CONTEXT, tool_name="fs.read", on_decision=refuse)
    def with_evidence(value: object) -> None:
        ran.append(value)

    with pytest.raises(gait.IntentError):
        without_context(1)
    for value in (object(), {1}, b"x", float("nan")):
        with pytest.raises(gait.IntentError):
            with_any(value)
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(gait.IntentError):
        with_any(endless)
    with pytest.raises(OSError, match="disk full"):
        with_evidence(1)
    with pytest.raises(TypeError):
        with_any()  # type: ignore[call-arg]
    assert ran == []


def test_rehearsals() -> None:
    gate = gait.Gate(gait.Policy.parse(POLICY))

    @gait.guard(gate, context=CONTEXT, on_dry_run=lambda service: f"would deploy {service}")
    def deploy(service: str) -> str:
        raise AssertionError(service)

    assert deploy("web") == "would deploy web"
