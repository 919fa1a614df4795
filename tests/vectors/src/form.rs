//! Checks of forms in bodies: `http.ParseForm*`, `http.ParseMultipartForm`.

use crate::case::{self, Outcome, Run};
use crate::url::written;
use dunlin::error::{Error, Result};
use dunlin::http::form::{self, Kind, Out, PairDecoder};
use dunlin::http::multipart::{self, Limits};
use dunlin::http::multipart_reader::Reader;
use dunlin::http::{header, query, Method};
use serde_json::{json, Map, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "http.ParseForm" => parse_form,
        "http.ParseForm.Limit" => limit,
        "http.ParseMultipartForm" => parse_multipart,
        _ => return None,
    })
}

/// Names and their values, in order.
#[derive(Default, Clone, PartialEq, Debug)]
struct Values(Map<String, Value>);

impl Values {
    fn add(&mut self, name: &[u8], value: Value) {
        let Value::String(name) = case::text(name) else { unreachable!() };
        let list = self.0.entry(name).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(value);
    }

    fn add_all(&mut self, other: &Values) {
        for (name, values) in &other.0 {
            for value in values.as_array().unwrap() {
                self.add(&case::bytes(&Value::String(name.clone())), value.clone());
            }
        }
    }
}

/// The ways in which the bytes come: whole, byte by byte, split at every offset.
fn ways(body: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let splits = (1..body.len()).map(|at| vec![&body[..at], &body[at..]]);
    [vec![body], body.chunks(1).collect()].into_iter().chain(splits)
}

/// The pairs of a query, and whether something was none.
fn of_query(text: &[u8]) -> (Values, bool) {
    let mut values = Values::default();
    let mut bad = false;
    match query::pairs(text) {
        Ok(pairs) => {
            for pair in pairs {
                match pair {
                    Ok(pair) => {
                        let value = written(|out| pair.write_value(out)).unwrap();
                        values.add(&written(|out| pair.write_name(out)).unwrap(), case::text(&value));
                    }
                    Err(_) => bad = true,
                }
            }
        }
        Err(_) => bad = true,
    }
    (values, bad)
}

fn of_body(pieces: &[&[u8]]) -> (Values, bool) {
    let mut decoder = PairDecoder::new();
    let (mut values, mut name, mut value) = (Values::default(), Vec::new(), Vec::new());
    let bytes = pieces.iter().flat_map(|p| p.iter()).map(Some).chain([None]);
    for byte in bytes {
        let out = match byte {
            Some(byte) => decoder.push(*byte),
            None => Ok(decoder.end()),
        };
        let Ok(out) = out else { return (Values::default(), true) };
        match out {
            Out::None | Out::Equals => {}
            Out::Name(b) => name.push(b),
            Out::Value(b) => value.push(b),
            Out::End(valid) => {
                if valid {
                    values.add(&name, case::text(&value));
                }
                name.clear();
                value.clear();
            }
        }
    }
    (values, decoder.any_bad())
}

/// The first value of a name in the pieces and then in the query, by the decoder that keeps no more.
fn first(pieces: &[&[u8]], query: &[u8], name: &[u8]) -> Result<Vec<u8>> {
    let mut buf = vec![0; 1 << 16];
    let mut fields = [form::Field::new(name)];
    let mut finder = form::Finder::new(&mut fields, &mut buf, form::MAX_LEN)?;
    for piece in pieces {
        finder.push(piece)?;
    }
    finder.end()?;
    finder.push(query)?;
    finder.end()?;
    Ok(fields[0].value.map(|v| v.of(&buf).to_vec()).unwrap_or_default())
}

