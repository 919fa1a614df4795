#!/usr/bin/env python3
"""The driver kit: the posix driver passes it, and each of its broken copies fails where it must.

    run.py [--sound-only]     the programs are those of $DEMO_BUILD
"""

import concurrent.futures
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import BUILD, ROOT, Checks, call  # noqa: E402

PEER = os.path.join(ROOT, "drivers", "kit", "peer.py")
PROGRAMS = os.environ.get("DEMO_BUILD") or os.path.join(BUILD, "c-plain")
KIT = os.path.join(PROGRAMS, "tests", "kit", "kit")
MODEM = os.path.join(PROGRAMS, "tests", "kit", "kit_modem")
EXAMPLE = os.path.join(PROGRAMS, "examples", "driver_modem", "modem_check")
LINE = re.compile(r"^(ok|FAIL|skip) (\d+) (.*)$")
AT_ONCE = 12  # they sleep most of the time
# What the posix driver does not claim, or the host may not have.
MAY_SKIP = {"notify: data", "notify: the end of a stream", "notify: room to send",
            "notify: a connection to accept", "raw: a socket"}
# What the example's modem must pass beside what everybody must: it notifies, steps, and has eight sockets.
MODEM_HAS = {"notify: data", "notify: the end of a stream", "notify: room to send", "notify: a connection to accept",
             "socket: all of them, and again after a close", "listen: accept with no socket left",
             "connect: begun without waiting, and gone on with", "stream: 300 kB out to a slow reader",
             "udp: one that is longer than the buffer"}


class Peer:
    """peer.py of one run: what it counts is not shared."""

    def __enter__(self):
        self.child = subprocess.Popen([sys.executable, PEER], stdout=subprocess.PIPE, text=True)
        return self.child.stdout.readline().split()[-1]

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()


def run(program, *args):
    """The outcome of each check by its name, the exit code and the output."""
    with Peer() as port:
        code, text = call([program, port, *args], 240)
    outcome = {}
    for line in text.splitlines():
        if found := LINE.match(line):
            word, name = found.group(1), found.group(3)
            # A reason follows a name that is one of the names.
            outcome[name if word == "ok" else ": ".join(name.split(": ")[:2])] = word
    return outcome, code, text


def of(outcome, word):
    return {name for name, was in outcome.items() if was == word}


def sound(checks, name, program, may_skip, *args):
    outcome, code, text = run(program, *args)
    good = code == 0 and not of(outcome, "FAIL") and (may_skip is None or of(outcome, "skip") <= may_skip)
    checks.note(f"{name} passes: {len(of(outcome, 'ok'))} checks", good and len(of(outcome, "ok")) > 20, text)
    last = text.splitlines()[-1] if text else ""
    counts = f"{len(of(outcome, 'ok'))} passed, 0 failed, {len(of(outcome, 'skip'))} skipped"
    checks.note(f"{name}: the summary counts its lines", last == counts, f"{last}\nwant {counts}")
    numbers = [int(m.group(2)) for m in map(LINE.match, text.splitlines()) if m]
    checks.note(f"{name}: numbers follow each other", numbers == list(range(1, len(numbers) + 1)), str(numbers))
    return outcome


def broken(checks, program, names, least):
    code, text = call([program, "--defects"], 20)
    defects = [line.split("\t") for line in text.splitlines()]
    checks.note("the defects are listed", code == 0 and len(defects) >= least, text)
    unproven = names - {d[2] for d in defects}
    checks.note("every check that runs has a defect that it finds", not unproven, "\n".join(sorted(unproven)))
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for defect, (outcome, code, text) in zip(defects, pool.map(lambda d: run(program, d[0]), defects)):
            _, name, check, others = defect
            failed = of(outcome, "FAIL")
            want = {check} | {o for o in others.split(" & ") if o and o != "*"}
            good = code == 1 and (failed >= want if others == "*" else failed == want)
            wrong = "\n".join(l for l in text.splitlines() if l.startswith("FAIL")) or text[-2000:]
            checks.note(f"{name} fails: {check}", good, f"=> {code}\n{wrong}")


def needs_little(checks):
    """The kit runs where there is a port and nothing else: no heap, no stdio, nothing of the library."""
    code, text = call(["nm", "-u", os.path.join(PROGRAMS, "libdunlin_driver_kit.a")], 20)
    needed = {line.split()[1] for line in text.splitlines() if line.startswith(" ") and " U " in line}
    allowed = re.compile(r"dunlin_(kit.*|port_.*|netdev_notify)|mem(cmp|cpy|set)|strn?(len|cmp)")
    foreign = {name for name in needed if not allowed.fullmatch(name)}
    checks.note("the kit needs the port and memory functions alone", code == 0 and needed and not foreign, str(foreign))


def documented(checks, outcome):
    """The lines of the example that docs/drivers.md shows are those that it prints."""
    with open(os.path.join(ROOT, "docs", "drivers.md"), encoding="utf-8") as file:
        lines = [line.strip() for line in file.read().split("modem_check 7700", 1)[-1].splitlines()]
    shown = [m for m in map(LINE.match, lines) if m and m.group(3).split(": ")[0] in ("notify", "socket", "connect")]
    names = {m.group(3): m.group(1) for m in shown}
    wrong = {n: w for n, w in names.items() if outcome.get(n) != w}
    checks.note("docs/drivers.md shows what the example prints", len(names) > 3 and not wrong, str((wrong, names)))


def main():
    checks = Checks()
    outcome = sound(checks, "the posix driver", KIT, MAY_SKIP)
    example = sound(checks, "the example's driver", EXAMPLE, None)
    checks.note("the example's driver: what it has was checked", of(example, "ok") >= MODEM_HAS,
                str(MODEM_HAS - of(example, "ok")))
    if "--sound-only" not in sys.argv:
        needs_little(checks)  # a sanitizer would bring its own
        broken(checks, KIT, of(outcome, "ok"), 90)
        broken(checks, MODEM, {name for name in of(example, "ok") if name.startswith("notify")}, 5)
    documented(checks, example)
    checks.finish()


main()
