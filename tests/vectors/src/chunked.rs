//! Bodies: the chunked coding, `http.ChunkedReader` and `http.ChunkedWriter`, and `http.MaxBytesReader`.

use crate::case::{bytes, compare, from_b64, to_b64, Outcome, Run};
use dunlin::error::Error;
use dunlin::http::body::{BodyLimits, BodyReader};
use dunlin::http::chunked::{chunk_head, ChunkedDecoder, CHUNK_END, CHUNK_HEAD_MAX, LAST_CHUNK};
use serde_json::{json, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "http.ChunkedReader" => reader,
        "http.ChunkedWriter" => writer,
        "http.MaxBytesReader" => max_bytes,
        _ => return None,
    })
}

/// A body of a declared length under a cap; no cap is below 0.
fn max_bytes(case: &Value) -> Outcome {
    let body = vec![b'x'; case["in"]["body_len"].as_u64().unwrap_or(0) as usize];
    let mut reader = BodyReader::length(body.len() as u64);
    reader.set_cap(u64::try_from(case["in"]["limit"].as_i64().unwrap_or(0)).unwrap_or(0));
    let (mut read, mut error) = (0, None);
    while !reader.is_done() && error.is_none() {
        match reader.step(&body[read..], 7) {
            Ok(step) => read += step.data,
            Err(e) => error = Some(e),
        }
    }
    let ours = json!({
        "err": error.map_or("", Error::text),
        "is_max_bytes_error": error == Some(Error::HTTP_BODY_TOO_LARGE),
        "read": read,
    });
    compare::<Error>(case, Ok(ours))
}

/// The body, the bytes used and the end; `piece` bytes are given at a time.
fn decode(raw: &[u8], piece: usize) -> (Vec<u8>, usize, Result<(), Error>) {
    let mut decoder = ChunkedDecoder::new(BodyLimits::GO.chunk_line);
    let (mut body, mut at) = (Vec::new(), 0);
    while at < raw.len() && !decoder.is_done() {
        let input = &raw[at..raw.len().min(at + piece)];
        match decoder.step(input, usize::MAX) {
            Ok(step) => {
                body.extend_from_slice(&input[step.skip..step.used()]);
                at += step.used();
            }
            // Byte by byte, the one that brought the error is the last one used.
            Err(e) => return (body, at + 1, Err(e)),
        }
    }
    (body, at, decoder.eof())
}

fn reader(case: &Value) -> Outcome {
    let raw = from_b64(&case["in"]["raw_b64"]);
    let (body, used, end) = decode(&raw, 1);
    for piece in [2, 3, 7, raw.len().max(1)] {
        let (other, _, other_end) = decode(&raw, piece);
        if (&other, other_end) != (&body, end) {
            return Outcome::Fail(format!("in {}: another result in pieces of {piece}", case["in"]));
        }
    }
    let out = &case["out"];
    let good = out["body_err"].as_str() == Some("");
    let same = out["body_b64"] == to_b64(&body) && out["rest_b64"] == to_b64(&raw[used..]);
    if same && good == end.is_ok() {
        Outcome::Pass
    } else {
        Outcome::Fail(format!("in {}: want {out}, got {} {end:?} used {used}", case["in"], to_b64(&body)))
    }
}

fn writer(case: &Value) -> Outcome {
    let mut raw = Vec::new();
    for write in case["in"]["writes"].as_array().into_iter().flatten() {
        let data = bytes(write);
        let mut head = [0; CHUNK_HEAD_MAX];
        let head = chunk_head(data.len() as u64, &mut head);
        if !head.is_empty() {
            raw.extend([head, &data, CHUNK_END].concat());
        }
    }
    raw.extend_from_slice(LAST_CHUNK);
    if case["out"]["raw_b64"] == to_b64(&raw) {
        Outcome::Pass
    } else {
        Outcome::Fail(format!("in {}: want {}, got {}", case["in"], case["out"], to_b64(&raw)))
    }
}
