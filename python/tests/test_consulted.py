"""What a gate consults besides its policy: inventories, approved scripts, context evidence; and simulation."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

import gait
from gait import compat

from .conftest import INTENT, NOW
from .people import ADA, ALLOW, EVE, HOLD, LATER, approve, held

if TYPE_CHECKING:
    from pathlib import Path

PII = gait.Policy.parse(
    """
default_verdict: allow
rules: [{name: pii, effect: block, match: {context_data_classes: [pii]}}]
"""
)


def test_an_inventory_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"

    def write(content: Any) -> None:
        # Anew and renamed into place, as whoever maintains such a file does.
        (tmp_path / "new").write_text(json.dumps(content))
        (tmp_path / "new").replace(path)

    gate = gait.Gate(PII, inventory=path)
    with pytest.raises(gait.InvalidInput):
        gate.evaluate(INTENT)
    write([])
    assert gate.evaluate(INTENT).allowed
    known = [{"tool_name": "fs.read", "data_class": "pii"}]
    write(known)
    found = gate.evaluate(INTENT)
    assert (found.verdict, found.matched_rule) == ("block", "pii")
    assert gate.evaluate(INTENT, inventory=[]).allowed
    write({"items": 7})
    with pytest.raises(gait.InvalidInput):
        gate.evaluate(INTENT)
    path.unlink()
    with pytest.raises(gait.InvalidInput):
        gate.evaluate(INTENT)
    alone = gait.Gate(PII)
    assert alone.evaluate(INTENT, inventory={"items": known}).verdict == "block"
    assert alone.evaluate(INTENT, inventory=json.dumps(known)).verdict == "block"
    assert alone.evaluate(INTENT).allowed
    wrong: Any
    for wrong in ({}, [7], "["):
        with pytest.raises(gait.DocumentError):
            alone.evaluate(INTENT, inventory=wrong)


SCRIPT: dict[str, Any] = {
    "tool_name": "script",
    "args": {},
    "targets": [],
    "context": INTENT["context"],
    "script": {
        "steps": [
            {"tool_name": "a.read", "args": {}, "targets": []},
            {"tool_name": "b.write", "args": {}, "targets": []},
        ]
    },
}


def entry(policy: gait.Policy, key: gait.SigningKey = ADA, **changes: Any) -> dict[str, Any]:
    approved: dict[str, Any] = {
        "schema_id": "gait.gate.approved_script_entry",
        "schema_version": "1.0.0",
        "created_at": NOW,
        "producer_version": "1",
        "pattern_id": "nightly",
        "policy_digest": policy.digest,
        "script_hash": gait.Intent.parse(SCRIPT).script_hash,
        "tool_sequence": ["a.read", "b.write"],
        "approver_identity": "ada",
        "expires_at": LATER,
    } | changes
    return approved | {"signature": key.sign_json(json.dumps(approved))}


def test_approved_scripts(tmp_path: Path) -> None:
    policy = gait.Policy.parse("default_verdict: block")
    path = tmp_path / "scripts.json"
    gate = gait.Gate(policy, approved_scripts=path, script_keys={"ada": ADA.verifying_key})
    assert gate.evaluate(SCRIPT, now=NOW).verdict == "block"
    path.write_text(json.dumps([entry(policy)]))
    passed = gate.evaluate(SCRIPT, now=NOW)
    assert passed.allowed
    assert passed.pre_approved
    assert (passed.pattern_id, passed.registry_reason) == ("nightly", "approved_script_match")
    assert gate.evaluate(INTENT, now=NOW).verdict == "block"
    assert gate.evaluate(SCRIPT, now=LATER).verdict == "block"
    other = SCRIPT | {"script": {"steps": SCRIPT["script"]["steps"][:1]}}
    assert gate.evaluate(other, now=NOW).verdict == "block"
    # What an approved script may do, the kill switch may stop.
    state = {"created_at": NOW, "updated_at": NOW, "entries": [{"entry_id": "e", "enabled": True, "created_at": NOW}]}
    assert gate.evaluate(SCRIPT, now=NOW, kill_switch=state).verdict == "block"
    risky = SCRIPT | {"context": INTENT["context"] | {"risk_class": "high"}}
    for forged in (
        entry(policy, EVE),
        entry(policy) | {"script_hash": "0" * 64},
        entry(policy, approver_identity="bob"),
    ):
        path.write_text(json.dumps([forged]))
        refused = gate.evaluate(SCRIPT, now=NOW)
        assert refused.verdict == "block"
        assert not refused.pre_approved
        with pytest.raises(gait.PolicyBlocked) as caught:
            gate.evaluate(risky, now=NOW)
        assert caught.value.decision is None
        assert caught.value.code.startswith("script_entry_")
    options: dict[str, Any]
    for options in ({"approved_scripts": path}, {"script_keys": ADA.verifying_key}):
        with pytest.raises(gait.InvalidInput, match="together"):
            gait.Gate(policy, **options)


def test_simulation() -> None:
    policy = gait.Policy.parse(
        """
