//! The mux: `http.ServeMux`, `http.ServeMux.Handle`, `http.ServeMux.Conflict`.

use crate::case::{bytes, compare, text, Outcome, Run};
use dunlin::error::Error;
use dunlin::http::escaped::Escaped;
use dunlin::http::mux::{Match, Mux, Record, Request};
use dunlin::http::pattern::{Pattern, Segment};
use dunlin::http::target::Form;
use dunlin::http::{parse_request, Limits};
use serde_json::{json, Map, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "http.ServeMux" => serve,
        "http.ServeMux.Handle" => |case| registers(case, &["pattern"]),
        "http.ServeMux.Conflict" => |case| registers(case, &["first", "second"]),
        _ => return None,
    })
}

fn registers(case: &Value, fields: &[&str]) -> Outcome {
    let patterns: Vec<_> = fields.iter().map(|f| bytes(&case["in"][f])).collect();
    let mut records = vec![Record::default(); patterns.len()];
    let result = Mux::build(&patterns.as_slice(), &mut records).map(|_| ());
    if case["out"]["ok"] == result.is_ok() {
        Outcome::Pass
    } else {
        Outcome::Fail(format!("in {}: want {}, got {result:?}", case["in"], case["out"]))
    }
}

fn serve(case: &Value) -> Outcome {
    compare(case, answer(&case["in"]))
}

fn answer(input: &Value) -> Result<Value, Error> {
    let patterns: Vec<_> = input["patterns"].as_array().into_iter().flatten().map(bytes).collect();
    let mut records = vec![Record::default(); patterns.len()];
    let routes = patterns.as_slice();
    let mux = Mux::build(&routes, &mut records).map_err(|e| e.error())?;

    let [method, target, host] = ["method", "target", "host"].map(|k| bytes(&input[k]));
    let mut head = [&method[..], b" ", &target, b" HTTP/1.1\r\nHost: ", &host, b"\r\n\r\n"].concat();
    let parsed = parse_request(&mut head, Limits::NONE)?;
    let host = parsed.host.of(&head);
    let request = Request {
        method: parsed.method.of(&head),
        host,
        target_host: if parsed.form == Form::Origin { b"" } else { host },
        path: if target == b"*" { b"*" } else { parsed.path.of(&head) },
        query: parsed.query.of(&head),
    };
    let mut location = vec![0; 3 * target.len() + 3];
    let found = mux.find(&request, &mut location)?;
    let name = |route: Option<usize>| route.map_or(text(b""), |r| text(&patterns[r]));
    let mut out = json!({
        "pattern": "", "handler_pattern": "", "values": {}, "location": "", "allow": "", "handled": false,
        "status": match found {
            Match::Route(_) => 299,
            Match::Redirect { .. } => 307,
            Match::NotFound => 404,
            Match::MethodNotAllowed => 405,
            Match::BadRequest => 400,
        },
    });
    match found {
        Match::Route(route) => {
            out["pattern"] = name(Some(route));
            out["handler_pattern"] = name(Some(route));
            out["handled"] = true.into();
            out["values"] = values(&mux, route, &patterns[route], request.path)?;
        }
        Match::Redirect { location, .. } if method == b"CONNECT" => {
            // Go's lookup names the new path here, not the pattern.
            let path: Vec<u8> = Escaped(request.path).decode().chain(*b"/").collect();
            out["handler_pattern"] = text(&path);
            out["location"] = text(location);
        }
        Match::Redirect { location, route } => {
            out["handler_pattern"] = name(route);
            out["location"] = text(location);
        }
        Match::MethodNotAllowed => {
            out["allow"] = text(&mux.allow(&request).collect::<Vec<_>>().join(&b", "[..]));
        }
        // Go answers this without a lookup; a lookup itself takes `*` for the path `/*`.
        Match::BadRequest => {
            let path: &[u8] = if method == b"CONNECT" { b"" } else { b"/*" };
            let request = Request { path, target_host: b"", ..request };
            out["handler_pattern"] = match mux.find(&request, &mut [0; 16])? {
                Match::Route(route) => name(Some(route)),
                Match::Redirect { route, .. } => name(route),
                _ => name(None),
            };
        }
        Match::NotFound => {}
    }
    Ok(out)
}

fn values(mux: &Mux<'_>, route: usize, pattern: &[u8], path: &[u8]) -> Result<Value, Error> {
    let mut values = Map::new();
    let pattern = Pattern::parse(pattern).map_err(|_| Error::HTTP_PATTERN)?;
    for segment in pattern.segments() {
        if let Segment::Wild(name) | Segment::Multi(name) = segment {
            let mut buf = vec![0; path.len()];
            if let Some(n) = mux.value(route, path, name, &mut buf)? {
                values.insert(name.iter().map(|b| char::from(*b)).collect(), text(&buf[..n]));
            }
        }
    }
    Ok(Value::Object(values))
}
