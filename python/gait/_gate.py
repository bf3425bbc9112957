"""The gate with its asynchronous twins, and waiting for approvals."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, overload

from gait import _native

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gait._errors import GaitError
    from gait._native import ApprovalRequest, ApprovalToken, Decision
    from gait._values import (
        ApprovalLike,
        DelegationLike,
        Document,
        Duration,
        EnvelopeLike,
        IntentLike,
        Moment,
    )

__all__ = ["Gate"]

# How long one look waits, in seconds: so long may Ctrl-C or a cancelled task wait for its turn.
_LOOK = 0.25


class Gate(_native.Gate):
    """A policy with keys and state, ready to decide. Threads may share one gate.

    Whether intents are read strictly follows the policy; ``strict`` only says which of the two is expected, and
    anything else is an error. Nothing is trusted, kept in files or consulted unless an option names it: without options
    limits are counted in memory, and a decision that needs an approval, a delegation token or a credential is held
    (``require_approval``) or blocked, and its reason codes say so. The options are those of the constructor.

    >>> import gait
    >>> policy = gait.Policy.parse('''
    ... default_verdict: block
    ... rules:
    ...   - {name: reads, effect: allow, match: {tool_names: [fs.read]}}
    ... ''')
    >>> gate = Gate(policy, signing_key=gait.SigningKey.generate())
    >>> decision = gate.evaluate({
    ...     "tool_name": "fs.read",
    ...     "args": {"path": "/srv/report.csv"},
    ...     "targets": [{"kind": "path", "value": "/srv/report.csv", "operation": "read"}],
    ...     "context": {"identity": "agent-7", "workspace": "/srv", "risk_class": "low"},
    ... })
    >>> decision.verdict, decision.matched_rule
    ('allow', 'reads')
    """

    __slots__ = ()

    async def evaluate_async(
        self,
        intent: IntentLike,
        *,
        now: Moment | None = None,
        approvals: Iterable[ApprovalLike] | None = None,
        delegations: Iterable[DelegationLike] | None = None,
        context_envelope: EnvelopeLike | None = None,
        kill_switch: Document | None = None,
        inventory: Document | Sequence[Mapping[str, Any]] | None = None,
        credential_ref: str = "",
        credential_scopes: Sequence[str] | None = None,
    ) -> Decision:
        """As ``evaluate``. Runs on the event loop's thread, for a decision takes less time than handing it over; on
        another thread if the gate ``may_block``.
        """
        options = {
            "now": now,
            "approvals": approvals,
            "delegations": delegations,
            "context_envelope": context_envelope,
            "kill_switch": kill_switch,
            "inventory": inventory,
            "credential_ref": credential_ref,
            "credential_scopes": credential_scopes,
        }
        if self.may_block:
            return await asyncio.to_thread(self.evaluate, intent, **options)  # type: ignore[arg-type]
        return self.evaluate(intent, **options)  # type: ignore[arg-type]

    def wait_for_approvals(
        self, request: ApprovalRequest, timeout: Duration | None, *, now: Moment | None = None
    ) -> list[ApprovalToken]:
        """Waits until the gate's store holds as many valid approvals as a request needs, at most for ``timeout``
        (seconds or a ``timedelta``; ``None`` waits on). Gives the approvals that are there then, few or none after a
        timeout, as ``evaluate`` takes them.

        Other threads run meanwhile; another thread, or with ``approvals_dir`` another process, adds them. What the
        decision behind ``request`` refused because it was used before is not waited for again.

        :param now: the moment at which approvals must be valid; the machine's clock by default.
        """
        end = _end(timeout)
        while True:
            patience = min(_LOOK, max(0.0, end - time.monotonic()))
            tokens, enough = self._await_approvals(request, patience, now=now)
            if enough or time.monotonic() >= end:
                return tokens

    async def wait_for_approvals_async(
        self, request: ApprovalRequest, timeout: Duration | None, *, now: Moment | None = None
    ) -> list[ApprovalToken]:
        """As ``wait_for_approvals``, on another thread; a task that is cancelled lets go of it."""
        end = _end(timeout)
        while True:
            patience = min(_LOOK, max(0.0, end - time.monotonic()))
            tokens, enough = await asyncio.to_thread(self._await_approvals, request, patience, now=now)
            if enough or time.monotonic() >= end:
                return tokens

    @overload
    async def evaluate_many_async(
        self, intents: Iterable[IntentLike], *, now: Moment | None = None, errors: Literal["raise"] = "raise"
    ) -> list[Decision]: ...

    @overload
    async def evaluate_many_async(
        self, intents: Iterable[IntentLike], *, now: Moment | None = None, errors: Literal["return"]
    ) -> list[Decision | GaitError]: ...

    async def evaluate_many_async(
        self,
        intents: Iterable[IntentLike],
        *,
        now: Moment | None = None,
        errors: Literal["raise", "return"] = "raise",
    ) -> list[Decision] | list[Decision | GaitError]:
        """As ``evaluate_many``, on another thread. ``intents`` is iterated there."""
        if errors == "return":
            return await asyncio.to_thread(self.evaluate_many, intents, now=now, errors=errors)
        return await asyncio.to_thread(self.evaluate_many, intents, now=now, errors=errors)


def _end(timeout: Duration | None) -> float:
    """When a wait is over, by the monotonic clock."""
    if timeout is None:
        return float("inf")
    return time.monotonic() + (timeout.total_seconds() if isinstance(timeout, timedelta) else timeout)
