"""The exceptions of the package and the one place that decides which failure becomes which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gait._native import Decision

__all__ = [
    "ApprovalRequired",
    "DependencyMissing",
    "DocumentError",
    "DryRun",
    "GaitError",
    "IntentError",
    "InternalFailure",
    "InvalidInput",
    "IoFailure",
    "KeyMaterialError",
    "NetworkPermanent",
    "NetworkTransient",
    "PolicyBlocked",
    "PolicyError",
    "StateContention",
    "VerdictError",
    "VerificationFailed",
]

_EXIT_CODES: Final = {
    "invalid_input": 6,
    "verification_failed": 2,
    "policy_blocked": 3,
    "approval_required": 4,
    "dependency_missing": 7,
}


class GaitError(Exception):
    """Everything that libgait raises.

    ``code`` is the stable name of this very failure, ``category`` its kind, ``retryable`` whether the same call may
    succeed later, ``exit_code`` what the ``gait`` command would exit with. Where it is known, ``path`` names the member
    of the document (``context.targets[0].kind``), ``offset`` the byte, ``line`` and ``column`` the place in a policy
    (both from 1), ``detail`` the code of the cause.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "internal_failure",
        category: str = "internal_failure",
        retryable: bool = False,
        detail: str | None = None,
        path: str | None = None,
        offset: int | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.category = category
        self.retryable = retryable
        self.detail = detail
        self.path = path
        self.offset = offset
        self.line = line
        self.column = column

    @property
    def exit_code(self) -> int:
        """The exit code of the command for this category."""
        return _EXIT_CODES.get(self.category, 1)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders (multiprocessing, task queues); keyword arguments would be lost.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(kind: type[GaitError], message: str, state: dict[str, object]) -> GaitError:
    error = kind.__new__(kind, message)
    error.__dict__.update(state)
    return error


class InvalidInput(GaitError, ValueError):
    """What was given cannot be used: malformed, missing, contradictory, unreadable."""


class PolicyError(InvalidInput):
    """A text is no policy."""


class IntentError(InvalidInput):
    """A document is no intent, or none that can be decided about."""


class KeyMaterialError(InvalidInput):
    """There is no usable key."""


class DocumentError(InvalidInput):
    """A document (a trace, a signature, JSON text) cannot be read."""


class VerificationFailed(GaitError):
    """A signature or digest does not hold."""


class VerdictError(GaitError):
    """A verdict other than allow. ``decision`` is what was decided; the tool did not run."""

    decision: Decision | None

    def __reduce__(self) -> tuple[object, ...]:
        # The decision itself lives in the process that made it: its columns travel, it does not.
        return (_rebuild, (type(self), self.message, self.__dict__ | {"decision": None}))


class PolicyBlocked(VerdictError):
    """The policy blocks. Without ``decision``: something that the gate must rely on does not verify."""


class ApprovalRequired(VerdictError):
    """The policy lets this pass only with approval. ``decision.approval_request()`` says what must be approved."""

    decision: Decision


class DryRun(VerdictError):
    """The policy wants a dry run: the tool must go through the motions without effect."""

    decision: Decision


class DependencyMissing(GaitError):
    """Something that must be installed is not there."""


class IoFailure(GaitError):
    """The machine failed while reading or writing."""


class StateContention(GaitError):
    """Somebody else holds a lock, or held it too long."""


class NetworkTransient(GaitError):
    """The network failed in a way that may pass."""


class NetworkPermanent(GaitError):
    """The network failed in a way that will not pass by itself."""


class InternalFailure(GaitError):
    """A defect or an unexpected state."""


_BY_CATEGORY: Final[dict[str, type[GaitError]]] = {
    "invalid_input": InvalidInput,
    "verification_failed": VerificationFailed,
    "policy_blocked": PolicyBlocked,
    "approval_required": ApprovalRequired,
    "dependency_missing": DependencyMissing,
    "io_failure": IoFailure,
    "state_contention": StateContention,
    "network_transient": NetworkTransient,
    "network_permanent": NetworkPermanent,
    "internal_failure": InternalFailure,
}

_BY_SUBJECT: Final[dict[str, type[InvalidInput]]] = {
    "policy": PolicyError,
    "intent": IntentError,
    "key": KeyMaterialError,
    "document": DocumentError,
}


def build(
    category: str,
    code: str,
    retryable: bool,
    message: str,
    subject: str,
    detail: str | None,
    path: str | None,
    offset: int | None,
    line: int | None,
    column: int | None,
) -> GaitError:
    """The exception of an error of the core. Called by the native module."""
    kind = _BY_CATEGORY.get(category, InternalFailure)
    if kind is InvalidInput:
        kind = _BY_SUBJECT.get(subject, InvalidInput)
    error = kind(
        message,
        code=code,
        category=category,
        retryable=retryable,
        detail=detail,
        path=path,
        offset=offset,
        line=line,
        column=column,
    )
    if isinstance(error, VerdictError):
        error.decision = None
    return error


def refusal(decision: Decision) -> VerdictError:
    """The exception of a decision that does not allow. Called by the native module."""
    reasons = ", ".join(decision.reason_codes) or "no reason given"
    tool = decision.tool_name or "the call"
    error: VerdictError
    if decision.verdict == "require_approval":
        error = ApprovalRequired(
            f"{tool} needs approval: {reasons}", code="approval_required", category="approval_required"
        )
    elif decision.verdict == "dry_run":
        error = DryRun(f"{tool} may only run dry: {reasons}", code="dry_run", category="policy_blocked")
    else:
        error = PolicyBlocked(f"{tool} is blocked: {reasons}", code="policy_blocked", category="policy_blocked")
    error.decision = decision
    return error
