//! Time-outs, broken answers, and what is refused before it is sent.

use super::*;

#[test]
fn every_wait_ends_in_time() {
    let _alone = alone();
    let (done, wait) = mpsc::channel::<()>();
    let server = serve(5, move |i, mut s| {
        head_of(&mut s).unwrap();
        match i {
            // Nothing; half a head; a head that trickles; a body that stops.
            0 => {}
            1 => s.write_all(b"HTTP/1.1 200 OK\r\n").unwrap(),
            2 => {
                for byte in b"HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" {
                    if s.write_all(&[*byte]).is_err() {
                        break;
                    }
                    thread::sleep(Duration::from_millis(10));
                }
            }
            3 => s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab").unwrap(),
            // Slower than the time-out as a whole, but never idle that long.
            _ => {
                s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n").unwrap();
                for _ in 0..8 {
                    thread::sleep(Duration::from_millis(50));
                    s.write_all(b"x").unwrap();
                }
                return;
            }
        }
        wait.recv().unwrap();
    });
    let config =
        Config { timeout_ms: 200, first_byte_timeout_ms: 100, idle_timeout_ms: 150, ..Config::DEFAULT };
    let c = client::new(&config).unwrap();
    for least in [100, 200, 200] {
        let (r, ms) = timed(|| client::get(c, server.url()));
        assert_eq!(r, Err(Error::TIMEOUT));
        assert!(ms >= least - 2 && ms < least + 90, "{ms} for {least}");
        assert_eq!(client::failure(c).unwrap().stage, Stage::Head);
        done.send(()).unwrap();
    }
    let r = client::get(c, server.url()).unwrap();
    assert_eq!(response::read(r, &mut [0; 9]), Ok(2));
    // The application's deadline does not end the answer, the idle time-out does.
    response::set_deadline(r, Deadline::after_ms(20)).unwrap();
    assert_eq!(response::read(r, &mut [0; 9]), Err(Error::TIMEOUT));
    response::set_deadline(r, Deadline::NOW).unwrap();
    assert_eq!(response::read(r, &mut [0; 9]), Err(Error::WOULD_BLOCK));
    assert_eq!(response::failure(r).unwrap().stage, Stage::None);
    response::set_deadline(r, Deadline::NONE).unwrap();
    let (read, ms) = timed(|| response::read(r, &mut [0; 9]));
    assert!(read == Err(Error::TIMEOUT) && (148..240).contains(&ms), "{ms}");
    assert_eq!(response::read(r, &mut [0; 9]), Err(Error::TIMEOUT));
    assert_eq!(response::failure(r).unwrap().stage, Stage::Body);
    response::close(r).unwrap();
    done.send(()).unwrap();
    assert_eq!(fetch(c, server.url()), Ok(vec![b'x'; 8]));
    client::close(c).unwrap();
    server.join();
}

#[test]
fn a_request_deadline_tightens_the_timeouts() {
    let _alone = alone();
    let server = serve(1, |_, mut s| while head_of(&mut s).is_some() {});
    let c = default();
    let mut request = Request { deadline: Deadline::after_ms(50), ..Request::get(server.url()) };
    let (r, ms) = timed(|| client::send(c, &mut request));
    assert!(r == Err(Error::TIMEOUT) && ms < 150, "{ms}");
    let mut past = Request { deadline: Deadline::NOW, ..Request::get(server.url()) };
    assert_eq!(client::send(c, &mut past), Err(Error::TIMEOUT));
    client::close(c).unwrap();
    server.join();
}

#[test]
fn a_body_that_is_cut_short_is_an_error() {
    let _alone = alone();
    for (bytes, error) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"[..], Error::UNEXPECTED_EOF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", Error::UNEXPECTED_EOF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", Error::UNEXPECTED_EOF),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
            Error::HTTP_MALFORMED_CHUNK,
        ),
    ] {
        for later in [false, true] {
            let server = serve(1, move |_, mut s| {
                head_of(&mut s).unwrap();
                let at = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
                s.write_all(&bytes[..at]).unwrap();
                if later {
                    thread::sleep(Duration::from_millis(20));
                }
                s.write_all(&bytes[at..]).unwrap();
            });
            let c = default();
            let r = client::get(c, server.url()).unwrap();
            let mut buf = [0; 64];
            assert_eq!(response::read(r, &mut buf), Ok(3));
            assert_eq!(&buf[..3], b"abc");
            assert_eq!(response::read(r, &mut buf), Err(error));
            assert_eq!(response::read(r, &mut buf), Err(error));
            response::close(r).unwrap();
            assert_eq!(client::idle(c), Ok(0));
            client::close(c).unwrap();
            server.join();
        }
    }
}

