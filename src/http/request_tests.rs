use super::*;

fn parse(text: &str) -> Result<RequestHead> {
    parse_request(&mut text.as_bytes().to_vec(), Limits::DEVICE)
}

fn head(fields: &str) -> RequestHead {
    parse(&format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n")).unwrap()
}

fn fails(fields: &str) -> Error {
    parse(&format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n")).unwrap_err()
}

#[test]
fn parts_of_a_request() {
    let text = "POST /a%20b?x=1 HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\n";
    let r = parse(text).unwrap();
    let s = |span: Span| std::str::from_utf8(span.of(text.as_bytes())).unwrap();
    assert_eq!((s(r.method), r.kind, s(r.target)), ("POST", Method::Post, "/a%20b?x=1"));
    assert_eq!((s(r.path), s(r.query), s(r.host)), ("/a%20b", "x=1", "example.com"));
    assert_eq!((r.major, r.minor, r.framing, r.len as usize), (1, 1, Framing::Length(5), text.len()));
    assert!(r.has(Flags::HAS_HOST) && r.has(Flags::HAS_QUERY) && !r.has(Flags::CLOSE));
    assert_eq!(r.check(), Ok(()));
}

#[test]
fn an_absolute_target_overrides_host() {
    let text = "GET http://u@a:1/x HTTP/1.1\r\nHost: b\r\n\r\n";
    let r = parse(text).unwrap();
    assert_eq!((r.host.of(text.as_bytes()), r.path.of(text.as_bytes())), (&b"a:1"[..], &b"/x"[..]));
    let text = "CONNECT a:443 HTTP/1.1\r\n\r\n";
    let r = parse(text).unwrap();
    assert_eq!((r.host.of(text.as_bytes()), r.form, r.check()), (&b"a:443"[..], Form::Authority, Ok(())));
}

#[test]
fn request_lines_that_are_refused() {
    for (line, err) in [
        ("", Error::HTTP_MALFORMED_REQUEST_LINE),
        ("GET", Error::HTTP_INVALID_METHOD),
        ("G@T / HTTP/1.1", Error::HTTP_INVALID_METHOD),
        (" / HTTP/1.1", Error::HTTP_INVALID_METHOD),
        ("GET /", Error::HTTP_MALFORMED_REQUEST_LINE),
        ("GET  / HTTP/1.1", Error::HTTP_INVALID_TARGET),
        ("GET / x HTTP/1.1", Error::HTTP_MALFORMED_VERSION),
        ("GET /  HTTP/1.1", Error::HTTP_MALFORMED_VERSION),
        ("GET / HTTP/1.10", Error::HTTP_MALFORMED_VERSION),
        ("GET / http/1.1", Error::HTTP_MALFORMED_VERSION),
        ("GET /\u{1} HTTP/1.1", Error::HTTP_INVALID_TARGET),
        ("GET /%4 HTTP/1.1", Error::HTTP_INVALID_TARGET),
        ("GET x HTTP/1.1", Error::HTTP_INVALID_TARGET),
        ("PRI * HTTP/2.0", Error::HTTP_UNSUPPORTED_VERSION),
    ] {
        assert_eq!(parse(&format!("{line}\r\nHost: h\r\n\r\n")), Err(err), "{line}");
    }
}

#[test]
fn framing_is_strict() {
    assert_eq!(head("Transfer-Encoding: Chunked\r\n").framing, Framing::Chunked);
    assert_eq!(head("Content-Length: 007\r\nContent-Length: 007 \r\n").framing, Framing::Length(7));
    assert_eq!(head("Content-Length: 0\r\n").framing, Framing::None);
    for bad in ["", "-5", "+5", "5,5", "5 5", "0x5", "9223372036854775808"] {
        assert_eq!(fails(&format!("Content-Length: {bad}\r\n")), Error::HTTP_BAD_CONTENT_LENGTH);
    }
    assert_eq!(fails("Content-Length: 5\r\nContent-Length: 05\r\n"), Error::HTTP_BAD_CONTENT_LENGTH);
    for bad in ["", "identity", "chunked, chunked", "gzip, chunked", "chunked;q=1", "\"chunked\""] {
        assert_eq!(
            fails(&format!("Transfer-Encoding: {bad}\r\n")),
            Error::HTTP_UNSUPPORTED_TRANSFER_ENCODING
        );
    }
    assert_eq!(
        fails("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        Error::HTTP_UNSUPPORTED_TRANSFER_ENCODING
    );
    assert_eq!(fails("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), Error::HTTP_LENGTH_AND_ENCODING);
    assert_eq!(
        parse("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Err(Error::HTTP_ENCODING_IN_OLD_VERSION)
    );
    assert_eq!(
        fails("Transfer-Encoding: chunked\r\nTrailer: a, Content-Length\r\n"),
        Error::HTTP_BAD_TRAILER
    );
    assert_eq!(head("Trailer: Content-Length\r\n").framing, Framing::None);
}

#[test]
fn what_the_connection_is_asked() {
    let flags = |fields: &str| head(fields).flags & !(Flags::HAS_HOST.0);
    assert_eq!(flags("Connection: keep-alive\r\n"), 0);
    assert_eq!(flags("connection: a, CLOSE\r\n"), Flags::CLOSE.0 | Flags::WANTS_CLOSE.0);
    assert_eq!(flags("Connection: a close\r\n"), Flags::WANTS_CLOSE.0);
    assert_eq!(flags("Connection: a\r\nConnection: b close\r\n"), 0);
    assert_eq!(flags("Connection: a\r\nConnection: close\r\n"), Flags::CLOSE.0 | Flags::WANTS_CLOSE.0);
    assert_eq!(flags("Connection: Upgrade\r\nUpgrade: websocket\r\n"), Flags::UPGRADE.0);
    assert_eq!(flags("Connection: Upgrade\r\nUpgrade:\r\n"), 0);
    let old = parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap();
    assert!(old.has(Flags::KEEP_ALIVE_10) && !old.has(Flags::CLOSE));
    assert!(parse("GET / HTTP/1.0\r\n\r\n").unwrap().has(Flags::CLOSE));
}

#[test]
fn expectations() {
    let with_body = head("Expect: 100-Continue\r\nContent-Length: 1\r\n");
    assert!(with_body.wants_continue() && !with_body.has(Flags::EXPECT_OTHER));
    assert!(!head("Expect: 100-continue\r\n").wants_continue());
    assert!(head("Expect: tea\r\n").has(Flags::EXPECT_OTHER));
    assert!(!head("Expect:\r\nExpect: tea\r\n").has(Flags::EXPECT_OTHER));
}

#[test]
fn what_the_server_refuses_besides() {
    let check = |text: &str| parse(text).unwrap().check();
    assert_eq!(check("GET / HTTP/1.1\r\n\r\n"), Err(Error::HTTP_MISSING_HOST));
    assert_eq!(check("GET / HTTP/1.1\r\nHost:\r\n\r\n"), Ok(()));
    assert_eq!(check("GET / HTTP/1.0\r\n\r\n"), Ok(()));
    assert_eq!(check("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), Err(Error::HTTP_MALFORMED_HOST));
    assert_eq!(check("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), Err(Error::HTTP_UNSUPPORTED_VERSION));
    assert_eq!(check("GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"), Err(Error::HTTP_INVALID_HEADER_NAME));
    assert_eq!(parse("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), Err(Error::HTTP_TOO_MANY_HOSTS));
}

#[test]
fn limits_hold_in_the_reader_itself() {
    let text = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
    let with =
        |head_len: u32, fields| parse_request(&mut text.as_bytes().to_vec(), Limits { head_len, fields });
    assert!(with(text.len() as u32, 2).is_ok());
    assert_eq!(with(text.len() as u32 - 1, 2), Err(Error::HTTP_HEADER_TOO_LARGE));
    assert_eq!(with(100, 1), Err(Error::HTTP_HEADER_TOO_LARGE));
}

#[test]
fn error_replies_are_gos() {
    let reply = |e| String::from_utf8(write_error_reply(e, &mut [0; 256]).unwrap().to_vec()).unwrap();
    let fixed = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n";
    for (err, line, body) in [
        (Error::HTTP_BAD_CONTENT_LENGTH, "400 Bad Request", "400 Bad Request"),
        (
            Error::HTTP_MISSING_HOST,
            "400 Bad Request: missing required Host header",
            "400 Bad Request: missing required Host header",
        ),
        (
            Error::HTTP_UNSUPPORTED_VERSION,
            "505 HTTP Version Not Supported: unsupported protocol version",
            "505 HTTP Version Not Supported: unsupported protocol version",
        ),
        (Error::HTTP_UNSUPPORTED_TRANSFER_ENCODING, "501 Not Implemented", "Unsupported transfer encoding"),
        (
            Error::HTTP_HEADER_TOO_LARGE,
            "431 Request Header Fields Too Large",
            "431 Request Header Fields Too Large",
        ),
    ] {
        assert_eq!(reply(err), format!("HTTP/1.1 {line}{fixed}{body}"));
    }
    assert_eq!(write_error_reply(Error::HTTP_MISSING_HOST, &mut [0; 20]), Err(Error::BUFFER_TOO_SMALL));
}
