"""The native half of the package. Import from :mod:`gait`."""

import pathlib
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import Any, Literal, TypeVar, final, overload

from typing_extensions import Self, disjoint_base

from gait._errors import GaitError
from gait._values import IntentLike, Limit, Lint, Moment, Notice, Path, Text, Verdict

__version__: str

__all__ = [
    "Decision",
    "Gate",
    "Intent",
    "Policy",
    "SigningKey",
    "Trace",
    "VerifyingKey",
    "__version__",
    "canonicalize",
    "digest",
    "run_command",
    "verify_trace",
]

_T = TypeVar("_T")

@disjoint_base
class Policy:
    """A policy, parsed and compiled once. Immutable; any number of threads may use it at the same time.

    It cannot be pickled: send its text.
    """

    def __new__(cls, text: Text, *, strict: bool = True) -> Self:
        """Reads a policy from YAML or JSON text.

        :raises gait.PolicyError: with ``line`` and ``column`` where they are known.
        """

    @classmethod
    def parse(cls, text: Text, *, strict: bool = ...) -> Self:
        """Reads a policy from YAML or JSON text; the same as the constructor."""

    @classmethod
    def load(cls, path: Path, *, strict: bool = ...) -> Self:
        """Reads a policy from a file of at most 64 MiB.

        :raises gait.InvalidInput: when there is no such file.
        :raises gait.PolicyError: when it holds no policy.
        """

    @property
    def digest(self) -> str:
        """The policy digest, 64 hex digits: the same for policies of the same meaning."""

    @property
    def strict(self) -> bool:
        """Whether this policy and the intents it decides about are read strictly."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules, in the order in which they are evaluated."""

    def lint(self) -> list[Lint]:
        """What in the policy probably does not do what its author thinks."""

    def format(self) -> str:
        """The policy as YAML in the form of ``gait policy fmt``; reading it gives the same digest."""

    def evaluate(self, intent: IntentLike, *, now: Moment | None = None) -> Decision:
        """Decides about an intent: a pure function of policy, intent and ``now`` (the machine's clock by default).

        Nothing is counted and nothing beyond the policy is asked for: what ``gait policy test`` does. The decision's
        trace is unsigned.

        :raises gait.IntentError: when the intent is invalid. An error is never an allow.
        """

    def evaluate_request(self, intent: IntentLike, *, now: Moment | None = None) -> Decision:
        """As ``evaluate``, but an intent that is JSON of the right shape and yet invalid is a block where the policy
        fails closed for its risk class. Such a decision has no intent digests and no trace.
        """

@disjoint_base
class Intent:
    """A proposed tool call, read and normalized once. Immutable; any number of threads may use it at the same time.

    Intents with the same digest are equal. It cannot be pickled: send its document.
    """

    def __new__(cls, document: IntentLike, *, strict: bool = True) -> Self:
        """Reads an intent from a mapping, JSON text or bytes.

        :raises gait.IntentError: with ``path``, and for text ``offset``, where they are known.
        """

    @classmethod
    def parse(cls, document: IntentLike, *, strict: bool = ...) -> Self:
        """Reads an intent; the same as the constructor."""

    @classmethod
    def load(cls, path: Path, *, strict: bool = ...) -> Self:
        """Reads an intent from a JSON file."""

    @property
    def strict(self) -> bool:
        """Whether it was read strictly."""

    @property
    def tool_name(self) -> str:
        """The name of the tool, normalized; ``script`` for a script."""

    @property
    def digest(self) -> str:
        """The digest of the request, 64 hex digits."""

    @property
    def args_digest(self) -> str:
        """The digest of the arguments."""

    @property
    def script_hash(self) -> str | None:
        """The digest of the steps of a script."""

    @property
    def targets_digest(self) -> str:
        """The digest of the targets, which credentials are bound to."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was not kept exactly; always empty for a strict intent."""

    def canonical(self) -> bytes:
        """The canonical bytes whose SHA-256 is ``digest``."""

    def to_dict(self) -> dict[str, Any]:
        """The normalized request as a new dict."""

    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@disjoint_base
class Gate:
    """A policy with a key and counters, ready to decide. Threads may share one gate."""

    def __new__(
        cls,
        policy: Policy,
        *,
        signing_key: SigningKey | None = None,
        strict: bool | None = None,
        producer_version: str | None = None,
        correlation_id: str | None = None,
    ) -> Self:
        """A gate for a policy.

        :param signing_key: signs traces; without one they are unsigned.
        :param strict: when given, must be what the policy was parsed with.
        :param producer_version: stands in traces; by default ``GAIT_PRODUCER_VERSION``, else the package's version.
        :param correlation_id: stands in traces.
        """

    @property
    def policy(self) -> Policy:
        """The policy."""

    @property
    def strict(self) -> bool:
        """Whether intents are read strictly; follows the policy."""

    @property
    def key_id(self) -> str | None:
        """The id of the signing key."""

    def evaluate(self, intent: IntentLike, *, now: Moment | None = None) -> Decision:
        """Decides about one intent and counts it against its limits.

        Keeps the interpreter lock: a decision takes microseconds, handing the lock over takes longer.

        :param now: the moment to decide for; the machine's clock by default. The trace carries it too.
        :raises gait.IntentError: when the intent is invalid. An error is never an allow.
        """

    @overload
    def evaluate_many(
        self, intents: Iterable[IntentLike], *, now: Moment | None = None, errors: Literal["raise"] = "raise"
    ) -> list[Decision]: ...
    @overload
    def evaluate_many(
        self, intents: Iterable[IntentLike], *, now: Moment | None = None, errors: Literal["return"]
    ) -> list[Decision | GaitError]:
        """Decides about many intents in their order.

        Other threads run while a batch of 16 or more is decided; only reading Python objects needs the interpreter.
        With ``errors="return"`` an intent that is invalid gives its exception in place of a decision; otherwise the
        first one is raised, and if an intent cannot be read nothing of the batch is counted.
        """

