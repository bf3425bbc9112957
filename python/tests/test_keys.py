"""Keys, signatures and canonical JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gait

if TYPE_CHECKING:
    from pathlib import Path


def test_keys_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = gait.SigningKey.generate()
    path = tmp_path / "a.key"
    path.write_text(key.to_base64() + "\n")
    monkeypatch.setenv("A_KEY", f" {key.to_base64()} ")
    for same in (
        gait.SigningKey.load(path),
        gait.SigningKey.from_base64(key.to_base64()),
        gait.SigningKey.from_env("A_KEY"),
    ):
        assert same.key_id == key.key_id == key.verifying_key.key_id
    public = tmp_path / "a.pub"
    public.write_text(key.verifying_key.to_base64())
    assert gait.VerifyingKey.load(public) == key.verifying_key
    assert hash(gait.VerifyingKey.load(public)) == hash(key.verifying_key)
    assert gait.VerifyingKey.from_base64(key.verifying_key.to_base64()) == key.verifying_key
    assert key.to_base64() not in repr(key)
    assert key.key_id[:12] in repr(key)


def test_unusable_keys(tmp_path: Path) -> None:
    for attempt in (
        lambda: gait.SigningKey.load(tmp_path / "none"),
        lambda: gait.SigningKey.from_base64("%%"),
        lambda: gait.SigningKey.from_base64("AAAA"),
        lambda: gait.SigningKey.from_base64("A" * 85 + "Q=="),
        lambda: gait.SigningKey.from_env("GAIT_NO_SUCH_KEY"),
        lambda: gait.VerifyingKey.from_base64(""),
        lambda: gait.VerifyingKey.from_env("GAIT=NO"),
    ):
        with pytest.raises(gait.KeyMaterialError) as caught:
            attempt()
        assert caught.value.exit_code == 6


def test_signatures() -> None:
    key = gait.SigningKey.generate()
    public = key.verifying_key
    signature = key.sign_bytes(b"data")
    public.verify_bytes(b"data", signature)
    with pytest.raises(gait.VerificationFailed):
        public.verify_bytes(b"other", signature)
    with pytest.raises(gait.VerificationFailed):
        public.verify_bytes(b"data", signature | {"alg": "none"})
    with pytest.raises(gait.DocumentError):
        public.verify_bytes(b"data", signature | {"sig": 3})  # type: ignore[arg-type]
    signed = key.sign_json('{"b": 1, "a": 2}')
    public.verify_json('{"a":2.0,"b":1}', signed)
    assert signed["signed_digest"] == gait.digest('{"a":2,"b":1}')
    public.verify_digest(signed["signed_digest"], signed)
    assert key.sign_digest(signed["signed_digest"]) == signed
    with pytest.raises(gait.VerificationFailed):
        public.verify_json("{}", signed)
    with pytest.raises(gait.InvalidInput):
        key.sign_digest("abc")


def test_canonical_json() -> None:
    assert gait.canonicalize('{"b": 1.0, "a": [1e2, "\\u00fc"]}') == '{"a":[100,"ü"],"b":1}'.encode()
    assert gait.digest("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    with pytest.raises(gait.DocumentError) as caught:
        gait.canonicalize('{"a":1,"a":2}')
    assert (caught.value.code, caught.value.offset) == ("json_duplicate_member", 7)
    with pytest.raises(gait.DocumentError):
        gait.canonicalize(b'"\xff"', strict=True)
    assert gait.canonicalize(json.dumps(list(range(50_000)))).startswith(b"[0,1,2")
