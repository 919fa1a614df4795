//! Answers, framing, keep-alive and what becomes of heads, byte for byte.

use super::*;

static ROUTES: &[Route] = &[
    Route { pattern: "GET /{$}", handler: hello },
    Route { pattern: "GET /empty", handler: |_| Ok(()) },
    Route { pattern: "GET /file", handler: |x| x.reply_static(200, b"text/plain", FILE) },
    Route { pattern: "GET /hello/{name}", handler: greet },
    Route { pattern: "POST /echo", handler: echo },
    Route { pattern: "POST /ignore", handler: hello },
    Route { pattern: "GET /big", handler: |x| x.write(&[b'x'; 5000]).map(|_| ()) },
    Route { pattern: "GET /fail", handler: |_| Err(Error::IO) },
    Route { pattern: "GET /headers", handler: headers },
    Route { pattern: "GET /none", handler: |x| x.reply(204, b"", b"") },
    Route { pattern: "POST /small", handler: limited },
    Route { pattern: "/dir/", handler: |x| x.not_found() },
];

static FILE: &[u8] = &[b'f'; 20_000];

fn greet(x: Exchange) -> Result<()> {
    x.write(b"Hello, ")?;
    let name = x.path_value(b"name")?;
    #[allow(unsafe_code)]
    // SAFETY: inside the handler.
    x.write(unsafe { name.bytes() }).map(|_| ())
}

fn echo(x: Exchange) -> Result<()> {
    let mut buf = [0; 300];
    loop {
        match x.read(&mut buf)? {
            0 => return Ok(()),
            n => x.write(&buf[..n])?,
        };
    }
}

fn limited(x: Exchange) -> Result<()> {
    x.limit_body(10)?;
    echo(x)
}

fn headers(x: Exchange) -> Result<()> {
    x.set_header(b"x-b", b"2")?;
    x.set_header(b"x-a", b" 1 ")?;
    x.add_header(b"x-b", b"3")?;
    x.set_header(b"x-c", b"gone")?;
    x.del_header(b"X-C")?;
    x.set_header(b"x-d", b"1\r\nx: y")?;
    assert_eq!(x.set_header(b"x d", b"1"), Err(Error::HTTP_INVALID_HEADER_NAME));
    assert_eq!(x.set_header(b"x-long", &[b'a'; 5000]), Err(Error::BUFFER_TOO_SMALL));
    x.reply(201, b"text/plain", b"ok")?;
    assert_eq!(x.write(b"more"), Err(Error::HTTP_HEADERS_SENT));
    assert_eq!(x.set_header(b"x-e", b"1"), Err(Error::HTTP_HEADERS_SENT));
    Ok(())
}

fn one(request: &str) -> String {
    let mut answer = String::new();
    serving(routes(ROUTES), 1, |_, connect| {
        let peer = connect();
        peer.send(request);
        peer.end();
        answer = undated(&peer.rest());
    });
    answer
}

#[test]
fn a_short_answer_has_its_length() {
    serving(routes(ROUTES), 1, |_, connect| {
        let peer = connect();
        for _ in 0..3 {
            let answer = peer.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "World!");
            assert!(answer.contains("\r\nDate: "));
            assert_eq!(undated(&answer), "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, World!");
        }
        let (reads, writes) = peer.wire().calls;
        assert_eq!(writes, 3);
        assert!(reads <= 5, "{reads}");
    });
}

#[test]
fn answers_as_go_gives_them() {
    for (request, answer) in [
        ("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"),
        ("GET /empty HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("GET /none HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nHello, World!",
        ),
        ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, World!"),
        (
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: keep-alive\r\n\r\nHello, World!",
        ),
        (
            "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Length: 19\r\n\r\n404 page not found\n",
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n\
             Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Length: 19\r\n\r\nMethod Not Allowed\n",
        ),
        (
            "GET /dir HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 307 Temporary Redirect\r\nContent-Type: text/html; charset=utf-8\r\nLocation: /dir/\r\n\
             Content-Length: 41\r\n\r\n<a href=\"/dir/\">Temporary Redirect</a>.\n\n",
        ),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (
            "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n",
            "HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "GET /fail HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Length: 22\r\n\r\nInternal Server Error\n",
        ),
        (
            "GET /headers HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nX-A: 1\r\nX-B: 2\r\nX-B: 3\r\nX-D: 1  x: y\r\n\
             Content-Length: 2\r\n\r\nok",
        ),
        (
            "GET /hello/w%C3%B6%20rld HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 14\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, wö rld",
        ),
        (
            "GET /hello/bob HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, bob",
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nabcde",
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nabcde",
        ),
        (
            "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nabcdefghijk\r\n0\r\n\r\n",
            "HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Length: 25\r\nConnection: close\r\n\r\n\
             Request Entity Too Large\n",
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Length: 12\r\nConnection: close\r\n\r\nBad Request\n",
        ),
    ] {
        assert_eq!(one(request), answer, "{request}");
    }
}

