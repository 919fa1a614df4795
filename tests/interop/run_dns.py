#!/usr/bin/env python3
"""examples/lookup against dnsmasq."""

import socket
import subprocess
import time

from peers import check, end, example, free_port, run

LOOKUP = example("lookup")
ZONE = ["--address=/host.test/192.0.2.1", "--cname=www.test,real.test", "--host-record=real.test,192.0.2.7",
        "--txt-record=host.test,v=one,and two", "--mx-host=host.test,far.test,20", "--mx-host=host.test,near.test,10",
        "--srv-host=_http._tcp.host.test,b.test,81,2,0", "--srv-host=_http._tcp.host.test,a.test,80,1,0",
        "--ptr-record=1.2.0.192.in-addr.arpa,host.test"]
LONG = [f"--txt-record=long.test,{i:03}{'x' * 237}" for i in range(9)]


def lookup(server, *words):
    code, out, err = run(LOOKUP, "-s", server, *words)
    return code, out.decode().splitlines(), err


def main():
    port = free_port()
    command = ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=",
               "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces", f"--port={port}", "--local=/test/",
               *ZONE, *LONG]
    program = subprocess.Popen(command)
    server = f"127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        code, lines, err = lookup(server, "host.test")
        check("the texts of a name", code == 0 and "txt v=oneand two" in lines, (code, lines, err))
        mail = [line for line in lines if line.startswith("mx")]
        check("its mail servers in order", mail == ["mx 10 near.test.", "mx 20 far.test."], lines)
        check("a name that stands for itself", "cname host.test." in lines, lines)
        code, lines, err = lookup(server, "www.test")
        check("the name behind an alias", "cname real.test." in lines, (code, lines, err))
        code, lines, err = lookup(server, "192.0.2.1")
        check("the names of an address", (code, lines) == (0, ["name host.test."]), (code, lines, err))
        code, lines, err = lookup(server, "host.test", "http", "tcp")
        check("the servers of a service", lines == ["port 80", "srv 1 0 80 a.test.", "srv 2 0 81 b.test."], (lines, err))
        # Too long for a datagram: by TCP, as much as the library has room for.
        code, lines, err = lookup(server, "long.test")
        texts = [line for line in lines if line.startswith("txt")]
        check("texts too long for a datagram", len(texts) == 4 and len(texts[0]) == 244, (code, lines, err))
        code, lines, err = lookup(server, "none.test")
        check("a name that is not there has nothing", (code, lines) == (0, []), (code, lines, err))
    finally:
        program.terminate()
        program.wait(10)


main()
end()
