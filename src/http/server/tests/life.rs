//! Detached exchanges, shutting down, closing, and what is left after that.

use super::*;
use crate::http::server::OnClose;

static ROUTES: &[Route] = &[
    Route { pattern: "GET /{$}", handler: hello },
    Route { pattern: "GET /events", handler: events },
    Route { pattern: "GET /later", handler: later },
    Route { pattern: "GET /wait", handler: wait },
    Route { pattern: "GET /stop", handler: stop },
    Route { pattern: "POST /body", handler: |x| x.read(&mut [0; 10]).map(|_| ()) },
];

static DETACHED: Mutex<Vec<Exchange>> = Mutex::new(Vec::new());
static GONE: Mutex<Vec<Exchange>> = Mutex::new(Vec::new());
static HOLD: Mutex<()> = Mutex::new(());

fn on_close(x: Exchange) {
    GONE.lock().unwrap().push(x);
    // The last use of the exchange may be made from here.
    x.finish().unwrap();
}

fn events(x: Exchange) -> Result<()> {
    assert_eq!(x.sse_send(b"", b"early"), Err(Error::STATE));
    x.sse_begin()?;
    match x.detach(Some(OnClose::of(on_close))) {
        Ok(()) => {}
        Err(e) => {
            assert_eq!(e, Error::NO_SLOT);
            return Ok(());
        }
    }
    assert_eq!(x.method().err(), Some(Error::STATE));
    DETACHED.lock().unwrap().push(x);
    Ok(())
}

fn later(x: Exchange) -> Result<()> {
    x.detach(None)?;
    DETACHED.lock().unwrap().push(x);
    Err(Error::IO) // does not matter any more
}

fn wait(x: Exchange) -> Result<()> {
    let _hold = HOLD.lock().unwrap_or_else(|e| e.into_inner());
    hello(x)
}

fn stop(x: Exchange) -> Result<()> {
    let mut handle = Handle::NONE;
    server::SERVERS.each(|s| handle = s.handle());
    let server = server::enter(handle)?;
    assert_eq!(server.shutdown(soon(1000)), Err(Error::REENTRANT));
    hello(x)
}

fn take_detached(n: usize) -> Vec<Exchange> {
    wait_until("detaching", || DETACHED.lock().unwrap().len() == n);
    std::mem::take(&mut DETACHED.lock().unwrap())
}

const EVENTS: &str = "GET /events HTTP/1.1\r\nHost: h\r\n\r\n";
const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn detached_exchanges_send_events_without_a_task_each() {
    serving(routes(ROUTES), 1, |server, connect| {
        let peers: Vec<_> = (0..4).map(|_| connect()).collect();
        for peer in &peers {
            let head = undated(&peer.ask(EVENTS, "\r\n\r\n"));
            assert_eq!(
                head,
                "HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/event-stream\r\n\
                 Transfer-Encoding: chunked\r\n\r\n"
            );
        }
        let xs = take_detached(4);
        assert_eq!(server.stats().unwrap().detached, 4);
        // The fifth is one too many, and ends with its handler.
        let fifth = connect();
        fifth.ask(EVENTS, "\r\n\r\n");
        assert_eq!(fifth.until("0\r\n\r\n"), "0\r\n\r\n");
        for x in &xs {
            x.sse_send(b"sample", b"1\n2").unwrap();
        }
        assert_eq!(xs[0].sse_send(b"a\nb", b""), Err(Error::INVALID));
        assert_eq!(xs[0].write(b"x"), Err(Error::STATE));
        let event = "event: sample\ndata: 1\ndata: 2\n\n";
        for peer in &peers {
            assert_eq!(peer.until("\n\n\r\n"), format!("{:x}\r\n{event}\r\n", event.len()));
        }
        // Others are served, and the first ends in good order with what it has still to send.
        connect().ask(GET, "World!");
        peers[0].window(0);
        xs[0].sse_send(b"", b"last").unwrap();
        xs[0].finish().unwrap();
        assert_eq!(xs[0].sse_send(b"", b"x"), Err(Error::BAD_HANDLE));
        assert_eq!(xs[0].finish(), Err(Error::BAD_HANDLE));
        peers[0].window(usize::MAX);
        assert_eq!(peers[0].until("0\r\n\r\n"), "c\r\ndata: last\n\n\r\n0\r\n\r\n");
        peers[0].ask(GET, "World!");
        // The second leaves: its owner hears of it.
        GONE.lock().unwrap().clear();
        peers[1].end();
        wait_until("on_close", || *GONE.lock().unwrap() == [xs[1]]);
        wait_until("counter", || server.stats().unwrap().detached == 2);
        // The third does not read: events are whole or not at all.
        peers[2].window(7);
        let mut sent = 0;
        while xs[2].sse_send(b"e", &[b'x'; 100]).is_ok() {
            sent += 1;
        }
        assert_eq!(xs[2].sse_send(b"e", &[b'x'; 100]), Err(Error::WOULD_BLOCK));
        assert_eq!(xs[2].sse_send(b"e", &[b'x'; 3000]), Err(Error::BUFFER_TOO_SMALL));
        assert!(sent >= 10);
        peers[2].window(usize::MAX);
        wait_until("taking", || peers[2].wire().output.len() == sent * (4 + 117 + 2));
        xs[2].sse_send(b"e", b"again").unwrap();
        xs[2].finish().unwrap();
        peers[2].until("0\r\n\r\n");
        // The fourth is left to the end of the server.
        GONE.lock().unwrap().clear();
    });
    assert_eq!(GONE.lock().unwrap().len(), 1);
}

