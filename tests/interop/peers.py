"""What the interop suites share: checks that count, programs that are started and ended."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("DEMO_BUILD", os.path.join(ROOT, "build", "c-plain"))
EXAMPLES = os.path.join(BUILD, "examples")
GO = os.path.join(ROOT, "build", "tools", "bin", "go")

passed = failed = skipped = 0


def check(name, ok, what=""):
    """Counts one check and says so."""
    global passed, failed
    if ok:
        passed += 1
        print(f"ok    {name}", flush=True)
    else:
        failed += 1
        print(f"FAIL  {name} {what}", flush=True)
    return ok


def skip(name, why):
    """What cannot be checked here, by name."""
    global skipped
    skipped += 1
    print(f"skip  {name}: {why}", flush=True)


def end():
    """The closing line and the exit code."""
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def example(name):
    return os.path.join(EXAMPLES, name)


def run(*command, timeout=30, data=None):
    """Runs a program to its end: exit code (None: hung), output, errors."""
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=timeout)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as e:
        return None, e.stdout or b"", e.stderr or b""


def wait_port(port, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


class Program:
    """A server that runs while the checks do."""

    def __init__(self, *command, port=None, cwd=None):
        self.process = subprocess.Popen(command, cwd=cwd)
        if port and not wait_port(port):
            self.end()
            raise SystemExit(f"{command[0]} does not listen on {port}")

    def end(self, how=signal.SIGINT, seconds=10):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


def go_build(name):
    """Builds one of the Go peers."""
    out = os.path.join(BUILD, "go-" + name)
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0", "GO111MODULE": "off",
           "GOCACHE": os.path.join(ROOT, "build", "go-cache")}
    source = os.path.join(ROOT, "tests", "interop", "go", name + ".go")
    subprocess.run([GO, "build", "-o", out, source], check=True, env=env, timeout=300)
    return out


class Scripted:
    """A server of ours that answers each connection by a function of its socket."""

    def __init__(self, answer):
        self.answer = answer
        self.connections = 0
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(conn,), daemon=True).start()

    def _one(self, conn):
        with conn:
            try:
                self.answer(conn)
            except OSError:
                pass

    def close(self):
        self.listener.close()


def read_head(conn):
    """One request's head, and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(4096)
        if not more:
            break
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def scratch():
    return tempfile.mkdtemp(prefix="dunlin-")
