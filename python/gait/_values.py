"""Small values that decisions and policies are told in."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Limit", "Lint", "Notice", "Verdict"]

Verdict = Literal["allow", "block", "require_approval", "dry_run"]
"""The four answers. Only ``allow`` lets the tool run."""


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
