"""libgait for Python: decide about a tool call before it runs, in process, and keep signed evidence of the answer.

>>> import gait
>>> policy = gait.Policy.parse('''
... default_verdict: block
... rules:
...   - {name: reads, effect: allow, match: {tool_names: [fs.read]}}
... ''')
>>> key = gait.SigningKey.generate()
>>> gate = gait.Gate(policy, signing_key=key)
>>> intent = {
...     "tool_name": "fs.delete",
...     "args": {"path": "/srv/report.csv"},
...     "targets": [{"kind": "path", "value": "/srv/report.csv", "operation": "delete"}],
...     "context": {"identity": "agent-7", "workspace": "/srv", "risk_class": "high"},
... }
>>> decision = gate.evaluate(intent)
>>> decision.verdict, decision.reason_codes
('block', ('default_block',))
>>> gait.verify_trace(decision.trace.to_json(), key.verifying_key).verdict
'block'

A call that needs approval is held. Whoever the gate trusts may sign what the decision asks for, for one call:

>>> gate = gait.Gate(gait.Policy.parse("default_verdict: require_approval"), approvers={"ada": key.verifying_key})
>>> held = gate.evaluate(intent)
>>> token = gait.approve(held.approval_request(), key, approver="ada", reason="ticket-7", ttl=900)
>>> gate.evaluate(intent, approvals=[token]).verdict
'allow'
>>> gate.evaluate(intent, approvals=[token]).verdict
'require_approval'

Everything here reads strictly: unknown, re-cased and repeated members and what cannot be kept exactly are errors. With
``strict=False``, or through :mod:`gait.compat`, documents are read as gait v1.4 reads them.
"""

from __future__ import annotations

from collections.abc import Mapping as _Mapping

from gait._errors import (
    ApprovalRequired,
    DependencyMissing,
    DocumentError,
    DryRun,
    GaitError,
    IntentError,
    InternalFailure,
    InvalidInput,
    IoFailure,
    KeyMaterialError,
    NetworkPermanent,
    NetworkTransient,
    PolicyBlocked,
    PolicyError,
    StateContention,
    VerdictError,
    VerificationFailed,
)
from gait._gate import Gate
from gait._guard import guard
from gait._native import (
    ApprovalRequest,
    ApprovalToken,
    Decision,
    DelegationToken,
    Intent,
    KillSwitch,
    Policy,
    SigningKey,
    Trace,
    VerifiedEnvelope,
    VerifyingKey,
    __version__,
    approve,
    canonicalize,
    delegate,
    digest,
    verify_trace,
)
from gait._values import (
    ApprovalLike,
    Broker,
    DelegationLike,
    Document,
    Duration,
    EnvelopeLike,
    Granted,
    IntentLike,
    Keys,
    Limit,
    Lint,
    Moment,
    Notice,
    RequestLike,
    Verdict,
)

_Mapping.register(Trace)

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
