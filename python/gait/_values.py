"""Small values that decisions and policies are told in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, Union

if TYPE_CHECKING:
    from gait._native import ApprovalRequest, ApprovalToken, DelegationToken, Intent, VerifiedEnvelope, VerifyingKey

__all__ = [
    "ApprovalLike",
    "Broker",
    "DelegationLike",
    "Document",
    "Duration",
    "EnvelopeLike",
    "Granted",
    "IntentLike",
    "Keys",
    "Limit",
    "Lint",
    "Moment",
    "Notice",
    "Path",
    "RequestLike",
    "Text",
    "Verdict",
]

Verdict: TypeAlias = Literal["allow", "block", "require_approval", "dry_run"]
"""The four answers. Only ``allow`` lets the tool run."""

Text: TypeAlias = str | bytes | bytearray | memoryview
"""A document as text; bytes are UTF-8."""

IntentLike: TypeAlias = Union["Intent", Mapping[str, Any], Text]
"""An intent: parsed, as a mapping, or as JSON text."""

Moment: TypeAlias = datetime | str
"""A moment: an aware ``datetime`` or RFC 3339 text."""

Path: TypeAlias = str | os.PathLike[str]
"""The path of a file."""

Duration: TypeAlias = float | timedelta
"""A length of time: seconds or a ``timedelta``."""

Document: TypeAlias = Mapping[str, Any] | Text
"""A JSON document: a mapping or text."""

ApprovalLike: TypeAlias = Union["ApprovalToken", Document]
"""An approval token, read or not."""

Granted: TypeAlias = ApprovalLike | Iterable[ApprovalLike] | Literal[False] | None
"""What somebody who was asked for approvals answers: tokens, or nothing for no."""

DelegationLike: TypeAlias = Union["DelegationToken", Document]
"""A delegation token, read or not."""

RequestLike: TypeAlias = Union["ApprovalRequest", Document]
"""An approval request, read or not."""

EnvelopeLike: TypeAlias = Union["VerifiedEnvelope", Document]
"""A context envelope, read or not."""

Keys: TypeAlias = Union[
    "VerifyingKey",
    Iterable["VerifyingKey"],
    Mapping[str, Union["VerifyingKey", Iterable["VerifyingKey"]]],
]
"""Whose signatures count: a key, several keys, or a mapping that binds keys to the identities they may sign as."""

Broker: TypeAlias = Literal["stub", "env", "command"] | Callable[[dict[str, Any]], Document]
"""Who issues credentials: a broker by name, or a function from request to answer."""


class Limit(NamedTuple):
    """A limit on the number of calls: ``requests`` in a ``window``, counted together for a ``scope``."""

    requests: int
    window: Literal["minute", "hour"]
    scope: Literal["identity", "tool", "tool_identity"]


class Lint(NamedTuple):
    """Something in a policy that probably does not do what its author thinks."""

    code: str
    rule: str | None
    message: str


class Notice(NamedTuple):
    """Something in an intent that was read, but not exactly as written (compat only).

    ``kind`` is ``integer_rounded`` or ``text_replaced``; ``offset`` the byte in JSON text, ``None`` for Python objects.
    """

    kind: str
    offset: int | None
