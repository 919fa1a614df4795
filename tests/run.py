#!/usr/bin/env python3
"""Runs every suite (or those named), shows their output, and ends with the sum of their counts.

    tests/run.py [-l] [SUITE...]     -l lists the suites
"""

import glob
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time

from checks import BUILD, ROOT, cargo_dir, end_group

CARGO_LINE = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored")
COUNTS_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
CMOCKA_PASSED = re.compile(r"\[  PASSED  \] (\d+) test\(s\)\.")
CMOCKA_FAILED = re.compile(r"\[  FAILED  \] (\d+) test\(s\), listed below")
CMOCKA_SKIPPED = re.compile(r"\[  SKIPPED \] (\d+) test\(s\), listed below")


def cargo(lines):
    """The sum over test binaries."""
    rows = [m for m in map(CARGO_LINE.match, lines) if m]
    return tuple(sum(int(m[i]) for m in rows) for i in (1, 2, 3))


def last_counts(lines):
    """A suite that ends with its own counts line."""
    rows = [m for m in map(COUNTS_LINE.match, lines) if m]
    return tuple(int(x) for x in rows[-1].groups()) if rows else (0, 0, 0)


def cmocka(lines):
    text = "\n".join(lines)
    return tuple(sum(map(int, pattern.findall(text))) for pattern in (CMOCKA_PASSED, CMOCKA_FAILED, CMOCKA_SKIPPED))


def single(_lines):
    """One check: its exit code says it all."""
    return (1, 0, 0)


class Suite:
    def __init__(self, name, commands, counts, timeout=600, env=None):
        self.name, self.commands, self.counts, self.timeout, self.env = name, commands, counts, timeout, env or {}


def ctest(name, flags, build_type):
    """The C tests, with the compiler flags of one variant."""
    build = os.path.join(BUILD, "c-" + name)
    return [["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DDUNLIN_BUILD_TESTS=ON", "-DDUNLIN_BUILD_EXAMPLES=ON",
             f"-DCMAKE_BUILD_TYPE={build_type}", f"-DCMAKE_C_FLAGS={flags}", f"-DDUNLIN_CARGO_DIR={cargo_dir()}"],
            ["cmake", "--build", build],
            ["ctest", "--test-dir", build, "--verbose", "--no-tests=error", "--timeout", "120"]]


def fuzz(name, flags, seconds):
    """A fuzz target on its own choices, for so many seconds."""
    build = os.path.join(BUILD, "fuzz")
    return [["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DDUNLIN_BUILD_FUZZ=ON", "-DCMAKE_BUILD_TYPE=Debug",
             f"-DCMAKE_C_FLAGS={flags} -O1", f"-DDUNLIN_CARGO_DIR={cargo_dir()}"],
            ["cmake", "--build", build, "--target", f"fuzz_{name}"],
            [os.path.join(build, "tests", "fuzz", f"fuzz_{name}"), "-s", str(seconds)]]