#[test]
fn heads_that_are_no_answer_are_errors() {
    let _alone = alone();
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let cases = [
        (String::new(), Err(Error::HTTP_NO_RESPONSE)),
        ("HTTP/1.1 200".to_owned(), Err(Error::UNEXPECTED_EOF)),
        (interim.repeat(5) + ok, Ok(vec![])),
        (interim.repeat(6) + ok, Err(Error::HTTP_TOO_MANY_INFORMATIONAL)),
        (interim.to_owned(), Err(Error::UNEXPECTED_EOF)),
        (
            "HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_owned(),
            Err(Error::HTTP_UNEXPECTED_UPGRADE),
        ),
        (format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(4096)), Err(Error::HTTP_HEADER_TOO_LARGE)),
        (format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(65)), Err(Error::HTTP_HEADER_TOO_LARGE)),
        (
            format!("HTTP/1.1 103 E\r\nX: {}\r\n\r\n", "y".repeat(1500)).repeat(3) + ok,
            Err(Error::HTTP_HEADER_TOO_LARGE),
        ),
        ("HTTP/1.1 2x0 OK\r\n\r\n".to_owned(), Err(Error::HTTP_MALFORMED_STATUS_LINE)),
    ];
    for (bytes, want) in cases {
        let text = bytes.clone();
        let server = serve(1, move |_, mut s| {
            head_of(&mut s).unwrap();
            // The client may leave in the middle.
            let _ = s.write_all(text.as_bytes());
        });
        let c = default();
        assert_eq!(fetch(c, server.url()), want, "{bytes:.60}");
        client::close(c).unwrap();
        server.join();
    }
}

#[test]
fn what_is_wrong_with_a_request_is_found_before_it_is_sent() {
    let _alone = alone();
    let c = default();
    for (url, error) in [
        ("https://h/", Error::TLS_NOT_CONFIGURED),
        ("ftp://h/", Error::HTTP_UNSUPPORTED_SCHEME),
        ("http:///x", Error::HTTP_NO_HOST_IN_URL),
        ("http://h/\r\n", Error::HTTP_INVALID_TARGET),
    ] {
        assert_eq!(client::get(c, url.as_bytes()), Err(error));
        assert_eq!(client::failure(c).unwrap().stage, Stage::Check);
    }
    let long = vec![b'x'; 5000];
    let fields: &[(&[u8], &[u8])] = &[(b"X", &long)];
    let mut request = Request { headers: &fields, ..Request::get(b"http://127.0.0.1:1/") };
    assert_eq!(client::send(c, &mut request), Err(Error::HTTP_HEADER_TOO_LARGE));
    assert_eq!(client::get(c, b"http://127.0.0.1:1/"), Err(Error::CONN_REFUSED));
    assert_eq!(client::failure(c).unwrap().stage, Stage::Dial);
    client::close(c).unwrap();
    assert_eq!(client::get(c, b"http://127.0.0.1:1/"), Err(Error::BAD_HANDLE));
}

#[test]
fn a_client_has_its_memory_from_the_start() {
    let _alone = alone();
    let config = Config { responses: 2, head_len: 1024, user_agent: Some(b"me/1"), ..Config::DEFAULT };
    let before = runtime::usage().arena.used;
    let c = client::new(&config).unwrap();
    assert_eq!(runtime::usage().arena.used - before, client::memory_needed(&config).unwrap());
    let server = serve(2, |_, mut s| {
        assert!(head_of(&mut s).unwrap().contains("\r\nUser-Agent: me/1\r\n"));
        s.write_all(OK).unwrap();
    });
    let with_client = runtime::usage().arena;
    let a = client::get(c, server.url()).unwrap();
    let b = client::get(c, server.url()).unwrap();
    assert_eq!(client::get(c, server.url()), Err(Error::NO_SLOT));
    assert_eq!(runtime::usage().arena, with_client);
    // The memory of a closed client stays until its last answer is closed.
    client::close(c).unwrap();
    assert_eq!(response::view(a).unwrap().status(), 200);
    assert!(runtime::usage().arena.used > before);
    response::close(a).unwrap();
    response::close(b).unwrap();
    assert_eq!(runtime::usage().arena.used, before);
    server.join();
    for bad in [
        Config { head_len: 100, ..Config::DEFAULT },
        Config { responses: 1000, ..Config::DEFAULT },
        Config { head_len: u32::MAX, ..Config::DEFAULT },
    ] {
        assert_eq!(client::new(&bad), Err(Error::INVALID));
    }
    assert_eq!(client::new(&Config { head_len: 1 << 20, ..Config::DEFAULT }), Err(Error::NO_MEMORY));
    assert_eq!(
        client::new(&Config { user_agent: Some(b"a\nb"), ..Config::DEFAULT }),
        Err(Error::HTTP_INVALID_HEADER_VALUE)
    );
}
