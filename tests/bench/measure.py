"""What the benchmark and the check of speed share: examples/http_server, and instructions of a request."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from checks import BUILD, ROOT, cargo_dir  # noqa: E402

PATHS = ("/", "/json", "/file")


def build(kind="plain", *numbers):
    """The server's example as a user builds it for a host; its path, and "" or what went wrong."""
    folder = os.path.join(BUILD, "bench", kind)
    steps = [["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DDUNLIN_BUILD_EXAMPLES=ON",
              "-DCMAKE_BUILD_TYPE=Release", f"-DDUNLIN_CARGO_DIR={cargo_dir()}", *numbers],
             ["cmake", "--build", folder, "--target", "http_server"]]
    for step in steps:
        done = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            return "", done.stdout
    for at, _, names in os.walk(folder):
        if "http_server" in names:
            return os.path.join(at, "http_server"), ""
    return "", "no http_server was built"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def connect(port, seconds=30):
    """A connection, as soon as the server takes one."""
    end = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def ask(port, path, times):
    """That many requests on one connection; the length of the last body."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    length = 0
    with connect(port) as s, s.makefile("rb") as answer:
        for _ in range(times):
            s.sendall(request)
            status = answer.readline()
            if b" 200 " not in status:
                raise OSError(f"{path}: {status!r}")
            while (line := answer.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(answer.read(length)) != length:
                raise OSError(f"{path}: the body ended early")
    return length


def end(child, seconds=20):
    """Ends a server as its user would."""
    child.send_signal(signal.SIGINT)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def instructions(binary, path, few=100, many=600):
    """Instructions of one request, all of the process in user space: the difference of two runs."""
    def run(times):
        port = free_port()
        out = os.path.join(BUILD, "bench", "callgrind")
        child = subprocess.Popen(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary,
                                  "--port", str(port), "--workers", "1"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ask(port, path, times)
        finally:
            end(child)
        with open(out, encoding="utf-8", errors="replace") as text:
            return int(re.search(r"^(?:summary|totals): (\d+)", text.read(), re.M).group(1))
    return (run(many) - run(few)) / (many - few)


def system_calls(binary, path, few=100, many=600):
    """System calls of one request, of all threads: the difference of two runs."""
    def run(times):
        port = free_port()
        out = os.path.join(BUILD, "bench", "strace")
        child = subprocess.Popen(["strace", "-f", "-c", "-o", out, binary, "--port", str(port), "--workers", "1"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ask(port, path, times)
        finally:
            with open(f"/proc/{child.pid}/task/{child.pid}/children", encoding="ascii") as children:
                for pid in children.read().split():
                    os.kill(int(pid), signal.SIGINT)
            child.wait(20)
        with open(out, encoding="utf-8") as text:
            rows = [line.split() for line in text]
        return sum(int(r[3]) for r in rows if len(r) >= 5 and r[3].isdigit() and r[-1] != "total")
    return (run(many) - run(few)) / (many - few)
