"""The ``gait`` command: ``gait …`` or ``python -m gait …``."""

from __future__ import annotations

import contextlib
import signal
import sys

from gait._native import run_command

__all__ = ["main"]


def main() -> int:
    """Runs the command over the arguments of this process; returns its exit code."""
    # The command runs outside the interpreter, where Python's own handler would never get its turn: Ctrl-C ends it at
    # once, as it ends any program. Only the main thread may say so.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
