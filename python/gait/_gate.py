"""The gate with its asynchronous twins and the decorator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, overload

from gait import _native

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gait._errors import GaitError
    from gait._native import Decision
    from gait._values import IntentLike, Moment

__all__ = ["Gate"]


class Gate(_native.Gate):
    """A policy with a key and counters, ready to decide. Threads may share one gate.

    ``Gate(policy, *, signing_key=None, strict=None, producer_version=None, correlation_id=None)``. Whether intents are
    read strictly follows the policy; ``strict`` only says which of the two is expected, and anything else is an error.
    Limits are counted in memory, for this gate. Approvals, delegation tokens and brokers are not consulted: a decision
    that needs them holds (``require_approval``) or blocks, and its reason codes say so.

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

    async def evaluate_async(self, intent: IntentLike, *, now: Moment | None = None) -> Decision:
        """As ``evaluate``. Runs on the event loop's thread: a decision takes less time than handing it over."""
        return self.evaluate(intent, now=now)

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
