"""State that threads and processes share: limits, used tokens, the kill switch, approvals on their way."""

from __future__ import annotations

import asyncio
import datetime
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import gait

from .conftest import INTENT, NOW, POLICY
from .people import ADA, ALLOW, BOB, EVE, HOLD, LATER, TWO, approve, elsewhere, finish, held

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"ada": ADA.verifying_key, "bob": BOB.verifying_key}


def test_the_kill_switch_of_another_process(tmp_path: Path) -> None:
    gate = gait.Gate(ALLOW, state_dir=tmp_path)
    path = tmp_path / ".gait-out" / "kill_switch_state.json"
    assert gate.evaluate(INTENT, now=NOW).allowed
    add = """
    entry = gait.KillSwitch(sys.argv[1]).add(tool_name="fs.read", reason="stop", actor="ops", now=sys.argv[2])
    print(entry["entry_id"])
    """
    entry_id = finish(elsewhere(add, path, NOW))
    stopped = gate.evaluate(INTENT, now=NOW)
    assert stopped.verdict == "block"
    assert stopped.kill_switch is not None
    assert stopped.kill_switch["matched_entry_ids"] == [entry_id]
    assert "kill_switch_active" in stopped.reason_codes
    assert gate.evaluate(INTENT | {"tool_name": "other"}, now=NOW).allowed
    finish(elsewhere("gait.KillSwitch(sys.argv[1]).disable(sys.argv[2])", path, entry_id))
    assert gate.evaluate(INTENT, now=NOW).allowed


def test_kill_switches(tmp_path: Path) -> None:
    switch = gait.KillSwitch(tmp_path / "stop.json")
    assert switch.entries() == []
    assert switch.path == tmp_path / "stop.json"
    with pytest.raises(gait.InvalidInput) as nothing:
        switch.add(reason="why")
    assert nothing.value.code == "kill_switch_selector_missing"
    with pytest.raises(gait.InvalidInput):
        switch.disable("x")
    assert not switch.path.exists()
    entry = switch.add(
        entry_id="e1",
        identity="agent-7",
        path_prefixes=["/srv"],
        actor="ada",
        expires_at=datetime.datetime(2026, 1, 15, 9, 30, tzinfo=datetime.timezone.utc),
        now=NOW,
    )
    assert (entry["entry_id"], entry["enabled"], entry["expires_at"]) == ("e1", True, "2026-01-15T09:30:00Z")
    gate = gait.Gate(ALLOW, kill_switch_state=switch.path)
    assert gate.evaluate(INTENT, now=NOW).verdict == "block"
    assert gate.evaluate(INTENT, now=LATER).allowed
    assert switch.expire("e1", NOW)["expires_at"] == NOW
    assert gate.evaluate(INTENT, now=NOW).allowed
    switch.add(entry_id="all")
    assert gate.evaluate(INTENT, now=NOW).verdict == "block"
    assert not switch.disable("all")["enabled"]
    assert [one["entry_id"] for one in switch.entries()] == ["all", "e1"]
    switch.start()
    assert len(switch.entries()) == 2
    with pytest.raises(gait.InvalidInput) as unknown:
        switch.disable("other")
    assert unknown.value.code == "kill_switch_entry_not_found"
    with pytest.raises(TypeError):
        switch.expire("e1", 7)  # type: ignore[arg-type]


def test_a_kill_switch_for_one_decision() -> None:
    state = {
        "created_at": NOW,
        "updated_at": NOW,
        "entries": [{"entry_id": "e", "enabled": True, "tool_name": "fs.read", "created_at": NOW}],
    }
    gate = gait.Gate(ALLOW)
    assert gate.evaluate(INTENT, now=NOW, kill_switch=state).verdict == "block"
    assert gate.evaluate(INTENT, now=NOW).allowed
    wrong: Any
    for wrong in ({}, "{", {"entries": 1}, state | {"schema_id": "x"}):
        with pytest.raises(gait.DocumentError):
            gate.evaluate(INTENT, kill_switch=wrong)


def test_a_kill_switch_that_is_missing_or_broken(tmp_path: Path) -> None:
    path = tmp_path / "stop.json"
    risky = INTENT | {"context": INTENT["context"] | {"risk_class": "high"}}
    gate = gait.Gate(ALLOW, kill_switch_state=path)
    for content in (None, "{", '{"entries": []}'):
        if content is not None:
            path.write_text(content)
        with pytest.raises(gait.InvalidInput) as caught:
            gate.evaluate(INTENT, now=NOW)
        assert not isinstance(caught.value, gait.IntentError)
        blocked = gate.evaluate(risky, now=NOW)
        assert blocked.verdict == "block"
        assert "kill_switch_state_unavailable" in blocked.reason_codes
    path.unlink()
    gait.KillSwitch(path).start(now=NOW)
    assert gate.evaluate(INTENT, now=NOW).allowed
    # The name of a file may be wrong: it is not made, even beside a folder of state.
    with pytest.raises(gait.InvalidInput):
        gait.Gate(ALLOW, state_dir=tmp_path, kill_switch_state=tmp_path / "typo.json").evaluate(INTENT)


