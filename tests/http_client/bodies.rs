//! Request bodies: whole, streamed, replayed, held back.

use super::*;

fn request_body(head: &str, s: &mut impl Read) -> Vec<u8> {
    let mut body = Vec::new();
    if head.contains("\r\nTransfer-Encoding: chunked\r\n") {
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                let mut b = [0];
                s.read_exact(&mut b).unwrap();
                line.push(b[0]);
            }
            let n = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).unwrap();
            let mut data = vec![0; n + 2];
            s.read_exact(&mut data).unwrap();
            assert!(data.ends_with(b"\r\n"));
            body.extend_from_slice(&data[..n]);
            if n == 0 {
                return body;
            }
        }
    }
    if let Some(at) = head.find("\r\nContent-Length: ") {
        let n: usize = head[at + 18..].split("\r\n").next().unwrap().parse().unwrap();
        body.resize(n, 0);
        s.read_exact(&mut body).unwrap();
    }
    body
}

#[test]
fn bodies_are_sent_whole_and_streamed() {
    let _alone = alone();
    let (seen, got) = mpsc::channel();
    let server = serve(1, move |_, mut s| {
        while let Some(head) = head_of(&mut s) {
            let body = request_body(&head, &mut s);
            seen.send((head, body.len())).unwrap();
            s.write_all(OK).unwrap();
        }
    });
    let c = default();
    let bytes = vec![b'b'; 100_000];
    let (mut a, mut b, mut none, mut short) =
        (pieces(9000, 700), pieces(9000, 5000), pieces(0, 1), pieces(3, 1));
    let mut get = pieces(3, 5);
    let chunked = "\r\nTransfer-Encoding: chunked\r\n";
    let cases: Vec<(&[u8], Body<'_>, &str, usize)> = vec![
        (b"POST", Body::Bytes(&bytes), "\r\nContent-Length: 100000\r\n", 100_000),
        (b"POST", Body::None, "\r\nContent-Length: 0\r\n", 0),
        (b"PUT", Body::Stream { source: &mut a, len: None }, chunked, 9000),
        (b"POST", Body::Stream { source: &mut b, len: Some(9000) }, "\r\nContent-Length: 9000\r\n", 9000),
        (b"GET", Body::Stream { source: &mut none, len: None }, "\r\nUser-Agent: dunlin\r\n\r\n", 0),
        (b"GET", Body::Stream { source: &mut get, len: None }, chunked, 3),
    ];
    for (method, body, field, len) in cases {
        let mut request = Request { method, body, ..Request::get(server.url()) };
        let r = client::send(c, &mut request).unwrap();
        assert_eq!(body_of(r, 9), Ok(b"ok".to_vec()));
        response::close(r).unwrap();
        let (head, n) = got.recv().unwrap();
        assert!(head.contains(field) && n == len, "{n} {head}");
    }
    client::close_idle(c).unwrap();
    server.join();
    let server = serve(1, |_, mut s| {
        let mut all = Vec::new();
        s.read_to_end(&mut all).unwrap_or(0);
    });
    let body = Body::Stream { source: &mut short, len: Some(4) };
    let mut request = Request { method: b"POST", body, ..Request::get(server.url()) };
    assert_eq!(client::send(c, &mut request), Err(Error::HTTP_CONTENT_LENGTH));
    assert_eq!(client::failure(c).unwrap().stage, Stage::Source);
    client::close(c).unwrap();
    server.join();
}

#[test]
fn a_streamed_body_is_rewound_for_a_replay() {
    let _alone = alone();
    for rewinds in [true, false] {
        let server = serve(if rewinds { 2 } else { 1 }, move |i, mut s| {
            answer(&mut s, OK);
            if i == 0 {
                let head = head_of(&mut s).unwrap();
                request_body(&head, &mut s);
            }
        });
        // The second connection's first request is the replay.
        let c = default();
        assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
        let mut source = Pieces { rewinds, ..pieces(50, 20) };
        let fields: &[(&[u8], &[u8])] = &[(b"Idempotency-Key", b"1")];
        let headers: &dyn HeaderList = &fields;
        let body = Body::Stream { source: &mut source, len: Some(50) };
        let mut request = Request { method: b"POST", headers, body, ..Request::get(server.url()) };
        let sent = client::send(c, &mut request);
        assert_eq!(sent.is_ok(), rewinds, "{sent:?}");
        if let Ok(r) = sent {
            response::close(r).unwrap();
        }
        client::close(c).unwrap();
        server.join();
    }
}

