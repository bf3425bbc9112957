"""One approval, asked for, signed and judged by every surface in every order.

Each of Python, Node, C and the shell asks for an approval of the same call; each signs each request; each decides with
each token. All must agree, also about tokens that are forged, expired or were moved to another call.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
GAIT = RELEASE / "gait"

POLICY = """default_verdict: block
rules:
  - name: deploys
    effect: require_approval
    match: {tool_names: [deploy.apply]}
"""
INTENT: dict[str, object] = {
    "tool_name": "deploy.apply",
    "args": {"service": "billing", "replicas": 3, "note": "größer \u2028 <b>"},
    "targets": [{"kind": "host", "value": "billing.example", "operation": "write"}],
    "context": {"identity": "agent-7", "workspace": "/srv", "risk_class": "high", "phase": "apply"},
}


def call(*command: str | Path, allowed: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    """Runs a command; fails unless its exit code is allowed."""
    finished = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if finished.returncode not in allowed:
        raise AssertionError(f"{command} ended with {finished.returncode}:\n{finished.stdout}{finished.stderr}")
    return finished


class Program:
    """A surface with a program of its own."""

    def __init__(self, *command: str | Path) -> None:
        self.command = command

    def request(self, policy: Path, intent: Path, out: Path) -> None:
        call(*self.command, "request", policy, intent, out, allowed=(4,))

    def approve(self, request: Path, key: Path, out: Path) -> None:
        call(*self.command, "approve", request, key, "alice", "ticket-1", out)

    def decide(self, policy: Path, intent: Path, key: Path, token: Path) -> tuple[int, str]:
        finished = call(*self.command, "decide", policy, intent, key, token, allowed=(0, 3, 4))
        return finished.returncode, finished.stdout.strip()


class Shell:
    """The `gait` command."""

    def request(self, policy: Path, intent: Path, out: Path) -> None:
        self._eval(policy, intent, "--approval-request-out", out, allowed=(4,))

    def approve(self, request: Path, key: Path, out: Path) -> None:
        flags = ("--approver", "alice", "--reason-code", "ticket-1", "--ttl", "1h", "--key-mode", "prod")
        call(GAIT, "approve", "--strict", "--request", request, *flags, "--private-key", key, "--out", out)

    def decide(self, policy: Path, intent: Path, key: Path, token: Path) -> tuple[int, str]:
        finished = self._eval(
            policy, intent, "--approval-token", token, "--approval-public-key", key, allowed=(0, 3, 4)
        )
        answer = json.loads(finished.stdout)
        return finished.returncode, f"{answer['verdict']} {','.join(answer['reason_codes'])}"

    @staticmethod
    def _eval(
        policy: Path, intent: Path, *flags: str | Path, allowed: tuple[int, ...]
    ) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as name:
            state = Path(name)
            outputs = ("--trace-out", state / "trace.json", "--approval-audit-out", state / "audit.json")
            counters = ("--rate-limit-state", state / "limits.json")
            command = (GAIT, "gate", "eval", "--strict", "--json", "--policy", policy, "--intent", intent)
            return call(*command, *outputs, *counters, *flags, allowed=allowed)


Surface = Program | Shell


def surfaces(folder: Path) -> dict[str, Surface]:
    """All surfaces; the C program is built first."""
    program = folder / "approve"
    (folder / "libgait.so.0").symlink_to(RELEASE / "libgait.so")
    flags = ("-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}")
    libraries = (f"-L{RELEASE}", "-lgait", f"-Wl,-rpath,{folder}")
    call("cc", *flags, "-o", program, HERE / "approve.c", *libraries)
    return {
        "python": Program(sys.executable, HERE / "approve.py"),
        "node": Program("node", HERE / "approve.mjs"),
        "c": Program(program),
        "shell": Shell(),
    }


def changed(token: Path, out: Path, change: Callable[[dict[str, object]], None]) -> Path:
    """A copy of a token in which something was changed."""
    document = json.loads(token.read_text())
    change(document)
    out.write_text(json.dumps(document))
    return out


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = surfaces(folder)
        call(GAIT, "keys", "init", "--out-dir", folder, "--prefix", "alice")
        call(GAIT, "keys", "init", "--out-dir", folder, "--prefix", "mallory")
        private, public = folder / "alice_private.key", folder / "alice_public.key"
        policy, intent, other = folder / "policy.yaml", folder / "intent.json", folder / "other.json"
        policy.write_text(POLICY)
        intent.write_text(json.dumps(INTENT))
        other.write_text(json.dumps(INTENT | {"args": {"service": "ledger"}}))

        requests = {}
        for asking, surface in every.items():
            requests[asking] = folder / f"request-{asking}.json"
            surface.request(policy, intent, requests[asking])
        documents = {asking: json.loads(path.read_text()) for asking, path in requests.items()}
        assert all(document == documents["shell"] for document in documents.values()), documents

        rounds = 0
        for asking, signing in itertools.product(every, repeat=2):
            token = folder / f"token-{asking}-{signing}.json"
            every[signing].approve(requests[asking], private, token)
            for deciding, surface in every.items():
                exit_code, answer = surface.decide(policy, intent, public, token)
                order = f"asked by {asking}, signed by {signing}, decided by {deciding}"
                assert exit_code == 0, f"{order}: {answer}"
                assert answer.startswith("allow ") and "approval_granted" in answer, f"{order}: {answer}"
                rounds += 1

        token = folder / "token-shell-python.json"
        forged = folder / "forged.json"
        every["shell"].approve(requests["shell"], folder / "mallory_private.key", forged)
        identity = changed(token, folder / "identity.json", lambda own: own.update(approver_identity="bob"))
        expired = changed(token, folder / "expired.json", lambda own: own.update(expires_at="2099-01-01T00:00:00Z"))
        unsigned = changed(token, folder / "unsigned.json", lambda own: own.pop("signature"))
        attacks = (
            ("signed by somebody else", intent, forged, "approval_token_signature_invalid"),
            ("another approver's name", intent, identity, "approval_token_signature_invalid"),
            ("a longer life", intent, expired, "approval_token_signature_invalid"),
            ("no signature", intent, unsigned, "approval_token_signature_missing"),
            ("another call", other, token, "approval_token_intent_mismatch"),
        )
        for (what, proposed, given, code), (deciding, surface) in itertools.product(attacks, every.items()):
            exit_code, answer = surface.decide(policy, proposed, public, given)
            codes = answer.split(" ")[1].split(",")
            assert exit_code == 4 and code in codes, f"{what}, decided by {deciding}: {answer}"
            rounds += 1
        print(f"{rounds} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