fn parse_form(case: &Value) -> Outcome {
    let input = &case["in"];
    let body = case::from_b64(&input["body_b64"]);
    let url = case::bytes(&input["url"]);
    let raw_query = url.split(|b| *b == b'?').nth(1).unwrap_or(&[]);
    let method = Method::of(&case::bytes(&input["method"]));
    let (kind, well_formed) = form::kind(method, &case::bytes(&input["content_type"]));
    for pieces in ways(&body) {
        let pieces = if kind == Kind::UrlEncoded { pieces } else { Vec::new() };
        let (post, bad_body) = of_body(&pieces);
        let (from_url, bad_query) = of_query(raw_query);
        let mut all = post.clone();
        all.add_all(&from_url);
        if (bad_body || bad_query || well_formed.is_err()) != case.get("err").is_some() {
            return Outcome::Fail(format!("in {input}: bad: {bad_body} {bad_query} {well_formed:?}"));
        }
        let a = match first(&pieces, raw_query, b"a") {
            Ok(a) => a,
            Err(e) => return Outcome::Fail(format!("in {input}: a: {e:?}")),
        };
        // Cases with an error do not record the value.
        let a = if case.get("err").is_some() { Vec::new() } else { a };
        let ours = json!({"form": all.0, "post_form": post.0, "form_value_a": case::text(&a)});
        if ours != case["out"] {
            return Outcome::Fail(format!("in {input}: want {}, got {ours}", case["out"]));
        }
    }
    Outcome::Pass
}

fn limit(case: &Value) -> Outcome {
    let len = case["in"]["body_len"].as_u64().unwrap() as usize;
    let mut body = vec![b'x'; len];
    body[..2].copy_from_slice(b"a=");
    for piece in [1, 4096, len] {
        let mut buf = vec![0; len];
        let mut fields = [form::Field::new(b"a")];
        let mut finder = form::Finder::new(&mut fields, &mut buf, form::MAX_LEN).unwrap();
        let read = body.chunks(piece).try_for_each(|p| finder.push(p)).and_then(|()| finder.end());
        let ours = read.map(|()| json!({"len_a": fields[0].value.map_or(0, |v| v.len)}));
        if let Outcome::Fail(why) = case::compare(case, ours) {
            return Outcome::Fail(why);
        }
    }
    Outcome::Pass
}

fn parse_multipart(case: &Value) -> Outcome {
    let input = &case["in"];
    let body = case::from_b64(&input["body_b64"]);
    let content_type = case::bytes(&input["content_type"]);
    for pieces in ways(&body) {
        for room in [body.len() + 512, 1 << 16] {
            let ours = multipart_form(&content_type, &pieces, room);
            if let Outcome::Fail(why) = case::compare(case, ours) {
                return Outcome::Fail(format!("{} pieces: {why}", pieces.len()));
            }
        }
    }
    Outcome::Pass
}

fn multipart_form(content_type: &[u8], pieces: &[&[u8]], room: usize) -> Result<Value> {
    let mut window = vec![0; room];
    let mut pieces = pieces.iter().copied().filter(|p| !p.is_empty());
    let mut rest: &[u8] = &[];
    let mut source = |buf: &mut [u8]| {
        if rest.is_empty() {
            rest = pieces.next().unwrap_or(&[]);
        }
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        rest = &rest[n..];
        Ok(n)
    };
    let mut reader = Reader::new(content_type, false, Limits::GO, &mut window)?;
    let (mut values, mut files) = (Values::default(), Vec::new());
    while reader.next_part(&mut window, &mut source)? {
        let fields = reader.fields(&window)?;
        let name = written(|out| multipart::write_name(&fields, out))?;
        if name.is_empty() {
            continue;
        }
        let file = written(|out| multipart::write_file_name(&fields, out))?;
        let mut head = Values::default();
        for (name, value) in fields.filter(|f| !reader.hides(f.0)) {
            head.add(&header::canonical(name).collect::<Vec<_>>(), case::text(value));
        }
        let (mut data, mut buf) = (Vec::new(), [0; 777]);
        loop {
            match reader.read(&mut window, &mut buf, &mut source)? {
                0 => break,
                n => data.extend_from_slice(&buf[..n]),
            }
        }
        if file.is_empty() {
            values.add(&name, case::text(&data));
        } else {
            files.push(json!({"name": case::text(&name), "filename": case::text(&file), "header": head.0,
                "size": data.len(), "data_b64": case::to_b64(&data)}));
        }
    }
    // Sorted by name, as the cases list them.
    files.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    let mut form = values.clone();
    form.add(b"u", json!("1"));
    Ok::<_, Error>(json!({"values": values.0, "post_form": values.0, "form": form.0, "files": files}))
}