COUNT = """
policy = gait.Policy.load(sys.argv[1])
gate = gait.Gate(policy, state_dir=sys.argv[2])
intent = json.loads(sys.argv[3])
print(sum(gate.evaluate(intent).allowed for _ in range(20)))
"""


def test_limits_across_processes(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.replace("requests: 3, window: minute", "requests: 30, window: hour"))
    poll = INTENT | {"tool_name": "poll"}
    # Two windows at most are met, should the hour turn meanwhile.
    hour = time.time() // 3600
    running = [elsewhere(COUNT, policy, tmp_path, gait.Intent.parse(poll).canonical().decode()) for _ in range(3)]
    allowed = sum(int(finish(process)) for process in running)
    assert allowed == 30 or time.time() // 3600 != hour
    last = gait.Gate(gait.Policy.load(policy), rate_limit_state=tmp_path / ".gait-out" / "gate_rate_limits.json")
    decision = last.evaluate(poll)
    assert decision.verdict == "block" or time.time() // 3600 != hour
    assert decision.rate_limit_scope == "tool_identity"
    assert decision.rate_limit_used is not None
    assert decision.rate_limit_remaining == max(0, 30 - decision.rate_limit_used)
    assert "agent-7" in str(decision.rate_limit_key)


def test_a_token_serves_one_process(tmp_path: Path) -> None:
    gate = gait.Gate(HOLD, approvers=KEYS, used_tokens=tmp_path / "used.json")
    token = approve(held(gate))
    (tmp_path / "token.json").write_bytes(token.to_json())
    (tmp_path / "intent.json").write_bytes(gait.Intent.parse(INTENT).canonical())
    spend = """
    key = gait.VerifyingKey.from_base64(sys.argv[1])
    gate = gait.Gate(gait.Policy.parse("default_verdict: require_approval"), approvers=key, used_tokens=sys.argv[2])
    token = gait.ApprovalToken.load(sys.argv[3])
    print(int(gate.evaluate(gait.Intent.load(sys.argv[4]), now=sys.argv[5], approvals=[token]).allowed))
    """
    arguments = (ADA.verifying_key.to_base64(), tmp_path / "used.json", tmp_path / "token.json")
    running = [elsewhere(spend, *arguments, tmp_path / "intent.json", NOW) for _ in range(4)]
    assert sum(int(finish(process)) for process in running) == 1
    assert "approval_token_replayed" in gate.evaluate(INTENT, now=NOW, approvals=[token]).reason_codes


def test_errors_of_a_store_are_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    poll = INTENT | {"tool_name": "poll"}
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    policy = gait.Policy.parse(POLICY)
    for path in (folder, broken, tmp_path / "missing" / "state.json"):
        with pytest.raises(gait.GaitError) as caught:
            gait.Gate(policy, rate_limit_state=path).evaluate(poll)
        assert not isinstance(caught.value, gait.IntentError)
        assert caught.value.category in ("invalid_input", "io_failure")
        assert caught.value.code not in ("", "internal_failure")
        assert not caught.value.retryable
    with pytest.raises(gait.InvalidInput) as outside:
        gait.Gate(policy, used_tokens="../outside.json")
    assert outside.value.code == "path_not_local"
    gate = gait.Gate(HOLD, approvers=KEYS, used_tokens=broken)
    with pytest.raises(gait.InvalidInput):
        gate.evaluate(INTENT, now=NOW, approvals=[approve(held(gate))])
    with pytest.raises(gait.InvalidInput):
        gait.Gate(HOLD, approvals_dir=broken).evaluate(INTENT)
    with pytest.raises(gait.GaitError):
        gait.Gate(ALLOW, state_dir=broken)


def test_a_lock_that_is_held_is_contention(tmp_path: Path) -> None:
    path = tmp_path / "stop.json"
    switch = gait.KillSwitch(path)
    switch.start()
    hold = """
    import fcntl, os, time
    lock = os.open(sys.argv[1] + ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
    os.unlink(sys.argv[1] + ".lock")
    """
    process = elsewhere(hold, path, "1")
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    # Other threads go on while one waits for the lock.
    beats: list[float] = []
    writer = threading.Thread(target=lambda: switch.add(tool_name="x"))
    writer.start()
    while writer.is_alive():
        beats.append(time.monotonic())
        time.sleep(0.01)
    assert len(beats) > 10
    assert len(switch.entries()) == 1
    finish(process)


def test_approvals_wait_in_the_store() -> None:
    gate = gait.Gate(HOLD, approvers=KEYS)
    assert gate.approval_requests() == []
    decision = gate.evaluate(INTENT, now=NOW)
    request = gate.request_approval(decision)
    assert request == gate.request_approval(decision)
    assert gate.approval_requests() == [request]
    assert request is not None
    gate.add_approval(approve(request).to_json())
    assert gate.evaluate(INTENT, now=NOW).allowed
    assert gate.approval_requests() == []
    assert gate.evaluate(INTENT, now=NOW).verdict == "require_approval"
    assert gate.request_approval(gait.Gate(ALLOW).evaluate(INTENT)) is None
    with pytest.raises(TypeError):
        gate.request_approval(request)  # type: ignore[arg-type]


