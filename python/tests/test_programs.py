"""The demo, the example over real tool calls and the benchmark run as a user runs them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gait

from .conftest import INTENT

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


def test_the_readme_asks_for_approval(tmp_path: Path) -> None:
    example = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    command = [sys.executable, "-c", example]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "paid 49.9"
    assert "refund needs approval: approval_token_missing" in done.stdout


def test_steps_of_an_approval(tmp_path: Path) -> None:
    script = ROOT.parent / "tests" / "approvals" / "approve.py"
    if not script.exists():
        pytest.skip("not in a checkout")

    def step(*arguments: str | Path) -> tuple[int, str]:
        command = [sys.executable, str(script), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout.strip()

    policy, intent, request, token = (tmp_path / name for name in ("policy.yaml", "intent.json", "request", "token"))
    policy.write_text("default_verdict: require_approval")
    intent.write_text(json.dumps(INTENT))
    key = gait.SigningKey.generate()
    (tmp_path / "private").write_text(key.to_base64())
    (tmp_path / "private").chmod(0o600)
    (tmp_path / "public").write_text(key.verifying_key.to_base64())
    assert step("request", policy, intent, request) == (4, "")
    assert step("approve", request, tmp_path / "private", "ada", "ticket", token) == (0, "")
    granted = (0, "allow approval_granted,default_require_approval")
    assert step("decide", policy, intent, tmp_path / "public", token) == granted
    missing = (4, "require_approval approval_token_missing,default_require_approval")
    assert step("decide", policy, intent, tmp_path / "public") == missing
    assert step("approve", token, tmp_path / "private", "ada", "ticket", token)[0] == 6
    assert step("unknown")[0] == 6


def test_benchmark() -> None:
    done = run("benches/bench_decision.py", "--rounds", "3", "--calls", "200")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["ratio"] > 0
    assert 700 <= measured["bytes"] <= 1000
    assert 35 <= measured["members"] <= 45
