//! `http.Server`: the handler scripts of the cases, run by our server over an in-memory pipe.

use crate::case::{self, Outcome, Run};
use crate::differences;
use crate::pipe::{fresh, up};
use crate::script::{self, Script};
use dunlin::error::Error;
use dunlin::http::server::{self, Config, Exchange, Route, Server, Table};
use dunlin::net::{conn, Limit};
use dunlin::time::Deadline;
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

pub fn find(name: &str) -> Option<Run> {
    match name {
        "http.Server" => Some(run),
        _ => None,
    }
}

/// A case takes no longer than this; what has not ended then hangs.
const PATIENCE_MS: i64 = 10_000;
/// What Go takes by default, less than its 1 MiB: no case is longer.
const HEAD_DEFAULT: u32 = 64 << 10;
/// What Go adds to the limit of a head.
const SLOP: u32 = 4096;

/// What the handler does now.
static SCRIPT: Mutex<Option<Script>> = Mutex::new(None);

fn now() -> MutexGuard<'static, Option<Script>> {
    SCRIPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn handle(x: Exchange) -> Result<(), Error> {
    let script = now().clone();
    script.map_or(Ok(()), |s| s.run(x))
}

/// Every request as it came, as Go's cases have no mux.
static ROUTES: [Route; 1] = [Route { pattern: "*", handler: handle }];

/// What a case may say of its server: the limit of a head, and whether connections stay.
type Kind = (u64, bool);

/// The server of a kind: the last one, if it is of the same.
fn server(kind: Kind) -> Server {
    static LAST: Mutex<Option<(Kind, Server, thread::JoinHandle<()>)>> = Mutex::new(None);
    up();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_ref().is_none_or(|l| l.0 != kind) {
        if let Some((_, server, worker)) = last.take() {
            server::end(server);
            let _ = worker.join();
        }
        let (max_header, close) = kind;
        let server = server::new(&Config {
            head_len: if max_header == 0 { HEAD_DEFAULT } else { max_header as u32 + SLOP },
            fields: 500,
            chunk_line: 4096,
            trailer: 4096,
            conns: 2,
            no_keep_alive: close,
            ..Config::new(Table::of(&ROUTES))
        })
        .expect("a server");
        let handle = server.handle();
        let worker = thread::spawn(move || {
            let _ = server::enter(handle).expect("the server").serve();
        });
        *last = Some((kind, server, worker));
    }
    let handle = last.as_ref().expect("just made").1.handle();
    server::enter(handle).expect("the server")
}

/// Sends all of the bytes and the end of the stream, and gives all that came back.
fn exchange(server: &Server, raw: &[u8]) -> Result<Vec<u8>, String> {
    let (a, b) = fresh()?;
    server.adopt(b).map_err(|e| format!("not adopted: {e:?}"))?;
    let limit = Limit::until(Deadline::after_ms(PATIENCE_MS));
    let mut came = Vec::new();
    let ended = thread::scope(|s| {
        let writer = s.spawn(|| {
            // The server may have heard enough.
            let _ = a.write_all(&[raw], limit);
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
    match ended {
        true => Ok(came),
        false => Err(format!("no end; so far {:?}", String::from_utf8_lossy(&came))),
    }
}

/// The value of Date is the clock's.
fn without_dates(mut bytes: Vec<u8>) -> Vec<u8> {
    const FIELD: &[u8] = b"\r\nDate: ";
    const VALUE: &[u8] = b"Thu, 01 Jan 1970 00:00:00 GMT";
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(FIELD.len()).position(|w| w == FIELD) {
        at += found + FIELD.len();
        let is_date = bytes.get(at..at + VALUE.len()).is_some_and(|d| d.ends_with(b" GMT"));
        if is_date {
            bytes[at..at + VALUE.len()].copy_from_slice(VALUE);
        }
    }
    bytes
}

fn run(case: &Value) -> Outcome {
    let input = &case["in"];
    let raw = case::from_b64(&input["raw_b64"]);
    let want = case::from_b64(&case["out"]["raw_b64"]);
    *now() = Some(Script::of(&input["handler"], script::error_text(&want)));
    let close = input["disable_keep_alives"].as_bool().unwrap_or(false);
    let server = server((input["max_header_bytes"].as_u64().unwrap_or(0), close));
    let came = match exchange(&server, &raw) {
        Ok(came) => without_dates(came),
        Err(why) => return Outcome::Fail(format!("in {:?}: {why}", String::from_utf8_lossy(&raw))),
    };
    let promised = differences::in_server(&raw, &want);
    let (outcome, right) = match &promised {
        Some(promised) => (Outcome::Different, promised),
        None => (Outcome::Pass, &want),
    };
    if came == *right {
        return outcome;
    }
    let show = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
    Outcome::Fail(format!(
        "{}: {}:\n  want {}\n  got  {}",
        show(&raw),
        input["handler"],
        show(right),
        show(&came)
    ))
}