def suites():
    clippy = ["cargo", "clippy", "--quiet", "--locked"]
    sanitize = "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g"
    out = [
        Suite("format", [["cargo", "fmt", "--all", "--check"]], single),
        Suite("clippy", [[*clippy, "--workspace", "--all-targets", "--", "-D", "warnings"],
                         [*clippy, "--test", "torture", "--", "-D", "warnings"],
                         [*clippy, "--features", "rt,critical-section-port", "--", "-D", "warnings"]], single),
        Suite("header drift", [["cargo", "xtask", "header", "--check"]], single),
        Suite("layout", [["cargo", "xtask", "abi", "--check"]], single),
        Suite("headers", [["tests/header/run.py"]], last_counts),
        Suite("go map", [["tests/gomap/run.py"]], last_counts),
        Suite("rust", [["cargo", "test", "--locked", "--workspace", "--no-fail-fast"]], cargo, timeout=900),
    ]
    # TORTURE=full also tries every place of the faults that last until a deadline.
    out.append(Suite("torture", [["cargo", "test", "--locked", "--test", "torture", "--", "--show-output"]], cargo, timeout=1800))
    if os.path.exists(os.path.join(ROOT, "tests", "loom.rs")):
        target = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "loom")
        out.append(Suite("loom", [["cargo", "test", "--locked", "--release", "--test", "loom", "--test", "loom_poll"]], cargo, timeout=900,
                         env={"RUSTFLAGS": "--cfg loom", "CARGO_TARGET_DIR": target}))
    data = os.path.join(ROOT, "tests", "vectors", "data")
    vectors = ["cargo", "run", "--quiet", "--release", "--locked", "--package", "vectors", "--"]
    if os.path.isdir(data):
        out.append(Suite("vectors", [[*vectors, data]], last_counts, timeout=900))
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "vectors", "**", "bad*.jsonl"), recursive=True)):
        out.append(Suite("bad inputs", [[*vectors, "--bad", path]], last_counts, timeout=900))
    out += [
        Suite("cmake", [["tests/cmake/run.py"]], last_counts, timeout=1200),
        Suite("c", ctest("plain", "", "Debug"), cmocka, timeout=900),
        Suite("c sanitized", ctest("sanitized", sanitize, "Debug"), cmocka, timeout=900,
              env={"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1", "UBSAN_OPTIONS": "print_stacktrace=1"}),
    ]
    out += [
        Suite("driver kit", [["tests/kit/run.py"]], last_counts, timeout=900,
              env={"DEMO_BUILD": os.path.join(BUILD, "c-plain")}),
        Suite("driver kit sanitized", [["tests/kit/run.py", "--sound-only"]], last_counts, timeout=300,
              env={"DEMO_BUILD": os.path.join(BUILD, "c-sanitized"),
                   "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1", "UBSAN_OPTIONS": "print_stacktrace=1"}),
    ]
    freertos = os.path.join(BUILD, "freertos")
    out.append(Suite("freertos", [["cmake", "-S", "tests/freertos", "-B", freertos, "-G", "Ninja",
                                   "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS={sanitize}",
                                   f"-DDUNLIN_CARGO_DIR={cargo_dir()}"],
                                  ["cmake", "--build", freertos, "--target", "test_freertos"],
                                  [os.path.join(freertos, "test_freertos")]], last_counts))
    out.append(Suite("fuzz api", fuzz("api", sanitize, 60), last_counts, timeout=900))
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "interop", "run_*"))):
        if os.access(path, os.X_OK):
            name = os.path.splitext(os.path.basename(path))[0][len("run_"):]
            out.append(Suite(f"interop {name}", [[path]], last_counts, timeout=900,
                             env={"DEMO_BUILD": os.path.join(BUILD, "c-plain")}))
    out.append(Suite("speed", [["tests/bench/speed.py"]], last_counts))
    out.append(Suite("firmware", [["tests/firmware/run.py"]], last_counts, timeout=1500))
    return out


def run(command, suite, deadline):
    """Runs one command, its output passed through; exit code (None: hung) and lines."""
    print(f"$ {' '.join(command)}", flush=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith("DUNLIN_")}
    env.update(suite.env)
    first = [os.path.join(BUILD, "tools", "bin"), os.path.expanduser("~/.cargo/bin")]
    env["PATH"] = os.pathsep.join([*first, env["PATH"]])
    lines = []
    try:
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    except OSError as error:
        print(error)
        return 127, lines
    pipe = queue.Queue()

    def read():
        for line in child.stdout:
            pipe.put(line)
        pipe.put(None)

    threading.Thread(target=read, daemon=True).start()
    ended = None
    while True:
        try:
            line = pipe.get(timeout=0.5)
        except queue.Empty:
            now = time.monotonic()
            if child.poll() is not None:
                # What it left behind still holds its output.
                ended = ended or now
                if now - ended > 2:
                    print("left processes behind, which are ended now", flush=True)
                    break
            line = ""
        if line is None:
            break
        if line:
            lines.append(line.rstrip("\n"))
            sys.stdout.write(line)
            sys.stdout.flush()
        if time.monotonic() > deadline:
            print(f"hung: no end after {suite.timeout} s", flush=True)
            end_group(child.pid)
            child.wait()
            return None, lines
    code = child.wait()
    end_group(child.pid)
    return code, lines


def run_suite(suite):
    print(f"\n==== {suite.name}", flush=True)
    started = time.monotonic()
    lines, code = [], 0
    for command in suite.commands:
        code, more = run(command, suite, started + suite.timeout)
        lines += more
        if code != 0:
            break
    passed, failed, skipped = suite.counts(lines)
    if code != 0:
        passed, failed = (0, 1) if suite.counts is single else (passed, max(failed, 1))
    elif passed == 0:
        print("no test ran")
        failed = max(failed, 1)
    return passed, failed, skipped, time.monotonic() - started


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen = suites()
    wanted = sys.argv[1:]
    if wanted == ["-l"]:
        print("\n".join(s.name for s in chosen))
        return 0
    unknown = set(wanted) - {s.name for s in chosen}
    if unknown:
        print(f"no suite {', '.join(sorted(unknown))}; see {sys.argv[0]} -l")
        return 2
    rows = [(s.name, *run_suite(s)) for s in chosen if not wanted or s.name in wanted]
    print("\n==== summary")
    for name, passed, failed, skipped, seconds in rows:
        print(f"{'FAILED' if failed else 'ok    '} {name:20} {passed:6} {failed:4} {skipped:4} {seconds:7.1f} s")
    total = [sum(row[i] for row in rows) for i in (1, 2, 3)]
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


sys.exit(main())
