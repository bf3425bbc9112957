"""No altered token counts, however it was altered."""

from __future__ import annotations

import contextlib
import copy
import datetime
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import gait

from .conftest import INTENT, NOW
from .people import ADA, HOLD, LATER, approve, held

REUSING = gait.Gate(HOLD, approvers={"ada": ADA.verifying_key}, reusable_approvals=True)
TOKEN = approve(held(REUSING), max_targets=4).to_dict()
DEFAULTS: dict[str, Any] = {
    "schema_id": "gait.gate.approval_token",
    "schema_version": "1.0.0",
    "producer_version": "0.0.0-dev",
}


def normal(token: dict[str, Any]) -> dict[str, Any]:
    """What a token says, however it is spelled: written down anew from the contract."""
    said: dict[str, Any] = {name: token.get(name) or default for name, default in DEFAULTS.items()}
    for name in ("token_id", "approver_identity", "reason_code"):
        said[name] = (token.get(name) or "").strip()
    for name in ("intent_digest", "policy_digest", "delegation_binding_digest"):
        said[name] = (token.get(name) or "").strip().lower()
    said["scope"] = sorted({value.strip().lower() for value in token.get("scope") or [] if value.strip()})
    for name in ("max_targets", "max_ops"):
        said[name] = token.get(name) or 0
    for name in ("created_at", "expires_at"):
        moment = datetime.datetime.fromisoformat(token[name].upper().replace("Z", "+00:00"))
        said[name] = moment.isoformat()
    return said


def check(altered: Any, said: Any) -> None:
    with contextlib.suppress(gait.DocumentError):
        if REUSING.evaluate(INTENT, now=NOW, approvals=[altered]).allowed:
            assert normal(said) == normal(TOKEN)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2**53),
    st.text(max_size=6),
    st.sampled_from(["*", "tool:fs.read", "bob", "0" * 64, NOW, LATER, "2027-01-01T00:00:00+01:00", "1.0.0"]),
    st.lists(st.sampled_from(["*", "tool:fs.read", " Tool:FS.Read ", "x", ""]), max_size=3),
    st.dictionaries(st.sampled_from(["alg", "key_id", "sig", "signed_digest"]), st.text(max_size=4), max_size=4),
)
SPELLINGS = [
    str.upper,
    str.lower,
    str.title,
    lambda text: f" {text}\t",
    lambda text: text[:-1],
    lambda text: text + "0",
]


@st.composite
def altered_tokens(draw: st.DrawFn) -> dict[str, Any]:
    token = copy.deepcopy(TOKEN)
    for _ in range(draw(st.integers(1, 3))):
        holder = token
        if "signature" in token and isinstance(token["signature"], dict) and draw(st.integers(0, 3)) == 0:
            holder = token["signature"]
        names = sorted(holder)
        name = draw(st.sampled_from(names or ["x"]))
        value = holder.pop(name, "")
        change = draw(st.sampled_from(["drop", "respell", "replace", "rename", "add"]))
        if change == "respell" and isinstance(value, str):
            holder[name] = draw(st.sampled_from(SPELLINGS))(value)
        elif change == "respell" and isinstance(value, list):
            holder[name] = [draw(st.sampled_from(SPELLINGS))(item) for item in value] + draw(VALUES.filter(_is_texts))
        elif change == "replace":
            holder[name] = draw(VALUES)
        elif change == "rename":
            holder[draw(st.sampled_from([*names, name.upper(), "x"]))] = value
        elif change == "add":
            holder[name] = value
            holder[draw(st.sampled_from(["delegation_binding_digest", "max_ops", "extra"]))] = draw(VALUES)
    return token


def _is_texts(value: Any) -> bool:
    return isinstance(value, list)


@given(altered_tokens())
@settings(max_examples=1500, deadline=None)
def test_no_altered_token_counts(token: dict[str, Any]) -> None:
    check(token, token)
    check(json.dumps(token), token)


TEXT = json.dumps(TOKEN).encode()


@given(
    st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(0, 2), st.binary(max_size=3)), min_size=1, max_size=3)
)
@settings(max_examples=1500, deadline=None)
def test_no_altered_text_counts(edits: list[tuple[int, int, bytes]]) -> None:
    text = TEXT
    for place, removed, added in edits:
        text = text[:place] + added + text[place + removed :]
    with contextlib.suppress(gait.DocumentError):
        if REUSING.evaluate(INTENT, now=NOW, approvals=[text]).allowed:
            assert normal(json.loads(text)) == normal(TOKEN)


def test_the_unaltered_token_counts() -> None:
    assert REUSING.evaluate(INTENT, now=NOW, approvals=[TOKEN]).allowed
    respelled = TOKEN | {
        "schema_id": "",
        "approver_identity": " ada ",
        "scope": [" TOOL:fs.read", "tool:fs.read"],
        "policy_digest": TOKEN["policy_digest"].upper(),
    }
    assert normal(respelled) == normal(TOKEN)
    assert REUSING.evaluate(INTENT, now=NOW, approvals=[respelled]).allowed
