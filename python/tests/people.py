"""Who approves in tests, what waits for them, and other processes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import gait

from .conftest import INTENT, NOW

ADA, BOB, EVE = (gait.SigningKey.generate() for _ in range(3))

HOLD = gait.Policy.parse("default_verdict: require_approval")
TWO = gait.Policy.parse(
    """
default_verdict: block
rules:
  - {name: pay, effect: require_approval, min_approvals: 2, match: {tool_names: [fs.read]}}
"""
)
ALLOW = gait.Policy.parse("default_verdict: allow")

LATER = "2026-01-15T10:00:00Z"


def held(gate: gait.Gate, intent: dict[str, Any] | None = None, **options: Any) -> gait.ApprovalRequest:
    """What a decision that is held asks for."""
    decision = gate.evaluate(intent or INTENT, now=NOW, **options)
    assert decision.verdict == "require_approval"
    request = decision.approval_request()
    assert request is not None
    return request


def approve(request: Any, approver: str = "ada", key: gait.SigningKey = ADA, **terms: Any) -> gait.ApprovalToken:
    """An approval for half an hour from ``NOW`` on."""
    given: dict[str, Any] = {"reason": "ticket-7", "ttl": 1800, "now": NOW} | terms
    return gait.approve(request, key, approver=approver, **given)


def elsewhere(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Starts Python code in another process, where ``gait`` is imported."""
    package = str(Path(gait.__file__).resolve().parents[1])
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    program = "import json, sys\nimport gait\n" + textwrap.dedent(code)
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """What it printed, when it ended well."""
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return printed.strip()
