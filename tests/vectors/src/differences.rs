//! The closed list of cases in which we promise another answer than Go's: `docs/differences.md`.
//! A case is recognised by its bytes, not by what came out.

use crate::case::{self, Outcome};
use dunlin::error::{Error, Result};
use serde_json::Value;

/// The promised error of a request that Go takes.
pub fn in_request(raw: &[u8]) -> Option<Error> {
    let head = Head::of(raw)?;
    if head.first == b"PRI * HTTP/2.0" {
        return Some(Error::HTTP_UNSUPPORTED_VERSION);
    }
    let version = head.first.rsplit(|b| *b == b' ').next()?;
    framing(&head, version)
}

/// The promised error of a response that Go takes.
pub fn in_response(raw: &[u8]) -> Option<Error> {
    let head = Head::of(raw)?;
    let mut words = head.first.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let version = words.next()?;
    if matches!(words.next()?, [b'+' | b'-', ..]) {
        return Some(Error::HTTP_MALFORMED_STATUS_LINE);
    }
    framing(&head, version)
}

/// The promised bytes of a server that got these, when Go's served them.
pub fn in_server(raw: &[u8], go: &[u8]) -> Option<Vec<u8>> {
    // Where Go refuses for the same reason, or another that it does not tell, the answers are the same.
    let refused = go.starts_with(b"HTTP/1.1 400 Bad Request\r\n") || go.starts_with(b"HTTP/1.1 5");
    let error = in_request(raw).filter(|_| !refused)?;
    let mut reply = [0; 256];
    dunlin::http::write_error_reply(error, &mut reply).ok().map(<[u8]>::to_vec)
}

/// Compares with Go's answer; where Go succeeds and a difference is promised, with that one.
pub fn judge(case: &Value, promised: Option<Error>, ours: Result<Value>) -> Outcome {
    match (case::expected(case), promised) {
        (Ok(_), Some(error)) => match ours {
            Err(e) if e == error => Outcome::Different,
            other => Outcome::Fail(format!("in {}: promised {error:?}, got {other:?}", case["in"])),
        },
        _ => case::compare(case, ours),
    }
}

struct Head {
    first: Vec<u8>,
    names: Vec<String>,
}

impl Head {
    fn of(raw: &[u8]) -> Option<Head> {
        let mut lines = raw.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
        let first = lines.next()?.to_vec();
        let names =
            lines.take_while(|l| !l.is_empty()).filter(|l| !l.starts_with(b" ") && !l.starts_with(b"\t"));
        let names = names.filter_map(|l| Some(l.split_at_checked(l.iter().position(|b| *b == b':')?)?.0));
        let names = names.map(|n| String::from_utf8_lossy(n).to_ascii_lowercase()).collect();
        Some(Head { first, names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }
}

fn framing(head: &Head, version: &[u8]) -> Option<Error> {
    if !head.has("transfer-encoding") {
        return None;
    }
    if version == b"HTTP/1.0" || version.starts_with(b"HTTP/0.") && version != b"HTTP/0.0" {
        return Some(Error::HTTP_ENCODING_IN_OLD_VERSION);
    }
    head.has("content-length").then_some(Error::HTTP_LENGTH_AND_ENCODING)
}