def test_waiting_for_another_thread() -> None:
    gate = gait.Gate(TWO, approvers=KEYS)
    request = gate.request_approval(gate.evaluate(INTENT, now=NOW))
    assert request is not None
    started = time.monotonic()
    assert gate.wait_for_approvals(request, 0) == []
    assert gate.wait_for_approvals(request, datetime.timedelta(milliseconds=50)) == []
    assert time.monotonic() - started < 5

    def answer() -> None:
        waiting = gate.approval_requests()[0]
        gate.add_approval(approve(waiting, "ada", EVE))
        for approver, key in (("ada", ADA), ("bob", BOB)):
            time.sleep(0.1)
            gate.add_approval(approve(waiting, approver, key))

    thread = threading.Thread(target=answer)
    thread.start()
    tokens = gate.wait_for_approvals(request, 30, now=NOW)
    thread.join()
    # The forged one is there too; it made nobody stop waiting, and counts for nothing.
    assert len(tokens) == 3
    assert gate.evaluate(INTENT, now=NOW, approvals=tokens).allowed


def test_what_was_used_is_not_waited_for_again() -> None:
    gate = gait.Gate(HOLD, approvers=KEYS)
    request = held(gate)
    gate.add_approval(approve(request))
    assert len(gate.wait_for_approvals(request, 5, now=NOW)) == 1
    assert gate.evaluate(INTENT, now=NOW).allowed
    again = held(gate)
    started = time.monotonic()
    assert len(gate.wait_for_approvals(again, 0.3, now=NOW)) == 1
    assert time.monotonic() - started >= 0.3
    gate.add_approval(approve(again, reason="once more"))
    assert len(gate.wait_for_approvals(again, 30, now=NOW)) == 2
    assert gate.evaluate(INTENT, now=NOW).allowed


ANSWER = """
key = gait.SigningKey.from_base64(sys.argv[1])
gate = gait.Gate(gait.Policy.parse("default_verdict: require_approval"), approvals_dir=sys.argv[2])
import time
while not (waiting := gate.approval_requests()):
    time.sleep(0.01)
gate.add_approval(gait.approve(waiting[0], key, approver="ada", reason="seen", ttl=60))
"""


def test_waiting_for_another_process(tmp_path: Path) -> None:
    folder = tmp_path / "approvals"
    gate = gait.Gate(HOLD, approvers=KEYS, approvals_dir=folder)
    request = gate.request_approval(gate.evaluate(INTENT))
    assert request is not None
    process = elsewhere(ANSWER, ADA.to_base64(), folder)
    tokens = gate.wait_for_approvals(request, 60)
    finish(process)
    assert [token.approver_identity for token in tokens] == ["ada"]
    assert gate.evaluate(INTENT).allowed
    assert gate.approval_requests() == []


def test_waiting_without_a_thread_of_ones_own() -> None:
    gate = gait.Gate(HOLD, approvers=KEYS)
    request = held(gate)

    async def main() -> None:
        waiting = asyncio.create_task(gate.wait_for_approvals_async(request, None, now=NOW))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        gate.add_approval(approve(request))
        assert len(await asyncio.wait_for(waiting, 30)) == 1
        assert await gate.evaluate_async(INTENT, now=NOW)
        again = asyncio.create_task(gate.wait_for_approvals_async(held(gate), None, now=NOW))
        await asyncio.sleep(0.05)
        again.cancel()
        with pytest.raises(asyncio.CancelledError):
            await again

    asyncio.run(asyncio.wait_for(main(), 60))


def test_waiting_ends_with_an_interrupt() -> None:
    wait = """
    gate = gait.Gate(gait.Policy.parse("default_verdict: require_approval"))
    decision = gate.evaluate(json.loads(sys.argv[1]))
    print("waiting", flush=True)
    try:
        gate.wait_for_approvals(gate.request_approval(decision), None)
    except KeyboardInterrupt:
        print("interrupted")
    """
    process = elsewhere(wait, gait.Intent.parse(INTENT).canonical().decode())
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "waiting"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert finish(process) == "interrupted"


def test_gates_that_may_block(tmp_path: Path) -> None:
    assert not gait.Gate(ALLOW, approvers=KEYS, simulate=True).may_block
    shared = gait.Gate(ALLOW, state_dir=tmp_path)
    assert shared.may_block
    assert asyncio.run(shared.evaluate_async(INTENT, now=NOW)).allowed
    assert all(shared.evaluate_many([INTENT] * 3, now=NOW))
    assert [path.name for path in (tmp_path / ".gait-out").iterdir()] == ["kill_switch_state.json"]
