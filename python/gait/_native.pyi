"""The native half of the package. Import from :mod:`gait`."""

import pathlib
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import Any, Literal, TypeVar, final, overload

from typing_extensions import Self, disjoint_base

from gait._errors import GaitError
from gait._values import (
    ApprovalLike,
    Broker,
    DelegationLike,
    Document,
    Duration,
    EnvelopeLike,
    IntentLike,
    Keys,
    Limit,
    Lint,
    Moment,
    Notice,
    Path,
    RequestLike,
    Text,
    Verdict,
)

__version__: str

__all__ = [
    "ApprovalRequest",
    "ApprovalToken",
    "Decision",
    "DelegationToken",
    "Gate",
    "Intent",
    "KillSwitch",
    "Policy",
    "SigningKey",
    "Trace",
    "VerifiedEnvelope",
    "VerifyingKey",
    "__version__",
    "approve",
    "canonicalize",
    "delegate",
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
    """A policy with keys and state, ready to decide. Threads may share one gate."""

    def __new__(
        cls,
        policy: Policy,
        *,
        signing_key: SigningKey | None = None,
        strict: bool | None = None,
        producer_version: str | None = None,
        correlation_id: str | None = None,
        approvers: Keys | None = None,
        delegators: Keys | None = None,
        reusable_approvals: bool = False,
        state_dir: Path | None = None,
        rate_limit_state: Path | None = None,
        kill_switch_state: Path | None = None,
        used_tokens: Path | None = None,
        approvals_dir: Path | None = None,
        inventory: Path | None = None,
        approved_scripts: Path | None = None,
        script_keys: Keys | None = None,
        broker: Broker | None = None,
        broker_env_prefix: str = "",
        broker_command: str = "",
        broker_args: Sequence[str] | None = None,
        simulate: bool = False,
    ) -> Self:
        """A gate for a policy. Nothing is trusted, kept in files or consulted unless it is named here.

        :param signing_key: signs traces; without one they are unsigned.
        :param strict: when given, must be what the policy was parsed with.
        :param producer_version: stands in traces; by default ``GAIT_PRODUCER_VERSION``, else the package's version.
        :param correlation_id: stands in traces.
        :param approvers: whose approvals count: a key, several keys, or a mapping of identities to keys. Only a mapping
            keeps the holder of one key from approving in the name of another.
        :param delegators: the same for delegation tokens; the approvers by default.
        :param reusable_approvals: lets an approval serve as often as its intent is proposed, until it ends. Otherwise a
            strict gate accepts each once.
        :param state_dir: folder under which all state lies that processes share (limits, kill switch, used tokens,
            approvals), in ``.gait-out`` by the names that the ``gait`` command uses. What is missing there is made. What
            is not named at all is kept in memory, for this gate.
        :param rate_limit_state: file of the counters; like the three below it goes before ``state_dir``.
        :param kill_switch_state: file of the kill switch; it must exist, see :meth:`KillSwitch.start`.
        :param used_tokens: file of the tokens that were used.
        :param approvals_dir: folder of requests for approvals and of the approvals.
        :param inventory: file of what is known about tools, read again when it changes.
        :param approved_scripts: file of the scripts that pass without further questions, read again when it changes.
        :param script_keys: whose signatures its entries must bear, as ``approvers``; given together with it.
        :param broker: who issues the credentials that rules require: ``"stub"``, ``"env"``, ``"command"``, or a function
            that gets the request as a dict and returns what it issued as a mapping or JSON text: ``credential_ref`` (a
            reference such as ``ref:…``, never the secret itself), ``issuer``, ``expires_at``, ``ttl_seconds``, ``scope``
            and so on. What it raises, or an answer that does not fit, blocks the call; the log named ``gait`` says how
            it failed, without a word of the answer.
        :param broker_env_prefix: what the variables of ``"env"`` begin with.
        :param broker_command: the program of ``"command"``.
        :param broker_args: its arguments.
        :param simulate: lets everything pass and tells what would have happened.
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

    @property
    def may_block(self) -> bool:
        """Whether a decision may wait for a file, a program or Python code; other threads run meanwhile."""

    def evaluate(
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
        """Decides about one intent and counts it against its limits.

        Keeps the interpreter lock unless it ``may_block``: a decision takes microseconds, handing the lock over takes
        longer.

        :param now: the moment to decide for; the machine's clock by default. The trace carries it too.
        :param approvals: approval tokens at hand; those in the gate's store count besides.
        :param delegations: delegation tokens at hand.
        :param context_envelope: what the agent had read.
        :param kill_switch: a kill switch's state, in place of the gate's own.
        :param inventory: what is known about tools, in place of the gate's own.
        :param credential_ref: what to ask of the broker, in place of what the rules say.
        :param credential_scopes: scopes to ask of the broker besides.
        :raises gait.IntentError: when the intent is invalid. An error is never an allow.
        :raises gait.DocumentError: when a token or another document cannot be read.
        :raises gait.GaitError: when state cannot be had, with its own ``code`` and ``category``.
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

    def request_approval(self, decision: Decision) -> ApprovalRequest | None:
        """Leaves what a held decision asks for where approvers find it, and gives it; nothing where no approval would
        help. It goes when the call is granted.
        """

    def approval_requests(self) -> list[ApprovalRequest]:
        """The requests that wait, oldest first."""

    def add_approval(self, token: ApprovalLike) -> None:
        """Leaves an approval where the gate finds it. Nothing is verified before a decision needs it."""

    def _await_approvals(
        self, request: ApprovalRequest, patience: Duration, *, now: Moment | None = None
    ) -> tuple[list[ApprovalToken], bool]:
        """The approvals that are there for a request, and whether they are enough; waits for a change at most that
        long.
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
    def rate_limit_used(self) -> int | None:
        """How many requests the rate limit has admitted in its window, this one included; ``None`` if none counts."""

    @property
    def rate_limit_remaining(self) -> int | None:
        """How many more the rate limit admits in its window."""

    @property
    def rate_limit_scope(self) -> Literal["identity", "tool", "tool_identity"] | None:
        """What the rate limit counts together."""

    @property
    def rate_limit_key(self) -> str | None:
        """Whose requests the rate limit counts together."""

    @property
    def destructive_budget_used(self) -> int | None:
        """How many requests the destructive budget has admitted in its window; ``None`` if it does not count this."""

    @property
    def destructive_budget_remaining(self) -> int | None:
        """How many more the destructive budget admits in its window."""

    @property
    def destructive_budget_scope(self) -> Literal["identity", "tool", "tool_identity"] | None:
        """What the destructive budget counts together."""

    @property
    def destructive_budget_key(self) -> str | None:
        """Whose requests the destructive budget counts together."""

    @property
    def required_approvals(self) -> int:
        """How many approvals are needed; 0 where a gate has not asked for any."""

    @property
    def valid_approvals(self) -> int:
        """How many of the approvals at hand are valid."""

    @property
    def approval_ref(self) -> str:
        """Ids of the approvals that let it pass, joined by commas."""

    @property
    def approvals(self) -> list[dict[str, Any]]:
        """What became of each approval at hand: ``valid``, or the ``error_code`` that says why not."""

    @property
    def valid_delegations(self) -> int:
        """How many links of the delegation are covered."""

    @property
    def delegation_ref(self) -> str:
        """Ids of the delegation tokens that cover the delegation, joined by commas."""

    @property
    def delegations(self) -> list[dict[str, Any]]:
        """What became of each link of the delegation, and of each token that covers none."""

    @property
    def credential(self) -> dict[str, Any] | None:
        """What a broker said of the credential that it issued, accepted or not: references, never the secret."""

    @property
    def pre_approved(self) -> bool:
        """Whether an approved script let it pass."""

    @property
    def pattern_id(self) -> str:
        """Which approved script."""

    @property
    def registry_reason(self) -> str:
        """What the registry of approved scripts said."""

    @property
    def simulated_verdict(self) -> Verdict | None:
        """The verdict without simulation; ``None`` unless the gate simulates."""

    @property
    def simulated_reason_codes(self) -> tuple[str, ...]:
        """The reasons without simulation, sorted."""

    @property
    def would_have_blocked(self) -> bool:
        """Whether the tool would not have run without simulation."""

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

    def approval_request(self) -> ApprovalRequest | None:
        """What must be approved for this to become an allow; nothing where no approval would help."""

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
class ApprovalRequest:
    """What must be approved for a held decision to become an allow.

    A document that travels to approvers. It is not signed and proves nothing: approvals bind to its digests, and the gate
    compares those with the intent that it decides about.
    """

    @staticmethod
    def parse(document: RequestLike, *, strict: bool = True) -> ApprovalRequest:
        """Reads a request from JSON text, bytes or a mapping.

        :raises gait.DocumentError: when it is no request.
        """

    @staticmethod
    def from_json(document: RequestLike, *, strict: bool = True) -> ApprovalRequest:
        """Reads a request; the same as ``parse``."""

    @staticmethod
    def load(path: Path, *, strict: bool = True) -> ApprovalRequest:
        """Reads a request from a file."""

    @property
    def created_at(self) -> str:
        """When the intent was made."""

    @property
    def tool_name(self) -> str:
        """The tool that wants to run."""

    @property
    def identity(self) -> str:
        """On whose behalf."""

    @property
    def workspace(self) -> str:
        """Where."""

    @property
    def risk_class(self) -> str:
        """How risky the caller says it is."""

    @property
    def intent_digest(self) -> str:
        """Digest of the prepared intent, which approvals bind to."""

    @property
    def policy_digest(self) -> str:
        """Digest of the policy, which approvals bind to."""

    @property
    def delegation_binding_digest(self) -> str:
        """Digest of the intent's delegation; empty when it has none."""

    @property
    def scope(self) -> tuple[str, ...]:
        """What approvals must cover."""

    @property
    def target_count(self) -> int:
        """How many targets the intent has."""

    @property
    def operation_count(self) -> int:
        """How many operations it counts as."""

    @property
    def required_approvals(self) -> int:
        """How many approvals are needed."""

    @property
    def distinct_approvers(self) -> bool:
        """Whether they must come from different people."""

    @property
    def matched_rule(self) -> str:
        """The rule that asks."""

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Why it asks, sorted."""

    def to_json(self) -> bytes:
        """The bytes of the request's file: indented JSON with a final line break."""

    def to_dict(self) -> dict[str, Any]:
        """The request as a new dict."""

    def write(self, path: Path) -> pathlib.Path:
        """Writes the request's file at once or not at all, readable for its owner only (0600); returns the path."""

    def __eq__(self, other: object, /) -> bool: ...

@final
class ApprovalToken:
    """A signed approval of one intent under one policy."""

    @staticmethod
    def parse(document: ApprovalLike, *, strict: bool = True) -> ApprovalToken:
        """Reads a token from JSON text, bytes or a mapping. Says nothing about its signature: see ``verify``.

        :raises gait.DocumentError: when it is no token.
        """

    @staticmethod
    def load(path: Path, *, strict: bool = True) -> ApprovalToken:
        """Reads a token from a file. Says nothing about its signature: see ``verify``."""

    @property
    def created_at(self) -> str:
        """When it was made."""

    @property
    def expires_at(self) -> str:
        """When it ends."""

    @property
    def producer_version(self) -> str:
        """Version of the program that made it."""

    @property
    def token_id(self) -> str:
        """Its id, 24 hex digits."""

    @property
    def approver_identity(self) -> str:
        """Who approves."""

    @property
    def reason_code(self) -> str:
        """Why."""

    @property
    def intent_digest(self) -> str:
        """Digest of the prepared intent it is for."""

    @property
    def policy_digest(self) -> str:
        """Digest of the policy it is for."""

    @property
    def delegation_binding_digest(self) -> str:
        """Digest of the delegation it is for; empty when it is for none."""

    @property
    def scope(self) -> tuple[str, ...]:
        """What it lets pass; ``*`` is everything."""

    @property
    def max_targets(self) -> int:
        """The most targets; 0 is no limit."""

    @property
    def max_ops(self) -> int:
        """The most operations; 0 is no limit."""

    @property
    def key_id(self) -> str | None:
        """The id of the key that the signature names."""

    def to_json(self) -> bytes:
        """The bytes of the token's file: indented JSON with a final line break."""

    def to_dict(self) -> dict[str, Any]:
        """The token as a new dict."""

    def write(self, path: Path) -> pathlib.Path:
        """Writes the token's file at once or not at all, readable for its owner only (0600); returns the path."""

    def verify(
        self,
        keys: Keys,
        *,
        now: Moment | None = None,
        intent_digest: str | None = None,
        policy_digest: str | None = None,
        delegation_binding_digest: str | None = None,
        scope: Sequence[str] | None = None,
        targets: int = 0,
        ops: int = 0,
    ) -> None:
        """Checks form, signature and end, and what is named besides: the digests it must be for, the scope it must
        cover, the targets and operations it must allow.

        :raises gait.VerificationFailed: with the ``code`` that a decision would show.
        """

    def __eq__(self, other: object, /) -> bool: ...

@final
class DelegationToken:
    """A signed hand-over of authority from one identity to another."""

    @staticmethod
    def parse(document: DelegationLike, *, strict: bool = True) -> DelegationToken:
        """Reads a token from JSON text, bytes or a mapping. Says nothing about its signature: see ``verify``.

        :raises gait.DocumentError: when it is no token.
        """

    @staticmethod
    def load(path: Path, *, strict: bool = True) -> DelegationToken:
        """Reads a token from a file. Says nothing about its signature: see ``verify``."""

    @property
    def created_at(self) -> str:
        """When it was made."""

    @property
    def expires_at(self) -> str:
        """When it ends."""

    @property
    def producer_version(self) -> str:
        """Version of the program that made it."""

    @property
    def token_id(self) -> str:
        """Its id, 24 hex digits."""

    @property
    def delegator_identity(self) -> str:
        """Who delegates."""

    @property
    def delegate_identity(self) -> str:
        """To whom."""

    @property
    def scope(self) -> tuple[str, ...]:
        """What is delegated; ``*`` is everything."""

    @property
    def scope_class(self) -> str:
        """Class of what is delegated; counts as one more scope value."""

    @property
    def intent_digest(self) -> str:
        """Digest of the prepared intent it is for; empty when it is bound to none."""

    @property
    def policy_digest(self) -> str:
        """Digest of the policy it is for; empty when it is bound to none."""

    @property
    def key_id(self) -> str | None:
        """The id of the key that the signature names."""

    def to_json(self) -> bytes:
        """The bytes of the token's file: indented JSON with a final line break."""

    def to_dict(self) -> dict[str, Any]:
        """The token as a new dict."""

    def write(self, path: Path) -> pathlib.Path:
        """Writes the token's file at once or not at all, readable for its owner only (0600); returns the path."""

    def verify(
        self,
        keys: Keys,
        *,
        now: Moment | None = None,
        delegator: str = "",
        delegate: str = "",
        scope: Sequence[str] | None = None,
        intent_digest: str | None = None,
        policy_digest: str | None = None,
    ) -> None:
        """Checks form, signature and end, and what is named besides: from whom and to whom it must be, a scope of which
        it must cover one value, the digests it must not be bound away from.

        :raises gait.VerificationFailed: with the ``code`` that a decision would show.
        """

    def __eq__(self, other: object, /) -> bool: ...

@final
class VerifiedEnvelope:
    """What an agent had read when it proposed an action, with a digest that holds."""

    @staticmethod
    def parse(document: EnvelopeLike, *, strict: bool = True) -> VerifiedEnvelope:
        """Reads an envelope from JSON text, bytes or a mapping and checks its digest.

        :raises gait.DocumentError: when it is no envelope, or its digest does not hold.
        """

    @staticmethod
    def load(path: Path, *, strict: bool = True) -> VerifiedEnvelope:
        """Reads an envelope from a file and checks its digest."""

    @property
    def digest(self) -> str:
        """The digest of its records."""

    @property
    def evidence_mode(self) -> Literal["best_effort", "required"]:
        """How much it is meant to prove."""

    @property
    def ref_ids(self) -> tuple[str, ...]:
        """The ids of its records, sorted."""

    def to_dict(self) -> dict[str, Any]:
        """The envelope in normal form as a new dict."""

@disjoint_base
class KillSwitch:
    """A kill switch in a file that processes share: its entries stop whatever they match, whatever a policy says.

    Changes are made under the file's lock and seen by the next decision of every gate that is told of the file
    (``kill_switch_state``, ``state_dir``). Other threads run meanwhile.
    """

    def __new__(cls, path: Path, *, strict: bool = True) -> Self:
        """The kill switch in a file. Nothing is opened yet."""

    @property
    def path(self) -> pathlib.Path:
        """The path of the file."""

    def start(self, *, now: Moment | None = None) -> None:
        """Makes the file, without entries, where there is none."""

    def add(
        self,
        *,
        entry_id: str = "",
        agent_id: str = "",
        identity: str = "",
        tool_name: str = "",
        target_kind: str = "",
        target_value: str = "",
        environment: str = "",
        path_prefixes: Sequence[str] | None = None,
        workspace_prefixes: Sequence[str] | None = None,
        reason: str = "",
        actor: str = "",
        expires_at: Moment | None = None,
        now: Moment | None = None,
    ) -> dict[str, Any]:
        """Adds an entry, in force at once, and gives it. It stops what satisfies all selectors that are set; an entry
        with an id and no selector stops everything. A missing file is made.

        :param expires_at: when it ends; never by default.
        :raises gait.InvalidInput: without a selector or id.
        """

    def disable(self, entry_id: str, *, now: Moment | None = None) -> dict[str, Any]:
        """Takes the entry of that id out of force and gives it."""

    def expire(self, entry_id: str, at: Moment, *, now: Moment | None = None) -> dict[str, Any]:
        """Lets the entry of that id end at a moment and gives it."""

    def entries(self) -> list[dict[str, Any]]:
        """The entries, by id, those that are over too; none where there is no file."""

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

def approve(
    request: RequestLike,
    key: SigningKey,
    *,
    approver: str,
    reason: str,
    ttl: Duration,
    max_targets: int = 0,
    max_ops: int = 0,
    now: Moment | None = None,
) -> ApprovalToken:
    """Signs an approval of exactly what a request asks for.

    :param approver: who approves; must be a name that the gate binds the key to, where it does.
    :param ttl: how long it lives, in seconds or as a ``timedelta``.
    :param max_targets: the most targets; 0 is no limit.
    :param max_ops: the most operations; 0 is no limit.
    :param now: when it begins; the machine's clock by default.
    :raises gait.InvalidInput: when it would say nothing, or nothing that can be said.
    """

def delegate(
    key: SigningKey,
    *,
    delegator: str,
    delegate: str,
    scope: Sequence[str],
    ttl: Duration,
    scope_class: str = "",
    intent_digest: str = "",
    policy_digest: str = "",
    now: Moment | None = None,
) -> DelegationToken:
    """Signs a hand-over of authority.

    :param delegator: who delegates.
    :param delegate: to whom.
    :param scope: what is delegated; ``*`` is everything.
    :param ttl: how long it lives, in seconds or as a ``timedelta``.
    :param intent_digest: binds it to one intent.
    :param policy_digest: binds it to one policy.
    :raises gait.InvalidInput: when it would say nothing, or nothing that can be said.
    """

def canonicalize(document: Text, *, strict: bool = False) -> bytes:
    """The canonical form (RFC 8785) of JSON text. ``strict`` keeps to RFC 7493: no integers beyond 2^53 - 1, only UTF-8.

    :raises gait.DocumentError: with ``offset``.
    """

def digest(document: Text, *, strict: bool = False) -> str:
    """The SHA-256 of the canonical form of JSON text, 64 hex digits."""

def run_command(arguments: Sequence[str]) -> int:
    """Runs the ``gait`` command over its arguments, without the program's name; returns the exit code."""
