#!/usr/bin/env python3
"""The benchmark: examples/http_server with one worker, beside other servers that send the same bytes.

Prints the table of docs/performance.md. `--quick` takes shorter rounds.
"""

import os
import shutil
import statistics
import subprocess
import sys

import measure
from checks import BUILD, fresh

CONNECTIONS = (1, 8, 64)
PAIRS = 5
SECONDS = 1 if "--quick" in sys.argv else 3
TICK = os.sysconf("SC_CLK_TCK")

NGINX = """daemon off; worker_processes 1; error_log stderr crit; pid {dir}/nginx.pid;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000; default_type text/plain; sendfile on; tcp_nodelay on;
  open_file_cache max=16; client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;
  uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
  server {{ listen 127.0.0.1:{port}; root {dir}/files;
    location = / {{ return 200 "Hello, World!"; }} }} }}
"""


class Server:
    """A server that runs, and the processor time of its processes."""

    def __init__(self, name, command, port, env=None):
        self.name, self.port = name, port
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      env={**os.environ, **(env or {})})
        measure.ask(port, "/", 1)

    def pids(self):
        own = self.child.pid
        with open(f"/proc/{own}/task/{own}/children", encoding="ascii") as text:
            return [own, *map(int, text.read().split())]

    def ticks(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="ascii") as text:
                total += sum(map(int, text.read().rsplit(")", 1)[1].split()[11:13]))
        return total

    def load(self, path, connections, seconds):
        """Requests a second, and microseconds of processor time a request."""
        before = self.ticks()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{self.port}{path}"],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
        done = next(int(line.split()[0]) for line in out.splitlines() if " requests in " in line)
        rate = next(float(line.split()[1]) for line in out.splitlines() if "Requests/sec" in line)
        return rate, (self.ticks() - before) / TICK * 1e6 / max(done, 1)


def files(folder, server):
    """The three bodies, as the example sends them."""
    os.makedirs(folder)
    import urllib.request  # pylint: disable=import-outside-toplevel
    for path, name in (("/", "index.html"), ("/json", "json"), ("/file", "file")):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=30) as answer:
            with open(os.path.join(folder, name), "wb") as out:
                out.write(answer.read())


def peers(work):
    """The other servers that can be had on this machine: name, command, port, environment."""
    folder = os.path.join(work, "files")
    cc = ["cc", "-O2", "-std=gnu99", "-o"]

    def built(command, result):
        return result if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0 else None

    def made(name, *libraries):
        out = os.path.join(work, name)
        return built([*cc, out, os.path.join(measure.HERE, f"{name}.c"), *libraries], out)

    rows = []
    port = measure.free_port()
    rows.append(("floor (epoll)", [made("floor"), str(port), folder], port, None))
    port = measure.free_port()
    conf = os.path.join(work, "nginx.conf")
    with open(conf, "w", encoding="ascii") as text:
        text.write(NGINX.format(dir=work, port=port))
    os.chmod(work, 0o755)
    rows.append(("nginx", [shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"), "-p", work, "-c", conf], port, None))
    port = measure.free_port()
    rows.append(("libmicrohttpd", [made("microhttpd", "-lmicrohttpd"), str(port), folder], port, None))
    port = measure.free_port()
    # A thread for each connection is how it works: with one it would serve one peer.
    rows.append(("civetweb", [shutil.which("civetweb"), "-document_root", folder, "-listening_ports", f"127.0.0.1:{port}",
                              "-num_threads", str(max(CONNECTIONS)), "-enable_keep_alive", "yes",
                              "-tcp_nodelay", "1"], port, None))
    port = measure.free_port()
    go = os.path.join(BUILD, "tools", "bin", "go")
    go = go if os.access(go, os.X_OK) else shutil.which("go")
    out = os.path.join(work, "go-server")
    program = built([go, "build", "-o", out, os.path.join(measure.HERE, "go", "server.go")], out) if go else None
    rows.append(("Go net/http", [program, str(port), folder], port, {"GOMAXPROCS": "1"}))
    for name, command, *_ in rows:
        if command[0] is None:
            print(f"{name} cannot be had here: see scripts/setup --bench", file=sys.stderr)
    return [row for row in rows if row[1][0] is not None]


def main():
    binary, wrong = measure.build()
    if not binary:
        sys.exit(wrong)
    # The default build has room for 16 connections.
    numbers = [f"-DDUNLIN_MAX_{n}=96" for n in ("CONNS", "POLL", "HTTP_EXCHANGES")]
    large, wrong = measure.build("large", *numbers)
    if not large:
        sys.exit(wrong)
    work = fresh("bench", "work")
    print("| path | instructions | system calls |\n| --- | --- | --- |")
    for path in measure.PATHS:
        print(f"| `{path}` | {measure.instructions(binary, path):.0f} | {measure.system_calls(binary, path):.2f} |",
              flush=True)
    port = measure.free_port()
    servers = [Server("Dunlin", [large, "--port", str(port), "--workers", "1", "--conns", "72"], port)]
    try:
        files(os.path.join(work, "files"), servers[0])
        servers += [Server(*row) for row in peers(work)]
        print("\n| requests a second | " + " | ".join(f"`{p}` {c}" for p in measure.PATHS for c in CONNECTIONS) +
              " |\n| --- |" + " --- |" * 9)
        for server in servers:
            rates = [server.load(path, c, SECONDS)[0] for path in measure.PATHS for c in CONNECTIONS]
            print(f"| {server.name} | " + " | ".join(f"{r:,.0f}" for r in rates) + " |", flush=True)
        print("\n| µs of processor a request, 8 connections (Dunlin's part of it) | " +
              " | ".join(f"`{p}`" for p in measure.PATHS) + " |\n| --- | --- | --- | --- |")
        own = servers[0]
        for peer in servers[1:]:
            cells = []
            for path in measure.PATHS:
                pairs = [(own.load(path, 8, SECONDS)[1], peer.load(path, 8, SECONDS)[1]) for _ in range(PAIRS)]
                theirs = statistics.median(b for _, b in pairs)
                cells.append(f"{theirs:.1f} ({statistics.median(a / max(b, 1e-9) for a, b in pairs):.2f})")
            print(f"| {peer.name} | " + " | ".join(cells) + " |", flush=True)
    finally:
        for server in servers:
            measure.end(server.child)


main()