#[test]
fn expect_holds_the_body_back() {
    let _alone = alone();
    let server = serve(3, |i, mut s| {
        let head = head_of(&mut s).unwrap();
        assert!(head.contains("\r\nExpect: 100-continue\r\n"));
        s.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
        assert!(s.read(&mut [0]).is_err(), "the body came unasked");
        s.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        match i {
            0 => s.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap(),
            // Refused: the body never comes, the connection ends.
            1 => {
                s.write_all(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n").unwrap();
                assert_eq!(s.read(&mut [0]).unwrap_or(0), 0);
                return;
            }
            // Says nothing: it comes all the same.
            _ => {}
        }
        assert_eq!(request_body(&head, &mut s), b"body");
        s.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok").unwrap();
    });
    let c = client::new(&Config { expect_timeout_ms: 500, ..Config::DEFAULT }).unwrap();
    for status in [200, 417, 200] {
        let fields: &[(&[u8], &[u8])] = &[(b"expect", b"100-continue")];
        let mut request = Request {
            method: b"POST",
            headers: &fields,
            body: Body::Bytes(b"body"),
            ..Request::get(server.url())
        };
        let r = client::send(c, &mut request).unwrap();
        assert_eq!(response::view(r).unwrap().status(), status);
        assert_eq!(client::idle(c), Ok(0));
        response::close(r).unwrap();
        assert_eq!(client::idle(c), Ok(0));
    }
    client::close(c).unwrap();
    server.join();
}

#[test]
fn a_success_that_comes_early_does_not_end_the_sending() {
    let _alone = alone();
    let server = serve(1, |_, mut s| {
        let head = head_of(&mut s).unwrap();
        // An echo: the answer begins with the first bytes of the body.
        write!(s, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let body = request_body(&head, &mut s);
        assert_eq!(body.len(), 100_000);
        for piece in body.chunks(1000) {
            write!(s, "{:x}\r\n", piece.len()).unwrap();
            s.write_all(piece).unwrap();
            s.write_all(b"\r\n").unwrap();
        }
        s.write_all(b"0\r\n\r\n").unwrap();
    });
    let c = default();
    let mut source = pieces(100_000, 700);
    let mut request = Request {
        method: b"POST",
        body: Body::Stream { source: &mut source, len: None },
        ..Request::get(server.url())
    };
    let r = client::send(c, &mut request).unwrap();
    assert_eq!(body_of(r, 512).unwrap().len(), 100_000);
    response::close(r).unwrap();
    client::close(c).unwrap();
    server.join();
}

#[test]
fn an_early_answer_ends_the_sending() {
    let _alone = alone();
    // Answers and stops reading; answers and closes.
    for closes in [false, true] {
        let (done, wait) = mpsc::channel::<()>();
        let server = serve(1, move |_, mut s| {
            answer(&mut s, b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
            if closes {
                s.shutdown(Shutdown::Write).unwrap();
            }
            wait.recv().unwrap();
        });
        let c = default();
        let mut endless = pieces(usize::MAX, 1000);
        let body = Body::Stream { source: &mut endless, len: None };
        let mut request = Request { method: b"POST", body, ..Request::get(server.url()) };
        let (r, ms) = timed(|| client::send(c, &mut request));
        let r = r.unwrap();
        assert!(ms < 2000, "{ms}");
        assert_eq!(response::view(r).unwrap().status(), 413);
        assert_eq!(body_of(r, 10), Ok(b"no".to_vec()));
        response::close(r).unwrap();
        assert_eq!(client::idle(c), Ok(0));
        client::close(c).unwrap();
        done.send(()).unwrap();
        server.join();
    }
}
