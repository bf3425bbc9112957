"""Decisions against recorded ones: our own rows, and the golden cases of the contract where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gait
from gait import compat

from .columns import columns
from .conftest import NOW, vectors

OWN = Path(__file__).parent / "data" / "decisions.jsonl"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("row", rows(OWN), ids=lambda row: row["name"])
@pytest.mark.parametrize("strict", [True, False])
def test_own_rows(row: dict[str, Any], strict: bool) -> None:
    policy = gait.Policy.parse(row["policy_yaml"], strict=strict)
    as_text = json.dumps(row["intent"])
    for intent in (row["intent"], as_text, as_text.encode(), gait.Intent.parse(row["intent"], strict=strict)):
        assert columns(policy.evaluate(intent, now=NOW)) == row["want"]


def check(row: dict[str, Any], as_text: bool) -> None:
    want = row["want"]
    if want.get("error") == "policy":
        with pytest.raises(gait.PolicyError) as caught:
            compat.Policy.parse(row["policy_yaml"])
        assert caught.value.exit_code == 6
        return
    policy = compat.Policy.parse(row["policy_yaml"])
    assert policy.digest == want["policy_digest"]
    intent = json.dumps(row["intent"]) if as_text else row["intent"]
    if want.get("error") == "intent":
        with pytest.raises(gait.IntentError) as refused:
            policy.evaluate(intent)
        assert refused.value.exit_code == 6
        if "library" not in want:
            with pytest.raises(gait.IntentError):
                policy.evaluate_request(intent)
            return
        decision = policy.evaluate_request(intent)
        got: dict[str, Any] = {
            "verdict": decision.verdict,
            "reason_codes": list(decision.reason_codes),
            "violations": list(decision.violations),
        }
        assert got == want["library"]
        assert decision.intent_digest is None
        assert not decision.evaluable
        return
    assert columns(policy.evaluate(intent)) == want
    assert columns(policy.evaluate_request(intent)) == want


@pytest.mark.parametrize("as_text", [False, True], ids=["objects", "text"])
def test_golden_cases(as_text: bool) -> None:
    folder = vectors()
    if folder is None:
        pytest.skip("no golden cases: set GAIT_VECTORS")
    table = rows(folder / "gate" / "eval.jsonl")
    failures = []
    for row in table:
        try:
            check(row, as_text)
        except AssertionError as error:
            failures.append(f"{row['name']}: {error}")
    assert len(table) >= 300
    assert not failures, "\n".join(failures[:5])


def raw_input(line: str) -> str:
    """The text of a row's input as it stands: some inputs hold members twice."""
    start = line.index('"input":') + len('"input":')
    start += len(line[start:]) - len(line[start:].lstrip())
    return line[start : json.JSONDecoder().raw_decode(line, start)[1]]


def test_golden_digests() -> None:
    folder = vectors()
    if folder is None:
        pytest.skip("no golden cases: set GAIT_VECTORS")
    path = folder / "gate" / "normalize.jsonl"
    for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
        row = json.loads(line)
        want = row["want"]
        forms: list[Any] = [raw_input(line)]
        if not row["name"].startswith("dup"):
            forms.append(row["input"])
        for form in forms:
            if want.get("error"):
                with pytest.raises(gait.IntentError):
                    compat.Intent.parse(form)
                continue
            intent = compat.Intent.parse(form)
            assert intent.canonical().decode() == want["canonical"], row["name"]
            assert intent.digest == want["intent_digest"]
            assert intent.args_digest == want["args_digest"]
            assert intent.script_hash == want.get("script_hash")
