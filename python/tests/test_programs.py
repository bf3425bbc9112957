"""The demo, the example over real tool calls and the benchmark run as a user runs them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_demo(tmp_path: Path) -> None:
    done = run("demo/run.py", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "all as expected" in done.stdout
    assert "exit 2, caught" in done.stdout
    assert len(list(tmp_path.glob("trace_*.json"))) == 14


def test_agentdojo(tmp_path: Path) -> None:
    if importlib.util.find_spec("agentdojo") is None:
        pytest.skip("AgentDojo is not installed: pip install gait[agentdojo]")
    done = run("examples/agentdojo_gate.py", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    traces = list(tmp_path.glob("*.json"))
    decided = re.search(r"(\d+) calls decided, (\d+) signed traces", done.stdout)
    assert decided
    assert int(decided[1]) == int(decided[2]) == len(traces) > 100
    totals = {
        row[1]: [int(cell) for cell in row[-3:]]
        for row in (line.split() for line in done.stdout.splitlines())
        if row and row[0] == "both"
    }
    assert set(totals) == {"user", "injection"}
    # Injected calls that act are held or blocked; what remains allowed only reads.
    assert totals["injection"][0] < sum(totals["injection"]) / 2
    assert totals["injection"][2] > 0
    assert totals["user"][0] > totals["user"][1] > 0


def test_benchmark() -> None:
    done = run("benches/bench_decision.py", "--rounds", "3", "--calls", "200")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["ratio"] > 0
    assert 700 <= measured["bytes"] <= 1000
    assert 35 <= measured["members"] <= 45
