//! Several tasks: cancel, close, a shared client, pipes.

use super::*;

fn after(ms: u64, f: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(ms));
        f();
    })
}

#[test]
fn cancel_ends_any_stage() {
    let _alone = alone();
    let (done, wait) = mpsc::channel::<()>();
    let server = serve(3, move |i, mut s| {
        match i {
            0 => {
                head_of(&mut s).unwrap();
            }
            1 => {}
            _ => answer(&mut s, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"),
        }
        wait.recv().unwrap();
    });
    let c = default();
    // Waiting for the head; writing a body that nobody reads.
    for upload in [false, true] {
        let token = cancel::new().unwrap();
        let mut endless = pieces(usize::MAX, 4096);
        let body = if upload { Body::Stream { source: &mut endless, len: None } } else { Body::None };
        let mut request = Request { method: b"POST", body, cancel: token, ..Request::get(server.url()) };
        let other = after(50, move || cancel::cancel(token).unwrap());
        let (r, ms) = timed(|| client::send(c, &mut request));
        assert!(r == Err(Error::CANCELED) && ms < 300, "{r:?} {ms}");
        other.join().unwrap();
        cancel::close(token).unwrap();
        done.send(()).unwrap();
    }
    let token = cancel::new().unwrap();
    let r = client::send(c, &mut Request { cancel: token, ..Request::get(server.url()) }).unwrap();
    assert_eq!(response::read(r, &mut [0; 9]), Ok(2));
    let other = after(50, move || cancel::cancel(token).unwrap());
    let (read, ms) = timed(|| response::read(r, &mut [0; 9]));
    assert!(read == Err(Error::CANCELED) && ms < 300, "{read:?} {ms}");
    other.join().unwrap();
    response::close(r).unwrap();
    let mut late = Request { cancel: token, ..Request::get(server.url()) };
    assert_eq!(client::send(c, &mut late), Err(Error::CANCELED));
    cancel::close(token).unwrap();
    client::close(c).unwrap();
    done.send(()).unwrap();
    server.join();
}

#[test]
fn closing_from_another_task_ends_what_is_blocked() {
    let _alone = alone();
    let (done, wait) = mpsc::channel::<()>();
    let server = serve(3, move |i, mut s| {
        head_of(&mut s).unwrap();
        if i < 2 {
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab").unwrap();
        }
        wait.recv().unwrap();
    });
    let c = default();
    for whole in [false, true] {
        let r = client::get(c, server.url()).unwrap();
        assert_eq!(response::read(r, &mut [0; 9]), Ok(2));
        let reader = thread::spawn(move || timed(|| response::read(r, &mut [0; 9])));
        thread::sleep(Duration::from_millis(50));
        assert_eq!(response::read(r, &mut [0; 9]), Err(Error::BUSY));
        if whole {
            client::close(c).unwrap();
        } else {
            response::close(r).unwrap();
        }
        let (read, ms) = reader.join().unwrap();
        assert!(read == Err(Error::CLOSED) && ms < 300, "{read:?} {ms}");
        if whole {
            assert_eq!(response::read(r, &mut [0; 9]), Err(Error::CLOSED));
            response::close(r).unwrap();
        }
        done.send(()).unwrap();
    }
    let c = default();
    let other = after(50, move || client::close(c).unwrap());
    let (r, ms) = timed(|| client::get(c, server.url()));
    assert!(r == Err(Error::CLOSED) && ms < 300, "{r:?} {ms}");
    other.join().unwrap();
    done.send(()).unwrap();
    server.join();
}

#[test]
fn a_pipe_carries_requests() {
    let _alone = alone();
    let (ours, theirs) = pipe::new().unwrap();
    let server = thread::spawn(move || {
        let soon = || Limit::until(Deadline::after_ms(5000));
        for i in 0..2 {
            let mut head = Vec::new();
            let mut buf = [0; 16];
            while !head.ends_with(b"\r\n\r\n") {
                let n = theirs.read(&mut buf, soon()).unwrap();
                head.extend_from_slice(&buf[..n]);
            }
            let want = format!("GET /{i} HTTP/1.1\r\nHost: device\r\nUser-Agent: dunlin\r\n\r\n");
            assert_eq!(String::from_utf8(head).unwrap(), want);
            for byte in OK {
                theirs.write_all(&[&[*byte]], soon()).unwrap();
            }
        }
        conn::end(theirs);
    });
    let c = default();
    client::adopt(c, b"http://device", ours).unwrap();
    assert_eq!(fetch(c, b"http://device/0"), Ok(b"ok".to_vec()));
    assert_eq!(fetch(c, b"http://device/1"), Ok(b"ok".to_vec()));
    server.join().unwrap();
    client::close(c).unwrap();
}

#[test]
fn a_thousand_requests_leave_nothing_behind() {
    let _alone = alone();
    let server = serve(334, |_, mut s| {
        for _ in 0..3 {
            if head_of(&mut s).is_none() || s.write_all(OK).is_err() {
                return;
            }
        }
    });
    let c = default();
    for _ in 0..1000 {
        assert_eq!(fetch(c, server.url()), Ok(b"ok".to_vec()));
    }
    client::close(c).unwrap();
    server.join();
}

/// Four tasks, one client, a server that leaves, stalls and cuts short as it likes, tokens and closing
/// from outside: every call ends, every body that is accepted is whole.
#[test]
fn many_tasks_share_a_client() {
    let _alone = alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = stop.clone();
    let server = thread::spawn(move || {
        let mut seed = 1u32;
        let mut conns = Vec::new();
        while let Ok((mut s, _)) = listener.accept() {
            if stopped.load(std::sync::atomic::Ordering::Relaxed) {
                break;
            }
            s.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mut turn = seed >> 16;
            conns.push(thread::spawn(move || {
                while head_of(&mut s).is_some() {
                    turn += 1;
                    let sent = match turn % 8 {
                        0 => return,
                        1 => s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"),
                        2 => s.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n"),
                        3 => {
                            thread::sleep(Duration::from_millis(15));
                            s.write_all(OK)
                        }
                        4 => s.write_all(
                            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                        ),
                        _ => s.write_all(OK),
                    };
                    if sent.is_err() || matches!(turn % 8, 1 | 2) {
                        return;
                    }
                }
            }));
        }
        conns.into_iter().for_each(|c| c.join().unwrap());
    });
    let config = Config { responses: 4, head_len: 512, timeout_ms: 3000, ..Config::DEFAULT };
    let c = client::new(&config).unwrap();
    let good: usize = thread::scope(|scope| {
        let tasks: Vec<_> = (0..4)
            .map(|task| {
                let url = &url;
                scope.spawn(move || {
                    let mut good = 0;
                    for i in 0..150 {
                        let token = if (i + task) % 10 == 0 { cancel::new().unwrap() } else { Handle::NONE };
                        let canceler =
                            (token != Handle::NONE).then(|| after(5, move || cancel::cancel(token).unwrap()));
                        let mut request = Request { cancel: token, ..Request::get(url.as_bytes()) };
                        if let Ok(r) = client::send(c, &mut request) {
                            if i % 7 != 0 {
                                match body_of(r, 1 + i % 5) {
                                    Ok(body) => {
                                        assert_eq!(body, b"ok");
                                        good += 1;
                                    }
                                    Err(e) => assert!(
                                        matches!(
                                            e,
                                            Error::UNEXPECTED_EOF | Error::CONN_RESET | Error::CANCELED
                                        ),
                                        "{e:?}"
                                    ),
                                }
                            }
                            response::close(r).unwrap();
                        }
                        if let Some(canceler) = canceler {
                            canceler.join().unwrap();
                            cancel::close(token).unwrap();
                        }
                        client::run();
                    }
                    good
                })
            })
            .collect();
        tasks.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert!(good > 200, "{good}");
    client::close(c).unwrap();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    drop(TcpStream::connect(url.trim_start_matches("http://").trim_end_matches('/')));
    server.join().unwrap();
}