#[test]
fn a_detached_exchange_answers_later() {
    serving(routes(ROUTES), 1, |_, connect| {
        let peer = connect();
        peer.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
        let x = take_detached(1)[0];
        peer.send(GET); // waits behind it
        x.reply(200, b"text/plain", b"later").unwrap();
        x.finish().unwrap();
        assert!(peer.until("later").contains("Content-Length: 5\r\n"));
        peer.until("World!");
        // Without a callback the owner finds out by itself, and the slot waits for `finish`.
        peer.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
        let x = take_detached(1)[0];
        peer.end();
        peer.wait("close", |w| w.closed);
        assert_eq!(x.write(b"x"), Err(Error::CLOSED));
        x.finish().unwrap();
    });
}

#[test]
fn shutdown_waits_for_what_is_in_progress() {
    for workers in [1, 2] {
        let hold = HOLD.lock().unwrap_or_else(|e| e.into_inner());
        serving(routes(ROUTES), workers, |server, connect| {
            let idle = connect();
            idle.ask(GET, "World!");
            let busy = connect();
            busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
            wait_until("taking", || busy.wire().input.is_empty());
            std::thread::sleep(Duration::from_millis(20));
            assert_eq!(server.shutdown(soon(50)), Err(Error::TIMEOUT));
            assert!(idle.is_ended() && !busy.is_ended());
            let (_late, conn) = Peer::connect();
            assert_eq!(server.adopt(conn), Err(Error::HTTP_SERVER_CLOSED));
            drop(hold);
            assert_eq!(server.shutdown(soon(5000)), Ok(()));
            let answer = busy.rest();
            assert!(answer.contains("\r\nConnection: close\r\n") && answer.ends_with("World!"));
        });
    }
}

#[test]
fn a_handler_cannot_shut_its_server_down() {
    serving(routes(ROUTES), 1, |_, connect| {
        connect().ask("GET /stop HTTP/1.1\r\nHost: h\r\n\r\n", "World!");
    });
}

#[test]
fn closing_ends_a_handler_that_waits() {
    serving(routes(ROUTES), 2, |server, connect| {
        let peer = connect();
        peer.send("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n");
        wait_until("taking", || peer.wire().input.is_empty());
        std::thread::sleep(Duration::from_millis(20));
        server::close(server.handle()).unwrap();
        peer.wait("close", |w| w.closed);
        assert_eq!(server::close(server.handle()), Err(Error::BAD_HANDLE));
    });
}

#[test]
fn nothing_leaks_over_many_connections() {
    serving(routes(ROUTES), 2, |server, connect| {
        let requests = [
            GET,
            "GET / HT",
            "",
            "NONSENSE\r\n\r\n",
            "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\nabc",
            "POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ];
        for i in 0..3000 {
            let peer = connect();
            peer.send(requests[i % requests.len()]);
            peer.end();
            peer.wait("close", |w| w.closed);
        }
        wait_until("counters", || server.stats().unwrap().active == 0);
        assert_eq!(server.stats().unwrap().accepted, 3000);
        assert_eq!(server::exchange::EXCHANGES.in_use(), 0);
    });
}
