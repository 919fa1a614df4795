#!/usr/bin/env python3
"""examples/tcp_echo and tcp_client, against each other and against raw sockets."""

import os
import re
import signal
import socket
import subprocess
import time

from peers import check, end, example, free_port, run

ECHO, CLIENT = example("tcp_echo"), example("tcp_client")
MOST = 8  # MAX_CLIENTS of tcp_echo


def started(address):
    """tcp_echo on an address, and the port it says."""
    program = subprocess.Popen([ECHO, "--listen", address], stdout=subprocess.PIPE)
    line = program.stdout.readline()
    found = re.search(rb":(\d+)$", line.strip())
    check(f"tcp_echo tells where it listens ({address})", found is not None, line)
    return program, int(found.group(1)) if found else 0


def cpu(pid):
    """Seconds of processor time that a program has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def echoes():
    program, port = started("127.0.0.1:0")
    target = f"127.0.0.1:{port}"
    code, out, err = run(CLIENT, target, "some text")
    check("tcp_client sends its argument and gets it back", code == 0 and out == b"some text", (code, out, err))
    data = os.urandom(300_000)
    code, out, err = run(CLIENT, target, data=data)
    check("tcp_client sends its input and gets it back", code == 0 and out == data, (code, len(out), err))
    code, out, err = run(CLIENT, f"localhost:{port}", "by name")
    check("tcp_client dials a name", code == 0 and out == b"by name", (code, out, err))

    # More clients than places: the last one waits, without work for anybody, until another leaves.
    peers = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(MOST)]
    for i, peer in enumerate(peers):
        peer.sendall(bytes([i]))
    check("tcp_echo serves many at once", [p.recv(1) for p in peers] == [bytes([i]) for i in range(MOST)])
    late = socket.create_connection(("127.0.0.1", port), 5)
    late.sendall(b"late")
    late.settimeout(0.5)
    before = cpu(program.pid)
    try:
        got = late.recv(4)
    except socket.timeout:
        got = b""
    used = cpu(program.pid) - before
    check(f"one more waits its turn ({used:.2f} s of processor)", got == b"" and used < 0.2, got)
    peers.pop().close()
    late.settimeout(5)
    check("and has it when another leaves", late.recv(4) == b"late")
    for peer in [*peers, late]:
        peer.close()
    program.send_signal(signal.SIGTERM)
    program.wait(10)


def failures():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        begin = time.monotonic()
        code, _, err = run(CLIENT, "-t", "300", f"127.0.0.1:{silent.getsockname()[1]}", "x")
        check("no answer ends with the time-out",
              code == 1 and b"timeout" in err and time.monotonic() - begin < 5, (code, err))
        code, _, err = run(ECHO, "--listen", f"127.0.0.1:{silent.getsockname()[1]}")
        check("an address in use is told", code == 1 and b"in use" in err, (code, err))
    code, _, err = run(CLIENT, f"127.0.0.1:{free_port()}", "x")
    check("a refused connection is told", code == 1 and b"refused" in err, (code, err))
    code, _, err = run(CLIENT, "127.0.0.1", "x")
    check("a missing port is told", code == 1 and b"missing port" in err, (code, err))
    for program in (CLIENT, ECHO):
        name = os.path.basename(program).encode()
        code, out, _ = run(program, "-h")
        check(f"{name.decode()} -h", code == 0 and name in out)
        code, _, err = run(program, "--nonsense")
        check(f"{name.decode()}: an unknown option", code == 2 and b"usage" in err, (code, err))


echoes()
failures()
end()
