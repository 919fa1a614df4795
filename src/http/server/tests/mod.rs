//! The server over connections in memory, whose peers a test plays.

mod basic;
mod life;
mod slow;

use dunlin_host as _;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, Once};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::server::{self, Config, Exchange, Route, Server, Table};
use crate::net::conn::{Conn, ConnOps, ConnSlot, Limit, CONNS};
use crate::net::option::SetOption;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{dunlin_addr, DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::runtime::{self, Usage};
use crate::sync::park;
use crate::time::Deadline;

/// What lies between the server and a peer.
struct Wire {
    input: VecDeque<u8>,
    input_end: bool,
    output: Vec<u8>,
    output_end: bool,
    closed: bool,
    /// A test still looks at it.
    held: bool,
    /// Bytes that the server may still send.
    window: usize,
    /// Calls of read and write.
    calls: (usize, usize),
}

const WIRES: usize = 64;
static WIRE: [Mutex<Wire>; WIRES] = [const {
    Mutex::new(Wire {
        input: VecDeque::new(),
        input_end: false,
        output: Vec::new(),
        output_end: false,
        closed: true,
        held: false,
        window: 0,
        calls: (0, 0),
    })
}; WIRES];

static MEMORY: ConnOps = ConnOps {
    read,
    write,
    watch,
    shutdown,
    set,
    addr,
    close,
    network: c"memory",
    rendezvous: false,
    messages: false,
    ends: true,
};

fn wire(conn: &ConnSlot) -> MutexGuard<'static, Wire> {
    WIRE[conn.place().1 as usize].lock().unwrap()
}

fn read(conn: &ConnSlot, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
    assert!(limit.is_now(), "the server never blocks in a read");
    let mut w = wire(conn);
    w.calls.0 += 1;
    if w.input.is_empty() {
        return if w.input_end { Err(Error::EOF) } else { Err(Error::WOULD_BLOCK) };
    }
    let n = buf.len().min(w.input.len());
    buf.iter_mut().zip(w.input.drain(..n)).for_each(|(to, b)| *to = b);
    Ok(n)
}

fn write(conn: &ConnSlot, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
    assert!(limit.is_now(), "the server never blocks in a write");
    let mut w = wire(conn);
    w.calls.1 += 1;
    let mut done = 0;
    for piece in pieces {
        let n = piece.len().min(w.window);
        w.output.extend_from_slice(&piece[..n]);
        w.window -= n;
        done += n;
    }
    if done == 0 {
        Err(Error::WOULD_BLOCK)
    } else {
        Ok(done)
    }
}

fn watch(conn: &ConnSlot, events: u16, _: &mut PollSet, _: u16) -> Result<u16> {
    let w = wire(conn);
    let read = if w.input.is_empty() && !w.input_end { 0 } else { DUNLIN_READABLE };
    let write = if w.window == 0 { 0 } else { DUNLIN_WRITABLE };
    Ok((read | write) & events)
}

fn shutdown(conn: &ConnSlot, _: u32) -> Result<()> {
    wire(conn).output_end = true;
    Ok(())
}

fn set(_: &ConnSlot, _: SetOption) -> Result<()> {
    Err(Error::NOT_SUPPORTED)
}

fn addr(_: &ConnSlot, _: bool) -> Result<dunlin_addr> {
    Ok(dunlin_addr::NONE)
}

fn close(conn: &ConnSlot) {
    let mut w = wire(conn);
    w.output_end = true;
    w.closed = true;
}

/// A peer of the server.
struct Peer(usize);

impl Peer {
    fn connect() -> (Peer, Conn) {
        let k = WIRE.iter().position(|w| w.lock().is_ok_and(|w| !w.held && w.closed)).expect("a free wire");
        *WIRE[k].lock().unwrap() = Wire {
            input: VecDeque::new(),
            input_end: false,
            output: Vec::new(),
            output_end: false,
            closed: false,
            held: true,
            window: usize::MAX,
            calls: (0, 0),
        };
        let conn = CONNS.claim().unwrap();
        conn.make(&MEMORY, Handle::NONE, k as i32, 0);
        (Peer(k), conn)
    }

