//! Peers that are slow, and what they cost the others.

use super::*;

static ROUTES: &[Route] = &[
    Route { pattern: "GET /{$}", handler: hello },
    Route { pattern: "GET /file", handler: |x| x.reply_static(200, b"text/plain", FILE) },
    Route { pattern: "GET /stream", handler: stream },
    Route { pattern: "POST /upload", handler: upload },
];

static FILE: &[u8] = &[b'f'; 20_000];
static SLOW: Mutex<Vec<Error>> = Mutex::new(Vec::new());

fn note(result: Result<()>) -> Result<()> {
    if let Err(e) = result {
        SLOW.lock().unwrap().push(e);
    }
    result
}

fn upload(x: Exchange) -> Result<()> {
    let mut buf = [0; 64];
    loop {
        match x.read(&mut buf) {
            Ok(0) => return x.reply(204, b"", b""),
            Ok(_) => {}
            Err(e) => return note(Err(e)),
        }
    }
}

fn stream(x: Exchange) -> Result<()> {
    for _ in 0..10 {
        note(x.write(&[b's'; 4000]).map(|_| ()))?;
    }
    Ok(())
}

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const UPLOAD: &str = "POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Good clients, one after the other, are served at once.
fn good(connect: &dyn Fn() -> Peer, within_ms: u128) {
    for _ in 0..3 {
        let start = Instant::now();
        let peer = connect();
        let answer = peer.ask(GET, "World!");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(start.elapsed().as_millis() < within_ms, "{:?}", start.elapsed());
        peer.end();
        peer.wait("end", |w| w.closed);
    }
}

#[test]
fn seven_slow_peers_of_eight_do_not_delay_a_good_one() {
    let post = "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc";
    for (request, window) in
        [("GET / HT", usize::MAX), (post, usize::MAX), ("GET /file HTTP/1.1\r\nHost: h\r\n\r\n", 100)]
    {
        serving(routes(ROUTES), 1, |server, connect| {
            let slow: Vec<_> = (0..7).map(|_| connect()).collect();
            for peer in &slow {
                peer.window(window);
                peer.send(request);
            }
            wait_until("reading", || slow.iter().all(|p| p.wire().input.is_empty()));
            good(connect, 400);
            // They trickle on meanwhile.
            for peer in &slow {
                peer.send("x");
                peer.window(window.min(1));
            }
            good(connect, 400);
            assert_eq!(server.stats().unwrap().evicted, 0);
            assert!(slow.iter().all(|p| !p.is_ended()));
        });
    }
}

#[test]
fn with_all_slots_taken_the_idle_one_goes_first_then_the_slowest() {
    serving(routes(ROUTES), 1, |server, connect| {
        let idle: Vec<_> = (0..2).map(|_| connect()).collect();
        for peer in &idle {
            peer.ask(GET, "World!");
            std::thread::sleep(Duration::from_millis(20));
        }
        let slow: Vec<_> = (0..6).map(|_| connect()).collect();
        for (i, peer) in slow.iter().enumerate() {
            peer.send(&"GET / HTTP/1.1\r\nHost: h\r\nX: abcdefghijkl"[..20 + i]);
        }
        let one = connect();
        assert!(idle[0].is_ended() && !idle[1].is_ended());
        let two = connect();
        assert!(idle[1].is_ended());
        // Nobody is idle, and the slow ones are still young.
        let (_peer, conn) = Peer::connect();
        assert_eq!(server.adopt(conn), Err(Error::NO_SLOT));
        one.ask(GET, "World!");
        two.ask(GET, "World!");
        std::thread::sleep(Duration::from_millis(600));
        let three = connect();
        let four = connect();
        let five = connect();
        assert_eq!(five.ask(GET, "World!").len(), three.ask(GET, "World!").len());
        four.ask(GET, "World!");
        assert!(one.is_ended() && two.is_ended() && slow[0].is_ended());
        assert!(slow[1..].iter().all(|p| !p.is_ended()));
        assert_eq!(server.stats().unwrap().evicted, 5);
    });
}

