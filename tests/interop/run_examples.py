#!/usr/bin/env python3
"""examples/socket, ntp_client and ifconfig, against small servers, right ones and wrong ones, and this host."""

import fcntl
import os
import re
import socket
import struct
import threading
import time

from peers import Scripted, check, end, example, free_port, read_head, run

SOCKET, NTP, IFCONFIG = example("socket"), example("ntp_client"), example("ifconfig")
UNIX_1900 = 2208988800


def sockets():
    asked = []

    def page(conn):
        asked.append(read_head(conn)[0])
        conn.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000)

    server = Scripted(page)
    address = f"127.0.0.1:{server.port}"
    code, out, err = run(SOCKET, address, "/page?a=1")
    check("socket prints an answer to its end", code == 0 and out.endswith(b"\r\n\r\n" + b"x" * 100_000), (code, err))
    check("what it asked is HTTP/1.0", asked == [f"GET /page?a=1 HTTP/1.0\r\nHost: {address}".encode()], asked)
    code, _, err = run(SOCKET, address, "/a b")
    check("a path that is none is not sent", code == 2 and len(asked) == 1, (code, err))

    def resets(conn):
        read_head(conn)
        conn.sendall(b"HTTP/1.0 200 OK\r\n\r\npart")
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    broken, silent = Scripted(resets), Scripted(lambda conn: conn.recv(10_000) and time.sleep(3))
    code, _, err = run(SOCKET, f"127.0.0.1:{broken.port}")
    check("a reset is told", code == 1 and b"reset" in err, (code, err))
    code, _, err = run(SOCKET, "-t", "300", f"127.0.0.1:{silent.port}")
    check("no answer ends with the time-out", code == 1 and b"timeout" in err, (code, err))
    code, _, err = run(SOCKET, f"127.0.0.1:{free_port()}")
    check("a refused connection is told", code == 1 and b"refused" in err, (code, err))
    for s in (server, broken, silent):
        s.close()


class TimeServer:
    """Answers each question by what a function makes of a right answer: a list of packets."""

    def __init__(self, answer, ahead=0.0):
        self.answer, self.ahead, self.questions = answer, ahead, []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.sock.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stamp(self):
        now = time.time() + self.ahead + UNIX_1900
        return struct.pack("!II", int(now) & 0xFFFFFFFF, int(now % 1 * 2**32))

    def _serve(self):
        while True:
            try:
                question, peer = self.sock.recvfrom(1000)
            except OSError:
                return
            self.questions.append(question)
            right = bytes([4 << 3 | 4, 2, 0, 0xEC]) + b"\0" * 8 + b"TEST" + self.stamp() + question[40:48] + self.stamp() * 2
            try:
                for packet in self.answer(right):
                    self.sock.sendto(packet, peer)
            except OSError:
                return


def changed(packet, at, value):
    return packet[:at] + value + packet[at + len(value):]


def asked(answer, ahead=0.0, wait="900"):
    server = TimeServer(answer, ahead)
    result = run(NTP, "-t", wait, server.address)
    server.sock.close()
    return (*result, server.questions)


def offset_of(out):
    found = re.fullmatch(rb"(\d{4})-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC\noffset ([+-]\d+) ms\n", out)
    return (int(found.group(1)), int(found.group(2))) if found else (0, None)


