//! Hostile answers against the real client: whole, byte by byte, and, when they are short, split at
//! every offset. Each must end as promised, the same way however it is cut, and leave nothing taken.

use crate::bad::{Bad, Verdict};
use crate::pipe::up;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::http::client::{self, Config};
use dunlin::http::client_response as response;
use dunlin::http::outgoing::Request;
use dunlin::net::{conn, pipe, Limit};
use dunlin::runtime;
use dunlin::time::Deadline;
use std::thread;

/// Go's reference ran with this (`MaxResponseHeaderBytes`).
const HEAD_LEN: u32 = 8192;
/// A record takes no longer than this; what has not ended then hangs.
const PATIENCE_MS: i32 = 10_000;

/// Status and body of an answer that was read to its end; `None` for a client error.
type Outcome = Option<(u16, Vec<u8>)>;

fn read_answer(client: Handle, bad: &Bad) -> Result<Outcome, Error> {
    let mut request = Request { method: bad.method.as_bytes(), ..Request::get(b"http://h/") };
    let answer = client::send(client, &mut request)?;
    let status = response::view(answer)?.status();
    let mut body = Vec::new();
    let mut buf = [0; 512];
    let end = loop {
        match response::read(answer, &mut buf) {
            Ok(0) => break Ok(Some((status, body))),
            Ok(n) => body.extend_from_slice(&buf[..n]),
            Err(e) => break Err(e),
        }
    };
    response::close(answer)?;
    end
}

/// Sends a request over a pipe whose other end gives the pieces and ends.
fn exchange(bad: &Bad, pieces: &[&[u8]]) -> Result<Outcome, String> {
    let config = Config {
        head_len: HEAD_LEN,
        timeout_ms: PATIENCE_MS,
        idle_timeout_ms: PATIENCE_MS,
        ..Config::DEFAULT
    };
    let client = client::new(&config).map_err(|e| format!("no client: {e:?}"))?;
    let (ours, theirs) = pipe::new().map_err(|e| format!("no pipe: {e:?}"))?;
    client::adopt(client, b"http://h/", ours).map_err(|e| format!("not adopted: {e:?}"))?;
    let answer = thread::scope(|s| {
        s.spawn(|| {
            let limit = Limit::until(Deadline::after_ms(i64::from(PATIENCE_MS)));
            let mut head = Vec::new();
            let mut buf = [0; 512];
            while !head.ends_with(b"\r\n\r\n") {
                match theirs.read(&mut buf, limit) {
                    Ok(n) => head.extend_from_slice(&buf[..n]),
                    Err(_) => break,
                }
            }
            for piece in pieces {
                // The client may have heard enough.
                if theirs.write_all(&[piece], limit).is_err() {
                    break;
                }
            }
            conn::end(theirs);
        });
        let answer = read_answer(client, bad);
        let _ = client::close(client);
        answer
    });
    match answer {
        Ok(answer) => Ok(answer),
        Err(Error::TIMEOUT) => Err("no end".into()),
        Err(_) => Ok(None),
    }
}

/// Runs a record in every way.
pub fn run(bad: &Bad) -> Verdict {
    up();
    let before = runtime::usage();
    let mut first: Option<Outcome> = None;
    bad.every_way(|pieces| {
        let came = exchange(bad, pieces)?;
        let outcome = if came.is_some() { "accept" } else { "client_error" };
        if !bad.allows(outcome) {
            return Err(format!("{outcome}, allowed {:?}", bad.allowed));
        }
        if first.get_or_insert_with(|| came.clone()) != &came {
            return Err(format!("{outcome}, but another answer than in one piece"));
        }
        let mut after = runtime::usage();
        after.arena.peak = before.arena.peak;
        if after != before {
            return Err("something is still taken".into());
        }
        Ok(())
    })
}
