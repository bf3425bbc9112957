"""The decorator when a call is held: who is asked, and what comes of the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import gait
from gait import compat

from .conftest import NOW
from .people import ADA, EVE, HOLD, LATER, approve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTEXT = {"identity": "agent-7", "workspace": "/srv", "risk_class": "high"}
ADA_ALONE = {"ada": ADA.verifying_key}

Asked = list[tuple[gait.ApprovalRequest, gait.Intent]]


def tool(gate: gait.Gate, on_approval: Any, ran: list[float], **options: Any) -> Callable[[float], str]:
    clock = options.pop("clock", lambda: NOW)

    @gait.guard(gate, on_approval=on_approval, context=CONTEXT, clock=clock, **options)
    def refund(amount: float) -> str:
        ran.append(amount)
        return f"paid {amount}"

    return refund


def test_granted() -> None:
    seen: list[str] = []
    ran: list[float] = []
    asked: Asked = []

    def ask(request: gait.ApprovalRequest, intent: gait.Intent) -> gait.ApprovalToken:
        asked.append((request, intent))
        return approve(request, reason=f"n{len(asked)}")

    refund = tool(
        gait.Gate(HOLD, approvers=ADA_ALONE), ask, ran, on_decision=lambda decision: seen.append(decision.verdict)
    )
    assert refund(4.5) == "paid 4.5"
    assert refund(4.5) == "paid 4.5"
    assert seen == ["require_approval", "allow"] * 2
    request, intent = asked[0]
    assert (request.tool_name, intent.to_dict()["args"]) == ("refund", {"amount": 4.5})
    assert len(ran) == 2


@pytest.mark.parametrize("form", [list, tuple, iter], ids=lambda form: form.__name__)
def test_several_tokens(form: Callable[[list[Any]], Any]) -> None:
    ran: list[float] = []
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    assert tool(gate, lambda request, _: form([approve(request).to_dict()]), ran)(1) == "paid 1"
    assert tool(gate, lambda request, _: approve(request, reason="as text").to_json(), ran)(1) == "paid 1"
    assert tool(gate, lambda request, _: approve(request, reason="as dict").to_dict(), ran)(1) == "paid 1"


@pytest.mark.parametrize("answer", [None, False, [], ()], ids=repr)
def test_refused(answer: Any) -> None:
    ran: list[float] = []
    seen: list[gait.Decision] = []
    refund = tool(gait.Gate(HOLD, approvers=ADA_ALONE), lambda *_: answer, ran, on_decision=seen.append)
    with pytest.raises(gait.ApprovalRequired) as caught:
        refund(1)
    assert seen == [caught.value.decision]
    assert not ran


def test_tokens_that_do_not_fit() -> None:
    ran: list[float] = []
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    spent: list[gait.ApprovalToken] = []

    def once(request: gait.ApprovalRequest, _: gait.Intent) -> gait.ApprovalToken:
        spent.append(spent[0] if spent else approve(request))
        return spent[-1]

    tool(gate, once, ran)(1)
    answers: list[tuple[Any, str]] = [
        (once, "approval_token_replayed"),
        (lambda request, _: approve(request, key=EVE), "approval_token_signature_invalid"),
        (lambda request, _: approve(request, "bob"), "approval_token_approver_mismatch"),
        (lambda request, _: approve(request, now="2026-01-15T08:00:00Z"), "approval_token_expired"),
        (lambda request, _: {}, "approval_token_invalid"),
    ]
    for ask, code in answers:
        with pytest.raises(gait.ApprovalRequired) as caught:
            tool(gate, ask, ran)(1)
        assert code in caught.value.decision.reason_codes
    assert ran == [1]


def test_whoever_is_asked_may_fail() -> None:
    ran: list[float] = []
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)

    def hang_up(request: gait.ApprovalRequest, intent: gait.Intent) -> None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        tool(gate, hang_up, ran)(1)
    for junk in (True, 7, object()):
        with pytest.raises(TypeError):
            tool(gate, lambda *_, junk=junk: junk, ran)(1)
    for junk in ("{", [7], [b"["]):
        with pytest.raises((gait.DocumentError, TypeError)):
            tool(gate, lambda *_, junk=junk: junk, ran)(1)

    async def later(request: gait.ApprovalRequest, intent: gait.Intent) -> None:
        raise AssertionError

    with pytest.raises(TypeError, match="async"):
        tool(gate, later, ran)(1)
    assert not ran


def test_nobody_is_asked_where_nobody_can_help() -> None:
    ran: list[float] = []

    def never(request: gait.ApprovalRequest, intent: gait.Intent) -> None:
        raise AssertionError

    with pytest.raises(gait.PolicyBlocked):
        tool(gait.Gate(gait.Policy.parse("default_verdict: block")), never, ran)(1)
    assert tool(gait.Gate(gait.Policy.parse("default_verdict: allow")), never, ran)(1) == "paid 1"
    assert tool(gait.Gate(HOLD, simulate=True), never, ran)(1) == "paid 1"


def test_time_goes_on_while_somebody_thinks() -> None:
    moments = iter([NOW, LATER])
    ran: list[float] = []
    refund = tool(
        gait.Gate(HOLD, approvers=ADA_ALONE), lambda request, _: approve(request), ran, clock=lambda: next(moments)
    )
    with pytest.raises(gait.ApprovalRequired) as caught:
        refund(1)
    assert "approval_token_expired" in caught.value.decision.reason_codes
    assert not ran


def test_what_changes_meanwhile_is_not_approved() -> None:
    ran: list[object] = []
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    basket = {"items": ["a"]}

    def ask(request: gait.ApprovalRequest, intent: gait.Intent) -> gait.ApprovalToken:
        basket["items"].append("b")
        assert intent.to_dict()["args"] == {"basket": {"items": ["a"]}}
        return approve(request)

    seen: list[gait.Decision] = []

    @gait.guard(gate, context=CONTEXT, on_approval=ask, on_decision=seen.append, clock=lambda: NOW)
    def order(basket: dict[str, list[str]]) -> None:
        ran.append(basket)

    order(basket)
    assert seen[0].intent_digest == seen[1].intent_digest


def test_asynchronous_tools(tmp_path: Path) -> None:
    ran: list[float] = []
    asked: Asked = []

    async def ask(request: gait.ApprovalRequest, intent: gait.Intent) -> list[gait.ApprovalToken] | None:
        asked.append((request, intent))
        await asyncio.sleep(0)
        if intent.to_dict()["args"]["amount"] > 100:
            return None
        return [approve(request, reason=f"n{len(asked)}")]

    gates = [
        gait.Gate(HOLD, approvers=ADA_ALONE),
        gait.Gate(HOLD, approvers=ADA_ALONE, state_dir=tmp_path),
        compat.Gate(compat.Policy.parse("default_verdict: require_approval"), approvers=ADA_ALONE),
    ]
    for gate in gates:

        @gait.guard(gate, context=CONTEXT, on_approval=ask, clock=lambda: NOW)
        async def refund(amount: float) -> float:
            ran.append(amount)
            return amount

        @gait.guard(gate, context=CONTEXT, on_approval=lambda request, _: approve(request), clock=lambda: NOW)
        async def credit(amount: float) -> float:
            ran.append(amount)
            return amount

        async def fail(request: gait.ApprovalRequest, intent: gait.Intent) -> None:
            raise TimeoutError

        @gait.guard(gate, context=CONTEXT, on_approval=fail, clock=lambda: NOW)
        async def transfer(amount: float) -> float:
            ran.append(amount)
            return amount

        assert asyncio.run(refund(1)) == 1
        assert asyncio.run(credit(2)) == 2
        with pytest.raises(gait.ApprovalRequired):
            asyncio.run(refund(1000))
        with pytest.raises(TimeoutError):
            asyncio.run(transfer(3))
    assert ran == [1, 2] * 3


def test_waiting_within_a_guard() -> None:
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)

    async def ask(request: gait.ApprovalRequest, intent: gait.Intent) -> list[gait.ApprovalToken]:
        return await gate.wait_for_approvals_async(request, 30, now=NOW)

    @gait.guard(gate, context=CONTEXT, on_approval=ask, clock=lambda: NOW, on_decision=gate.request_approval)
    async def refund(amount: float) -> float:
        return amount

    async def answer() -> None:
        left: list[gait.ApprovalRequest] = []
        for _ in range(1000):
            left = left or gate.approval_requests()
            await asyncio.sleep(0.01 * (not left))
        gate.add_approval(approve(left[0]))

    async def main() -> None:
        paid, _ = await asyncio.gather(refund(7), answer())
        assert paid == 7

    asyncio.run(main())
    assert gate.approval_requests() == []
