"""Builds the wheel, installs it into an empty environment, and runs what the README shows, away from the checkout.

    python tests/wheel_smoke.py [--wheel FILE]

Needs maturin (or a wheel). Ends with 0 only if everything ran.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(command: list[str], cwd: Path) -> str:
    """Runs a command without this environment's Python settings; gives its output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def readme_example() -> str:
    """The first Python example of the README."""
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def build(folder: Path) -> Path:
    """Builds the wheel."""
    run([sys.executable, "-m", "maturin", "build", "--release", "--out", str(folder)], ROOT)
    return next(folder.glob("gait-*.whl"))


def check_contents(wheel: Path) -> None:
    """The wheel is an abi3 wheel with types, command and nothing of the tests."""
    assert "-cp310-abi3-" in wheel.name, wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "gait/__init__.py",
        "gait/py.typed",
        "gait/_native.pyi",
        "gait/_native.abi3.so",
        "gait/compat/__init__.py",
    ):
        assert part in names, part
    assert any(name.endswith("entry_points.txt") for name in names)
    assert not [name for name in names if "test" in name or name.startswith(("demo", "examples"))]


def main() -> int:
    """Checks everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="a wheel that was built before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gait-wheel-") as temporary:
        folder = Path(temporary)
        wheel = options.wheel.resolve() if options.wheel else build(folder)
        check_contents(wheel)
        venv.create(folder / "venv", with_pip=True)
        scripts = folder / "venv" / "bin"
        run([str(scripts / "python"), "-m", "pip", "install", "--quiet", "--no-index", str(wheel)], folder)
        work = folder / "work"
        work.mkdir()
        (work / "example.py").write_text(readme_example(), encoding="utf-8")
        shown = run([str(scripts / "python"), "example.py"], work)
        assert shown.startswith("block ("), shown
        assert "refund needs approval" in shown, shown
        assert "paid" not in shown, shown
        assert (work / "gait-out" / "trace.json").is_file()
        assert '"ok":true' in run([str(scripts / "gait"), "version", "--json"], work)
        demo = run([str(scripts / "python"), str(ROOT / "demo" / "run.py")], work)
        assert "all as expected" in demo, demo
        print(f"{wheel.name}: installed, example, command and demo ran ({wheel.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