    fn wire(&self) -> MutexGuard<'static, Wire> {
        WIRE[self.0].lock().unwrap()
    }

    fn send(&self, bytes: impl AsRef<[u8]>) {
        self.wire().input.extend(bytes.as_ref());
        park::table().wake_pollers(false);
    }

    fn end(&self) {
        self.wire().input_end = true;
        park::table().wake_pollers(false);
    }

    fn window(&self, bytes: usize) {
        self.wire().window = bytes;
        park::table().wake_pollers(false);
    }

    fn wait(&self, what: &str, mut done: impl FnMut(&Wire) -> bool) {
        let start = Instant::now();
        while !done(&self.wire()) {
            if start.elapsed() > Duration::from_secs(5) {
                panic!("no {what}; got {:?}", String::from_utf8_lossy(&self.wire().output));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Takes the output up to and with `end`.
    fn until(&self, end: &str) -> String {
        let find = |w: &Wire| w.output.windows(end.len()).position(|s| s == end.as_bytes());
        self.wait(end, |w| find(w).is_some());
        let mut w = self.wire();
        let at = find(&w).unwrap() + end.len();
        String::from_utf8(w.output.drain(..at).collect()).unwrap()
    }

    /// Takes everything until the server ends its side.
    fn rest(&self) -> String {
        self.wait("end", |w| w.output_end);
        String::from_utf8(std::mem::take(&mut self.wire().output)).unwrap()
    }

    fn is_ended(&self) -> bool {
        self.wire().output_end
    }

    fn ask(&self, request: &str, end: &str) -> String {
        self.send(request);
        self.until(end)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let mut w = self.wire();
        w.held = false;
        w.input_end = true;
        drop(w);
        park::table().wake_pollers(false);
    }
}

/// Without the Date line, which every answer here has.
fn undated(answer: &str) -> String {
    answer.split_inclusive("\r\n").filter(|l| !l.starts_with("Date: ")).collect()
}

static ONE: Mutex<()> = Mutex::new(());
static INIT: Once = Once::new();

/// Runs a test with a server and its workers, one test at a time; checks that nothing is left.
fn serving(config: Config, workers: usize, test: impl FnOnce(&Server, &dyn Fn() -> Peer)) {
    let _one = ONE.lock().unwrap_or_else(|e| e.into_inner());
    INIT.call_once(|| runtime::init(Box::leak(vec![0u8; 1 << 20].into_boxed_slice())).unwrap());
    let before = settled();
    let server = server::new(&config).unwrap();
    let handle = server.handle();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let server = server::enter(handle).unwrap();
            scope.spawn(move || {
                assert_eq!(server.serve(), Err(Error::HTTP_SERVER_CLOSED));
            });
        }
        // A test that fails must still let its workers go.
        struct Close(Handle);
        impl Drop for Close {
            fn drop(&mut self) {
                let _ = server::close(self.0);
            }
        }
        let _close = Close(handle);
        test(&server, &|| {
            let (peer, conn) = Peer::connect();
            server.adopt(conn).unwrap();
            peer
        });
    });
    drop(server);
    assert_eq!(server::SERVERS.in_use(), 0);
    assert_eq!(server::exchange::EXCHANGES.in_use(), 0);
    assert_eq!(settled(), before);
}

fn settled() -> Usage {
    let mut usage = runtime::usage();
    usage.arena.peak = 0;
    usage
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(5), "no {what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn routes(routes: &'static [Route]) -> Config {
    Config::new(Table::of(routes))
}

fn soon(ms: i64) -> Deadline {
    Deadline::after_ms(ms)
}

fn hello(x: Exchange) -> Result<()> {
    x.write(b"Hello, World!").map(|_| ())
}
