"""Checks of one suite: each is a command that must succeed; the last line gives the counts."""

import os
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")


class Checks:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def note(self, name, good, text=""):
        """One check whose outcome is known."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok    ' if good else 'FAILED'} {name}", flush=True)
        if text and not good:
            print(text.rstrip(), flush=True)
        return good

    def run(self, name, command, timeout=600, show=False, cwd=ROOT, env=None, want=0):
        """One check by a command; gives its output, or None when it failed."""
        started = time.monotonic()
        code, text = call(command, timeout, cwd, env)
        seconds = time.monotonic() - started
        good = self.note(f"{name} ({seconds:.1f} s)", code == want,
                         f"$ {' '.join(command)}\n{text}\n=> {code}, want {want}")
        if good and show:
            print(text.rstrip(), flush=True)
        return text if good else None

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)


def call(command, timeout, cwd=ROOT, env=None):
    """Exit code ('timeout' when it hung) and output; nothing of its process group is left behind."""
    try:
        child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as error:
        return "missing", str(error)
    try:
        out, _ = child.communicate(timeout=timeout)
        code = child.returncode
    except subprocess.TimeoutExpired:
        end_group(child.pid)
        out, _ = child.communicate()
        code = "timeout"
    end_group(child.pid)
    return code, out.decode(errors="replace")


def end_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def fresh(*parts):
    """An empty folder under build/."""
    path = os.path.join(BUILD, *parts)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def cargo_dir():
    """The folder of cargo's work that the CMake builds of one test run share."""
    return os.path.join(BUILD, "cargo")
