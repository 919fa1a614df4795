use super::*;

fn parse(text: &str, method: Method) -> Result<ResponseHead> {
    parse_response(&mut text.as_bytes().to_vec(), method, Limits::DEVICE)
}

#[test]
fn parts_of_a_response() {
    let text = "HTTP/1.1  404 Not  Found\r\nContent-Length: 3\r\n\r\n";
    let r = parse(text, Method::Get).unwrap();
    assert_eq!((r.code, r.status.of(text.as_bytes())), (404, &b"404 Not  Found"[..]));
    assert_eq!(r.reason(text.as_bytes()), b"Not  Found");
    assert_eq!((r.framing, r.content_length, r.close), (Framing::Length(3), 3, false));
    assert_eq!(parse("HTTP/1.1 200\r\n\r\n", Method::Get).unwrap().code, 200);
}

#[test]
fn status_lines_that_are_refused() {
    for line in
        ["HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 +12", "HTTP/1.1 -12", "HTTP/1.1 200\tOK", ""]
    {
        assert_eq!(
            parse(&format!("{line}\r\n\r\n"), Method::Get),
            Err(Error::HTTP_MALFORMED_STATUS_LINE),
            "{line}"
        );
    }
    for line in ["HTTP/1.10 200 OK", "http/1.1 200 OK", "ICY 200 OK"] {
        assert_eq!(
            parse(&format!("{line}\r\n\r\n"), Method::Get),
            Err(Error::HTTP_MALFORMED_VERSION),
            "{line}"
        );
    }
}

#[test]
fn framing_depends_on_method_and_status() {
    let of = |code: u16, fields: &str, method| {
        let r = parse(&format!("HTTP/1.1 {code} x\r\n{fields}\r\n"), method).unwrap();
        (r.framing, r.content_length, r.close)
    };
    assert_eq!(of(200, "", Method::Get), (Framing::UntilClose, -1, true));
    assert_eq!(of(200, "Content-Length: 5\r\n", Method::Head), (Framing::None, 5, false));
    assert_eq!(of(200, "", Method::Head), (Framing::None, -1, false));
    assert_eq!(of(204, "Content-Length: 5\r\n", Method::Get), (Framing::None, 0, false));
    assert_eq!(of(304, "Transfer-Encoding: chunked\r\n", Method::Get), (Framing::None, 0, false));
    assert_eq!(of(100, "", Method::Get), (Framing::None, 0, false));
    assert_eq!(of(200, "Transfer-Encoding: chunked\r\n", Method::Get), (Framing::Chunked, -1, false));
    assert_eq!(of(200, "Content-Length: 0\r\nConnection: close\r\n", Method::Get), (Framing::None, 0, true));
}

#[test]
fn two_framings_are_refused() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(parse(text, Method::Get), Err(Error::HTTP_LENGTH_AND_ENCODING));
    let text = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(parse(text, Method::Get), Err(Error::HTTP_ENCODING_IN_OLD_VERSION));
}

#[test]
fn connection_close_is_taken_out_as_go_does() {
    let text = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let r = parse(text, Method::Get).unwrap();
    assert_eq!(r.header(text.as_bytes()).get(b"connection"), None);
    let text = "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n";
    let r = parse(text, Method::Get).unwrap();
    assert_eq!(r.header(text.as_bytes()).get(b"connection"), Some(&b"close"[..]));
}

#[test]
fn five_interim_answers() {
    let mut seen = Informational::default();
    for _ in 0..5 {
        assert_eq!(seen.count(), Ok(()));
    }
    assert_eq!(seen.count(), Err(Error::HTTP_TOO_MANY_INFORMATIONAL));
    let r = parse("HTTP/1.1 103 Early Hints\r\n\r\n", Method::Get).unwrap();
    assert!(r.is_informational());
    assert!(!parse("HTTP/1.1 101 x\r\n\r\n", Method::Get).unwrap().is_informational());
}
