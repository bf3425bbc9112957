"""A decorator that puts a gate before a function."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import enum
import functools
import inspect
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from gait._native import ApprovalToken, Intent

if TYPE_CHECKING:
    from gait._native import ApprovalRequest, Decision, Gate
    from gait._values import ApprovalLike, Granted, IntentLike, Moment

__all__ = ["guard"]

P = ParamSpec("P")
R = TypeVar("R")

JsonObject = Mapping[str, Any]
"""A JSON object as Python holds it."""

# Deeper values are left to the reader of intents, which refuses what is too deep or circular.
_MAX_DEPTH = 64


def guard(
    gate: Gate,
    *,
    context: JsonObject | Callable[[dict[str, Any]], JsonObject],
    tool_name: str | None = None,
    args: Callable[[dict[str, Any]], JsonObject] | None = None,
    targets: Sequence[JsonObject] | Callable[[dict[str, Any]], Sequence[JsonObject]] = (),
    risk_class: str | None = None,
    arg_provenance: Mapping[str, str] | Callable[[dict[str, Any]], Sequence[JsonObject]] | None = None,
    extra: JsonObject | None = None,
    on_decision: Callable[[Decision], object] | None = None,
    on_approval: Callable[[ApprovalRequest, Intent], Granted | Awaitable[Granted]] | None = None,
    on_dry_run: Callable[..., Any] | None = None,
    clock: Callable[[], Moment] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes a function a gated tool: it runs only when the gate allows the call.

    Each call becomes an intent; the gate decides; then

    * ``allow``: the function runs,
    * ``block``: :class:`gait.PolicyBlocked` is raised,
    * ``require_approval``: ``on_approval`` is asked for tokens, with which the gate decides about the same intent
      again; without it, or when it grants nothing, :class:`gait.ApprovalRequired` is raised,
    * ``dry_run``: ``on_dry_run`` is called with the call's arguments in place of the function and its result returned;
      without ``on_dry_run``, :class:`gait.DryRun` is raised.

    An error on the way (arguments that fit no intent, a context that is missing) raises too: the function never runs
    without an allow. Works for functions, methods and ``async def`` functions. A decision of a gate that ``may_block``
    is made on another thread for ``async def`` functions.

    :param context: the intent's context (``identity``, ``workspace``, ``risk_class``, …), or a function that makes it
        from the call's arguments by name.
    :param tool_name: the name the policy knows; the function's own name by default.
    :param args: makes the intent's ``args`` from the call's arguments by name; by default they are the arguments
        themselves. Paths, times, enums, dataclasses and pydantic models are turned into what JSON has.
    :param targets: what the call touches. Texts in a list of targets are templates over the arguments
        (``{"kind": "path", "value": "{path}", "operation": "write"}``); a function gets the arguments by name.
    :param risk_class: takes the place of the context's.
    :param arg_provenance: where arguments come from, by name (``{"body": "tool_output"}``), or a function that makes
        the whole list.
    :param extra: further members of the intent, such as ``delegation`` or ``skill_provenance``.
    :param on_decision: called with every decision before anything else happens, for example to write its trace; twice
        for a call that approvals were given for. What it raises keeps the function from running.
    :param on_approval: gets the :class:`gait.ApprovalRequest` and the :class:`gait.Intent` of a held call and returns
        a token, a list of tokens, or ``None`` or ``False`` for no. For ``async def`` functions it may be ``async``
        itself. The decision after it counts against limits like any other.
    :param clock: gives the moment to decide for; the machine's clock by default.

    >>> import gait
    >>> policy = gait.Policy.parse('''
    ... default_verdict: block
    ... rules:
    ...   - {name: notes, effect: allow, match: {tool_names: [note.write]}}
    ... ''')
    >>> @guard(
    ...     gait.Gate(policy),
    ...     tool_name="note.write",
    ...     context={"identity": "agent-7", "workspace": "/srv", "risk_class": "low"},
    ...     targets=[{"kind": "path", "value": "{path}", "operation": "write"}],
    ... )
    ... def write_note(path: str, text: str) -> int:
    ...     return len(text)
    >>> write_note("/srv/notes/a.txt", text="hello")
    5

    A person who may approve is asked when a call is held:

    >>> ada = gait.SigningKey.generate()
    >>> held = gait.Gate(gait.Policy.parse("default_verdict: require_approval"), approvers={"ada": ada.verifying_key})
    >>> def ask(request: gait.ApprovalRequest, intent: gait.Intent) -> gait.ApprovalToken | None:
    ...     if intent.to_dict()["args"]["amount"] > 100:
    ...         return None
    ...     return gait.approve(request, ada, approver="ada", reason="small", ttl=60)
    >>> @guard(held, on_approval=ask, context={"identity": "agent-7", "workspace": "/srv", "risk_class": "high"})
    ... def refund(amount: float) -> str:
    ...     return f"paid {amount}"
    >>> refund(49.9)
    'paid 49.9'
    >>> refund(4990.0)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    gait.ApprovalRequired: refund needs approval: approval_token_missing, default_require_approval
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = tool_name or function.__name__
        signature = inspect.signature(function)

        def propose(*call_args: P.args, **call_kwargs: P.kwargs) -> dict[str, Any]:
            arguments = _arguments(signature, call_args, call_kwargs)
            intent: dict[str, Any] = dict(extra or {})
            intent["tool_name"] = name
            intent["args"] = _plain(args(arguments) if args else arguments)
            intent["targets"] = _targets(targets, arguments)
            intent["context"] = _context(context, arguments, risk_class)
            provenance = _provenance(arg_provenance, arguments)
            if provenance:
                intent["arg_provenance"] = provenance
            return intent

        def freeze(intent: dict[str, Any]) -> IntentLike:
            # What may be decided about twice is read once: nothing changes between the two.
            return intent if on_approval is None else Intent(intent, strict=gate.strict)

        def moment() -> Moment | None:
            return clock() if clock else None

        def tell(decision: Decision) -> Decision:
            if on_decision is not None:
                on_decision(decision)
            return decision

        if inspect.iscoroutinefunction(function):

            async def evaluate(intent: IntentLike, tokens: list[ApprovalLike] | None = None) -> Decision:
                if not gate.may_block:
                    return tell(gate.evaluate(intent, now=moment(), approvals=tokens))
                return tell(await asyncio.to_thread(gate.evaluate, intent, now=moment(), approvals=tokens))

            @functools.wraps(function)
            async def guarded_async(*call_args: P.args, **call_kwargs: P.kwargs) -> Any:
                intent = freeze(propose(*call_args, **call_kwargs))
                decision = await evaluate(intent)
                request = decision.approval_request()
                if on_approval is not None and request is not None:
                    granted = on_approval(request, cast("Intent", intent))
                    tokens = _tokens(await granted if inspect.isawaitable(granted) else granted)
                    if tokens:
                        decision = await evaluate(intent, tokens)
                if decision.verdict == "dry_run" and on_dry_run is not None:
                    rehearsed = on_dry_run(*call_args, **call_kwargs)
                    return await rehearsed if inspect.isawaitable(rehearsed) else rehearsed
                decision.raise_for_verdict()
                return await cast("Awaitable[Any]", function(*call_args, **call_kwargs))

            return cast("Callable[P, R]", guarded_async)

        @functools.wraps(function)
        def guarded(*call_args: P.args, **call_kwargs: P.kwargs) -> R:
            intent = freeze(propose(*call_args, **call_kwargs))
            decision = tell(gate.evaluate(intent, now=moment()))
            request = decision.approval_request()
            if on_approval is not None and request is not None:
                tokens = _tokens(on_approval(request, cast("Intent", intent)))
                if tokens:
                    decision = tell(gate.evaluate(intent, now=moment(), approvals=tokens))
            if decision.verdict == "dry_run" and on_dry_run is not None:
                return cast("R", on_dry_run(*call_args, **call_kwargs))
            decision.raise_for_verdict()
            return function(*call_args, **call_kwargs)

        return guarded

    return decorate


def _arguments(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, defaults included, without ``self`` and ``cls``."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    arguments: dict[str, Any] = {}
    for position, (name, value) in enumerate(bound.arguments.items()):
        kind = signature.parameters[name].kind
        if position == 0 and name in ("self", "cls"):
            continue
        if kind is inspect.Parameter.VAR_KEYWORD:
            arguments.update(value)
        else:
            arguments[name] = value
    return arguments


def _context(
    context: JsonObject | Callable[[dict[str, Any]], JsonObject],
    arguments: dict[str, Any],
    risk_class: str | None,
) -> JsonObject:
    made = context(arguments) if callable(context) else context
    return made if risk_class is None else {**made, "risk_class": risk_class}


def _targets(
    targets: Sequence[JsonObject] | Callable[[dict[str, Any]], Sequence[JsonObject]], arguments: dict[str, Any]
) -> list[Any]:
    if callable(targets):
        return [_plain(target) for target in targets(arguments)]
    plain = {name: _plain(value) for name, value in arguments.items()}
    return [
        {member: value.format_map(plain) if isinstance(value, str) else value for member, value in target.items()}
        for target in targets
    ]


def _provenance(
    provenance: Mapping[str, str] | Callable[[dict[str, Any]], Sequence[JsonObject]] | None,
    arguments: dict[str, Any],
) -> list[JsonObject]:
    if provenance is None:
        return []
    if callable(provenance):
        return list(provenance(arguments))
    return [{"arg_path": f"$.{name}", "source": source} for name, source in provenance.items() if name in arguments]


def _tokens(granted: object) -> list[ApprovalLike]:
    """The tokens that somebody granted; none for no."""
    if granted is None or granted is False:
        return []
    if inspect.iscoroutine(granted):
        granted.close()
        raise TypeError("on_approval may be async for async functions only")
    if isinstance(granted, (ApprovalToken, str, bytes, bytearray, memoryview, Mapping)):
        return [granted]
    if not isinstance(granted, Iterable):
        raise TypeError(f"on_approval must return tokens, None or False, not {type(granted).__name__}")
    return list(granted)


def _plain(value: Any, depth: int = 0) -> Any:
    """The value with what JSON lacks replaced by what it has; what has no such form is left to be refused."""
    if value is None or isinstance(value, (bool, int, float)) or depth > _MAX_DEPTH:
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value, depth + 1)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: _plain(getattr(value, field.name), depth + 1) for field in fields}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return _plain(dump(mode="json"), depth + 1)
    return value
