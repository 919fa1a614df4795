#!/usr/bin/env python3
"""examples/http_server against curl, Go's client, raw sockets, and slow peers."""

import signal
import socket
import threading
import time

from peers import Program, check, end, example, free_port, go_build, run

HELLO = b"Hello, World!"


def curl(*args, **kw):
    return run("curl", "-sS", "--max-time", "20", *args, **kw)


def raw(port, data, until=b"", seconds=5.0):
    """Sends bytes and reads until the server closes, or until what was asked for came."""
    with socket.create_connection(("127.0.0.1", port), seconds) as s:
        s.sendall(data)
        got = b""
        s.settimeout(seconds)
        try:
            while not (until and until in got):
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except (socket.timeout, ConnectionError):
            pass
        return got


def plain(port, base):
    code, out, err = curl(f"{base}/")
    check("curl GET /", code == 0 and out == HELLO, err)
    code, out, _ = curl(f"{base}/json")
    check("curl GET /json", code == 0 and len(out) == 1024)
    code, out, _ = curl(f"{base}/file")
    check("curl GET /file", code == 0 and len(out) == 65536)
    code, out, _ = curl(f"{base}/hello/J%C3%BCrgen")
    check("curl GET /hello/{name}", code == 0 and out.startswith("Hello, Jürgen".encode()))
    code, out, _ = curl("-I", f"{base}/file")
    check("curl HEAD", code == 0 and b"Content-Length: 65536" in out and out.startswith(b"HTTP/1.1 200 OK"))
    code, out, err = curl("-v", f"{base}/", f"{base}/json", f"{base}/")
    check("curl keeps the connection", code == 0 and b"Re-using existing connection" in err, err[-300:])
    code, out, err = curl("-v", "--http1.0", f"{base}/")
    check("curl HTTP/1.0", code == 0 and out == HELLO and b"HTTP/1.0 200" in err)
    code, out, _ = curl("-o", "/dev/null", "-w", "%{http_code}", f"{base}/none")
    check("curl 404", out == b"404")
    code, out, _ = curl("-o", "/dev/null", "-w", "%{http_code}", "-X", "DELETE", f"{base}/json")
    check("curl 405", out == b"405")
    data = bytes(range(256)) * 1024
    code, out, _ = curl("--data-binary", "@-", f"{base}/echo", data=data)
    check("curl upload with length (and Expect)", code == 0 and out == data)
    code, out, _ = curl("-H", "Transfer-Encoding: chunked", "--data-binary", "@-", f"{base}/echo", data=data)
    check("curl chunked upload", code == 0 and out == data)
    code, out, _ = run("curl", "-sN", "--max-time", "3", f"{base}/events")
    check("curl events", b"data:" in out)

    two = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 2 + b"GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    got = raw(port, two)
    check("pipelined requests are answered in order", got.count(b"HTTP/1.1 200 OK") == 3 and got.count(HELLO) == 2)
    got = raw(port, b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    check("length with encoding is 400 and close", got.startswith(b"HTTP/1.1 400 ") and got.count(b"HTTP/1.1") == 1)
    got = raw(port, b"GET / HTTP/1.1\r\n\r\n")
    check("no Host is 400", got.startswith(b"HTTP/1.1 400 Bad Request: missing required Host header"))
    got = raw(port, b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 9000 + b"\r\n\r\n")
    check("a head past the limit is 431", got.startswith(b"HTTP/1.1 431 "))


def dribble(port, count, what):
    """Peers that hold a slot each: they send, or take, one byte now and then."""
    peers = []
    for _ in range(count):
        s = socket.socket()
        if what == "answer":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.connect(("127.0.0.1", port))
        if what == "head":
            s.sendall(b"GET / HT")
        elif what == "body":
            s.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nab")
        elif what == "answer":
            s.sendall(b"GET /file HTTP/1.1\r\nHost: h\r\n\r\n")
        else:
            s.sendall(b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\nab")
        peers.append(s)
    return peers


class Trickle(threading.Thread):
    """Moves one byte a second on every peer, for as long as the good client is served."""

    def __init__(self, peers, takes):
        super().__init__(daemon=True)
        self.peers, self.takes, self.over = peers, takes, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(1.0):
            for peer in self.peers:
                try:
                    if self.takes:
                        peer.recv(1)
                    else:
                        peer.sendall(b"c")
                except OSError:
                    pass

    def end(self):
        self.over.set()
        self.join()
        for peer in self.peers:
            peer.close()


def slow(server_of, seconds_upload):
    """One worker, eight slots, seven of them held."""
    for what, bound in (("head", 1.0), ("body", 1.0), ("answer", 1.0), ("upload", seconds_upload)):
        port = free_port()
        server = server_of(port)
        trickle = Trickle(dribble(port, 7, what), what == "answer")
        time.sleep(0.3)
        worst = 0.0
        good = True
        for _ in range(3):
            start = time.monotonic()
            code, out, _ = run("curl", "-sS", "--max-time", "60", f"http://127.0.0.1:{port}/", timeout=70)
            worst = max(worst, time.monotonic() - start)
            good = good and code == 0 and out == HELLO
            time.sleep(1)
        check(f"seven slow peers ({what}): a good client waits {worst:.2f} s", good and worst < bound)
        trickle.end()
        code = server.end()
        check(f"ends cleanly after slow peers ({what})", code == 0, code)


def main():
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    server = Program(example("http_server"), "--port", str(port), port=port)
    plain(port, base)
    client = go_build("client")
    code, out, err = run(client, base, timeout=120)
    print(out.decode(errors="replace"), end="")
    check("Go's client", code == 0, err)
    code = server.end(signal.SIGINT)
    check("SIGINT ends the server cleanly", code == 0, code)

    def one_worker(p):
        return Program(example("http_server"), "--port", str(p), "--workers", "1", "--conns", "8", port=p)

    slow(one_worker, 15.0)
    code, _, err = run(example("http_server"), "--port", "nonsense")
    check("a bad port is an error", code not in (0, None) and err)
    code, out, err = run(example("http_server"), "-h")
    check("-h tells the usage", code == 0 and b"--port" in out + err)
    end()


main()