#[test]
fn every_phase_ends_in_time() {
    let mut config = routes(ROUTES);
    config.read_header_timeout_ms = 120;
    config.read_timeout_ms = 120;
    config.write_timeout_ms = 120;
    config.idle_timeout_ms = 120;
    for (request, window) in [
        ("", usize::MAX),
        ("GET / HT", usize::MAX),
        (GET, usize::MAX),
        ("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc", usize::MAX),
        ("GET /file HTTP/1.1\r\nHost: h\r\n\r\n", 100),
        ("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n", 100),
        ("POST /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc", usize::MAX),
    ] {
        serving(config, 1, |_, connect| {
            let start = Instant::now();
            let peer = connect();
            peer.window(window);
            peer.send(request);
            peer.wait("close", |w| w.output_end);
            let took = start.elapsed().as_millis();
            assert!((100..1000).contains(&took), "{request}: {took} ms");
        });
    }
    // The head's time is a total: bytes that trickle in do not move it.
    serving(config, 1, |_, connect| {
        let start = Instant::now();
        let peer = connect();
        while !peer.is_ended() {
            peer.send("G");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(start.elapsed().as_millis() < 400);
    });
}

#[test]
fn a_trickling_upload_holds_the_worker_for_a_window() {
    let mut config = routes(ROUTES);
    config.min_rate_window_ms = 200;
    config.min_rate = 100;
    SLOW.lock().unwrap().clear();
    serving(config, 1, |server, connect| {
        let slow: Vec<_> = (0..3).map(|_| connect()).collect();
        for peer in &slow {
            peer.send(UPLOAD);
        }
        wait_until("reading", || slow.iter().all(|p| p.wire().input.is_empty()));
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    for peer in &slow {
                        peer.send("1\r\nx\r\n");
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
            good(connect, 900);
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert!(server.stats().unwrap().slow >= 1);
        assert!(SLOW.lock().unwrap().iter().all(|e| *e == Error::HTTP_SLOW_PEER));
    });
}

#[test]
fn a_trickling_upload_is_left_alone_while_nobody_waits() {
    let mut config = routes(ROUTES);
    config.min_rate_window_ms = 50;
    serving(config, 1, |server, connect| {
        let peer = connect();
        peer.send(UPLOAD);
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(20));
            peer.send("1\r\nx\r\n");
        }
        assert!(peer.ask("0\r\n\r\n", "\r\n\r\n").starts_with("HTTP/1.1 204 "));
        assert_eq!(server.stats().unwrap().slow, 0);
    });
}

#[test]
fn a_streaming_handler_lets_other_connections_go_on() {
    serving(routes(ROUTES), 1, |_, connect| {
        let upload = connect();
        upload.send(UPLOAD);
        wait_until("reading", || upload.wire().input.is_empty());
        // Heads are received, and answers that need no handler given, while the handler waits.
        let other = connect();
        other.ask("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", "404 page not found\n");
        // With a second worker handlers run too.
        let answer = upload.ask("0\r\n\r\n", "\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 204 "));
    });
    serving(routes(ROUTES), 2, |_, connect| {
        let uploads: Vec<_> = (0..1).map(|_| connect()).collect();
        uploads[0].send(UPLOAD);
        wait_until("reading", || uploads[0].wire().input.is_empty());
        good(connect, 400);
        let answer = uploads[0].ask("3\r\nabc\r\n0\r\n\r\n", "\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 204 "));
    });
}

#[test]
fn a_slow_reader_gets_every_byte() {
    for path in ["/file", "/stream"] {
        serving(routes(ROUTES), 1, |_, connect| {
            let peer = connect();
            peer.window(0);
            peer.send(format!("GET {path} HTTP/1.0\r\n\r\n"));
            let mut step = 1;
            while !peer.is_ended() {
                peer.window(step);
                step = step * 3 % 1009 + 1;
                wait_until("taking", || peer.wire().window == 0 || peer.is_ended());
            }
            let all = peer.rest();
            let (head, body) = all.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.0 200 OK"));
            assert_eq!(body.len(), if path == "/file" { 20_000 } else { 40_000 });
        });
    }
}

/// What docs/memory.md promises for 32-bit targets holds even here, where pointers are twice as long.
#[test]
fn a_request_costs_its_buffers_and_512_bytes() {
    let used = |requests: u32| {
        let mut config = routes(ROUTES);
        (config.conns, config.requests) = (requests, requests);
        (config.head_len, config.output_len) = (1024, 512);
        let mut used = 0;
        serving(config, 1, |_, _| used = settled().arena.used);
        used
    };
    let each = (used(4) - used(1)) / 3;
    assert!(each > 1024 + 512, "{each}");
    assert!(each <= 1024 + 512 + 512, "{each}");
}

#[test]
fn memory_is_what_was_said() {
    let config = routes(ROUTES);
    serving(config, 1, |_, _| {
        let with = settled().arena.used;
        let needed = server::memory_needed(&config).unwrap();
        assert_eq!(with, needed);
    });
}