def times():
    # A minute is more than a loaded machine takes, and less than what is looked for.
    for ahead in (0.0, 3600.0, -86400.0):
        code, out, err, questions = asked(lambda right: [right], ahead, "6000")
        _, offset = offset_of(out)
        check(f"a server {ahead:+.0f} s off", code == 0 and offset is not None and abs(offset - ahead * 1000) < 60_000,
              (code, out, err))
    check("a question is a client's, of version 4", len(questions[0]) == 48 and questions[0][0] == 0x23, questions)
    _, _, _, more = asked(lambda right: [right], 0.0, "6000")
    check("its time is drawn anew each time", more[0][40:] != questions[0][40:] and more[0][1:40] == b"\0" * 39)
    to_2040 = 2208988800 - time.time()
    code, out, err, _ = asked(lambda right: [right], to_2040, "6000")
    check("the seconds that begin anew in 2036", code == 0 and offset_of(out)[0] in (2039, 2040), (code, out, err))

    wrong = {
        "another question's answer": lambda right: changed(right, 24, b"\1" * 8),
        "an answer to nothing": lambda right: changed(right, 24, b"\0" * 8),
        "a client's packet": lambda right: changed(right, 0, bytes([4 << 3 | 3])),
        "a broadcast": lambda right: changed(right, 0, bytes([4 << 3 | 5])),
        "version 7": lambda right: changed(right, 0, bytes([7 << 3 | 4])),
        "version 0": lambda right: changed(right, 0, bytes([4])),
        "a short packet": lambda right: right[:47],
        "nothing": lambda right: b"",
        "a packet beyond all bounds": lambda right: right + b"x" * 9000,
    }
    for name, make in wrong.items():
        code, out, err, questions = asked(lambda right, make=make: [make(changed(right, 40, b"\xff" * 8))])
        check(f"{name} is passed over, and asked again", code == 1 and not out and b"timeout" in err and
              len(questions) == 3, (code, out, err, len(questions)))
        code, out, err, _ = asked(lambda right, make=make: [make(changed(right, 40, b"\xff" * 8)), right], wait="6000")
        check(f"{name} does not hide the answer", code == 0 and offset_of(out)[1] is not None and
              abs(offset_of(out)[1]) < 60_000, (code, out, err))
    for name, make, says in (
        ("a kiss of death", lambda right: changed(changed(right, 1, b"\0"), 12, b"RATE"), b'"RATE"'),
        ("a server without the time", lambda right: changed(right, 0, bytes([3 << 6 | 4 << 3 | 4])), b"does not know"),
        ("stratum 16", lambda right: changed(right, 1, bytes([16])), b"does not know"),
        ("the time zero", lambda right: changed(right, 40, b"\0" * 8), b"does not know"),
    ):
        code, out, err, questions = asked(lambda right, make=make: [make(right)], wait="6000")
        check(f"{name} ends it", code == 1 and not out and says in err and len(questions) == 1, (code, out, err))
    code, out, err, _ = asked(lambda right: [right + os.urandom(200)], wait="6000")
    check("what comes behind an answer does not matter", code == 0, (code, out, err))
    code, _, err = run(NTP, "-t", "300", f"127.0.0.1:{free_port()}")
    check("nobody there", code == 1 and err, (code, err))


def interfaces():
    code, out, err = run(IFCONFIG)
    text = out.decode()
    check("ifconfig lists this host's interfaces", code == 0 and
          re.findall(r"^(\d+): (\S+) flags", text, re.M) == [(str(i), n) for i, n in socket.if_nameindex()], (out, err))
    lo = text.split("\n1: lo", 1)[-1] if "\n1: lo" in text else text
    check("the loopback's flags and address", "up|loopback|running mtu" in lo and "\n    127.0.0.1/8\n" in lo, text)
    for _, name in socket.if_nameindex():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            request = struct.pack("16s16x", name.encode())
            mtu = struct.unpack_from("i", fcntl.ioctl(s, 0x8921, request), 16)[0]  # SIOCGIFMTU
            mac = fcntl.ioctl(s, 0x8927, request)[18:24]  # SIOCGIFHWADDR
        line = re.search(rf"^\d+: {re.escape(name)} .*$", text, re.M).group(0)
        check(f"{name}: MTU and hardware address", f" mtu {mtu}" in line and
              (not any(mac) or line.endswith(" mac " + ":".join(f"{b:02x}" for b in mac))), line)
    code, out, err = run(IFCONFIG, "lo")
    check("one interface has a link", code == 0 and out.startswith(b"1: lo ") and b"\n    link up\n" in out, (out, err))
    code, out, err = run(IFCONFIG, "nosuch0")
    check("an interface that is not there", code == 1 and not out and b"no such" in err, (code, out, err))


def usage():
    for program in (SOCKET, NTP, IFCONFIG):
        name = os.path.basename(program)
        code, out, _ = run(program, "-h")
        check(f"{name} -h", code == 0 and out.startswith(b"usage: " + name.encode()))
        code, _, err = run(program, "--nonsense")
        check(f"{name}: an unknown option", code == 2 and b"usage" in err, (code, err))


sockets()
times()
interfaces()
usage()
end()
