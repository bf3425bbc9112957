"""Builds the C and C++ programs of tests/c and tests/cpp and runs them against libgait, in every way it is linked.

Variables: BUILD (folder that cargo built into, default target/release), CC, CXX, CLANG_FORMAT, GAIT_VECTORS (folder of
golden cases), ONLY (a word: run the checks whose name contains it). Tools that are missing skip their checks and
say so.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

from checks import Failure, check, failed, passed, run, skip
from golden import compare, golden_rows, replay_input

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", ROOT / "target/release")).resolve()
CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))
INCLUDE = ROOT / "include"
C_TESTS = ROOT / "tests/c"
CPP_TESTS = ROOT / "tests/cpp"
APPROVALS = ROOT / "tests/approvals"
CPP_HEADERS = [INCLUDE / "gait.hpp", *sorted((INCLUDE / "gait").glob("*.hpp"))]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-g", "-O1"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
STATIC_LIBRARIES = ["-lpthread", "-ldl", "-lm"]
MAX_SIZE = 4 << 20

PROGRAMS = {
    "lifecycle.c": (C_TESTS / "lifecycle.c", CC, "-std=c11"),
    "misuse.c": (C_TESTS / "misuse.c", CC, "-std=c11"),
    "threads.c": (C_TESTS / "threads.c", CC, "-std=c11"),
    "approvals.c": (C_TESTS / "approvals.c", CC, "-std=c11"),
    "delegations.c": (C_TESTS / "delegations.c", CC, "-std=c11"),
    "state.c": (C_TESTS / "state.c", CC, "-std=c11"),
    "broker.c": (C_TESTS / "broker.c", CC, "-std=c11"),
    "replay.c": (C_TESTS / "replay.c", CC, "-std=c11"),
    "lifecycle.cpp": (CPP_TESTS / "lifecycle.cpp", CXX, "-std=c++17"),
    "authority.cpp": (CPP_TESTS / "authority.cpp", CXX, "-std=c++17"),
    "replay.cpp": (CPP_TESTS / "replay.cpp", CXX, "-std=c++17"),
}


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
            for header in CPP_HEADERS:
                run(*CXX, f"-std={standard}", *WARNINGS, "-fsyntax-only", "-x", "c++", header)

    @check("every function is used by a test")
    def _():
        used = "".join(path.read_text() for path in [*C_TESTS.glob("*.[ch]"), *CPP_TESTS.glob("*.cpp"), *CPP_HEADERS])
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


def check_approvals(work: Path) -> None:
    @check("approve.c: asked, approved, decided, from files")
    def _():
        program = work / "approve"
        source = APPROVALS / "approve.c"
        rpath = f"-Wl,-rpath,{work}"
        run(*CC, "-std=c11", *WARNINGS, *SANITIZE, f"-I{INCLUDE}", source, "-o", program, f"-L{work}", "-lgait", rpath)
        files = {name: work / name for name in ["policy.yaml", "intent.json", "key", "key.pub", "request.json"]}
        files["policy.yaml"].write_text("default_verdict: require_approval\n")
        files["intent.json"].write_text(
            '{"tool_name": "t", "args": {}, "targets": [], '
            '"context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}'
        )
        # The pair of RFC 8032's first test.
        seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        files["key"].write_bytes(b64encode(seed + public))
        files["key.pub"].write_bytes(b64encode(public))
        policy, intent, key, public_key, request = files.values()
        token = work / "token.json"
        runs(4, "", program, "request", policy, intent, request)
        runs(0, "", program, "approve", request, key, "alice", "ticket-7", token)
        runs(4, "require_approval approval_token_missing,", program, "decide", policy, intent, public_key)
        runs(0, "allow approval_granted,", program, "decide", policy, intent, public_key, token)
        token.write_text(token.read_text().replace('"alice"', '"mallory"'))
        runs(4, "require_approval approval_chain_", program, "decide", policy, intent, public_key, token)
        runs(6, "", program, "decide", policy, intent, public_key, policy)


def runs(status: int, begins: str, *command: object) -> None:
    """Runs a program that must end with a status and print a line that begins so."""
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False, timeout=60)
    if done.returncode != status or not done.stdout.decode().startswith(begins):
        raise Failure(f"{command[1:3]}: status {done.returncode}, {done.stdout + done.stderr!r}")


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
        sources = [*sorted(C_TESTS.glob("*.[ch]")), *sorted(CPP_TESTS.glob("*.cpp")), *sorted(APPROVALS.glob("*.c"))]
        files = [INCLUDE / "gait.h", *CPP_HEADERS, *sources]
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
        check_approvals(work)
        check_installed(work)
    check_format()
    print(f"{len(passed)} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
