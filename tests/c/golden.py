"""Golden rows for the replay programs: their input, and what they must print."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from checks import Failure, skip

ROOT = Path(__file__).resolve().parents[2]


def raw_member(line: str, name: str) -> str:
    """The text of a member of the outer object, as it is written: reading and writing it anew would change numbers."""
    decoder = json.JSONDecoder()
    at = line.index("{") + 1
    while True:
        at = re.compile(r"[\s,]*").match(line, at).end()
        key, at = decoder.raw_decode(line, at)
        at = re.compile(r"\s*:\s*").match(line, at).end()
        _, end = decoder.raw_decode(line, at)
        if key == name:
            return line[at:end]
        at = end


def golden_rows() -> list[tuple[dict, bytes]]:
    """Rows with the bytes of their intents: our own, and those of the contract where they are at hand."""
    vectors = Path(os.environ.get("GAIT_VECTORS", ROOT.parent / "shared/vectors"))
    rows = []
    for path in [ROOT / "tests/golden/decisions/eval.jsonl", vectors / "gate/eval.jsonl"]:
        if not path.exists():
            skip("golden rows", f"{path} is not there")
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            rows.append((json.loads(line), raw_member(line, "intent").encode()))
    return rows


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"t": "\t", "n": "\n", "r": "\r"}.get(found[1], found[1]), text)


LISTS = {
    "reason_codes",
    "violations",
    "broker_scopes",
    "required_delegation_scopes",
    "library_reason_codes",
    "library_violations",
}
FLAGS = {"require_distinct_approvers", "require_broker_credential", "require_delegation", "dataflow_triggered"}
TEXTS = {
    "verdict",
    "matched_rule",
    "policy_digest",
    "intent_digest",
    "prepared_intent_digest",
    "args_digest",
    "script_hash",
    "broker_reference",
    "composite_risk_class",
    "freeze_window_status",
    "sandbox_status",
}


def answers(output: bytes) -> list[dict]:
    """What a replay program printed, a dictionary for each row."""
    rows: list[dict] = []
    row: dict = {}
    for line in output.decode().split("\n"):
        column, _, value = line.partition("\t")
        value = unescape(value)
        if column == "end":
            rows.append(row)
            row = {}
        elif column in LISTS:
            row.setdefault(column, []).append(value)
        elif column in FLAGS:
            row[column] = value == "true"
        elif column in ("exit", "min_approvals"):
            row[column] = int(value)
        elif column in ("rate_limit", "destructive_budget"):
            requests, window, scope = value.split(" ")
            row[column] = [int(requests), window, scope]
        elif column in ("step_verdicts", "json"):
            row[column] = json.loads(value)
        elif column:
            row[column] = value
    return rows


def expected(want: dict) -> dict:
    """Every column that a program has to print, the empty ones included."""
    if "error" in want:
        columns = {"error": want["error"], "exit": 6}
        if want["error"] == "intent":
            columns["policy_digest"] = want["policy_digest"]
        library = want.get("library", {})
        if library:
            columns["library_verdict"] = library["verdict"]
            columns["library_reason_codes"] = library["reason_codes"]
            columns["library_violations"] = library["violations"]
        return columns
    columns = {column: "" for column in TEXTS} | {column: False for column in FLAGS}
    columns |= {"min_approvals": 0, "step_verdicts": [], "prepared_intent_digest": want["intent_digest"]}
    columns |= want
    return columns


# What to_json leaves out when empty, and what it names differently.
RENAMED = {"exit": "exit_code", "required_delegation_scopes": "delegation_scopes"}


def from_json(document: dict) -> dict:
    """The columns of a row as the JSON form of the decision has them."""
    columns: dict = {}
    for column in (
        TEXTS | FLAGS | LISTS | {"exit", "min_approvals", "rate_limit", "destructive_budget", "step_verdicts"}
    ):
        value = document.get(RENAMED.get(column, column))
        if column == "freeze_window_status":
            value = document.get("freeze_window", {}).get("status")
        elif column == "sandbox_status":
            value = document.get("sandbox", {}).get("status")
        elif isinstance(value, dict):
            value = [value["requests"], value["window"], value["scope"]]
        if value:
            columns[column] = value
    return columns


def compare(output: bytes, rows: list[tuple[dict, bytes]]) -> str:
    got = answers(output)
    if len(got) != len(rows):
        raise Failure(f"{len(got)} answers to {len(rows)} rows")
    wrong = []
    columns = 0
    for answer, (row, _) in zip(got, rows, strict=True):
        document = answer.pop("json", None)
        answer.pop("error_code", None)
        want = expected(row["want"])
        for column in sorted(want.keys() | answer.keys()):
            columns += 1
            found, wanted = answer.get(column), want.get(column)
            if (found or None) != (wanted or None):
                wrong.append(f"{row['name']}: {column}: {found!r}, should be {wanted!r}")
        if document is not None:
            plain = {column: value for column, value in answer.items() if value}
            for column in sorted(plain.keys() | from_json(document).keys()):
                if plain.get(column) != from_json(document).get(column):
                    wrong.append(f"{row['name']}: {column} of the JSON form: {from_json(document).get(column)!r}")
    if wrong:
        raise Failure("\n".join(wrong[:20]) + f"\n{len(wrong)} columns differ")
    return f"{len(rows)} rows, {columns} columns"


def replay_input(rows: list[tuple[dict, bytes]]) -> bytes:
    parts = []
    for row, intent in rows:
        policy = row["policy_yaml"].encode()
        parts.append(f"{len(policy)} {len(intent)}\n".encode() + policy + intent)
    return b"".join(parts)
