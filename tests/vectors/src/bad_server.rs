//! Hostile requests against the real server: whole, byte by byte, and, when they are short, split at
//! every offset. Each must be answered as promised, and never be taken for more requests than it is.

use crate::bad::{Bad, Verdict};
use crate::pipe::{fresh, up};
use dunlin::error::Error;
use dunlin::http::server::{self, Config, Exchange, Route, Server, Table};
use dunlin::net::{conn, Limit};
use dunlin::time::Deadline;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// Bytes of body that the handler takes.
const BODY_MAX: u64 = 64 << 10;
/// A record takes no longer than this; what has not ended then hangs.
const PATIENCE_MS: i64 = 10_000;

static HANDLED: AtomicU32 = AtomicU32::new(0);

/// Counts, reads the body, and answers; what is wrong with the body is answered by the library.
fn handle(x: Exchange) -> Result<(), Error> {
    HANDLED.fetch_add(1, Ordering::SeqCst);
    x.limit_body(BODY_MAX)?;
    let mut buf = [0; 1024];
    loop {
        match x.read(&mut buf) {
            Ok(0) | Err(Error::EOF) => break,
            Ok(_) => {}
            Err(e) => return Err(e),
        }
    }
    x.write(b"ok").map(|_| ())
}

static ROUTES: [Route; 1] = [Route { pattern: "/", handler: handle }];

/// The server that the records run against.
pub struct Target {
    server: Server,
    worker: Option<thread::JoinHandle<()>>,
}

impl Target {
    /// A server with one worker and the limits of a device, but Go's patience with size lines.
    pub fn new() -> Target {
        up();
        let config = Config { chunk_line: 4096, ..Config::new(Table::of(&ROUTES)) };
        let server = server::new(&config).expect("a server");
        let handle = server.handle();
        let worker = thread::spawn(move || {
            let server = server::enter(handle).expect("the server");
            let _ = server.serve();
        });
        Target { server, worker: Some(worker) }
    }

    /// Sends the pieces and gives what came back, and how often the handler ran.
    fn exchange(&self, pieces: &[&[u8]]) -> Result<(Vec<u8>, u32), String> {
        let before = HANDLED.load(Ordering::SeqCst);
        let (a, b) = fresh()?;
        self.server.adopt(b).map_err(|e| format!("not adopted: {e:?}"))?;
        let limit = Limit::until(Deadline::after_ms(PATIENCE_MS));
        let mut came = Vec::new();
        let ended = thread::scope(|s| {
            let writer = s.spawn(|| {
                for piece in pieces {
                    // The server may have heard enough.
                    if a.write_all(&[piece], limit).is_err() {
                        break;
                    }
                }
                let _ = a.shutdown_write();
            });
            let mut buf = [0; 4096];
            let ended = loop {
                match a.read(&mut buf, limit) {
                    Ok(n) => came.extend_from_slice(&buf[..n]),
                    Err(Error::EOF) => break true,
                    Err(_) => break false,
                }
            };
            let _ = conn::close(a.handle());
            let _ = writer.join();
            ended
        });
        drop(a);
        if !ended {
            return Err(format!("no end; so far {:?}", String::from_utf8_lossy(&came)));
        }
        Ok((came, HANDLED.load(Ordering::SeqCst) - before))
    }

    fn judge(&self, bad: &Bad, pieces: &[&[u8]]) -> Result<(), String> {
        let (came, handled) = self.exchange(pieces)?;
        let outcome = outcome(&came);
        if !bad.allows(&outcome) {
            return Err(format!("{outcome}, allowed {:?}", bad.allowed));
        }
        if handled > bad.max_requests {
            return Err(format!("{handled} requests handled, at most {}", bad.max_requests));
        }
        Ok(())
    }

    /// Runs a record in every way.
    pub fn run(&self, bad: &Bad) -> Verdict {
        bad.every_way(|pieces| self.judge(bad, pieces))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = server::close(self.server.handle());
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// What the first final answer says: `accept`, `reject_STATUS`, or `close` without one.
fn outcome(came: &[u8]) -> String {
    let mut rest = came;
    loop {
        let status = rest.strip_prefix(b"HTTP/1.").and_then(|r| r.get(2..5));
        let status = status.and_then(|s| std::str::from_utf8(s).ok()).and_then(|s| s.parse::<u16>().ok());
        match status {
            // An interim answer precedes the final one.
            Some(100..=199) => match rest.windows(4).position(|w| w == b"\r\n\r\n") {
                Some(end) => rest = &rest[end + 4..],
                None => return "close".into(),
            },
            // That no route fits is said of a request that was understood.
            Some(200..=399 | 404 | 405) => return "accept".into(),
            Some(status) => return format!("reject_{status}"),
            None if rest.is_empty() => return "close".into(),
            None => return "garbage".into(),
        }
    }
}
