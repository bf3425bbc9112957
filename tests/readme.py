"""Runs the README's examples as they stand there, in an empty folder, and checks that each gives its answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def blocks(language: str) -> list[str]:
    """The README's code blocks of one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Runs a command and returns its output; shows it when the command fails."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **env},
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


def python(folder: Path) -> None:
    first, guarded = blocks("python")
    expect(run(sys.executable, "-c", first, cwd=folder), "allow ('matched_rule_read_the_workspace',)")
    expect(run(sys.executable, "-c", guarded, cwd=folder), "contents of /work/notes.md")


def node(folder: Path) -> None:
    (folder / "node_modules").mkdir()
    (folder / "node_modules/gait").symlink_to(ROOT / "node")
    (folder / "example.mjs").write_text(blocks("js")[0])
    expect(run("node", "example.mjs", cwd=folder), "allow [ 'matched_rule_read_the_workspace' ]")


def c(folder: Path) -> None:
    prefix = folder / "prefix"
    run(ROOT / "packaging/install.sh", RELEASE, cwd=ROOT, PREFIX=str(prefix), DESTDIR="")
    quoted = {
        name: '"' + (folder / name).read_text().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        for name in ("policy.yaml", "intent.json")
    }
    (folder / "example.c").write_text(
        "#include <stdio.h>\n#include <string.h>\n#include <gait.h>\n"
        f"static const char *policy_text = {quoted['policy.yaml']};\n"
        f"static const char *intent_text = {quoted['intent.json']};\n"
        f"int main(void) {{\n{blocks('c')[0]}"
        "    gait_decision_free(decision);\n    gait_policy_free(policy);\n    return 0;\n}\n"
    )
    pkg_config = str(prefix / "lib/pkgconfig")
    flags = run("pkg-config", "--cflags", "--libs", "gait", cwd=folder, PKG_CONFIG_PATH=pkg_config).split()
    run("cc", "-Wall", "-Wextra", "-Werror", "example.c", "-o", "example", *flags, cwd=folder)
    expect(run("./example", cwd=folder, LD_LIBRARY_PATH=str(prefix / "lib")), "allow")


def rust(folder: Path) -> None:
    project = folder / "project"
    (project / "src").mkdir(parents=True)
    (project / "Cargo.toml").write_text(
        '[package]\nname = "example"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\n'
        f'gait-base = {{ path = "{ROOT}/core/base" }}\ngait-gate = {{ path = "{ROOT}/core/gate" }}\n'
    )
    (project / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text())
    uses, body = blocks("rust")[0].split("\n\n", 1)
    (project / "src/main.rs").write_text(
        f"{uses}\nuse gait_base::time::Timestamp;\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n"
        f'let policy_text = include_bytes!("{folder}/policy.yaml");\n'
        f'let intent_text = include_bytes!("{folder}/intent.json");\n'
        f'let now = Timestamp::parse("2026-01-01T00:00:00Z")?;\n{body}\nOk(())\n}}\n'
    )
    output = run("cargo", "run", "--quiet", cwd=project, CARGO_TARGET_DIR=str(ROOT / "target/readme"))
    expect(output, "allow matched_rule_read_the_workspace")


def shell(folder: Path) -> None:
    path = f"{RELEASE}{os.pathsep}{os.environ['PATH']}"
    expect(run("bash", "-euc", blocks("sh")[0], cwd=folder, PATH=path), "verdict=allow")


def main() -> int:
    failed = 0
    examples = (python, node, c, rust, shell)
    for example in examples:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "policy.yaml").write_text(blocks("yaml")[0])
            (folder / "intent.json").write_text(blocks("json")[0])
            try:
                example(folder)
                print(f"readme {example.__name__}: ok")
            except (AssertionError, OSError) as error:
                failed += 1
                print(f"readme {example.__name__}: {error}")
    print(f"{len(examples) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
