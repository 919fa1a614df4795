//! Connections that are kept, replaced, or not used again.

use super::*;

#[test]
fn one_connection_serves_many_requests() {
    let _alone = alone();
    let server = serve(2, |i, mut s| {
        let mut requests = 0;
        while let Some(head) = head_of(&mut s) {
            assert!(head.contains("\r\nUser-Agent: dunlin\r\n") && !head.contains("Connection:"), "{head}");
            requests += 1;
            s.write_all(match requests % 3 {
                0 => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                1 => OK,
                // Unread, but short: read away by close.
                _ => b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n",
            })
            .unwrap();
            if requests % 3 == 2 {
                s.write_all(&[b'x'; 300]).unwrap();
            }
        }
        assert_eq!(requests, [9, 1][i]);
    });
    let c = default();
    for _ in 0..3 {
        assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
        response::close(client::get(c, server.url()).unwrap()).unwrap();
        assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
    }
    assert_eq!(client::idle(c), Ok(1));
    client::close_idle(c).unwrap();
    assert_eq!(client::idle(c), Ok(0));
    assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
    client::close(c).unwrap();
    server.join();
}

#[test]
fn what_cannot_be_kept_is_closed() {
    let _alone = alone();
    let answers: [&'static [u8]; 7] = [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1",
        b"HTTP/1.1 204 No\r\n\r\nok",
    ];
    let server = serve(answers.len(), move |i, mut s| {
        answer(&mut s, answers[i]);
        assert_eq!(head_of(&mut s), None, "answer {i}");
    });
    let c = default();
    for _ in answers {
        let r = client::get(c, server.url()).unwrap();
        if response::view(r).unwrap().status() == 200 {
            assert_eq!(response::read(r, &mut [0; 2]), Ok(2));
        }
        response::close(r).unwrap();
        assert_eq!(client::idle(c), Ok(0));
    }
    client::close(c).unwrap();
    server.join();
}

#[test]
fn answers_without_a_body_keep_the_connection() {
    let _alone = alone();
    let server = serve(1, |_, mut s| {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
            b"HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n",
            OK,
        ] {
            answer(&mut s, bytes);
        }
    });
    let c = default();
    for (method, length) in [(&b"HEAD"[..], 100), (b"HEAD", -1), (b"GET", 0), (b"GET", 0), (b"GET", 2)] {
        let mut request = Request { method, ..Request::get(server.url()) };
        let r = client::send(c, &mut request).unwrap();
        assert_eq!(response::view(r).unwrap().content_length(), length);
        assert_eq!(body_of(r, 10).unwrap().len(), if length == 2 { 2 } else { 0 });
        response::close(r).unwrap();
    }
    client::close(c).unwrap();
    server.join();
}

#[test]
fn idle_connections_make_room_and_lead_to_their_host() {
    let _alone = alone();
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let sink_at = sink.local_addr().unwrap().to_string();
    let limit = || Limit::until(Deadline::after_ms(5000));
    let mut others = Vec::new();
    let one = |_: usize, mut s: TcpStream| while head_of(&mut s).is_some_and(|_| s.write_all(OK).is_ok()) {};
    let (a, b, again) = (serve(2, one), serve(1, one), serve(1, one));
    let c = default();
    for url in [a.url(), b.url(), a.url(), b.url()] {
        assert_eq!(fetch(c, url), Ok(b"ok".to_vec()));
    }
    assert_eq!(client::idle(c), Ok(2));
    // Now every other place is taken: the oldest idle connection, the one to `a`, goes.
    while let Ok(conn) = dial(&Dialer::default(), b"tcp", sink_at.as_bytes(), limit()) {
        others.push(conn);
    }
    assert_eq!(fetch(c, again.url()), Ok(b"ok".to_vec()));
    assert_eq!(fetch(c, b.url()), Ok(b"ok".to_vec()));
    assert_eq!(client::idle(c), Ok(2));
    conn::end(others.pop().unwrap());
    assert_eq!(fetch(c, a.url()), Ok(b"ok".to_vec()));
    others.into_iter().for_each(conn::end);
    client::close(c).unwrap();
    for server in [a, b, again] {
        server.join();
    }
}

#[test]
fn a_stale_connection_is_replaced_once() {
    let _alone = alone();
    for post in [false, true] {
        let (seen, order) = mpsc::channel();
        let server = serve(2, move |i, mut s| {
            answer(&mut s, OK);
            if i == 0 {
                // Takes the next request and leaves without an answer.
                head_of(&mut s).unwrap();
            }
            seen.send(i).unwrap();
        });
        let c = default();
        assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
        let mut request =
            Request { method: if post { b"POST" } else { b"GET" }, ..Request::get(server.url()) };
        match client::send(c, &mut request) {
            Ok(r) => {
                assert!(!post);
                response::close(r).unwrap();
            }
            // A POST may have been carried out: it is not sent twice.
            Err(e) => {
                assert!(post);
                assert!(e == Error::HTTP_NO_RESPONSE || e == Error::CONN_RESET);
                assert_eq!(client::failure(c).unwrap().stage, Stage::Head);
                assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
            }
        }
        assert_eq!(order.iter().take(2).collect::<Vec<_>>(), [0, 1]);
        client::close(c).unwrap();
        server.join();
    }
}

#[test]
fn an_idle_connection_that_closed_or_spoke_is_not_used() {
    let _alone = alone();
    for speaks in [false, true] {
        let server = serve(2, move |i, mut s| {
            answer(&mut s, OK);
            if i == 0 && speaks {
                thread::sleep(Duration::from_millis(30));
                s.write_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
        });
        let c = default();
        assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
        thread::sleep(Duration::from_millis(80));
        let mut post = Request { method: b"POST", ..Request::get(server.url()) };
        let r = client::send(c, &mut post).unwrap();
        assert_eq!(response::view(r).unwrap().status(), 200);
        response::close(r).unwrap();
        client::close(c).unwrap();
        server.join();
    }
}

#[test]
fn idle_connections_end_with_their_time() {
    let _alone = alone();
    let server = serve(1, |_, mut s| {
        answer(&mut s, OK);
        assert_eq!(head_of(&mut s), None);
    });
    let c = client::new(&Config { idle_conn_timeout_ms: 60, ..Config::DEFAULT }).unwrap();
    assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
    let due = client::run().remaining_ms().unwrap();
    assert!(due > 0 && due <= 60);
    thread::sleep(Duration::from_millis(80));
    assert_eq!(client::run(), Deadline::NONE);
    assert_eq!(client::idle(c), Ok(0));
    server.join();
    client::close(c).unwrap();
}
