"""Python objects are read as the JSON text that ``json.dumps`` makes of them, or refused."""

from __future__ import annotations

import collections
import decimal
import enum
import json
import math
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gait
from gait import compat

from .conftest import INTENT

# Names and texts that trimming or the search for secrets would touch are the core's business, tested there.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT.filter(lambda text: text.strip() == text and text != "" and not _suggests_secret(text))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def _suggests_secret(name: str) -> bool:
    words = ("token", "secret", "key", "password", "credential")
    return any(word in name.lower() for word in words)


def with_args(args: Any) -> dict[str, Any]:
    return INTENT | {"args": args}


def outcome(intent: Any, strict: bool) -> tuple[Any, ...]:
    """The digests, or the error without its place: objects have no byte offsets."""
    try:
        read = gait.Intent(intent, strict=strict)
    except gait.IntentError as error:
        return (type(error), error.code, error.detail, error.path if error.code != "intent_malformed" else None)
    return (read.digest, read.args_digest, [notice.kind for notice in read.notices])


@given(st.dictionaries(NAMES, JSON, max_size=5), st.booleans())
@settings(max_examples=400, deadline=None)
def test_objects_equal_their_text(args: dict[str, Any], strict: bool) -> None:
    assert outcome(with_args(args), strict) == outcome(json.dumps(with_args(args)), strict)


@given(JSON, st.sampled_from(["tool_name", "args", "targets", "context", "created_at", "script", "arg_provenance"]))
@settings(max_examples=400, deadline=None)
def test_wrong_shapes_are_refused_alike(value: Any, member: str) -> None:
    intent = INTENT | {member: value}
    for strict in (True, False):
        as_object, as_text = outcome(intent, strict), outcome(json.dumps(intent), strict)
        assert as_object == as_text


class Colour(str, enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Point(NamedTuple):
    x: int
    y: int


class Lazy(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __init__(self, inner: dict[str, Any]) -> None:
        self.inner = inner

    def __getitem__(self, name: str) -> Any:
        return self.inner[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.inner)

    def __len__(self) -> int:
        return len(self.inner)


class Numbers(Sequence[int]):
    """A sequence that is no list."""

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return [1, 2, 3][index]

    def __len__(self) -> int:
        return 3


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ((1, 2), [1, 2]),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Point(1, 2), [1, 2]),
        (collections.OrderedDict(a=1), {"a": 1}),
        (types.MappingProxyType({"a": {"b": 1}}), {"a": {"b": 1}}),
        (Lazy({"a": Lazy({"b": (1,)})}), {"a": {"b": [1]}}),
        (Numbers(), [1, 2, 3]),
        (range(3), [0, 1, 2]),
        ([{}, [], ()], [{}, [], []]),
        (-0.0, -0.0),
        (1e308, 1e308),
        (5e-324, 5e-324),
        (2**53, 2**53),
    ],
)
def test_other_types(given: Any, plain: Any) -> None:
    assert gait.Intent.parse(with_args({"x": given})).digest == gait.Intent.parse(with_args({"x": plain})).digest
    assert gait.Intent.parse(Lazy(with_args({"x": given}))).digest == gait.Intent.parse(with_args({"x": plain})).digest


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        b"bytes",
        bytearray(b"x"),
        memoryview(b"x"),
        {1, 2},
        object(),
        1j,
        decimal.Decimal(1),
    ],
    ids=repr,
)
@pytest.mark.parametrize("strict", [True, False])
def test_values_without_json_form(value: Any, strict: bool) -> None:
    with pytest.raises(gait.IntentError) as caught:
        gait.Intent(with_args({"a": [0, {"b": value}]}), strict=strict)
    assert caught.value.path == "args.a[1].b"
    assert caught.value.detail == "json_wrong_type"


@pytest.mark.parametrize("name", [7, None, True, 1.5, b"a", ("a",)], ids=repr)
def test_keys_must_be_text(name: Any) -> None:
    for strict in (True, False):
        with pytest.raises(gait.IntentError, match="a key of type"):
            gait.Intent(with_args({name: 1}), strict=strict)


def test_large_integers() -> None:
    for number in (2**53 + 1, -(2**63), 2**63, 2**200):
        with pytest.raises(gait.IntentError) as caught:
            gait.Intent.parse(with_args({"n": number}))
        assert caught.value.detail == "json_lossy_integer"
        read = compat.Intent.parse(with_args({"n": number}))
        assert [notice.kind for notice in read.notices] == ["integer_rounded"]
        assert read.digest == compat.Intent.parse(json.dumps(with_args({"n": number}))).digest
    with pytest.raises(gait.IntentError) as beyond:
        compat.Intent.parse(with_args({"n": 10**400}))
    assert beyond.value.detail == "json_number_out_of_range"


@pytest.mark.parametrize("text", ["\ud800", "a\udc00b", "\ud83d\ude00"], ids=ascii)
def test_half_surrogate_pairs(text: str) -> None:
    intent = with_args({"t": text})
    with pytest.raises(gait.IntentError) as caught:
        gait.Intent.parse(intent)
    assert caught.value.detail == "json_lossy_text"
    read, as_text = compat.Intent.parse(intent), compat.Intent.parse(json.dumps(intent))
    assert read.digest == as_text.digest
    assert compat.Intent.parse(json.dumps(intent, ensure_ascii=False)).digest == as_text.digest


def test_cycles_end() -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless
    circle: list[Any] = []
    circle.append({"again": circle})
    wide: list[Any] = []
    wide.extend([wide] * 50)
    for value in (endless, circle, wide, Lazy(endless)):
        for strict in (True, False):
            with pytest.raises(gait.IntentError) as caught:
                gait.Intent(with_args({"v": value}), strict=strict)
            assert caught.value.detail == "json_limit_exceeded"


def test_mappings_that_misbehave() -> None:
    class Raises(Lazy):
        def __iter__(self) -> Iterator[str]:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gait.Intent.parse(with_args({"v": Raises({})}))

    outer: dict[str, Any] = {}

    class Grows(Lazy):
        def __iter__(self) -> Iterator[str]:
            outer[f"more{len(outer)}"] = 1
            return iter(())

    outer.update(a=Grows({}), b=Grows({}), c=1)
    assert gait.Intent.parse(with_args(outer)).to_dict()["args"] == {"a": {}, "b": {}, "c": 1}


def test_what_is_no_intent() -> None:
    for value in (None, 1, 1.5, [], (), {1}, object()):
        with pytest.raises(TypeError):
            gait.Intent.parse(value)  # type: ignore[arg-type]
