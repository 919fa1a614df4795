//! Checks of heads and names: `http.ReadRequest`, `http.ReadResponse` and the small functions.

use crate::case::{self, Outcome, Run};
use crate::differences;
use dunlin::error::{Error, Result};
use dunlin::http::{
    self, body::BodyLimits, escaped, header, target, Fields, Form, Framing, HeadScanner, Header, Limits,
    Method,
};
use serde_json::{json, Map, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "http.CanonicalHeaderKey" => canonical_header_key,
        "http.FormatTime" => format_time,
        "http.ParseHTTPVersion" => parse_http_version,
        "http.ReadRequest" => read_request,
        "http.ReadResponse" => read_response,
        "http.StatusText" => status_text,
        _ => return None,
    })
}

fn canonical_header_key(case: &Value) -> Outcome {
    let name = case::bytes(&case["in"]["s"]);
    let ours: Vec<u8> = header::canonical(&name).collect();
    let mut in_place = name;
    header::canonicalize(&mut in_place);
    if in_place != ours {
        return Outcome::Fail(format!("in {}: in place it differs", case["in"]));
    }
    case::compare::<Error>(case, Ok(case::text(&ours)))
}

fn format_time(case: &Value) -> Outcome {
    let Some(unix) = case["in"]["unix"].as_i64() else { return Outcome::Fail("no time".into()) };
    case::compare::<Error>(case, Ok(case::text(&http::date::format(unix))))
}

fn parse_http_version(case: &Value) -> Outcome {
    let version = http::parse_version(&case::bytes(&case["in"]["s"]));
    let (major, minor) = version.unwrap_or((0, 0));
    case::compare::<Error>(case, Ok(json!({"major": major, "minor": minor, "ok": version.is_ok()})))
}

fn status_text(case: &Value) -> Outcome {
    // A code that no response can have has no text either.
    let code = case["in"]["code"].as_i64().and_then(|c| u16::try_from(c).ok()).unwrap_or(0);
    case::compare::<Error>(case, Ok(http::status::text(code).into()))
}

/// The length of the head; bytes that end before it are an error.
fn head_len(raw: &[u8]) -> Result<usize> {
    HeadScanner::new(Limits::NONE.head_len).scan(raw)?.ok_or(Error::UNEXPECTED_EOF)
}

fn read_request(case: &Value) -> Outcome {
    let mut raw = case::from_b64(&case["in"]["raw_b64"]);
    let promised = differences::in_request(&raw);
    differences::judge(case, promised, with_texts_of(case, request(&mut raw)))
}

fn request(raw: &mut [u8]) -> Result<Value> {
    let len = head_len(raw)?;
    let (head, rest) = raw.split_at_mut(len);
    let r = http::parse_request(head, Limits::NONE)?;
    let target = r.target.of(head);
    let parts = target::parse(target, r.kind == Method::Connect)?;
    let mut url = Vec::new();
    parts.write(target, &mut |b| url.push(b));
    let host = r.host.of(head);
    // Only a target's host may be escaped.
    let host: Vec<u8> = if parts.host.is_empty() { host.to_vec() } else { escaped::unescape(host).collect() };
    let path: Vec<u8> =
        if r.form == Form::Opaque { Vec::new() } else { escaped::unescape(r.path.of(head)).collect() };
    let mut out = Map::new();
    out.insert("method".into(), case::text(r.method.of(head)));
    out.insert("request_uri".into(), case::text(target));
    out.insert("url".into(), case::text(&url));
    out.insert("path".into(), case::text(&path));
    out.insert("raw_query".into(), case::text(r.query.of(head)));
    out.insert("host".into(), case::text(&host));
    out.insert("proto".into(), format!("HTTP/{}.{}", r.major, r.minor).into());
    out.insert("major".into(), r.major.into());
    out.insert("minor".into(), r.minor.into());
    out.insert("content_length".into(), r.content_length().into());
    out.insert("close".into(), r.has(http::Flags::CLOSE).into());
    let chunked = r.framing == Framing::Chunked;
    out.insert("transfer_encoding".into(), if chunked { json!(["chunked"]) } else { Value::Null });
    out.insert("header".into(), header_map(r.header(head)).into());
    let names: Vec<&[u8]> = r.trailer_names(head).collect();
    read_body(r.framing, rest, &names, &mut out);
    Ok(out.into())
}

fn read_response(case: &Value) -> Outcome {
    let mut raw = case::from_b64(&case["in"]["raw_b64"]);
    let promised = differences::in_response(&raw);
    let method = Method::of(&case::bytes(&case["in"]["method"]));
    differences::judge(case, promised, with_texts_of(case, response(&mut raw, method)))
}

