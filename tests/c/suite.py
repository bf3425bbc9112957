"""Builds the C and C++ programs of tests/c and tests/cpp and runs them against libgait, in every way it is linked.

Variables: BUILD (folder that cargo built into, default target/release), CC, CXX, CLANG_FORMAT, GAIT_VECTORS (folder of
golden cases), ONLY (a word: run the checks whose name contains it). Tools that are missing skip their checks and
say so.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", ROOT / "target/release")).resolve()
CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))
INCLUDE = ROOT / "include"
C_TESTS = ROOT / "tests/c"
CPP_TESTS = ROOT / "tests/cpp"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-g", "-O1"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
STATIC_LIBRARIES = ["-lpthread", "-ldl", "-lm"]
MAX_SIZE = 4 << 20
MAX_SECONDS = 600

PROGRAMS = {
    "lifecycle.c": (C_TESTS / "lifecycle.c", CC, "-std=c11"),
    "misuse.c": (C_TESTS / "misuse.c", CC, "-std=c11"),
    "threads.c": (C_TESTS / "threads.c", CC, "-std=c11"),
    "replay.c": (C_TESTS / "replay.c", CC, "-std=c11"),
    "lifecycle.cpp": (CPP_TESTS / "lifecycle.cpp", CXX, "-std=c++17"),
    "replay.cpp": (CPP_TESTS / "replay.cpp", CXX, "-std=c++17"),
}

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


def compile_program(name: str, work: Path, flavour: str) -> Path:
    """Builds a program: against the shared library, the archive, or with sanitizers."""
    source, compiler, standard = PROGRAMS[name]
    program = work / f"{name.replace('.', '_')}-{flavour}"
    library = [BUILD / "libgait.a", *STATIC_LIBRARIES] if flavour == "static" else [f"-L{work}", "-lgait"]
    extra = SANITIZE if flavour == "sanitized" else []
    run(
        *compiler,
        standard,
        *WARNINGS,
        *extra,
        f"-I{INCLUDE}",
        source,
        "-o",
        program,
        *library,
        f"-Wl,-rpath,{work}",
        "-lpthread",
    )
    return program


# --- golden rows ------------------------------------------------------------------------------------------------------


def raw_member(line: str, name: str) -> str:
    """The text of a member of the outer object, as it is written: reading and writing it anew would change numbers."""
    decoder = json.JSONDecoder()
    at = line.index("{") + 1
    while True:
        at = re.compile(r"[\s,]*").match(line, at).end()
        key, at = decoder.raw_decode(line, at)
        at = re.compile(r"\s*:\s*").match(line, at).end()
        _, end = decoder.raw_decode(line, at)
        if key == name:
            return line[at:end]
        at = end


def golden_rows() -> list[tuple[dict, bytes]]:
    """Rows with the bytes of their intents: our own, and those of the contract where they are at hand."""
    vectors = Path(os.environ.get("GAIT_VECTORS", ROOT.parent / "shared/vectors"))
    rows = []
    for path in [ROOT / "tests/golden/decisions/eval.jsonl", vectors / "gate/eval.jsonl"]:
        if not path.exists():
            skip("golden rows", f"{path} is not there")
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            rows.append((json.loads(line), raw_member(line, "intent").encode()))
    return rows


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"t": "\t", "n": "\n", "r": "\r"}.get(found[1], found[1]), text)


LISTS = {
    "reason_codes",
    "violations",
    "broker_scopes",
    "required_delegation_scopes",
    "library_reason_codes",
    "library_violations",
}
FLAGS = {"require_distinct_approvers", "require_broker_credential", "require_delegation", "dataflow_triggered"}
TEXTS = {
    "verdict",
    "matched_rule",
    "policy_digest",
    "intent_digest",
    "prepared_intent_digest",
    "args_digest",
    "script_hash",
    "broker_reference",
    "composite_risk_class",
    "freeze_window_status",
    "sandbox_status",
}


def answers(output: bytes) -> list[dict]:
    """What a replay program printed, a dictionary for each row."""
    rows: list[dict] = []
    row: dict = {}
    for line in output.decode().split("\n"):
        column, _, value = line.partition("\t")
        value = unescape(value)
        if column == "end":
            rows.append(row)
            row = {}
        elif column in LISTS:
            row.setdefault(column, []).append(value)
        elif column in FLAGS:
            row[column] = value == "true"
        elif column in ("exit", "min_approvals"):
            row[column] = int(value)
        elif column in ("rate_limit", "destructive_budget"):
            requests, window, scope = value.split(" ")
            row[column] = [int(requests), window, scope]
        elif column in ("step_verdicts", "json"):
            row[column] = json.loads(value)
        elif column:
            row[column] = value
    return rows


def expected(want: dict) -> dict:
    """Every column that a program has to print, the empty ones included."""
    if "error" in want:
        columns = {"error": want["error"], "exit": 6}
        if want["error"] == "intent":
            columns["policy_digest"] = want["policy_digest"]
        library = want.get("library", {})
        if library:
            columns["library_verdict"] = library["verdict"]
            columns["library_reason_codes"] = library["reason_codes"]
            columns["library_violations"] = library["violations"]
        return columns
    columns = {column: "" for column in TEXTS} | {column: False for column in FLAGS}
    columns |= {"min_approvals": 0, "step_verdicts": [], "prepared_intent_digest": want["intent_digest"]}
    columns |= want
    return columns


# What to_json leaves out when empty, and what it names differently.
RENAMED = {"exit": "exit_code", "required_delegation_scopes": "delegation_scopes"}


def from_json(document: dict) -> dict:
    """The columns of a row as the JSON form of the decision has them."""
    columns: dict = {}
    for column in (
        TEXTS | FLAGS | LISTS | {"exit", "min_approvals", "rate_limit", "destructive_budget", "step_verdicts"}
    ):
        value = document.get(RENAMED.get(column, column))
        if column == "freeze_window_status":
            value = document.get("freeze_window", {}).get("status")
        elif column == "sandbox_status":
            value = document.get("sandbox", {}).get("status")
        elif isinstance(value, dict):
            value = [value["requests"], value["window"], value["scope"]]
        if value:
            columns[column] = value
    return columns


def compare(output: bytes, rows: list[tuple[dict, bytes]]) -> str:
    got = answers(output)
    if len(got) != len(rows):
        raise Failure(f"{len(got)} answers to {len(rows)} rows")
    wrong = []
    columns = 0
    for answer, (row, _) in zip(got, rows, strict=True):
        document = answer.pop("json", None)
        answer.pop("error_code", None)
        want = expected(row["want"])
        for column in sorted(want.keys() | answer.keys()):
            columns += 1
            found, wanted = answer.get(column), want.get(column)
            if (found or None) != (wanted or None):
                wrong.append(f"{row['name']}: {column}: {found!r}, should be {wanted!r}")
        if document is not None:
            plain = {column: value for column, value in answer.items() if value}
            for column in sorted(plain.keys() | from_json(document).keys()):
                if plain.get(column) != from_json(document).get(column):
                    wrong.append(f"{row['name']}: {column} of the JSON form: {from_json(document).get(column)!r}")
    if wrong:
        raise Failure("\n".join(wrong[:20]) + f"\n{len(wrong)} columns differ")
    return f"{len(rows)} rows, {columns} columns"


def replay_input(rows: list[tuple[dict, bytes]]) -> bytes:
    parts = []
    for row, intent in rows:
        policy = row["policy_yaml"].encode()
        parts.append(f"{len(policy)} {len(intent)}\n".encode() + policy + intent)
    return b"".join(parts)


# --- checks -----------------------------------------------------------------------------------------------------------


def check_library() -> None:
    shared = BUILD / "libgait.so"

    @check("exported symbols")
    def _():
        names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", shared).decode().splitlines()]
        foreign = [name for name in names if not name.startswith("gait_")]
        if foreign:
            raise Failure(f"exported without the prefix: {foreign}")
        declared = set(re.findall(r"\b(gait_[a-z0-9_]+)\(", (INCLUDE / "gait.h").read_text()))
        if declared != set(names):
            raise Failure(f"only declared: {declared - set(names)}; only exported: {set(names) - declared}")
        return f"{len(names)} functions"

    @check("size of the shared library")
    def _():
        size = shared.stat().st_size
        if size >= MAX_SIZE:
            raise Failure(f"{size} bytes, the limit is {MAX_SIZE}")
        return f"{size} bytes"

    @check("soname")
    def _():
        if b"libgait.so.0]" not in run("readelf", "-d", shared):
            raise Failure("no soname libgait.so.0")

    @check("headers in every language standard")
    def _():
        for standard in ["c99", "c11", "c17"]:
            run(*CC, f"-std={standard}", *WARNINGS, "-fsyntax-only", "-x", "c", INCLUDE / "gait.h")
        for standard in ["c++11", "c++17", "c++20"]:
            run(*CXX, f"-std={standard}", *WARNINGS, "-fsyntax-only", "-x", "c++", INCLUDE / "gait.h")
        for standard in ["c++17", "c++20"]:
            run(*CXX, f"-std={standard}", *WARNINGS, "-fsyntax-only", "-x", "c++", INCLUDE / "gait.hpp")

    @check("every function is used by a test")
    def _():
        used = "".join(
            path.read_text() for path in [*C_TESTS.glob("*.[ch]"), *CPP_TESTS.glob("*.cpp"), INCLUDE / "gait.hpp"]
        )
        declared = set(re.findall(r"\b(gait_[a-z0-9_]+)\(", (INCLUDE / "gait.h").read_text()))
        unused = sorted(name for name in declared if name not in used)
        if unused:
            raise Failure(f"not used: {unused}")


def check_programs(work: Path) -> None:
    rows = golden_rows()
    lines = replay_input(rows)
    sanitizers = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    valgrind = shutil.which("valgrind")
    if not valgrind:
        skip("valgrind", "not installed")
    for name in PROGRAMS:
        replays = name.startswith("replay")
        for flavour in ["shared", "static", "sanitized", "valgrind"]:
            if flavour == "valgrind" and not valgrind:
                continue

            @check(f"{name}, {flavour}")
            def _(name=name, flavour=flavour, replays=replays):
                program = compile_program(name, work, "shared" if flavour == "valgrind" else flavour)
                prefix = []
                if flavour == "valgrind":
                    prefix = [
                        valgrind,
                        "--error-exitcode=99",
                        "--leak-check=full",
                        "--errors-for-leak-kinds=definite",
                        "--show-leak-kinds=definite",
                        "--quiet",
                    ]
                environment = sanitizers if flavour == "sanitized" else None
                output = run(*prefix, program, environment=environment, stdin=lines if replays else None)
                return compare(output, rows) if replays else output.decode().strip()


def check_installed(work: Path) -> None:
    stage, prefix = work / "stage", "/opt/gait test"
    for libdir in ["lib", "lib/multi"]:

        @check(f"install into {libdir}, pkg-config and CMake")
        def _(libdir=libdir):
            shutil.rmtree(stage, ignore_errors=True)
            # Staged, then moved to where it is said to be used from.
            home = work / f"home-{libdir.replace('/', '-')}"
            run(
                ROOT / "packaging/install.sh",
                environment={"PREFIX": str(home), "DESTDIR": str(stage), "BUILD": str(BUILD), "LIBDIR": libdir},
            )
            if home.exists():
                raise Failure("install.sh wrote outside of DESTDIR")
            shutil.move(f"{stage}{home}", home)
            return build_examples(work / f"examples-{libdir.replace('/', '-')}", home, libdir)

    @check("install.sh refuses what it cannot do")
    def _():
        for wrong in [{"PREFIX": "relative"}, {"LIBDIR": "../up"}, {"BUILD": str(work / "nowhere")}]:
            done = subprocess.run(
                [ROOT / "packaging/install.sh"],
                capture_output=True,
                check=False,
                env={**os.environ, "PREFIX": prefix, "DESTDIR": str(stage), "BUILD": str(BUILD), **wrong},
            )
            if done.returncode == 0:
                raise Failure(f"installed with {wrong}")


def build_examples(work: Path, home: Path, libdir: str) -> str:
    work.mkdir()
    ways = []
    sources = {"c": (C_TESTS / "example.c", CC), "cpp": (CPP_TESTS / "example.cpp", [*CXX, "-std=c++17"])}
    loader = {"LD_LIBRARY_PATH": str(home / libdir)}
    if shutil.which("pkg-config"):
        search = {"PKG_CONFIG_PATH": str(home / libdir / "pkgconfig")}
        flags = shlex.split(run("pkg-config", "--cflags", "--libs", "gait", environment=search).decode())
        for suffix, (source, compiler) in sources.items():
            program = work / f"pkg-config-{suffix}"
            run(*compiler, *WARNINGS, source, "-o", program, *flags)
            if run(program, environment=loader) != b"allow\n":
                raise Failure(f"{program} says something else than allow")
        ways.append("pkg-config")
    if shutil.which("cmake"):
        (work / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(example C CXX)\nset(CMAKE_CXX_STANDARD 17)\n"
            "find_package(Gait 0.1 REQUIRED)\n"
            + "".join(
                f"add_executable({kind}-{suffix} {source})\n"
                f"target_link_libraries({kind}-{suffix} PRIVATE Gait::{target})\n"
                for suffix, (source, _) in sources.items()
                for kind, target in [("shared", "gait"), ("static", "gait_static")]
            )
        )
        build = work / "build"
        run(
            "cmake",
            "-S",
            work,
            "-B",
            build,
            f"-DCMAKE_PREFIX_PATH={home}",
            f"-DCMAKE_C_COMPILER={CC[0]}",
            f"-DCMAKE_CXX_COMPILER={CXX[0]}",
            f"-DGait_DIR={home / libdir / 'cmake/Gait'}",
        )
        run("cmake", "--build", build)
        for program in ["shared-c", "shared-cpp", "static-c", "static-cpp"]:
            if run(build / program) != b"allow\n":
                raise Failure(f"{program} says something else than allow")
        (work / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(example C)\nfind_package(Gait 9.0 QUIET)\n"
            'if(Gait_FOUND)\nmessage(FATAL_ERROR "version 9 was found")\nendif()\n'
        )
        run("cmake", "-S", work, "-B", work / "later", f"-DGait_DIR={home / libdir / 'cmake/Gait'}")
        ways.append("CMake")
    if not ways:
        raise Failure("neither pkg-config nor cmake is installed")
    return " and ".join(ways)


def check_format() -> None:
    formatter = os.environ.get("CLANG_FORMAT") or shutil.which("clang-format")
    if not formatter:
        skip("clang-format", "not installed")
        return

    @check("clang-format")
    def _():
        files = [*sorted(INCLUDE.iterdir()), *sorted(C_TESTS.glob("*.[ch]")), *sorted(CPP_TESTS.glob("*.cpp"))]
        run(*shlex.split(formatter), "--dry-run", "--Werror", *files, cwd=ROOT)
        return f"{len(files)} files"


def main() -> int:
    if not (BUILD / "libgait.so").exists():
        print(f"{BUILD}/libgait.so is missing: run cargo build --release -p gait-ffi", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="gait-c-") as folder:
        work = Path(folder)
        for name in ["libgait.so", "libgait.so.0"]:
            (work / name).symlink_to(BUILD / "libgait.so")
        check_library()
        check_programs(work)
        check_installed(work)
    check_format()
    print(f"{len(passed)} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