@final
class Decision:
    """The answer about one intent. True only if the tool may run.

    Attributes are computed when they are asked for; the trace is built and signed on first use.
    """

    @property
    def verdict(self) -> Verdict:
        """``allow``, ``block``, ``require_approval`` or ``dry_run``."""

    @property
    def allowed(self) -> bool:
        """Whether the tool may run: the verdict is ``allow``."""

    @property
    def exit_code(self) -> int:
        """What ``gait policy test`` exits with: 0, 3 (block) or 4 (require_approval)."""

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Why, sorted."""

    @property
    def violations(self) -> tuple[str, ...]:
        """What was violated, sorted."""

    @property
    def matched_rule(self) -> str:
        """Names of the rules that matched, joined by commas; empty when the default verdict decided."""

    @property
    def tool_name(self) -> str | None:
        """The normalized name of the tool; ``None`` when the intent could not be normalized."""

    @property
    def intent_digest(self) -> str | None:
        """Digest of the request."""

    @property
    def prepared_intent_digest(self) -> str | None:
        """Digest of the intent as it was evaluated, which traces carry as ``intent_digest``: context claims that nobody
        vouches for are removed first.
        """

    @property
    def args_digest(self) -> str | None:
        """Digest of the arguments."""

    @property
    def policy_digest(self) -> str:
        """Digest of the policy."""

    @property
    def script_hash(self) -> str | None:
        """Digest of the steps of a script."""

    @property
    def created_at(self) -> str:
        """The intent's creation time in UTC, or 1980 when it has none."""

    @property
    def evaluated_at(self) -> str:
        """The moment that was decided for."""

    @property
    def min_approvals(self) -> int:
        """How many approvals the matched rules ask for."""

    @property
    def require_distinct_approvers(self) -> bool:
        """Whether they must come from different people."""

    @property
    def require_broker_credential(self) -> bool:
        """Whether a broker must issue a credential."""

    @property
    def broker_reference(self) -> str:
        """The reference for the broker."""

    @property
    def broker_scopes(self) -> tuple[str, ...]:
        """The scopes to ask of the broker."""

    @property
    def require_delegation(self) -> bool:
        """Whether delegation tokens must cover the intent's delegation."""

    @property
    def required_delegation_scopes(self) -> tuple[str, ...]:
        """The scopes of which a delegation token must hold one."""

    @property
    def rate_limit(self) -> Limit | None:
        """The rate limit that counts."""

    @property
    def destructive_budget(self) -> Limit | None:
        """The budget of destructive calls that counts."""

    @property
    def dataflow_triggered(self) -> bool:
        """Whether tainted data would have reached a destination."""

    @property
    def composite_risk_class(self) -> Literal["low", "medium", "high"] | None:
        """The risk of a script."""

    @property
    def step_verdicts(self) -> list[dict[str, Any]]:
        """The answer for each step of a script."""

    @property
    def context_source(self) -> str:
        """Where context came from; empty for the intent alone."""

    @property
    def freeze_window(self) -> dict[str, Any] | None:
        """What the freeze windows said."""

    @property
    def freeze_window_status(self) -> str | None:
        """The outcome of the freeze windows."""

    @property
    def sandbox(self) -> dict[str, Any] | None:
        """What the sandbox check said."""

    @property
    def sandbox_status(self) -> str | None:
        """The outcome of the sandbox check."""

    @property
    def kill_switch(self) -> dict[str, Any] | None:
        """What the kill switch said."""

    @property
    def evaluable(self) -> bool:
        """Whether the intent could be evaluated at all."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What of the intent was not kept exactly; always empty for a strict one."""

    @property
    def trace(self) -> Trace:
        """The trace, built and signed on first use, observed at ``evaluated_at``.

        :raises gait.InvalidInput: when the intent could not be normalized.
        """

    def raise_for_verdict(self) -> Decision:
        """Returns the decision if the tool may run.

        :raises gait.PolicyBlocked: for ``block``.
        :raises gait.ApprovalRequired: for ``require_approval``.
        :raises gait.DryRun: for ``dry_run``.
        """

    def to_dict(self) -> dict[str, Any]:
        """All columns as a new dict; the trace is not among them."""

    def __bool__(self) -> bool: ...

