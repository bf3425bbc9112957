"""Checks that are run at once, counted, and never stop one another."""

from __future__ import annotations

import os
import subprocess

MAX_SECONDS = 600

passed: list[str] = []
failed: list[str] = []


class Failure(Exception):
    """A check that did not hold; its text tells why."""


def run(*command: object, environment: dict[str, str] | None = None, stdin: bytes | None = None, **options) -> bytes:
    """Runs a command and gives its standard output; a failing command is a failure."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        input=stdin if stdin is not None else b"",
        capture_output=True,
        timeout=MAX_SECONDS,
        env={**os.environ, **(environment or {})},
        check=False,
        **options,
    )
    if done.returncode != 0:
        output = (done.stdout[-1500:] + done.stderr[-4000:]).decode(errors="replace")
        raise Failure(f"{' '.join(words)[:300]}: status {done.returncode}\n{output}")
    return done.stdout


def check(name: str):
    """Runs the decorated function as a check, at once."""

    def decorate(body):
        if os.environ.get("ONLY", "") not in name:
            return body
        try:
            note = body()
        except (Failure, subprocess.TimeoutExpired) as error:
            failed.append(name)
            print(f"FAILED  {name}\n{error}", flush=True)
        else:
            passed.append(name)
            print(f"passed  {name}{f': {note}' if note else ''}", flush=True)
        return body

    return decorate


def skip(name: str, reason: str) -> None:
    print(f"skipped {name}: {reason}", flush=True)
