#!/usr/bin/env python3
"""The peer of the driver kit: what a device connects to while its driver is checked.

    drivers/kit/peer.py [--port PORT]      0, the default, takes a free one; the first line says which

Three TCP ports in a row, over IPv4 and, where the host has it, IPv6:

    PORT      a service, chosen by the first line that the device sends
    PORT + 1  refuses connections
    PORT + 2  never answers (a full backlog; needs Linux here)

The lines, each ended by \\n. The pattern's byte i is (i * 31 + (i >> 8)) & 255.

    ECHO           sends back what comes; ends its side when the device has ended its own
    SOURCE N       sends N bytes of the pattern and ends
    SINK           reads to the end, then answers 8 bytes: count and Adler-32, big endian
    SLOW           as SINK, but reads the first 64 KiB in small pieces with pauses
    HOLE           never reads and never answers
    RESET          resets the connection
    HALF           ends its side at once and reads on
    STAT           answers how many bytes the last HALF has read to its end, as SINK does
    LATE MS N      waits MS milliseconds, then sends N bytes of the pattern, then as ECHO
    LAST MS        waits MS milliseconds, then ends
    WHO            answers the device's address as seen here: "IP-IN-HEX PORT\\n"
    BACK IP PORT MS COUNT
                   answers "ok\\n" and ends; MS milliseconds later connects COUNT times to the device's
                   PORT, each connection an ECHO; IP in hex, or - for where this connection comes from

UDP on PORT sends every datagram back to where it came from, except: one that begins with !OTHER is
answered from another port, and "!GROUP IP PORT" sends "group" to that multicast group.
"""

import argparse
import ipaddress
import socket
import struct
import sys
import threading
import time
import zlib

PATTERN = bytes((i * 31 + (i >> 8)) & 255 for i in range(65536))
half = [0, 1]


def pattern(count):
    return (PATTERN * (count // len(PATTERN) + 1))[:count]


def line_of(conn):
    line = b""
    while not line.endswith(b"\n") and len(line) < 200:
        got = conn.recv(1)
        if not got:
            return []
        line += got
    return line.decode("ascii", "replace").split()


def echo(conn):
    while data := conn.recv(65536):
        conn.sendall(data)
    conn.shutdown(socket.SHUT_WR)


def count(conn, slow=False):
    total, check = 0, 1
    while data := conn.recv(2048 if slow and total < 65536 else 65536):
        total, check = total + len(data), zlib.adler32(data, check)
        if slow and total < 65536:
            time.sleep(0.01)
    return total, check


def back(host, port, ms, times):
    time.sleep(ms / 1000)
    for _ in range(times):
        conn = socket.create_connection((host, port), 10)
        conn.settimeout(60)
        threading.Thread(target=guarded, args=(echo, conn), daemon=True).start()


def guarded(call, conn, *args):
    """What the device does to the connection is no error of ours."""
    with conn:
        try:
            call(conn, *args)
        except OSError:
            pass


def serve(conn):
    global half
    conn.settimeout(60)
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    word, *args = line_of(conn) or ["-"]
    if word == "ECHO":
        echo(conn)
    elif word == "SOURCE":
        conn.sendall(pattern(int(args[0])))
    elif word in ("SINK", "SLOW"):
        conn.sendall(struct.pack(">II", *count(conn, word == "SLOW")))
    elif word == "HOLE":
        time.sleep(30)
    elif word == "RESET":
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif word == "HALF":
        conn.shutdown(socket.SHUT_WR)
        half = count(conn)
    elif word == "STAT":
        conn.sendall(struct.pack(">II", *half))
    elif word == "LATE":
        time.sleep(int(args[0]) / 1000)
        conn.sendall(pattern(int(args[1])))
        echo(conn)
    elif word == "LAST":
        time.sleep(int(args[0]) / 1000)
    elif word == "WHO":
        host, port = conn.getpeername()[:2]
        conn.sendall(f"{plain(host).packed.hex()} {port}\n".encode())
    elif word == "BACK":
        host = conn.getpeername()[0] if args[0] == "-" else str(ipaddress.ip_address(bytes.fromhex(args[0])))
        conn.sendall(b"ok\n")
        threading.Thread(target=quiet_back, args=(host, *map(int, args[1:])), daemon=True).start()


def quiet_back(*args):
    try:
        back(*args)
    except OSError as error:
        print(f"no way back to the device: {error}", flush=True)


def plain(host):
    ip = ipaddress.ip_address(host.split("%")[0])
    return getattr(ip, "ipv4_mapped", None) or ip


def accept(listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=guarded, args=(serve, conn), daemon=True).start()


def datagrams(sock, family):
    other = socket.socket(family, socket.SOCK_DGRAM)
    while True:
        try:
            data, source = sock.recvfrom(65536)
            if data.startswith(b"!OTHER"):
                other.sendto(data, source)
            elif data.startswith(b"!GROUP"):
                _, host, port = data.split()
                group = str(ipaddress.ip_address(bytes.fromhex(host.decode())))
                other.sendto(b"group", (group, int(port)))
            else:
                sock.sendto(data, source)
        except OSError:
            pass


def bound(family, host, kind, port):
    sock = socket.socket(family, kind)
    if kind == socket.SOCK_STREAM:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((host, port))
    return sock


def deafen(listener, family, host):
    """Fills the backlog, so that further connections get no answer."""
    listener.listen(0)
    kept = []
    for _ in range(8):
        conn = socket.socket(family, socket.SOCK_STREAM)
        conn.settimeout(0.3)
        kept.append(conn)
        try:
            conn.connect((host, listener.getsockname()[1]))
        except OSError:
            break
    return kept


def open_ports(port):
    """All sockets at one port and the two above."""
    stacks = [(socket.AF_INET, "0.0.0.0", "127.0.0.1")]
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
        stacks.append((socket.AF_INET6, "::", "::1"))
    except OSError:
        pass
    kept, made = [], []
    try:
        for family, host, loop in stacks:
            service = bound(family, host, socket.SOCK_STREAM, port)
            kept.append(service)
            port = service.getsockname()[1]
            refused = bound(family, host, socket.SOCK_STREAM, port + 1)
            deaf = bound(family, host, socket.SOCK_STREAM, port + 2)
            packets = bound(family, host, socket.SOCK_DGRAM, port)
            kept += [refused, deaf, packets]
            made.append((family, loop, service, refused, deaf, packets))
    except (OSError, OverflowError):
        for sock in kept:
            sock.close()
        raise
    return port, made


def main():
    parser = argparse.ArgumentParser(description="The peer of the driver kit.")
    parser.add_argument("--port", type=int, default=0)
    wanted = parser.parse_args().port
    for left in range(20, -1, -1):
        try:
            port, made = open_ports(wanted)
            break
        except (OSError, OverflowError) as error:
            if wanted or not left:
                sys.exit(f"port {wanted}: {error}")
    kept = []
    for family, loop, service, _, deaf, packets in made:
        kept.append(deafen(deaf, family, loop))
        service.listen(16)
        threading.Thread(target=accept, args=(service,), daemon=True).start()
        threading.Thread(target=datagrams, args=(packets, family), daemon=True).start()
    print(f"peer on port {port}", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass


main()
