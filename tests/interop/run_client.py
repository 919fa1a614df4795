#!/usr/bin/env python3
"""examples/http_get and http_post against nginx, Go, and servers that are slow, odd or broken."""

import os
import shutil
import signal
import time

from peers import Program, Scripted, check, end, example, free_port, go_build, read_head, run, scratch

PATTERN = b"0123456789abcdef" * 4096
GET = example("http_get")
POST = example("http_post")


def nginx(folder):
    port = free_port()
    www = os.path.join(folder, "www")
    os.makedirs(www)
    with open(os.path.join(www, "file"), "wb") as f:
        f.write(PATTERN * 16)
    with open(os.path.join(www, "page.shtml"), "wb") as f:
        f.write(b"<!--#echo var=\"server_protocol\" -->" + PATTERN)
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w") as f:
        f.write(f"""daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/err; user root;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
 uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
 server {{ listen 127.0.0.1:{port}; root {www}; ssi on; ssi_types *; ssi_last_modified off;
  location /file {{ ssi off; }} location /gone {{ return 410 "gone"; }} location /nothing {{ return 204; }} }} }}
""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return Program(program, "-c", conf, "-p", folder, port=port), f"http://127.0.0.1:{port}"


def against_nginx():
    folder = scratch()
    server, base = nginx(folder)
    code, out, err = run(GET, base + "/file")
    check("nginx: a megabyte by length", code == 0 and out == PATTERN * 16, err)
    out_file = os.path.join(folder, "out")
    code, _, err = run(GET, "-o", out_file, base + "/file")
    with open(out_file, "rb") as f:
        check("nginx: -o FILE", code == 0 and f.read() == PATTERN * 16, err)
    code, out, err = run(GET, base + "/page.shtml")
    check("nginx: chunked", code == 0 and out == b"HTTP/1.1" + PATTERN, err)
    code, out, err = run(GET, "-v", base + "/nothing")
    check("nginx: 204 with -v", code == 0 and out == b"" and b"204" in err, err)
    code, out, err = run(GET, base + "/missing")
    check("nginx: 404 is not success", code not in (0, None))
    server.end(signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


def against_go():
    port = free_port()
    server = Program(go_build("server"), f"127.0.0.1:{port}", port=port)
    base = f"http://127.0.0.1:{port}"
    for path in ("/length", "/chunked", "/close"):
        code, out, err = run(GET, base + path)
        check(f"go: {path}", code == 0 and out == PATTERN, err)
    code, out, err = run(GET, base + "/slow")
    check("go: slow body", code == 0 and out.count(b"part") == 10, err)
    code, out, err = run(GET, base + "/early")
    check("go: 103 is skipped", code == 0 and out == b"after early hints", err)
    code, out, err = run(GET, base + "/empty")
    check("go: 204", code == 0 and out == b"", err)
    code, out, err = run(GET, base + "/abort")
    check("go: a body cut short is an error", code not in (0, None) and b"EOF" in err, err)
    code, out, err = run(POST, base + "/echo", "some data")
    check("go: http_post", code == 0 and out.endswith(b" 9 some data") and out.startswith(b"POST "), (out, err))
    server.end(signal.SIGTERM)


def answers(*pieces, pause=0.0, hold=0.0):
    """A server that reads one head and sends pieces."""

    def answer(conn):
        read_head(conn)
        for piece in pieces:
            conn.sendall(piece)
            if pause:
                time.sleep(pause)
        if hold:
            time.sleep(hold)

    return Scripted(answer)


def expect(name, server, good, want=b"", text=b"", timeout=30):
    start = time.monotonic()
    code, out, err = run(GET, server.url, timeout=timeout)
    ok = (code == 0 and out == want) if good else (code not in (0, None) and text in err)
    check(f"{name} ({time.monotonic() - start:.1f} s)", ok, (code, out[:80], err[-200:]))
    server.close()


def against_odd_servers():
    ok = b"HTTP/1.1 200 OK\r\n"
    expect("until close", answers(b"HTTP/1.0 200 OK\r\n\r\n" + PATTERN), True, PATTERN)
    expect("byte by byte", answers(*[bytes([b]) for b in ok + b"Content-Length: 5\r\n\r\nhello"], pause=0.002), True, b"hello")
    chunks = [b"5\r\nhello\r\n", b"1;x=y\r\n \r\n", b"5\r\nworld\r\n", b"0\r\nX-Trailer: 1\r\n\r\n"]
    expect("chunked with extension and trailer", answers(ok + b"Transfer-Encoding: chunked\r\n\r\n", *chunks, pause=0.01),
           True, b"hello world")
    expect("five 1xx", answers(b"HTTP/1.1 100 Continue\r\n\r\n" * 5 + ok + b"Content-Length: 2\r\n\r\nok"), True, b"ok")
    expect("six 1xx", answers(b"HTTP/1.1 100 Continue\r\n\r\n" * 6 + ok + b"\r\n"), False, text=b"1xx")
    expect("truncated by length", answers(ok + b"Content-Length: 10\r\n\r\nhello"), False, text=b"unexpected EOF")
    expect("truncated chunk", answers(ok + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel"), False, text=b"unexpected EOF")
    expect("chunk without its end", answers(ok + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), False)
    expect("both framings", answers(ok + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), False)
    expect("not HTTP", answers(b"SSH-2.0-OpenSSH_9.2\r\n"), False)
    expect("closed before an answer", answers(), False)
    expect("a head past the limit", answers(ok + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), False, text=b"large")
    server = answers(ok + b"Content-Length: 2\r\n\r\nok", hold=30)
    start = time.monotonic()
    code, out, _ = run(GET, server.url)
    check("done at the length, not at the close", code == 0 and out == b"ok" and time.monotonic() - start < 5)
    code, _, err = run(GET, f"http://127.0.0.1:{free_port()}/")
    check("connection refused", code not in (0, None) and b"refused" in err, err)
    code, _, err = run(GET, "http://no-such-host.invalid/", timeout=60)
    check("no such host", code not in (0, None) and err)
    code, _, err = run(GET, "https://127.0.0.1/")
    check("https without TLS says so", code not in (0, None) and b"TLS" in err, err)
    code, _, err = run(GET, "gopher://127.0.0.1/")
    check("another scheme is an error", code not in (0, None) and b"scheme" in err, err)
    code, out, err = run(GET)
    check("no URL: usage", code not in (0, None) and b"http_get" in out + err)
    code, out, err = run(GET, "-h")
    check("-h tells the usage", code == 0 and b"http_get" in out + err)


against_nginx()
against_go()
against_odd_servers()
end()
