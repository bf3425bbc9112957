"""Runs the examples of the guides in docs/ as they stand there, in an empty folder, and checks their answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

INTENT = """{"tool_name": "TOOL", "args": {"service": "billing"}, "targets": [],
 "context": {"identity": "agent-7", "workspace": "/srv/deploy", "risk_class": "medium"}}"""


def blocks(guide: str, language: str) -> list[str]:
    """The code blocks of one language in a guide, in order."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / guide).read_text(), re.DOTALL)


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command with the built `gait` on its path and returns its output; shows it when the command fails."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PATH": f"{RELEASE}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {finished.returncode}:\n{finished.stdout}")
    return finished.stdout


def expect(output: str, wanted: str) -> None:
    """Fails unless `wanted` stands in `output`."""
    if wanted not in output:
        raise AssertionError(f"{wanted!r} does not stand in:\n{output}")


def approvals_shell(folder: Path) -> None:
    (folder / "policy.yaml").write_text("default_verdict: require_approval\n")
    (folder / "intent.json").write_text(INTENT.replace("TOOL", "deploy.apply"))
    output = run("bash", "-euc", blocks("approvals.md", "sh")[0], cwd=folder)
    expect(output, '"verdict":"allow"')
    expect(output, '"valid_approvals":1')


def approvals_python(folder: Path) -> None:
    first, two = blocks("approvals.md", "python")
    expect(run(sys.executable, "-c", first, cwd=folder), "require_approval allow require_approval")
    expect(run(sys.executable, "-c", two, cwd=folder), "require_approval allow")


def approvals_node(folder: Path) -> None:
    (folder / "node_modules").mkdir()
    (folder / "node_modules/gait").symlink_to(ROOT / "node")
    (folder / "example.mjs").write_text(blocks("approvals.md", "js")[0])
    expect(run("node", "example.mjs", cwd=folder), "require_approval allow")


def brokers_shell(folder: Path) -> None:
    (folder / "policy.yaml").write_text(blocks("brokers.md", "yaml")[0])
    (folder / "intent.json").write_text(INTENT.replace("TOOL", "db.migrate"))
    expect(run("bash", "-euc", blocks("brokers.md", "sh")[0], cwd=folder), '"verdict":"allow"')


def brokers_python(folder: Path) -> None:
    expect(run(sys.executable, "-c", blocks("brokers.md", "python")[0], cwd=folder), "allow ref:db.migrate")


def main() -> int:
    failed = 0
    examples = (approvals_shell, approvals_python, approvals_node, brokers_shell, brokers_python)
    for example in examples:
        with tempfile.TemporaryDirectory() as name:
            try:
                example(Path(name))
                print(f"guide {example.__name__}: ok")
            except (AssertionError, OSError) as error:
                failed += 1
                print(f"guide {example.__name__}: {error}")
    print(f"{len(examples) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