@final
class Trace(Mapping[str, Any]):
    """The record of one decision, signed where the gate has a key. A read-only mapping of its members."""

    @staticmethod
    def parse(document: Trace | Mapping[str, Any] | Text, *, strict: bool = True) -> Trace:
        """Reads a trace from JSON text, bytes or a mapping. Says nothing about its signature: see ``verify_trace``.

        :raises gait.DocumentError: when it is no trace.
        """

    @staticmethod
    def load(path: Path, *, strict: bool = True) -> Trace:
        """Reads a trace from a file. Says nothing about its signature: see ``verify_trace``."""

    @property
    def trace_id(self) -> str:
        """The id of the decision: the same for the same policy, intent and verdict."""

    @property
    def verdict(self) -> str:
        """The verdict."""

    @property
    def key_id(self) -> str | None:
        """The id of the key that the signature names."""

    @property
    def is_signed(self) -> bool:
        """Whether it carries a signature, good or bad."""

    def to_json(self) -> bytes:
        """The bytes of the trace file: indented JSON with a final line break."""

    def to_dict(self) -> dict[str, Any]:
        """The trace as a new dict."""

    def write(self, path: Path) -> pathlib.Path:
        """Writes the trace file at once or not at all, readable for its owner only (0600); returns the path.

        A relative path must stay in the working folder. Missing folders are made. Other threads run meanwhile.
        """

    @overload
    def get(self, name: str, default: None = None, /) -> Any | None: ...
    @overload
    def get(self, name: str, default: Any | _T, /) -> Any | _T: ...
    def keys(self) -> KeysView[str]: ...
    def values(self) -> ValuesView[Any]: ...
    def items(self) -> ItemsView[str, Any]: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class SigningKey:
    """A private Ed25519 key. Never shown, never pickled."""

    @staticmethod
    def generate() -> SigningKey:
        """Makes a fresh key."""

    @staticmethod
    def load(path: Path) -> SigningKey:
        """Reads a key file as ``gait keys init`` writes it.

        :raises gait.KeyMaterialError: when there is no usable key.
        """

    @staticmethod
    def from_base64(text: str) -> SigningKey:
        """Reads base64 of the 64 bytes seed and public key."""

    @staticmethod
    def from_env(name: str) -> SigningKey:
        """Reads the key in an environment variable."""

    @property
    def verifying_key(self) -> VerifyingKey:
        """The public half."""

    @property
    def key_id(self) -> str:
        """The id of the pair, 64 hex digits."""

    def to_base64(self) -> str:
        """The secret as text for a key file or variable."""

    def sign_bytes(self, data: Text) -> dict[str, str]:
        """Signs bytes as they are; gives ``alg``, ``key_id`` and ``sig``."""

    def sign_json(self, document: Text) -> dict[str, str]:
        """Signs the digest of the canonical form of JSON text; gives ``signed_digest`` too."""

    def sign_digest(self, digest: str) -> dict[str, str]:
        """Signs a digest of 64 hex digits."""

@final
class VerifyingKey:
    """A public Ed25519 key.

    The ``verify_…`` methods return nothing when the signature holds and raise :class:`gait.VerificationFailed` when it
    does not: there is no result that could be forgotten.
    """

    @staticmethod
    def load(path: Path) -> VerifyingKey:
        """Reads a key file as ``gait keys init`` writes it."""

    @staticmethod
    def from_base64(text: str) -> VerifyingKey:
        """Reads base64 of the 32 bytes."""

    @staticmethod
    def from_env(name: str) -> VerifyingKey:
        """Reads the key in an environment variable."""

    @property
    def key_id(self) -> str:
        """The id of the key, 64 hex digits."""

    def to_base64(self) -> str:
        """The key as text for a key file or variable."""

    def verify_bytes(self, data: Text, signature: Mapping[str, str]) -> None:
        """Checks a signature over bytes."""

    def verify_json(self, document: Text, signature: Mapping[str, str]) -> None:
        """Checks a signature over the canonical form of JSON text."""

    def verify_digest(self, digest: str, signature: Mapping[str, str]) -> None:
        """Checks a signature over a digest that the caller computed."""

    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

def verify_trace(trace: Trace | Mapping[str, Any] | Text, key: VerifyingKey, *, strict: bool = True) -> Trace:
    """Checks the signature of a trace and gives the trace back, so that only what was verified is used.

    :raises gait.VerificationFailed: when the signature is missing, of another key, or does not hold.
    :raises gait.DocumentError: when it is no trace; strict reading refuses members that no signature covers.
    """

def canonicalize(document: Text, *, strict: bool = False) -> bytes:
    """The canonical form (RFC 8785) of JSON text. ``strict`` keeps to RFC 7493: no integers beyond 2^53 - 1, only UTF-8.

    :raises gait.DocumentError: with ``offset``.
    """

def digest(document: Text, *, strict: bool = False) -> str:
    """The SHA-256 of the canonical form of JSON text, 64 hex digits."""

def run_command(arguments: Sequence[str]) -> int:
    """Runs the ``gait`` command over its arguments, without the program's name; returns the exit code."""
