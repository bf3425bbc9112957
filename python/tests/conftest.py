"""What tests share."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest

import gait

POLICY = """
schema_id: gait.gate.policy
schema_version: 1.0.0
default_verdict: block
rules:
  - {name: reads, priority: 1, effect: allow, match: {tool_names: [fs.read]}}
  - {name: writes, priority: 2, effect: require_approval, match: {tool_names: [fs.write]}}
  - {name: rehearsals, priority: 3, effect: dry_run, match: {tool_names: [deploy]}}
  - name: polls
    priority: 4
    effect: allow
    match: {tool_names: [poll]}
    rate_limit: {requests: 3, window: minute, scope: tool_identity}
"""

INTENT: dict[str, Any] = {
    "created_at": "2026-01-02T03:04:05+01:00",
    "tool_name": "fs.read",
    "args": {"path": "/srv/a", "n": 3, "ratio": 0.5, "deep": {"list": [1, None, True, "ü"]}},
    "targets": [{"kind": "path", "value": "/srv/a", "operation": "read"}],
    "arg_provenance": [{"arg_path": "$.path", "source": "user"}],
    "context": {"identity": "agent-7", "workspace": "/srv", "risk_class": "low"},
}

NOW = "2026-01-15T09:00:00Z"


def vectors() -> Path | None:
    """The folder of golden cases, where it exists."""
    given = os.environ.get("GAIT_VECTORS")
    folder = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "vectors"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def key() -> gait.SigningKey:
    return gait.SigningKey.generate()


@pytest.fixture
def gate(key: gait.SigningKey) -> gait.Gate:
    return gait.Gate(gait.Policy.parse(POLICY), signing_key=key)


@pytest.fixture
def intent() -> dict[str, Any]:
    return copy.deepcopy(INTENT)
