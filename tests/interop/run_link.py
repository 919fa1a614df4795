#!/usr/bin/env python3
"""Links that come and go: examples/link_failover between two network namespaces with two cables, and dials
that name a zone. Needs to make network namespaces, as root or as a user that may."""

import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time

from peers import check, end, example, run, skip

FAILOVER, CLIENT = example("link_failover"), example("tcp_client")
PORT = 7777
PEER = "10.99.0.1"
CABLES = (("a0", "b0", "10.77.0"), ("a1", "b1", "10.78.0"))
SECONDS = 20  # more than a loaded machine needs; the program itself notices within a quarter of one


def peer():
    """The peer's program: every connection gets back what it sends."""
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    print("ready", flush=True)

    def echo(conn):
        with conn:
            try:
                while data := conn.recv(4096):
                    conn.sendall(data)
            except OSError:
                pass

    while True:
        threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Peer:
    """The other namespace, kept by the peer's program."""

    def __init__(self):
        self.program = subprocess.Popen(["unshare", "-n", sys.executable, __file__, "--peer"], stdout=subprocess.PIPE)
        if self.program.stdout.readline() != b"ready\n":
            raise SystemExit("the peer does not listen")
        self.inside = ["nsenter", "-t", str(self.program.pid), "-n"]

    def ip(self, *words):
        subprocess.run([*self.inside, "ip", *words], check=True)

    def greeted(self, host, port):
        """Says whether a client of the peer's is greeted, within some attempts."""
        code = ("import socket,sys\ns=socket.create_connection((sys.argv[1],int(sys.argv[2])),2)\n"
                "s.settimeout(5)\nprint(s.makefile().readline(),end='')")
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            got, out, _ = run(*self.inside, sys.executable, "-c", code, host, str(port), timeout=15)
            if got == 0 and out == b"hello\n":
                return True
            time.sleep(0.2)
        return False


def routes(cable):
    own, _, net = cable
    ip("route", "replace", PEER, "via", f"{net}.2", "dev", own, "metric", "1" + own[1])


def lay(peer_):
    """Two cables, the same host behind both."""
    ip("link", "set", "lo", "up")
    peer_.ip("link", "set", "lo", "up")
    peer_.ip("addr", "add", PEER + "/32", "dev", "lo")
    for cable in CABLES:
        own, far, net = cable
        ip("link", "add", own, "type", "veth", "peer", "name", far, "netns", str(peer_.program.pid))
        ip("addr", "add", net + ".1/24", "dev", own)
        ip("link", "set", own, "up")
        peer_.ip("addr", "add", net + ".2/24", "dev", far)
        peer_.ip("link", "set", far, "up")
        routes(cable)
        ip("addr", "add", f"fe80::a{own[1]}/64", "dev", own, "nodad")
        peer_.ip("addr", "add", f"fe80::b{own[1]}/64", "dev", far, "nodad")


class Failover:
    def __init__(self):
        self.program = subprocess.Popen([FAILOVER, f"{PEER}:{PORT}", "a0", "a1"], stdout=subprocess.PIPE, text=True)
        self.lines, self.said = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.program.stdout:
            self.lines.put(line.rstrip("\n"))

    def next(self, prefix):
        """The first line from here on that begins so; None: none came."""
        until = time.monotonic() + SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            self.said.append(line)
            if line.startswith(prefix):
                return line
        return None

    def says(self, name, *lines):
        """All of these come, in any order."""
        wanted, self.said = set(lines), []
        while wanted:
            line = self.next("")
            if line is None:
                break
            wanted.discard(line)
        return check(name, not wanted, (sorted(wanted), self.said))


def links(peer_):
    program = Failover()
    port = (program.next("listening") or "listening 0").split()[1]
    program.says("the first device that is up carries the connection", "through a0")
    check("a client comes in by the one", peer_.greeted("10.77.0.1", port))
    check("and by the other", peer_.greeted("10.78.0.1", port))

    ip("link", "set", "a0", "down")
    program.says("a link is taken down: its connection fails, the next one takes another device",
                 "down a0", "lost: network is down", "through a1")
    check("the listener is still there", peer_.greeted("10.78.0.1", port))
    ip("link", "set", "a0", "up")
    routes(CABLES[0])
    program.says("it comes back", "up a0")
    check("and the listener on it", peer_.greeted("10.77.0.1", port))

    ip("addr", "flush", "dev", "a1", "scope", "global")
    program.says("without an address a device is down", "down a1", "lost: network is down", "through a0")
    ip("addr", "add", "10.78.0.1/24", "dev", "a1")
    routes(CABLES[1])
    program.says("with one it is up", "up a1")

    peer_.ip("link", "set", "b0", "down")
    program.says("a cable is pulled at the other end", "down a0", "lost: network is down", "through a1")
    ip("link", "set", "a1", "down")
    program.says("no device is left", "down a1", "lost: network is down", "no way: network is down")
    peer_.ip("link", "set", "b0", "up")
    program.says("the cable is back", "up a0")
    routes(CABLES[0])
    program.says("and the connection", "through a0")
    ip("link", "del", "a1")
    ip("link", "set", "a0", "down")
    program.says("an interface is gone, the other one falls", "down a0", "lost: network is down", "no way: network is down")
    check("the program is still there", program.program.poll() is None)
    program.program.terminate()
    program.program.wait(10)


def zones():
    """The same address on two cables: the zone says which."""
    for own, far in (("a0", "fe80::b0"), ("a1", "fe80::b1")):
        for zone in (own, str(socket.if_nametoindex(own)), "00" + str(socket.if_nametoindex(own))):
            code, out, err = run(CLIENT, f"[{far}%{zone}]:{PORT}", "text")
            check(f"{far} in zone {zone}", code == 0 and out == b"text", (code, out, err))
    code, out, err = run(CLIENT, "-t", "500", f"[fe80::b0%a1]:{PORT}", "text")
    check("another zone leads elsewhere", code == 1 and not out, (code, out, err))
    code, out, err = run(CLIENT, f"[fe80::b0%nosuch0]:{PORT}", "text")
    check("a zone that is none", code == 1 and b"address" in err, (code, out, err))


def inside():
    other = Peer()
    try:
        lay(other)
        zones()
        links(other)
    finally:
        other.program.kill()
        other.program.wait()
    end()


def main():
    for how in (["unshare", "-n"], ["unshare", "-rn"]):
        enough = shutil.which("ip") and shutil.which("nsenter") and shutil.which("unshare")
        if enough and run(*how, "ip", "link", "add", "a0", "type", "veth", "peer", "name", "b0")[0] == 0:
            os.execvp(how[0], [*how, sys.executable, __file__, "--inside"])
    code, out, _ = run(FAILOVER, "-h")
    check("link_failover -h", code == 0 and out.startswith(b"usage: link_failover"))
    skip("links between network namespaces", "may not make them here")
    end()


if sys.argv[1:] == ["--peer"]:
    peer()
elif sys.argv[1:] == ["--inside"]:
    inside()
else:
    main()
