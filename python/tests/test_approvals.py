"""Approvals and delegations: what lets a held call pass, and what does not."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

import gait
from gait import compat

from .conftest import INTENT, NOW
from .people import ADA, BOB, EVE, HOLD, LATER, TWO, approve, held

if TYPE_CHECKING:
    from pathlib import Path

ADA_ALONE = {"ada": ADA.verifying_key}


def test_a_round_trip_and_no_second_one() -> None:
    gate = gait.Gate(HOLD, signing_key=EVE, approvers=ADA_ALONE)
    token = approve(held(gate))
    granted = gate.evaluate(INTENT, now=NOW, approvals=[token])
    assert granted.raise_for_verdict() is granted
    assert (granted.required_approvals, granted.valid_approvals) == (1, 1)
    assert granted.approval_ref == token.token_id
    assert granted.approvals == [
        {
            "token_id": token.token_id,
            "approver_identity": "ada",
            "reason_code": "ticket-7",
            "scope": ["tool:fs.read"],
            "expires_at": "2026-01-15T09:30:00Z",
            "valid": True,
        }
    ]
    assert granted.approval_request() is None
    assert gait.verify_trace(granted.trace, EVE.verifying_key)["approval_token_ref"] == token.token_id
    again = gate.evaluate(INTENT, now=NOW, approvals=[token])
    assert again.verdict == "require_approval"
    assert "approval_token_replayed" in again.reason_codes
    assert again.approvals[0]["error_code"] == "approval_token_replayed"
    assert gate.evaluate(INTENT, now=NOW, approvals=[approve(held(gate), reason="again")]).allowed


def test_what_a_request_says() -> None:
    intent = INTENT | {"context": INTENT["context"] | {"risk_class": "high"}}
    request = held(gait.Gate(TWO), intent)
    assert (request.tool_name, request.identity, request.workspace) == ("fs.read", "agent-7", "/srv")
    assert (request.risk_class, request.matched_rule, request.scope) == ("high", "pay", ("tool:fs.read",))
    assert (request.target_count, request.operation_count) == (1, 1)
    assert (request.required_approvals, request.distinct_approvers) == (2, True)
    assert "matched_rule_pay" in request.reason_codes
    assert request.policy_digest == TWO.digest
    assert request.intent_digest == TWO.evaluate(intent).prepared_intent_digest
    assert request.delegation_binding_digest == ""
    assert request.created_at == "2026-01-02T02:04:05Z"
    assert "agent-7" in repr(request)


def test_documents_travel(tmp_path: Path) -> None:
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    request = held(gate)
    path = request.write(tmp_path / "request.json")
    assert path.stat().st_mode & 0o777 == 0o600
    forms: list[Any] = [request, request.to_json(), request.to_json().decode(), request.to_dict()]
    for form in forms:
        assert gait.ApprovalRequest.parse(form) == gait.ApprovalRequest.from_json(form) == request
    assert gait.ApprovalRequest.load(path) == request
    for index, form in enumerate(forms):
        token = approve(form, reason=f"form {index}")
        written = token.write(tmp_path / "token.json")
        assert written.stat().st_mode & 0o777 == 0o600
        assert written.read_bytes() == token.to_json()
        assert gait.ApprovalToken.load(written) == gait.ApprovalToken.parse(token.to_dict()) == token
        shapes: list[Any] = [token, token.to_json(), token.to_json().decode(), token.to_dict()]
        assert gate.evaluate(INTENT, now=NOW, approvals=[shapes[index]]).allowed
    assert token.key_id == ADA.key_id
    assert (token.approver_identity, token.scope, token.max_ops) == ("ada", ("tool:fs.read",), 0)
    assert (token.created_at, token.expires_at) == (NOW, "2026-01-15T09:30:00Z")
    assert repr(token).startswith(f"ApprovalToken({token.token_id}")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "json_syntax"),
        ({"unknown": 1}, "json_unknown_member"),
        ({"scope": "x"}, "json_wrong_type"),
        ({"max_ops": 2**60}, "json_lossy_integer"),
        ({"expires_at": "soon"}, "time_malformed"),
        ([], "json_wrong_type"),
    ],
)
def test_what_is_no_token(document: Any, code: str) -> None:
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    for read in (
        lambda: gait.ApprovalToken.parse(document),
        lambda: gate.evaluate(INTENT, approvals=[document]),
        lambda: gate.add_approval(document),
    ):
        with pytest.raises(gait.DocumentError) as caught:
            read()
        assert caught.value.code == code
        assert isinstance(document, str) or "byte" not in str(caught.value)
    with pytest.raises(gait.DocumentError):
        gait.DelegationToken.parse("{")
    with pytest.raises(gait.DocumentError):
        gait.ApprovalRequest.parse(document)


def test_approvals_must_be_a_list() -> None:
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    token = approve(held(gate))
    alone: Any
    for alone in (token, token.to_json(), token.to_dict(), 7):
        with pytest.raises(TypeError, match="list of tokens"):
            gate.evaluate(INTENT, approvals=alone)
    for wrong in (7, None, ADA):
        with pytest.raises(TypeError):
            gate.evaluate(INTENT, approvals=[wrong])  # type: ignore[list-item]


def test_lengths_of_life() -> None:
    request = held(gait.Gate(HOLD))
    hour = datetime.timedelta(hours=1)
    assert approve(request, ttl=hour).expires_at == approve(request, ttl=3600).expires_at == LATER
    assert approve(request, ttl=0.5).expires_at == "2026-01-15T09:00:00.5Z"
    assert approve(request, ttl=datetime.timedelta(microseconds=1)).expires_at == "2026-01-15T09:00:00.000001Z"
    for ttl in (0, -1, 1e300, 2**80, float("nan"), datetime.timedelta(days=999_999_999)):
        with pytest.raises(gait.InvalidInput):
            approve(request, ttl=ttl)
    for wrong in ("15m", None, True):
        with pytest.raises(TypeError):
            approve(request, ttl=wrong)
    for blank in ({"approver": " "}, {"reason": ""}, {"max_targets": -1}):
        with pytest.raises(gait.InvalidInput):
            approve(request, **blank)


def codes(gate: gait.Gate, *tokens: Any, now: str = NOW) -> set[str]:
    decision = gate.evaluate(INTENT, now=now, approvals=tokens)
    assert decision.verdict == "require_approval"
    return set(decision.reason_codes)


def test_tokens_that_do_not_fit() -> None:
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    request = held(gate)
    assert "approval_token_expired" in codes(gate, approve(request), now="2026-01-15T09:30:00Z")
    assert "approval_token_signature_invalid" in codes(gate, approve(request, key=EVE))
    assert "approval_token_approver_mismatch" in codes(gate, approve(request, "bob"))
    unsigned = approve(request).to_dict()
    del unsigned["signature"]
    assert "approval_token_signature_missing" in codes(gate, unsigned)
    other = held(gate, INTENT | {"args": {"path": "/srv/b"}})
    assert "approval_token_intent_mismatch" in codes(gate, approve(other))
    elsewhere = held(gait.Gate(TWO))
    assert "approval_token_policy_mismatch" in codes(gate, approve(elsewhere))
    assert "approval_token_invalid" in codes(gate, {})
    nobody = gait.Gate(HOLD)
    assert "approval_token_signature_invalid" in codes(nobody, approve(request))
    assert "approval_token_signature_invalid" in codes(gait.Gate(HOLD, approvers=[]), approve(request))
    # Whoever signs traces does not approve.
    assert "approval_token_signature_invalid" in codes(gait.Gate(HOLD, signing_key=ADA), approve(request))


def test_limits_of_a_token() -> None:
    targets = [{"kind": "path", "value": f"/srv/{n}", "operation": "read"} for n in range(3)]
    intent = INTENT | {"targets": targets}
    gate = gait.Gate(HOLD, approvers=ADA.verifying_key)
    request = held(gate, intent)
    for token, code in (
        (approve(request, max_targets=2), "approval_token_max_targets_exceeded"),
        (approve(request, max_ops=2), "approval_token_max_ops_exceeded"),
    ):
        assert code in gate.evaluate(intent, now=NOW, approvals=[token]).reason_codes
    assert gate.evaluate(intent, now=NOW, approvals=[approve(request, max_targets=3, max_ops=3)]).allowed


def test_forms_of_keys() -> None:
    forms: list[gait.Keys] = [
        ADA.verifying_key,
        [EVE.verifying_key, ADA.verifying_key],
        {"eve": [EVE.verifying_key], "ada": [BOB.verifying_key, ADA.verifying_key]},
        {" ada ": ADA.verifying_key},
    ]
    for form in forms:
        gate = gait.Gate(HOLD, approvers=form)
        assert gate.evaluate(INTENT, now=NOW, approvals=[approve(held(gate))]).allowed
    wrong: Any
    for wrong in (ADA, "ada", 7, [ADA], {"ada": "key"}, {7: ADA.verifying_key}):
        with pytest.raises(TypeError, match="approvers"):
            gait.Gate(HOLD, approvers=wrong)
    with pytest.raises(gait.InvalidInput) as caught:
        gait.Gate(HOLD, approvers={" ": ADA.verifying_key})
    assert caught.value.code == "identity_blank"


def test_two_people() -> None:
    gate = gait.Gate(TWO, approvers={"ada": ADA.verifying_key, "bob": BOB.verifying_key})
    request = held(gate)
    by_ada, by_bob = approve(request), approve(request, "bob", BOB)
    alone = gate.evaluate(INTENT, now=NOW, approvals=[by_ada])
    assert (alone.verdict, alone.required_approvals, alone.valid_approvals) == ("require_approval", 2, 1)
    assert "approval_chain_insufficient" in alone.reason_codes
    assert "approval_distinct_approvers_required" in codes(gate, by_ada, approve(request, reason="twice"))
    assert "approval_distinct_approvers_required" in codes(gate, by_ada, by_ada)
    assert "approval_token_approver_mismatch" in codes(gate, by_ada, approve(request, "bob", ADA))
    both = gate.evaluate(INTENT, now=NOW, approvals=[by_ada, by_bob])
    assert both.allowed
    assert both.approval_ref == ",".join(sorted([by_ada.token_id, by_bob.token_id]))
    assert "approval_token_replayed" in codes(gate, by_ada, by_bob)


def test_reusable_and_simulated_approvals() -> None:
    reusing = gait.Gate(HOLD, approvers=ADA_ALONE, reusable_approvals=True)
    token = approve(held(reusing))
    assert all(reusing.evaluate(INTENT, now=NOW, approvals=[token]).allowed for _ in range(3))
    assert not reusing.evaluate(INTENT, now=LATER, approvals=[token])
    lenient = compat.Gate(compat.Policy.parse("default_verdict: require_approval"), approvers=ADA_ALONE)
    again = approve(held(lenient))
    assert all(lenient.evaluate(INTENT, now=NOW, approvals=[again]).allowed for _ in range(2))


def test_verification_of_a_token() -> None:
    request = held(gait.Gate(HOLD))
    token = approve(request, max_targets=2)
    checks: dict[str, Any] = {
        "intent_digest": request.intent_digest,
        "policy_digest": request.policy_digest,
        "scope": [" Tool:fs.read "],
        "targets": 2,
        "now": NOW,
    }
    token.verify(ADA.verifying_key, **checks)
    token.verify(ADA_ALONE, **checks)
    for keys, changed, code in (
        (EVE.verifying_key, {}, "approval_token_signature_invalid"),
        ([], {}, "approval_token_signature_invalid"),
        ({"bob": ADA.verifying_key}, {}, "approval_token_approver_mismatch"),
        (ADA_ALONE, {"now": LATER}, "approval_token_expired"),
        (ADA_ALONE, {"intent_digest": "0" * 64}, "approval_token_intent_mismatch"),
        (ADA_ALONE, {"policy_digest": "0" * 64}, "approval_token_policy_mismatch"),
        (ADA_ALONE, {"delegation_binding_digest": "0" * 64}, "approval_token_delegation_binding_mismatch"),
        (ADA_ALONE, {"scope": ["tool:other"]}, "approval_token_scope_mismatch"),
        (ADA_ALONE, {"targets": 3}, "approval_token_max_targets_exceeded"),
    ):
        with pytest.raises(gait.VerificationFailed) as caught:
            token.verify(keys, **checks | changed)
        assert (caught.value.code, caught.value.exit_code) == (code, 2)
    with pytest.raises(gait.InvalidInput):
        token.verify(ADA_ALONE, intent_digest="short")
    with pytest.raises(gait.VerificationFailed):
        gait.ApprovalToken.parse({}).verify(ADA_ALONE)


DELEGATED = gait.Policy.parse(
    """
