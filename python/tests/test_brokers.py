"""Credential brokers: functions, names, and what keeps a call from getting a credential."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import gait

from .conftest import INTENT, NOW
from .people import EVE, LATER

if TYPE_CHECKING:
    from pathlib import Path

BROKERED = gait.Policy.parse(
    """
default_verdict: block
rules:
  - name: brokered
    effect: allow
    match: {tool_names: [fs.read]}
    require_broker_credential: true
    broker_reference: files
    broker_scopes: [files.read]
"""
)


def test_a_function_as_broker() -> None:
    seen: list[dict[str, Any]] = []

    def issue(request: dict[str, Any]) -> dict[str, Any]:
        seen.append(request)
        return {"credential_ref": "vault:files/7", "issuer": "vault", "source": "vault", "ttl_seconds": 60}

    gate = gait.Gate(BROKERED, signing_key=EVE, broker=issue)
    decision = gate.evaluate(INTENT, now=NOW, credential_scopes=["extra"])
    assert decision.allowed
    assert "broker_credential_present" in decision.reason_codes
    assert seen == [
        {
            "tool_name": "fs.read",
            "identity": "agent-7",
            "workspace": "/srv",
            "session_id": "",
            "request_id": "",
            "run_id": "",
            "job_id": "",
            "reference": "files",
            "target_binding": gait.Intent.parse(INTENT).targets_digest,
            "scope": ["extra", "files.read"],
            "request_digest": seen[0]["request_digest"],
        }
    ]
    assert decision.credential is not None
    assert decision.credential["credential_ref"] == "vault:files/7"
    assert decision.credential["request_digest"] == seen[0]["request_digest"]
    assert decision.credential["ttl_seconds"] == 60
    assert gait.verify_trace(decision.trace, EVE.verifying_key).verdict == "allow"
    # Nobody is asked for what is blocked or held anyway.
    assert gate.evaluate(INTENT | {"tool_name": "other"}).verdict == "block"
    assert len(seen) == 1
    gate.evaluate(INTENT, credential_ref="other")
    assert seen[-1]["reference"] == "other"
    as_text = gait.Gate(BROKERED, broker=lambda request: json.dumps(issue(request)))
    assert as_text.evaluate(INTENT).allowed


def raising(error: BaseException) -> Any:
    def issue(request: dict[str, Any]) -> Any:
        raise error

    return issue


def answering(answer: dict[str, Any]) -> Any:
    return lambda request: answer


SECRET = "ghp_" + "s3cr3tS3CR3T" * 3


@pytest.mark.parametrize(
    "broker",
    [
        raising(RuntimeError(SECRET)),
        raising(gait.PolicyBlocked(SECRET)),
        lambda request: None,
        lambda request: 7,
        lambda request: "",
        lambda request: "{",
        lambda request: [],
        lambda request: {},
        lambda request: {"credential_ref": ""},
        lambda request: {"credential_ref": object()},
        lambda request: {"credential_ref": "x", "unknown": 1},
        lambda request: {"credential_ref": "x", "ttl_seconds": "60"},
        lambda request: {"credential_ref": SECRET},
        lambda request: {"credential_ref": "x", "subject": SECRET},
        lambda request: {"credential_ref": "x", "expires_at": "2020-01-01T00:00:00Z"},
        lambda request: {"credential_ref": "x" * 100_000},
        lambda request: {SECRET: SECRET},
        lambda: {"credential_ref": "x"},
    ],
)
def test_brokers_that_issue_nothing(broker: Any, caplog: pytest.LogCaptureFixture) -> None:
    gate = gait.Gate(BROKERED, broker=broker)
    with caplog.at_level(logging.DEBUG):
        decision = gate.evaluate(INTENT, now=NOW)
    assert decision.verdict == "block"
    assert "broker_credential_missing" in decision.reason_codes
    assert decision.credential is None
    assert "the credential broker issued nothing: " in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in decision.trace.to_json().decode()


def test_receipts_that_do_not_fit() -> None:
    for changed in ({"request_digest": "0" * 64}, {"target_binding": "0" * 64}, {"scope": ["files.list"]}):
        decision = gait.Gate(BROKERED, broker=answering({"credential_ref": "ref:x"} | changed)).evaluate(
            INTENT, now=NOW
        )
        assert decision.verdict == "block"
        assert decision.credential is not None


def test_what_ends_the_program_is_no_failure_to_issue() -> None:
    for error in (KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()):
        gate = gait.Gate(BROKERED, broker=raising(error))
        with pytest.raises(type(error)):
            gate.evaluate(INTENT)
        with pytest.raises(type(error)):
            gate.evaluate_many([INTENT] * 20)


def test_a_broker_may_ask_a_gate() -> None:
    inner = gait.Gate(BROKERED, broker="stub")

    def issue(request: dict[str, Any]) -> dict[str, Any]:
        credential = inner.evaluate(INTENT, now=LATER).credential
        assert credential is not None
        return {"credential_ref": "ref:" + credential["credential_ref"]}

    decision = gait.Gate(BROKERED, broker=issue).evaluate(INTENT, now=NOW)
    assert decision.allowed
    assert decision.credential is not None
    assert decision.credential["credential_ref"].startswith("ref:stub:")


def test_brokers_on_many_threads() -> None:
    gate = gait.Gate(BROKERED, broker=lambda request: {"credential_ref": f"ref:{threading.get_ident()}"})
    allowed: list[bool] = []

    def work() -> None:
        for _ in range(50):
            decision = gate.evaluate(INTENT)
            assert decision.credential is not None
            allowed.append(decision.credential["credential_ref"] == f"ref:{threading.get_ident()}")
        allowed.extend(decision.allowed for decision in gate.evaluate_many([INTENT] * 20))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed == [True] * 6 * 70


def test_brokers_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = gait.Gate(BROKERED, broker="stub")
    decision = stub.evaluate(INTENT, now=NOW)
    assert decision.credential is not None
    assert decision.credential["credential_ref"].startswith("stub:")
    assert (decision.credential["issued_at"], decision.credential["ttl_seconds"]) == (NOW, 300)
    environment = gait.Gate(BROKERED, broker="env", broker_env_prefix="TEST_CREDENTIAL_")
    assert environment.evaluate(INTENT).verdict == "block"
    monkeypatch.setenv("TEST_CREDENTIAL_FILES", SECRET)
    named = environment.evaluate(INTENT)
    assert named.allowed
    assert SECRET not in str(named.to_dict())
    program = tmp_path / "broker.sh"
    program.write_text('#!/bin/sh\ncat > /dev/null\necho "{\\"credential_ref\\": \\"sh:$1\\"}"\n')
    program.chmod(0o700)
    command = gait.Gate(BROKERED, broker="command", broker_command=str(program), broker_args=["seven"])
    issued = command.evaluate(INTENT)
    assert issued.credential is not None
    assert issued.credential["credential_ref"] == "sh:seven"
    assert gait.Gate(BROKERED).evaluate(INTENT).reason_codes == ("broker_credential_required", "matched_rule_brokered")
    wrong: Any
    for wrong in ("other", "command"):
        with pytest.raises(gait.InvalidInput):
            gait.Gate(BROKERED, broker=wrong)
    for wrong in (7, ["stub"]):
        with pytest.raises(TypeError, match="broker"):
            gait.Gate(BROKERED, broker=wrong)


def test_a_waiting_broker_holds_nobody_up() -> None:
    def issue(request: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.3)
        return {"credential_ref": "x"}

    gate = gait.Gate(BROKERED, broker=issue)

    async def main() -> None:
        started = time.monotonic()
        decisions = await asyncio.gather(*(gate.evaluate_async(INTENT) for _ in range(4)))
        assert all(decisions)
        assert time.monotonic() - started < 1.1

    asyncio.run(main())
