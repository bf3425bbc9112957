"""The names of :mod:`gait`, reading documents as gait v1.4 reads them unless told otherwise.

Case of member names does not matter, unknown members are passed over, the last of repeated members counts. What was not
kept exactly is told by ``Intent.notices`` and ``Decision.notices``. A gate follows its policy.

>>> from gait import compat
>>> policy = compat.Policy.parse("default_verdict: allow")
>>> policy.strict
False
>>> intent = '{"Tool_Name": "t", "note": 1, "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}'
>>> compat.Gate(policy).evaluate(intent).verdict
'allow'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gait as _gait
from gait import (
    ApprovalLike,
    ApprovalRequest,
    ApprovalRequired,
    ApprovalToken,
    Broker,
    Decision,
    DelegationLike,
    DelegationToken,
    DependencyMissing,
    Document,
    DocumentError,
    DryRun,
    Duration,
    EnvelopeLike,
    GaitError,
    Gate,
    Granted,
    IntentError,
    IntentLike,
    InternalFailure,
    InvalidInput,
    IoFailure,
    KeyMaterialError,
    Keys,
    Limit,
    Lint,
    Moment,
    NetworkPermanent,
    NetworkTransient,
    Notice,
    PolicyBlocked,
    PolicyError,
    RequestLike,
    SigningKey,
    StateContention,
    Trace,
    Verdict,
    VerdictError,
    VerificationFailed,
    VerifiedEnvelope,
    VerifyingKey,
    __version__,
    approve,
    canonicalize,
    delegate,
    digest,
    guard,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

    from gait._values import Path, Text

__all__ = [
    "ApprovalLike",
    "ApprovalRequest",
    "ApprovalRequired",
    "ApprovalToken",
    "Broker",
    "Decision",
    "DelegationLike",
    "DelegationToken",
    "DependencyMissing",
    "Document",
    "DocumentError",
    "DryRun",
    "Duration",
    "EnvelopeLike",
    "GaitError",
    "Gate",
    "Granted",
    "Intent",
    "IntentError",
    "IntentLike",
    "InternalFailure",
    "InvalidInput",
    "IoFailure",
    "KeyMaterialError",
    "Keys",
    "KillSwitch",
    "Limit",
    "Lint",
    "Moment",
    "NetworkPermanent",
    "NetworkTransient",
    "Notice",
    "Policy",
    "PolicyBlocked",
    "PolicyError",
    "RequestLike",
    "SigningKey",
    "StateContention",
    "Trace",
    "Verdict",
    "VerdictError",
    "VerificationFailed",
    "VerifiedEnvelope",
    "VerifyingKey",
    "__version__",
    "approve",
    "canonicalize",
    "delegate",
    "digest",
    "guard",
    "verify_trace",
]


class Policy(_gait.Policy):
    """As :class:`gait.Policy`, with ``strict=False`` by default."""

    def __new__(cls, text: Text, *, strict: bool = False) -> Self:
        """Reads a policy from YAML or JSON text."""
        return super().__new__(cls, text, strict=strict)


class Intent(_gait.Intent):
    """As :class:`gait.Intent`, with ``strict=False`` by default."""

    def __new__(cls, document: IntentLike, *, strict: bool = False) -> Self:
        """Reads an intent from a mapping, JSON text or bytes."""
        return super().__new__(cls, document, strict=strict)


class KillSwitch(_gait.KillSwitch):
    """As :class:`gait.KillSwitch`, with ``strict=False`` by default."""

    def __new__(cls, path: Path, *, strict: bool = False) -> Self:
        """The kill switch in a file."""
        return super().__new__(cls, path, strict=strict)


def verify_trace(trace: Trace | Mapping[str, Any] | Text, key: VerifyingKey, *, strict: bool = False) -> Trace:
    """As :func:`gait.verify_trace`, with ``strict=False`` by default.

    Members that a trace does not have are passed over, so no signature covers them.
    """
    return _gait.verify_trace(trace, key, strict=strict)
