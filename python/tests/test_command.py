"""The ``gait`` command that the package carries."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import gait
from gait._errors import build

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "gait"]


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60, **options)


def test_version_and_help() -> None:
    version = run("version", "--json")
    assert version.returncode == 0
    assert json.loads(version.stdout)["ok"] is True
    assert run("--help").returncode == 0
    assert run("no-such-command").returncode == 6


def test_arguments_that_are_not_utf8() -> None:
    done = subprocess.run([*(word.encode() for word in COMMAND), b"\xff"], capture_output=True, check=False, timeout=60)
    assert done.returncode == 6


def test_library_and_command_agree(
    tmp_path: Path, gate: gait.Gate, key: gait.SigningKey, intent: dict[str, Any]
) -> None:
    public = tmp_path / "public.key"
    public.write_text(key.verifying_key.to_base64() + "\n")
    trace = gate.evaluate(intent).trace
    trace.write(tmp_path / "trace.json")
    done = run("trace", "verify", str(tmp_path / "trace.json"), "--public-key", str(public), "--json")
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["trace_id"] == trace.trace_id


def test_interrupts_end_it(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    child = subprocess.Popen([*COMMAND, "trace", "verify", str(fifo)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.0)
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=10)
    assert child.returncode == -signal.SIGINT


@pytest.mark.parametrize(
    ("category", "error"),
    [
        ("io_failure", gait.IoFailure),
        ("state_contention", gait.StateContention),
        ("dependency_missing", gait.DependencyMissing),
        ("network_transient", gait.NetworkTransient),
        ("network_permanent", gait.NetworkPermanent),
        ("internal_failure", gait.InternalFailure),
        ("something_new", gait.InternalFailure),
    ],
)
def test_every_category_has_its_exception(category: str, error: type[gait.GaitError]) -> None:
    built = build(category, "a_code", True, "text", "", None, None, None, None, None)
    assert type(built) is error
    assert (built.code, built.retryable, str(built)) == ("a_code", True, "text")