default_verdict: block
rules:
  - name: delegated
    effect: allow
    match: {tool_names: [fs.read], require_delegation: true, delegation_scopes: [files]}
"""
)
CHAIN = INTENT | {
    "delegation": {
        "requester_identity": "agent-7",
        "scope_class": "files",
        "chain": [
            {"delegator_identity": "root", "delegate_identity": "lead", "scope_class": "files"},
            {"delegator_identity": "lead", "delegate_identity": "agent-7", "scope_class": "files"},
        ],
    }
}


def hand_over(delegator: str, delegate: str, key: gait.SigningKey = ADA, **terms: Any) -> gait.DelegationToken:
    given: dict[str, Any] = {"scope": ["Files"], "ttl": 1800, "now": NOW} | terms
    return gait.delegate(key, delegator=delegator, delegate=delegate, **given)


def test_a_chain_of_delegations() -> None:
    gate = gait.Gate(DELEGATED, delegators={"root": ADA.verifying_key, "lead": BOB.verifying_key})
    first, second = hand_over("root", "lead"), hand_over("lead", "agent-7", BOB)
    whole = gate.evaluate(CHAIN, now=NOW, delegations=[second.to_dict(), first.to_json()])
    assert whole.allowed
    assert whole.valid_delegations == 2
    assert whole.delegation_ref == ",".join(sorted([first.token_id, second.token_id]))
    assert [entry["valid"] for entry in whole.delegations] == [True, True]
    for tokens, code in (
        ([], "delegation_token_missing"),
        ([first], "delegation_chain_insufficient"),
        ([first, hand_over("lead", "agent-7")], "delegation_token_signer_mismatch"),
        ([first, hand_over("lead", "agent-7", EVE)], "delegation_token_signature_invalid"),
        ([first, hand_over("lead", "mallory", BOB)], "delegation_token_delegate_mismatch"),
        ([first, hand_over("lead", "agent-7", BOB, scope=["mail"])], "delegation_token_scope_mismatch"),
        ([first, hand_over("lead", "agent-7", BOB, policy_digest="0" * 64)], "delegation_token_policy_mismatch"),
    ):
        decision = gate.evaluate(CHAIN, now=NOW, delegations=tokens)
        assert decision.verdict == "block"
        assert code in decision.reason_codes
    expired = gate.evaluate(CHAIN, now=LATER, delegations=[first, second])
    assert "delegation_token_expired" in expired.reason_codes
    # The approvers delegate too where nobody else is named.
    by_default = gait.Gate(DELEGATED, approvers=[ADA.verifying_key, BOB.verifying_key])
    assert by_default.evaluate(CHAIN, now=NOW, delegations=[first, second]).allowed


def test_delegation_tokens(tmp_path: Path) -> None:
    token = hand_over("root", "lead", scope_class="Ops")
    assert (token.delegator_identity, token.delegate_identity) == ("root", "lead")
    assert (token.scope, token.scope_class, token.intent_digest) == (("files",), "ops", "")
    assert gait.DelegationToken.load(token.write(tmp_path / "token.json")) == token
    assert token.key_id == ADA.key_id
    token.verify(ADA.verifying_key, now=NOW, delegator="root", delegate="lead", scope=["ops"])
    for keys, checks, code in (
        (EVE.verifying_key, {}, "delegation_token_signature_invalid"),
        ({"lead": ADA.verifying_key}, {}, "delegation_token_signer_mismatch"),
        (ADA.verifying_key, {"now": LATER}, "delegation_token_expired"),
        (ADA.verifying_key, {"delegator": "lead"}, "delegation_token_delegator_mismatch"),
        (ADA.verifying_key, {"scope": ["mail"]}, "delegation_token_scope_mismatch"),
    ):
        with pytest.raises(gait.VerificationFailed) as caught:
            token.verify(keys, **{"now": NOW} | checks)
        assert caught.value.code == code
    with pytest.raises(gait.InvalidInput):
        hand_over("root", "lead", scope=[])


def test_approvals_of_delegated_calls() -> None:
    gate = gait.Gate(HOLD, approvers=ADA_ALONE)
    request = held(gate, CHAIN)
    assert len(request.delegation_binding_digest) == 64
    unbound = approve(request.to_dict() | {"delegation_binding_digest": ""})
    refused = gate.evaluate(CHAIN, now=NOW, approvals=[unbound])
    assert "approval_token_delegation_binding_mismatch" in refused.reason_codes
    assert gate.evaluate(CHAIN, now=NOW, approvals=[approve(request)]).allowed
