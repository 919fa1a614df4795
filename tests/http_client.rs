//! The HTTP client against scripted servers, over the POSIX driver and over pipes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{mpsc, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::http::client::{self, Config, Stage};
use dunlin::http::client_response as response;
use dunlin::http::outgoing::{Body, BodySource, HeaderList, Request};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{cancel, conn, pipe, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::Table;
use dunlin::runtime::{self, Usage};
use dunlin::time::Deadline;

fn up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        runtime::init(Box::leak(vec![0u8; 65536].into_boxed_slice())).unwrap();
        // SAFETY: the driver's table is constant.
        let table = unsafe { Table::new(dunlin_host::posix_ops().cast(), std::ptr::null_mut()) }.unwrap();
        registry::register(b"posix0", table).unwrap();
    });
}

/// One test at a time; what it leaves taken is an error.
struct Alone {
    before: Usage,
    _turn: std::sync::MutexGuard<'static, ()>,
}

fn alone() -> Alone {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    up();
    let turn = LOCK.lock().unwrap_or_else(|e| e.into_inner());
    Alone { before: runtime::usage(), _turn: turn }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if !thread::panicking() {
            let mut after = runtime::usage();
            after.arena.peak = self.before.arena.peak;
            assert_eq!(after, self.before, "something is still taken");
        }
    }
}

struct Server {
    url: String,
    thread: Option<JoinHandle<()>>,
}

/// Serves `conns` connections one after another.
fn serve(conns: usize, mut each: impl FnMut(usize, TcpStream) + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        for i in 0..conns {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            each(i, stream);
        }
    });
    Server { url, thread: Some(thread) }
}

impl Server {
    fn url(&self) -> &[u8] {
        self.url.as_bytes()
    }

    fn join(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A request's head; `None` at the end of the stream.
fn head_of(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

fn answer(stream: &mut TcpStream, bytes: &[u8]) {
    head_of(stream).unwrap();
    stream.write_all(bytes).unwrap();
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn default() -> Handle {
    client::new(&Config::DEFAULT).unwrap()
}

fn body_of(r: Handle, size: usize) -> Result<Vec<u8>, Error> {
    let (mut all, mut buf) = (Vec::new(), vec![0; size]);
    loop {
        match response::read(r, &mut buf)? {
            0 => return Ok(all),
            n => all.extend_from_slice(&buf[..n]),
        }
    }
}

fn fetch(c: Handle, url: &[u8]) -> Result<Vec<u8>, Error> {
    let r = client::get(c, url)?;
    let body = body_of(r, 100);
    response::close(r).unwrap();
    body
}

fn timed<T>(f: impl FnOnce() -> T) -> (T, u128) {
    let start = Instant::now();
    let value = f();
    (value, start.elapsed().as_millis())
}

#[test]
fn every_framing_is_read_to_its_true_end() {
    let _alone = alone();
    let long = "x".repeat(10_000);
    let cases: Vec<(String, usize)> = vec![
        ("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n".to_owned() + &long, 10_000),
        ("HTTP/1.0 200 OK\r\n\r\n".to_owned() + &long, 10_000),
        (
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n{long}\r\n0\r\nT: v\r\n\r\n"
            ),
            10_000,
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), 0),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(), 0),
    ];
    for size in [1, 7, 512, 20_000] {
        for (bytes, len) in cases.clone() {
            for split in [1, 50, usize::MAX] {
                let bytes = bytes.clone();
                let server = serve(1, move |_, mut s| {
                    head_of(&mut s).unwrap();
                    s.set_nodelay(true).unwrap();
                    let (a, b) = bytes.as_bytes().split_at(split.min(bytes.len()));
                    s.write_all(a).unwrap();
                    if !b.is_empty() {
                        thread::sleep(Duration::from_millis(2));
                    }
                    s.write_all(b).unwrap();
                });
                let c = default();
                let r = client::get(c, server.url()).unwrap();
                assert_eq!(body_of(r, size).map(|b| b.len()), Ok(len));
                assert_eq!(response::read(r, &mut [0; 4]), Ok(0));
                response::close(r).unwrap();
                client::close(c).unwrap();
                server.join();
            }
        }
    }
}

#[test]
fn the_head_is_shown_until_close() {
    let _alone = alone();
    let server = serve(1, |_, mut s| {
        answer(
            &mut s,
            b"HTTP/1.1 418 Tea\r\nContent-Type: text/plain\r\nX: a\r\nx: b\r\nContent-Length: 3\r\n\r\nabc",
        );
    });
    let c = default();
    let r = client::get(c, server.url()).unwrap();
    let view = response::view(r).unwrap();
    assert_eq!((view.status(), view.status_text(), view.proto()), (418, &b"418 Tea"[..], &b"HTTP/1.1"[..]));
    assert_eq!(view.content_length(), 3);
    assert_eq!(view.header().unwrap().get(b"content-type"), Some(&b"text/plain"[..]));
    assert_eq!(view.header().unwrap().iter().count(), 4);
    assert_eq!(response::read(r, &mut []), Err(Error::INVALID));
    assert_eq!(body_of(r, 2), Ok(b"abc".to_vec()));
    drop(view);
    response::close(r).unwrap();
    assert!(response::view(r).is_err());
    assert_eq!(response::read(r, &mut [0]), Err(Error::BAD_HANDLE));
    assert_eq!(response::close(r), Err(Error::BAD_HANDLE));
    client::close(c).unwrap();
    assert_eq!(client::close(c), Err(Error::BAD_HANDLE));
    server.join();
}

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
                thread::sleep(Duration::from_millis(10));
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

/// A body in pieces, which can be read twice if `rewinds`.
struct Pieces {
    left: usize,
    all: usize,
    piece: usize,
    rewinds: bool,
}

impl BodySource for Pieces {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let n = self.left.min(self.piece).min(buf.len());
        buf[..n].fill(b'p');
        self.left -= n;
        Ok(n)
    }

    fn rewind(&mut self) -> Result<(), Error> {
        if !self.rewinds {
            return Err(Error::HTTP_BODY_NOT_REPLAYABLE);
        }
        self.left = self.all;
        Ok(())
    }
}

fn pieces(all: usize, piece: usize) -> Pieces {
    Pieces { left: all, all, piece, rewinds: true }
}

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
    let c = client::new(&Config { expect_timeout_ms: 100, ..Config::DEFAULT }).unwrap();
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