fn response(raw: &mut [u8], method: Method) -> Result<Value> {
    let len = head_len(raw)?;
    let (head, rest) = raw.split_at_mut(len);
    let r = http::parse_response(head, method, Limits::NONE)?;
    let mut out = Map::new();
    out.insert("status".into(), case::text(r.status.of(head)));
    out.insert("code".into(), r.code.into());
    out.insert("proto".into(), case::text(r.proto.of(head)));
    out.insert("major".into(), r.major.into());
    out.insert("minor".into(), r.minor.into());
    out.insert("content_length".into(), r.content_length.into());
    out.insert("close".into(), r.close.into());
    out.insert("transfer_encoding".into(), if r.chunked { json!(["chunked"]) } else { Value::Null });
    out.insert("header".into(), header_map(r.header(head)).into());
    let names: Vec<&[u8]> = r.trailer_names(head).collect();
    read_body(r.framing, rest, &names, &mut out);
    Ok(out.into())
}

fn add(map: &mut Map<String, Value>, name: &[u8], value: &[u8]) {
    let name: String = header::canonical(name).map(char::from).collect();
    let values = map.entry(name).or_insert_with(|| json!([]));
    if let Value::Array(values) = values {
        values.push(case::text(value));
    }
}

fn header_map(header: Header<'_>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in header.iter() {
        add(&mut map, name, value);
    }
    map
}

struct Body {
    data: Vec<u8>,
    trailer: Vec<u8>,
    /// How much of the input was taken, the byte at which an error showed included.
    used: usize,
    result: Result<()>,
}

/// Reads a body out of input that comes in pieces.
fn read_pieces(framing: Framing, input: &[u8], piece: usize) -> Body {
    let mut reader = framing.body(BodyLimits::GO);
    let mut body = Body { data: Vec::new(), trailer: Vec::new(), used: 0, result: Ok(()) };
    loop {
        let end = input.len().min(body.used + piece);
        match reader.step(&input[body.used..end], usize::MAX) {
            Err(e) => {
                body.used = end;
                body.result = Err(e);
                return body;
            }
            Ok(step) => {
                let (data, rest) = input[body.used + step.skip..].split_at(step.data);
                body.data.extend_from_slice(data);
                body.trailer.extend_from_slice(&rest[..step.trailer]);
                body.used += step.used();
                if step.done {
                    return body;
                }
                if body.used == input.len() {
                    body.result = reader.eof();
                    return body;
                }
            }
        }
    }
}

/// Reads the body to its end or the end of the bytes, and what Go shows of it.
fn read_body(framing: Framing, rest: &[u8], names: &[&[u8]], out: &mut Map<String, Value>) {
    // Byte by byte, because only so the place of an error is known.
    let mut body = read_pieces(framing, rest, 1);
    let whole = read_pieces(framing, rest, usize::MAX >> 1);
    let same = whole.result == body.result && whole.data == body.data;
    assert!(same && (whole.trailer == body.trailer || whole.result.is_err()), "the pieces make a difference");

    let mut trailer = Map::new();
    for name in names {
        trailer.insert(header::canonical(name).map(char::from).collect(), Value::Null);
    }
    if body.result.is_ok() && !body.trailer.is_empty() {
        body.trailer.extend_from_slice(b"\r\n");
        let mut read = Map::new();
        match http::parse_trailers(&mut body.trailer, Limits::NONE) {
            Ok((span, _)) => Fields::new(span.of(&body.trailer)).for_each(|(n, v)| add(&mut read, n, v)),
            Err(e) => body.result = Err(e),
        }
        trailer.extend(read);
    }
    let in_trailer = matches!(body.result, Err(Error::HTTP_BAD_TRAILER | Error::UNEXPECTED_EOF))
        || !body.trailer.is_empty();
    let broken_trailer = body.result.is_err() && in_trailer;
    let left = if broken_trailer { Value::Null } else { case::to_b64(&rest[body.used..]) };
    out.insert("trailer".into(), if trailer.is_empty() { Value::Null } else { trailer.into() });
    out.insert("body_b64".into(), case::to_b64(&body.data));
    out.insert("body_err".into(), body.result.err().map_or("", Error::text).into());
    out.insert("rest_b64".into(), left);
}

/// Takes over Go's view of what is not compared: the text of a body's error, unless it means that
/// the message was cut short, and how far Go had looked ahead when the end or a trailer section was not
/// what it should be.
fn with_texts_of(case: &Value, ours: Result<Value>) -> Result<Value> {
    let mut ours = ours?;
    let want = &case["out"];
    let text = want["body_err"].as_str().unwrap_or_default();
    if !text.is_empty() && ours["body_err"] != "" {
        if text != "unexpected EOF" {
            ours["body_err"] = text.into();
        }
        if ours["rest_b64"].is_null() {
            ours["rest_b64"] = want["rest_b64"].clone();
        }
    }
    Ok(ours)
}
