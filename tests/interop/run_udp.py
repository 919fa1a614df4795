#!/usr/bin/env python3
"""examples/udp_echo and udp_failover, against the sockets of Python."""

import os
import re
import socket
import subprocess

from peers import check, end, example, run

ECHO, FAILOVER = example("udp_echo"), example("udp_failover")


def port_of(line):
    found = re.search(rb":(\d+)$", line.strip())
    return int(found.group(1)) if found else 0


def client(family=socket.AF_INET):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(10)
    return sock


def asked(sock, data, to):
    """What comes back for a datagram; None: nothing."""
    sock.sendto(data, to)
    try:
        return sock.recvfrom(70_000)
    except OSError as error:
        return error, None


def echoes(listen, family, host, most):
    program = subprocess.Popen([ECHO, "--listen", listen], stdout=subprocess.PIPE)
    port = port_of(program.stdout.readline())
    check(f"udp_echo tells where it listens ({listen})", port != 0)
    to = (host, port)
    with client(family) as sock, client(family) as other:
        for data in (b"one", b"", b"x", os.urandom(1472), os.urandom(9000), os.urandom(most)):
            got, source = asked(sock, data, to)
            check(f"{len(data)} bytes over {host} by {listen}", got == data and source[:2] == to, source)
        for i in range(20):
            sock.sendto(b"a%d" % i, to)
            other.sendto(b"b%d" % i, to)
        check("each client has its own answers",
              all(s.recv(10)[:1] == name for s, name in ((sock, b"a"), (other, b"b")) for _ in range(20)))
    program.terminate()
    program.wait(10)


def fails_over():
    with client() as collector, client() as asker:
        collector.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{collector.getsockname()[1]}"
        program = subprocess.Popen([FAILOVER, where], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        first, second = (port_of(program.stdout.readline()) for _ in range(2))
        check("the service is on two devices", first != 0 and second != 0 and first != second)

        def link(text):
            program.stdin.write(text + b"\n")
            program.stdin.flush()
            check(f"link: {text.decode()}", program.stdout.readline().strip() == text)

        def serves(port, name, teller):
            got, _ = asked(asker, b"question", ("127.0.0.1", port))
            check(f"{name} answers", got == b"question", got)
            told = collector.recv(100)
            check(f"and {teller} tells", told == b"served on %s, told by %s" % (name.encode(), teller.encode()), told)

        serves(first, "wifi0", "wifi0")
        serves(second, "modem0", "wifi0")
        link(b"down wifi0")
        serves(second, "modem0", "modem0")
        link(b"up wifi0")
        serves(first, "wifi0", "wifi0")
        serves(second, "modem0", "wifi0")
        program.terminate()
        program.wait(10)


def failures():
    with client() as taken:
        taken.bind(("127.0.0.1", 0))
        code, _, err = run(ECHO, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        check("an address in use is told", code == 1 and b"in use" in err, (code, err))
    code, _, err = run(FAILOVER, "nobody")
    check("a bad address is told", code == 1 and b"invalid address" in err, (code, err))
    for program in (ECHO, FAILOVER):
        name = os.path.basename(program).encode()
        code, out, _ = run(program, "-h")
        check(f"{name.decode()} -h", code == 0 and name in out)
        code, _, err = run(program, "--nonsense")
        check(f"{name.decode()}: an unknown option", code == 2 and b"usage" in err, (code, err))


echoes("127.0.0.1:0", socket.AF_INET, "127.0.0.1", 65_507)
echoes("[::1]:0", socket.AF_INET6, "::1", 65_527)
echoes(":0", socket.AF_INET, "127.0.0.1", 65_507)
echoes(":0", socket.AF_INET6, "::1", 65_527)
fails_over()
failures()
end()
