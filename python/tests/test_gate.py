"""Gates and decisions."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import datetime
import gc
import json
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

import gait
from gait import compat

from .conftest import NOW, POLICY


def test_verdicts(gate: gait.Gate, intent: dict[str, Any]) -> None:
    decision = gate.evaluate(intent, now=NOW)
    assert decision
    assert decision.allowed
    assert decision.verdict == "allow"
    assert decision.matched_rule == "reads"
    assert decision.reason_codes == ("matched_rule_reads",)
    assert decision.raise_for_verdict() is decision
    assert decision.created_at == "2026-01-02T02:04:05Z"
    assert decision.evaluated_at == NOW
    assert decision.tool_name == "fs.read"
    assert repr(decision).startswith("Decision(allow")
    assert decision.to_dict()["verdict"] == "allow"


@pytest.mark.parametrize(
    ("tool", "error", "code", "exit_code"),
    [
        ("fs.write", gait.ApprovalRequired, "approval_required", 4),
        ("deploy", gait.DryRun, "dry_run", 0),
        ("other", gait.PolicyBlocked, "policy_blocked", 3),
    ],
)
def test_refusals(
    gate: gait.Gate, intent: dict[str, Any], tool: str, error: type[gait.VerdictError], code: str, exit_code: int
) -> None:
    decision = gate.evaluate(intent | {"tool_name": tool})
    assert not decision
    assert decision.exit_code == exit_code
    with pytest.raises(error) as caught:
        decision.raise_for_verdict()
    assert caught.value.decision is decision
    assert caught.value.code == code
    assert isinstance(caught.value, gait.VerdictError)
    sent = pickle.loads(pickle.dumps(caught.value))
    assert (type(sent), sent.code, str(sent)) == (error, code, str(caught.value))


def test_traces(gate: gait.Gate, key: gait.SigningKey, intent: dict[str, Any], tmp_path: Path) -> None:
    decision = gate.evaluate(intent, now=NOW)
    trace = decision.trace
    assert decision.trace is trace
    assert trace.is_signed
    assert trace.key_id == key.key_id == gate.key_id
    assert trace["verdict"] == trace.verdict == "allow"
    assert trace["intent_digest"] == decision.prepared_intent_digest
    assert trace["observed_at"] == NOW
    assert dict(trace) == trace.to_dict() == json.loads(trace.to_json())
    assert next(iter(trace)) == "schema_id"
    assert len(trace) == len(list(trace.keys())) == len(trace.items())
    assert trace.get("nothing") is None
    assert trace.get("nothing", 3) == 3
    assert "verdict" in trace
    with pytest.raises(KeyError):
        trace["nothing"]
    path = trace.write(tmp_path / "deep" / "trace.json")
    written = path
    assert written.read_bytes() == trace.to_json()
    assert written.stat().st_mode & 0o777 == 0o600
    assert gait.Trace.load(path) == trace
    assert gait.verify_trace(written.read_text(), key.verifying_key) == trace
    assert gait.verify_trace(trace.to_dict(), key.verifying_key).trace_id == trace.trace_id
    with pytest.raises(gait.InvalidInput):
        trace.write("../outside.json")
    again = gait.Gate(gate.policy, signing_key=key).evaluate(intent, now=NOW)
    assert again.trace.to_json() == trace.to_json()


def test_traces_that_do_not_hold(gate: gait.Gate, key: gait.SigningKey, intent: dict[str, Any]) -> None:
    trace = gate.evaluate(intent, now=NOW).trace.to_dict()
    with pytest.raises(gait.VerificationFailed) as tampered:
        gait.verify_trace(trace | {"verdict": "block"}, key.verifying_key)
    assert tampered.value.exit_code == 2
    with pytest.raises(gait.VerificationFailed):
        gait.verify_trace(trace, gait.SigningKey.generate().verifying_key)
    unsigned = gait.Gate(gate.policy).evaluate(intent).trace
    assert not unsigned.is_signed
    with pytest.raises(gait.VerificationFailed):
        gait.verify_trace(unsigned, key.verifying_key)
    with pytest.raises(gait.DocumentError):
        gait.verify_trace(trace | {"added": 1}, key.verifying_key)
    assert compat.verify_trace(trace | {"added": 1}, key.verifying_key)
    swapped = copy.deepcopy(trace)
    swapped["signature"]["sig"] = key.sign_bytes(b"other")["sig"]
    with pytest.raises(gait.VerificationFailed) as wrong:
        gait.verify_trace(swapped, key.verifying_key)
    assert wrong.value.code == "signature_invalid"


def test_limits_count_in_the_gate(gate: gait.Gate, intent: dict[str, Any]) -> None:
    poll = intent | {"tool_name": "poll"}
    verdicts = [gate.evaluate(poll, now=NOW).verdict for _ in range(5)]
    assert verdicts == ["allow"] * 3 + ["block"] * 2
    assert gate.policy.evaluate(poll, now=NOW).verdict == "allow"
    assert gate.policy.evaluate(poll, now=NOW).rate_limit == gait.Limit(3, "minute", "tool_identity")
    assert gate.evaluate(poll, now="2026-01-15T09:01:00Z").verdict == "allow"


def test_moments(gate: gait.Gate, intent: dict[str, Any]) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    moment = datetime.datetime(2026, 1, 15, 11, 0, tzinfo=zone)
    assert gate.evaluate(intent, now=moment).trace["observed_at"] == NOW
    before = datetime.datetime.now(datetime.timezone.utc)
    observed = gate.evaluate(intent).trace["observed_at"]
    assert before.isoformat()[:16] <= observed[:16]
    with pytest.raises(gait.InvalidInput):
        gate.evaluate(intent, now=datetime.datetime(2026, 1, 15))
    with pytest.raises(gait.InvalidInput):
        gate.evaluate(intent, now="yesterday")
    with pytest.raises(TypeError):
        gate.evaluate(intent, now=3)  # type: ignore[arg-type]


def test_forms_of_an_intent_agree(gate: gait.Gate, intent: dict[str, Any]) -> None:
    text = json.dumps(intent)
    forms: list[Any] = [intent, text, text.encode(), bytearray(text.encode()), memoryview(text.encode())]
    forms.append(gait.Intent.parse(intent))
    decisions = [gate.evaluate(form, now=NOW) for form in forms]
    assert len({decision.trace.to_json() for decision in decisions}) == 1
    parsed = gait.Intent.parse(intent)
    assert parsed == gait.Intent.parse(text)
    assert len({parsed, gait.Intent.parse(text)}) == 1
    assert parsed.to_dict()["context"]["phase"] == "apply"
    assert parsed.tool_name == "fs.read"


def test_batches(gate: gait.Gate, intent: dict[str, Any]) -> None:
    tools = ["fs.read", "fs.write", "other"] * 20
    intents = [intent | {"tool_name": tool} for tool in tools]
    verdicts = [decision.verdict for decision in gate.evaluate_many(intents)]
    assert verdicts == ["allow", "require_approval", "block"] * 20
    assert [decision.verdict for decision in gate.evaluate_many(iter(intents[:2]))] == ["allow", "require_approval"]
    assert gate.evaluate_many([]) == []
    broken = [*intents[:1], {"tool_name": ""}, *intents[:1]]
    with pytest.raises(gait.IntentError):
        gate.evaluate_many(broken)
    kinds = [type(answer) for answer in gate.evaluate_many(broken, errors="return")]
    assert kinds == [gait.Decision, gait.IntentError, gait.Decision]
    with pytest.raises(ValueError, match="errors must be"):
        gate.evaluate_many(intents, errors="ignore")  # type: ignore[call-overload]


def test_asynchronous_twins(gate: gait.Gate, intent: dict[str, Any]) -> None:
    async def main() -> None:
        assert (await gate.evaluate_async(intent)).verdict == "allow"
        assert len(await gate.evaluate_many_async([intent] * 100)) == 100
        with pytest.raises(gait.IntentError):
            await gate.evaluate_many_async([{}])
        answers = await gate.evaluate_many_async([{}], errors="return")
        assert isinstance(answers[0], gait.IntentError)

    asyncio.run(main())


def test_threads_share_a_gate(key: gait.SigningKey, intent: dict[str, Any]) -> None:
    limited = POLICY.replace("requests: 3", "requests: 500")
    gate = gait.Gate(gait.Policy.parse(limited), signing_key=key)
    poll = gait.Intent.parse(intent | {"tool_name": "poll"})
    allowed: list[int] = []
    traces: set[bytes] = set()

    def work() -> None:
        own = [gate.evaluate(poll, now=NOW) for _ in range(50)] + gate.evaluate_many([poll] * 50, now=NOW)
        allowed.append(sum(decision.allowed for decision in own))
        traces.update(gate.evaluate(intent, now=NOW).trace.to_json() for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 500
    assert len(traces) == 1


def test_strictness_follows_the_policy(intent: dict[str, Any]) -> None:
    strict, lenient = gait.Policy.parse(POLICY), compat.Policy.parse(POLICY)
    assert isinstance(lenient, gait.Policy)
    assert gait.Gate(strict, strict=True).strict
    assert not gait.Gate(lenient).strict
    with pytest.raises(gait.InvalidInput) as caught:
        gait.Gate(lenient, strict=True)
    assert caught.value.code == "strict_mismatch"
    unknown = intent | {"unknown": 1}
    with pytest.raises(gait.IntentError):
        gait.Gate(strict).evaluate(unknown)
    assert compat.Gate(lenient).evaluate(unknown).allowed
    with pytest.raises(gait.InvalidInput):
        gait.Intent.parse(compat.Intent.parse(unknown))
    assert set(compat.__all__) == set(gait.__all__)


def test_requests_that_fail_closed() -> None:
    policy = gait.Policy.parse("{default_verdict: allow, fail_closed: {enabled: true, risk_classes: [high]}}")
    broken = {"tool_name": " ", "context": {"risk_class": "HIGH"}}
    decision = policy.evaluate_request(broken)
    assert decision.verdict == "block"
    assert decision.reason_codes == ("fail_closed_intent_invalid",)
    assert decision.violations == ("intent_not_evaluable",)
    assert decision.intent_digest is decision.tool_name is None
    with pytest.raises(gait.InvalidInput) as caught:
        _ = decision.trace
    assert caught.value.code == "intent_not_evaluable"
    with pytest.raises(gait.IntentError):
        policy.evaluate(broken)
    with pytest.raises(gait.IntentError):
        policy.evaluate_request({"tool_name": " ", "context": {"risk_class": "low"}})


def test_policies(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    policy = gait.Policy.load(path)
    assert policy.rules == ("reads", "writes", "rehearsals", "polls")
    assert policy.digest == gait.Policy.parse(policy.format()).digest
    assert not compat.Policy.load(path).strict
    assert all(isinstance(lint, gait.Lint) for lint in policy.lint())
    assert repr(policy).startswith("Policy(rules=4, strict=True")


def test_pickling_is_refused(gate: gait.Gate, key: gait.SigningKey, intent: dict[str, Any]) -> None:
    decision = gate.evaluate(intent)
    for value in (gate, gate.policy, key, key.verifying_key, decision, decision.trace, gait.Intent.parse(intent)):
        for work in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match="cannot pickle"):
                work(value)


def test_memory_stays(gate: gait.Gate, intent: dict[str, Any]) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    if not Path("/proc/self/statm").exists():
        pytest.skip("no /proc on this system")
    broken = intent | {"tool_name": ""}

    def work(rounds: int) -> None:
        for _ in range(rounds):
            decision = gate.evaluate(intent)
            _ = decision.reason_codes, decision.intent_digest
            with contextlib.suppress(gait.IntentError):
                gate.evaluate(broken)

    def work_with_traces(rounds: int) -> None:
        for _ in range(rounds):
            _ = gate.evaluate(intent).trace["verdict"]

    work(5_000)
    work_with_traces(500)
    gc.collect()
    before = resident()
    work(100_000)
    work_with_traces(2_000)
    gc.collect()
    assert resident() - before < 4 << 20
