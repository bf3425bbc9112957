"""Small values that decisions and policies are told in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, Union

if TYPE_CHECKING:
    from gait._native import Intent

__all__ = ["IntentLike", "Limit", "Lint", "Moment", "Notice", "Path", "Text", "Verdict"]

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