#[test]
fn bad_heads_are_refused() {
    for (request, status) in [
        ("GET /\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"),
        ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505 HTTP Version Not Supported: unsupported protocol version"),
        (
            "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400 Bad Request",
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 Bad Request"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported: unsupported protocol version"),
        ("GET / HTTP/1.1\r\nHost: h\r\n", "400 Bad Request"),
    ] {
        let body = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{status}"
        );
        assert_eq!(one(request), body, "{request}");
    }
    let long = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "a".repeat(4096));
    assert!(one(&long).starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
    let long = one("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n");
    assert!(
        long.starts_with("HTTP/1.1 501 Not Implemented\r\n")
            && long.ends_with("\r\n\r\nUnsupported transfer encoding")
    );
    assert_eq!(one(""), "");
}

#[test]
fn long_answers_are_chunked_or_until_close() {
    let x = |n| "x".repeat(n);
    assert_eq!(
        one("GET /big HTTP/1.1\r\nHost: h\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n{}\r\n0\r\n\r\n", x(5000))
    );
    assert_eq!(
        one("GET /big HTTP/1.0\r\n\r\n"),
        format!("HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}", x(5000))
    );
    let file = one("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(
        file.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20000\r\n\r\nfff")
    );
    assert_eq!(file.len(), file.find("\r\n\r\n").unwrap() + 4 + 20_000);
    let head = one("HEAD /file HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(head.ends_with("Content-Length: 20000\r\n\r\n"));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let all = "GET /hello/1 HTTP/1.1\r\nHost: h\r\n\r\n\
               POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\
               \r\n\r\nPOST /ignore HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
               GET /hello/2 HTTP/1.1\r\nHost: h\r\n\r\n";
    let want =
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, 1HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nabc\
                HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, World!\
                HTTP/1.1 200 OK\r\nContent-Length: 8\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello, 2";
    assert_eq!(one(all), want);
    // The same in every division into two, and byte by byte.
    serving(routes(ROUTES), 1, |_, connect| {
        for at in (1..all.len()).step_by(7) {
            let peer = connect();
            peer.send(&all[..at]);
            wait_until("taking", || peer.wire().input.is_empty());
            peer.send(&all[at..]);
            peer.end();
            assert_eq!(undated(&peer.rest()), want, "split at {at}");
        }
        let peer = connect();
        for byte in all.as_bytes() {
            peer.send([*byte]);
            wait_until("taking", || peer.wire().input.is_empty());
        }
        peer.end();
        assert_eq!(undated(&peer.rest()), want);
    });
}

#[test]
fn what_a_peer_sends_ahead_leaves_room_for_the_answer() {
    let ahead = "x".repeat(20_000);
    let post = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (request, status) in [
        (format!("GET /headers HTTP/1.1\r\nHost: h\r\n\r\n{ahead}"), "201 Created"),
        (format!("{post}5;{ahead}\r\nabcde\r\n0\r\n\r\n"), "400 Bad Request"),
        (format!("{post}0\r\n{}\r\n", "X: y\r\n".repeat(3000)), "400 Bad Request"),
        (format!("GET /fail HTTP/1.1\r\nHost: h\r\n\r\n{ahead}"), "500 Internal Server Error"),
    ] {
        let answer = one(&request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
    }
}

#[test]
fn continue_is_sent_when_the_body_is_read() {
    let head = "HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    serving(routes(ROUTES), 1, |_, connect| {
        let peer = connect();
        assert_eq!(peer.ask(&format!("POST /echo {head}"), "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        peer.send("abc");
        assert_eq!(
            undated(&peer.until("abc")),
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nabc"
        );
        // Not read: no interim answer, and the connection ends.
        peer.send(format!("POST /ignore {head}"));
        let want = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nHello, World!";
        assert_eq!(undated(&peer.rest()), want);
    });
}
