//! The handler scripts of Go's server cases, said in this library's words.

use crate::case;
use dunlin::error::Error;
use dunlin::http::cookie::{Cookie, Pair};
use dunlin::http::server::Exchange;
use dunlin::http::{header, Flags};
use dunlin::net::Limit;
use dunlin::time::Deadline;
use serde_json::Value;

/// A list of operations.
#[derive(Clone)]
pub struct Script {
    ops: Vec<Vec<Value>>,
    /// Go's wording of the error that a body of this case ends in.
    wording: Option<String>,
}

/// The text of the first `[err:TEXT]` that a handler wrote.
pub fn error_text(out: &[u8]) -> Option<String> {
    let text: String = out.iter().map(|b| char::from(*b)).collect();
    let rest = text.split_once("[err:")?.1;
    Some(rest.split_once(']')?.0.to_owned())
}

/// Reads at most `max` bytes of the body; the error, if it did not end well.
fn read(x: Exchange, max: usize) -> (Vec<u8>, Option<Error>) {
    let mut all = Vec::new();
    let mut buf = [0; 512];
    while all.len() < max {
        let want = buf.len().min(max - all.len());
        match x.read(&mut buf[..want]) {
            Ok(0) => break,
            Ok(n) => all.extend_from_slice(&buf[..n]),
            Err(e) => return (all, Some(e)),
        }
    }
    (all, None)
}

impl Script {
    pub fn of(list: &Value, wording: Option<String>) -> Script {
        let ops = list.as_array().cloned().unwrap_or_default();
        Script { ops: ops.iter().map(|op| op.as_array().cloned().unwrap_or_default()).collect(), wording }
    }

    /// Runs it; an error is the handler's.
    pub fn run(&self, x: Exchange) -> Result<(), Error> {
        for op in &self.ops {
            let name = op[0].as_str().unwrap_or_default();
            let s = |i: usize| case::bytes(op.get(i).unwrap_or(&Value::Null));
            let n = |i: usize| op.get(i).and_then(Value::as_u64).unwrap_or(0);
            // What Go's handlers do not look at, these do not either.
            let _ = match name {
                "set" => match s(1).strip_prefix(b"Trailer:") {
                    Some(name) => x.set_trailer(name, &s(2)),
                    None => x.set_header(&s(1), &s(2)),
                },
                "add" => x.add_header(&s(1), &s(2)),
                "del" => x.del_header(&s(1)),
                "setnil" => x.omit_header(&s(1)),
                "status" => match x.status(n(1) as u16) {
                    // Go's handler panics.
                    Err(Error::INVALID) => return Err(Error::HTTP_ABORTED),
                    other => other,
                },
                "write" => x.write(&s(1)).map(drop),
                "writen" => x.write(&s(1).repeat(n(2) as usize)).map(drop),
                "flush" => x.flush(),
                "readall" => {
                    read(x, usize::MAX);
                    Ok(())
                }
                "readn" => {
                    read(x, n(1) as usize);
                    Ok(())
                }
                "closebody" => x.close_body(),
                "echo" => self.echo(x),
                "maxbytes" => x.limit_body(n(1)),
                "error" => x.error(n(2) as u16, &s(1)),
                "notfound" => x.not_found(),
                "redirect" => x.redirect(&s(1), n(2) as u16),
                "setcookie" => x.set_cookie(&Cookie {
                    pair: Pair { name: &s(1), value: &s(2), quoted: false },
                    ..Cookie::default()
                }),
                "abort" => return Err(Error::HTTP_ABORTED),
                "hijack" => match x.hijack() {
                    Ok(conn) => {
                        let limit = Limit::until(Deadline::after_ms(5000));
                        let sent = conn.write_all(&[&s(1)], limit);
                        dunlin::net::conn::end(conn);
                        sent
                    }
                    Err(e) => Err(e),
                },
                "path" => {
                    x.read_head(|req, head, _| path(req.path.of(head))).and_then(|p| x.write(&p).map(drop))
                }
                "dump" => dump(x),
                other => panic!("no operation {other}"),
            };
        }
        Ok(())
    }

    fn echo(&self, x: Exchange) -> Result<(), Error> {
        let (all, error) = read(x, usize::MAX);
        x.write(&all)?;
        let Some(error) = error else { return Ok(()) };
        let text = match (error, &self.wording) {
            (Error::UNEXPECTED_EOF, Some(text)) if text.contains("unexpected EOF") => text,
            (Error::UNEXPECTED_EOF, _) | (_, None) => return Err(error),
            // The words of Go's errors are not ours; that there is one, and where, is compared.
            (_, Some(text)) => text,
        };
        x.write(format!("[err:{text}]").as_bytes()).map(drop)
    }
}

/// Go: `URL.Path`.
fn path(escaped: &[u8]) -> Vec<u8> {
    let mut out = vec![0; escaped.len()];
    let n = dunlin::http::escaped::Escaped(escaped).unescape(&mut out).unwrap_or(0);
    out.truncate(n);
    out
}

fn dump(x: Exchange) -> Result<(), Error> {
    let text = x.read_head(|req, head, fields| {
        let mut out = Vec::new();
        let length = req.content_length();
        for part in [req.method.of(head), b" ", req.target.of(head)] {
            out.extend_from_slice(part);
        }
        out.extend_from_slice(format!(" HTTP/{}.{} host=", req.major, req.minor).as_bytes());
        out.extend_from_slice(req.host.of(head));
        let coding = if length < 0 { "chunked" } else { "" };
        let close = req.has(Flags::CLOSE);
        out.extend_from_slice(
            format!(" cl={length} te=[{coding}] close={close} remote=192.0.2.1:1234\n").as_bytes(),
        );
        let mut all: Vec<(Vec<u8>, &[u8])> =
            fields.iter().map(|(n, v)| (header::canonical(n).collect(), v)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, value) in all {
            for part in [&name[..], b": ", value, b"\n"] {
                out.extend_from_slice(part);
            }
        }
        out
    })?;
    x.write(&text).map(drop)
}
