"""Runs all benchmarks, holds them against perf/budgets.json and prints the table.

Every figure of time is held against another one of the same run, so that any machine can repeat the table. Exits with
1 when a budget is exceeded or a measurement is missing. `--reuse` takes the Rust figures of the last run. Needs the
standard library only.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
RELEASE = TARGET / "release"


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Runs a command, shows what it says on standard error, and returns its standard output."""
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def criterion_figures() -> dict[str, float]:
    """Medians in nanoseconds of every criterion benchmark that has just run."""
    figures = {}
    for estimates in (TARGET / "criterion").glob("*/*/new/estimates.json"):
        group, name = estimates.parent.parent.parent.name, estimates.parent.parent.name
        figures[f"{group}/{name}"] = json.loads(estimates.read_text())["median"]["point_estimate"]
    return figures


def compact(source: Path, folder: Path) -> Path:
    """The same JSON without white space, as agents send it."""
    path = folder / source.name
    path.write_text(json.dumps(json.loads(source.read_text()), separators=(",", ":")))
    return path


def c_abi(intent: Path, folder: Path) -> float:
    """Nanoseconds of one decision through the C ABI."""
    program = folder / "evaluate"
    # The program looks for the library by its SONAME.
    (folder / "libgait.so.0").symlink_to(RELEASE / "libgait.so")
    run(
        "cc",
        "-O2",
        "-std=c11",
        f"-I{ROOT / 'include'}",
        "-o",
        program,
        ROOT / "perf/c/evaluate.c",
        f"-L{RELEASE}",
        "-lgait",
        f"-Wl,-rpath,{folder}",
    )
    return float(run(program, ROOT / "perf/data/policy.yaml", intent))


def whole_process(intent: Path, folder: Path) -> tuple[float, float]:
    """Median milliseconds and largest resident megabytes of `gait gate eval` as a process of its own."""
    gait = RELEASE / "gait"
    run(gait, "keys", "init", "--out-dir", folder / "keys", "--json")
    command = [
        str(gait),
        "gate",
        "eval",
        "--policy",
        str(ROOT / "perf/data/policy.yaml"),
        "--intent",
        str(intent),
        "--key-mode",
        "prod",
        "--private-key",
        str(folder / "keys/gait_private.key"),
        "--trace-out",
        str(folder / "trace.json"),
        "--json",
    ]
    times = []
    for _ in range(60):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - start) * 1e3)
    # A small launcher of its own: memory of a larger parent would count as the command's.
    launcher = folder / "resident"
    run("cc", "-O2", "-std=c11", "-o", launcher, ROOT / "perf/c/resident.c")
    resident = min(int(run(launcher, *command, cwd=folder)) for _ in range(3))
    return statistics.median(times), resident / 1024


def python_figures(python: str) -> dict[str, float]:
    """What the Python benchmark prints, in nanoseconds."""
    printed = json.loads(run(python, "python/benches/bench_decision.py"))
    return {
        "python/dict_to_decision": printed["evaluate_dict_us"] * 1000,
        "python/json_dumps": printed["json_dumps_us"] * 1000,
    }


def node_figures() -> dict[str, float]:
    """What the Node benchmark prints, in nanoseconds."""
    return {
        name: float(value) for name, value in json.loads(run("node", "bench/decision.mjs", cwd=ROOT / "node")).items()
    }


def measure() -> dict[str, float]:
    """All measurements, by the names that the budgets use."""
    figures: dict[str, float] = {}
    run("cargo", "build", "--release", "-p", "gait-cli", "-p", "gait-ffi")
    if "--reuse" not in sys.argv:
        run("cargo", "bench", "-p", "gait-perf")
    figures |= criterion_figures()
    # Artifacts are synced before they count as written: in memory the figure is the program and not the disk.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        folder = Path(name)
        intent = compact(ROOT / "perf/data/intent.json", folder)
        figures["decision/bytes_c_abi"] = c_abi(intent, folder)
        figures["process/gate_eval"], figures["process/gate_eval_rss"] = whole_process(intent, folder)
    figures["decision/allocations"] = float(
        run("cargo", "run", "--release", "-q", "-p", "gait-perf", "--example", "allocations")
    )
    figures["policy/compile_10000"] = figures["policy/compile_10000"] / 1e6
    for key, path in (("size/gait", RELEASE / "gait"), ("size/libgait", RELEASE / "libgait.so")):
        figures[key] = path.stat().st_size / (1 << 20)
    python = os.environ.get("GAIT_BENCH_PYTHON", str(ROOT / ".venv/bin/python"))
    figures |= python_figures(python) | node_figures()
    return figures


def shown(nanoseconds: float) -> str:
    return f"{nanoseconds / 1000:.2f} µs"


def table(figures: dict[str, float], budgets: dict[str, list[dict[str, Any]]]) -> bool:
    """Prints the table; tells whether every budget holds."""
    rows, passed = [("", "measured", "against", "figure", "budget")], True
    for budget in budgets["ratios"]:
        measured, against = figures.get(str(budget["measure"])), figures.get(str(budget["against"]))
        limit = float(str(budget["max"]))
        if measured is None or against is None:
            rows.append((f"FAIL  {budget['what']}", "-", "-", "missing", f"{limit:g} x"))
            passed = False
            continue
        holds = measured / against <= limit
        passed &= holds
        rows.append(
            (
                f"{'pass' if holds else 'FAIL'}  {budget['what']}",
                shown(measured),
                f"{shown(against)} {budget['against']}",
                f"{measured / against:.2f} x",
                f"{limit:g} x",
            )
        )
    for budget in budgets["sums"]:
        measured, parts = figures.get(str(budget["measure"])), [figures.get(name) for name in budget["of"]]
        spare = float(str(budget["plus_us"]))
        name = " + ".join(budget["of"])
        if measured is None or None in parts:
            rows.append((f"FAIL  {budget['what']}", "-", "-", "missing", f"+ {spare:g} µs"))
            passed = False
            continue
        total = sum(part for part in parts if part is not None)
        holds = measured <= total + spare * 1000
        passed &= holds
        rows.append(
            (
                f"{'pass' if holds else 'FAIL'}  {budget['what']}",
                shown(measured),
                f"{shown(total)} {name}",
                f"{(measured - total) / 1000:+.2f} µs",
                f"+ {spare:g} µs",
            )
        )
    for budget in budgets["limits"]:
        measured, limit, unit = figures.get(str(budget["measure"])), float(str(budget["max"])), budget["unit"]
        holds = measured is not None and measured <= limit
        passed &= holds
        figure = "missing" if measured is None else f"{measured:.2f} {unit}".strip()
        rows.append((f"{'pass' if holds else 'FAIL'}  {budget['what']}", "", "", figure, f"{limit:g} {unit}".strip()))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return passed


def main() -> int:
    budgets = json.loads((ROOT / "perf/budgets.json").read_text())
    return 0 if table(measure(), budgets) else 1


if __name__ == "__main__":
    sys.exit(main())