default_verdict: block
rules:
  - {name: hold, effect: require_approval, match: {tool_names: [fs.write]}}
  - {name: go, effect: allow, match: {tool_names: [fs.read]}}
"""
    )
    gate = gait.Gate(policy, approvers=ADA.verifying_key, simulate=True)
    for tool, verdict, stopped in (
        ("fs.read", "allow", False),
        ("fs.write", "require_approval", True),
        ("x", "block", True),
    ):
        decision = gate.evaluate(INTENT | {"tool_name": tool})
        assert decision.allowed
        assert (decision.simulated_verdict, decision.would_have_blocked) == (verdict, stopped)
        assert "simulate_mode_non_enforcing" in decision.reason_codes
        assert "simulate_mode_non_enforcing" not in decision.simulated_reason_codes
        assert decision.violations == ()
    enforcing = gait.Gate(policy).evaluate(INTENT)
    assert (enforcing.simulated_verdict, enforcing.would_have_blocked) == (None, False)


def test_columns_of_a_decision() -> None:
    columns = gait.Gate(HOLD).evaluate(INTENT).to_dict()
    assert columns["required_approvals"] == 1
    for name in ("approvals", "delegations", "credential", "rate_limit_used", "simulated_verdict", "pre_approved"):
        assert not columns[name]


EVIDENCE = gait.Policy.parse(
    """
default_verdict: block
rules:
  - name: grounded
    effect: allow
    match: {tool_names: [fs.read]}
    require_context_evidence: true
"""
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


ENVELOPE: dict[str, Any] = {
    "schema_id": "gait.context.envelope",
    "schema_version": "1.0.0",
    "created_at": NOW,
    "producer_version": "1",
    "context_set_id": "set-1",
    "context_set_digest": "",
    "evidence_mode": "required",
    "records": [
        {
            "ref_id": "doc-1",
            "source_type": "file",
            "source_locator": "/srv/a",
            "query_digest": digest("q"),
            "content_digest": digest("c"),
            "retrieved_at": NOW,
            "redaction_mode": "none",
            "immutability": "immutable",
        }
    ],
}


def test_context_evidence(tmp_path: Path) -> None:
    gate = gait.Gate(EVIDENCE)
    assert gate.evaluate(INTENT, now=NOW).verdict != "allow"
    envelope = gait.VerifiedEnvelope.parse(ENVELOPE)
    assert (envelope.evidence_mode, envelope.ref_ids) == ("required", ("doc-1",))
    whole = envelope.to_dict()
    assert whole["context_set_digest"] == envelope.digest
    assert envelope.digest[:12] in repr(envelope)
    path = tmp_path / "envelope.json"
    path.write_text(json.dumps(whole))
    assert gait.VerifiedEnvelope.load(path).digest == envelope.digest
    for form in (envelope, ENVELOPE, whole, json.dumps(whole), path.read_bytes()):
        decision = gate.evaluate(INTENT, now=NOW, context_envelope=form)
        assert decision.allowed, decision
        assert decision.context_source == "context_envelope"
    for wrong, code in (
        (whole | {"context_set_id": ""}, "context_envelope_member_missing"),
        (whole | {"context_set_digest": "0" * 64}, "context_envelope_digest_mismatch"),
        (whole | {"unknown": 1}, "json_unknown_member"),
    ):
        with pytest.raises(gait.DocumentError) as caught:
            gate.evaluate(INTENT, now=NOW, context_envelope=wrong)
        assert caught.value.code == code


def test_freeze_windows_in_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
default_verdict: allow
rules:
  - name: frozen
    effect: allow
    match: {tool_names: [fs.read]}
    freeze_window:
      timezone: Local
      effect: block
      windows: [{name: noon, start: "2026-01-15T12:00:00", end: "2026-01-15T13:00:00"}]
"""
    noon_in_tokyo, noon_in_utc = "2026-01-15T03:30:00Z", "2026-01-15T12:30:00Z"
    for zone, frozen, open_ in (("Asia/Tokyo", noon_in_tokyo, noon_in_utc), ("UTC", noon_in_utc, noon_in_tokyo)):
        monkeypatch.setenv("TZ", zone)
        policy = gait.Policy.parse(text)
        assert policy.evaluate(INTENT, now=frozen).verdict == "block"
        assert policy.evaluate(INTENT, now=open_).verdict == "allow"


def test_lenient_intents_are_none_for_strict_gates() -> None:
    lenient = compat.Intent.parse(INTENT)
    with pytest.raises(gait.InvalidInput) as caught:
        gait.Gate(ALLOW).evaluate(lenient)
    assert caught.value.code == "strict_mismatch"
    assert compat.Gate(compat.Policy.parse("default_verdict: allow")).evaluate(lenient).allowed


def test_tokens_are_made_by_this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    request = held(gait.Gate(HOLD))
    assert approve(request).producer_version == gait.__version__
    monkeypatch.setitem(os.environ, "GAIT_PRODUCER_VERSION", "9.9")
    assert approve(request).producer_version == "9.9"
