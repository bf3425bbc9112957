"""Hostile input ends in a classified error, quickly, and never in a crash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gait
from gait import compat

from .conftest import INTENT, POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

DEEP = 100_000


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize("strict", [True, False])
def test_deep_text(strict: bool) -> None:
    args = '{"a":' * DEEP + "1" + "}" * DEEP
    text = json.dumps(INTENT).replace(json.dumps(INTENT["args"]), args)
    for hostile in (text, "[" * DEEP, '{"args":' * DEEP, '{"unknown":' + "[" * DEEP):
        with pytest.raises(gait.IntentError) as caught:
            gait.Intent(hostile, strict=strict)
        assert caught.value.category == "invalid_input"
    with pytest.raises(gait.DocumentError):
        gait.Trace.parse("[" * DEEP, strict=strict)
    with pytest.raises(gait.DocumentError):
        gait.canonicalize("[" * DEEP)
    with pytest.raises(gait.PolicyError):
        gait.Policy("[" * DEEP, strict=strict)
    with pytest.raises(gait.PolicyError):
        gait.Policy('{"rules":' * DEEP, strict=strict)


@pytest.mark.parametrize("strict", [True, False])
def test_deep_objects(strict: bool) -> None:
    value = nested(DEEP)
    with pytest.raises(gait.IntentError) as caught:
        gait.Intent(INTENT | {"args": {"v": value}}, strict=strict)
    assert caught.value.detail == "json_limit_exceeded"
    assert len(caught.value.path or "") < 200
    deepest = 990 if strict else 9_990
    assert gait.Intent(INTENT | {"args": {"v": nested(deepest)}}, strict=strict).args_digest


@pytest.mark.parametrize("strict", [True, False])
def test_large_text(strict: bool) -> None:
    large = "x" * (64 << 20)
    for document in (large, f'"{large}"', json.dumps(INTENT | {"args": {"t": large}}), INTENT | {"args": {"t": large}}):
        with pytest.raises(gait.IntentError):
            gait.Intent(document, strict=strict)
    with pytest.raises(gait.PolicyError):
        gait.Policy(large, strict=strict)
    with pytest.raises(gait.PolicyError):
        gait.Policy("rules: [" + "{}," * 5_000_000 + "]", strict=strict)


def test_many_values() -> None:
    with pytest.raises(gait.IntentError) as caught:
        compat.Intent.parse(INTENT | {"args": {"v": [0] * 1_000_001}})
    assert caught.value.detail == "json_limit_exceeded"


def test_not_utf8() -> None:
    document = json.dumps(INTENT).encode().replace(b"agent-7", b"agent-\xff7")
    with pytest.raises(gait.IntentError) as caught:
        gait.Intent.parse(document)
    assert caught.value.detail == "json_lossy_text"
    read = compat.Intent.parse(document)
    assert read.notices[0].kind == "text_replaced"
    assert read.notices[0].offset == document.index(b'"agent-')
    with pytest.raises(gait.PolicyError):
        gait.Policy.parse(b"default_verdict: allow # \xff")
    assert compat.Policy.parse(b"default_verdict: allow # \xff")


@pytest.mark.parametrize("text", ["", " ", "nul", "{", '{"a"}', "{]", "NaN", '{"args": NaN}', "[1,]", "\x00", "{}{}"])
def test_malformed_text(text: str) -> None:
    for strict in (True, False):
        with pytest.raises(gait.IntentError) as caught:
            gait.Intent(text, strict=strict)
        assert caught.value.exit_code == 6
        assert caught.value.offset is not None


def test_strict_refusals() -> None:
    base = json.dumps(INTENT)
    hostile = {
        "json_unknown_member": base[:-1] + ', "taregts": []}',
        "json_recased_member": base.replace('"tool_name"', '"Tool_Name"'),
        "json_duplicate_member": base[:-1] + ', "tool_name": "fs.read"}',
        "json_lossy_integer": base.replace('"n": 3', '"n": 9007199254740993'),
    }
    for detail, text in hostile.items():
        with pytest.raises(gait.IntentError) as caught:
            gait.Intent.parse(text)
        assert caught.value.detail == detail
        assert compat.Intent.parse(text)
    assert compat.Intent.parse(base.replace('"tool_name"', '"Tool_Name"')).digest == gait.Intent.parse(base).digest
    with pytest.raises(gait.IntentError) as unknown:
        gait.Intent.parse(INTENT | {"context": INTENT["context"] | {"identiy": "x"}})
    assert unknown.value.path == "context.identiy"


def test_policy_errors_tell_where() -> None:
    with pytest.raises(gait.PolicyError) as caught:
        gait.Policy.parse("default_verdict: block\nrules:\n  - nam: x\n")
    error = caught.value
    assert (error.code, error.line, error.category, error.retryable) == (
        "policy_unknown_field",
        3,
        "invalid_input",
        False,
    )
    assert isinstance(error, ValueError)
    with pytest.raises(gait.PolicyError):
        gait.Policy.parse("rules: [{name: a, effect: maybe}]")
    with pytest.raises(gait.PolicyError):
        gait.Policy.parse("1: 2")
    with pytest.raises(gait.InvalidInput):
        gait.Policy.load("/nonexistent/policy.yaml")
    with pytest.raises(TypeError):
        gait.Policy.parse(3)  # type: ignore[arg-type]


def failure_of(call: Callable[[], object]) -> gait.GaitError | None:
    try:
        call()
    except gait.GaitError as error:
        return error
    return None


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes(document: bytes) -> None:
    policy = gait.Policy.parse(POLICY)
    for strict in (True, False):
        for call in (
            lambda: gait.Intent(document, strict=strict),  # noqa: B023
            lambda: gait.Policy(document, strict=strict),  # noqa: B023
            lambda: gait.Trace.parse(document, strict=strict),  # noqa: B023
            lambda: policy.evaluate_request(document),
            lambda: gait.canonicalize(document, strict=strict),  # noqa: B023
        ):
            error = failure_of(call)
            assert error is None or (error.category == "invalid_input" and error.code and str(error))
