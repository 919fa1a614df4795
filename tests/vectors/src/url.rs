//! Checks of URLs, queries and paths: `url.*`, `path.Clean`.

use crate::case::{self, Outcome, Run};
use dunlin::error::{Error, Result};
use dunlin::http::escaped::{self, Part};
use dunlin::http::reference::Reference;
use dunlin::http::{clean, query};
use dunlin::text::Text;
use serde_json::{json, Map, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "url.Parse" => |c| parse(c, |s| Reference::parse(s)),
        "url.ParseRequestURI" => |c| parse(c, |s| Reference::parse_request_uri(s)),
        "url.ResolveReference" => resolve,
        "url.ParseQuery" => parse_query,
        "url.Escape" => escape,
        "path.Clean" => path_clean,
        _ => return None,
    })
}

/// What a writer writes.
pub fn written(with: impl FnOnce(&mut Text<'_>) -> Result<()>) -> Result<Vec<u8>> {
    let mut buf = vec![0; 1 << 16];
    let mut out = Text::new(&mut buf);
    with(&mut out)?;
    Ok(out.bytes().to_vec())
}

fn plain(s: &[u8]) -> Vec<u8> {
    escaped::unescape(s).collect()
}

fn parse(case: &Value, parse: fn(&[u8]) -> Result<Reference<'_>>) -> Outcome {
    let text = case::bytes(&case["in"]["s"]);
    case::compare(case, parse(&text).and_then(|r| parts(&r)))
}

fn parts(r: &Reference<'_>) -> Result<Value> {
    let (hostname, port) = r.hostname_port();
    let path = written(|out| r.write_path(out))?;
    let fragment = written(|out| r.write_fragment(out))?;
    let string = written(|out| r.write(out))?;
    let mut redacted = string.clone();
    let user = r.user().map(|(name, password)| {
        let mut map = Map::new();
        map.insert("username".into(), case::text(&plain(name)));
        map.insert("password".into(), case::text(&plain(password.unwrap_or(&[]))));
        map.insert("password_set".into(), password.is_some().into());
        if let Some(at) = password.and_then(|_| string.windows(2).position(|w| w == b"//")) {
            // The password that is written is between the first colon of the authority and its @.
            let colon = at + 2 + string[at + 2..].iter().position(|b| *b == b':').unwrap();
            let end = colon + string[colon..].iter().position(|b| *b == b'@').unwrap();
            redacted.splice(colon + 1..end, *b"xxxxx");
        }
        Value::Object(map)
    });
    // Go keeps the text of a path only where its own escaping of it would be another.
    let raw = |text: &[u8], extra: &[u8]| {
        let go_escapes =
            |b: u8| !(b.is_ascii_alphanumeric() || b"$&+,-./:;=@_~".contains(&b) || extra.contains(&b));
        let mut own = Vec::new();
        for b in plain(text) {
            if go_escapes(b) {
                own.extend(format!("%{b:02X}").bytes());
            } else {
                own.push(b);
            }
        }
        case::text(if own == text { b"" } else { text })
    };
    let asterisk = r.path() == b"*" && r.scheme().is_empty();
    Ok(json!({
        "scheme": case::text(&r.scheme().to_ascii_lowercase()),
        "opaque": case::text(r.opaque()),
        "user": user,
        "host": case::text(&plain(r.host())),
        "hostname": case::text(&plain(hostname)),
        "port": case::text(port),
        "path": case::text(&plain(r.path())),
        "raw_path": if asterisk { "".into() } else { raw(r.path(), b"") },
        "escaped_path": case::text(&path),
        "raw_query": case::text(r.query().unwrap_or(&[])),
        "force_query": r.query() == Some(&[]),
        "fragment": case::text(&plain(r.fragment())),
        "raw_fragment": raw(r.fragment(), b"!()*?"),
        "escaped_fragment": case::text(&fragment),
        "is_abs": !r.scheme().is_empty(),
        "omit_host": r.omits_host(),
        "request_uri": case::text(&written(|out| r.write_request_uri(out))?),
        "string": case::text(&string),
        "redacted": case::text(&redacted),
    }))
}

fn resolve(case: &Value) -> Outcome {
    let (base, reference) = (case::bytes(&case["in"]["base"]), case::bytes(&case["in"]["ref"]));
    let ours = Reference::parse(&base).and_then(|base| {
        let reference = Reference::parse(&reference)?;
        written(|out| base.resolve(&reference, out))
    });
    case::compare(case, ours.map(|text| case::text(&text)))
}

fn parse_query(case: &Value) -> Outcome {
    let text = case::bytes(&case["in"]["s"]);
    let Ok(pairs) = query::pairs(&text) else {
        return case::compare(case, Err(Error::INVALID));
    };
    let mut values = Map::new();
    let mut bad = false;
    for pair in pairs {
        let Ok(pair) = pair else {
            bad = true;
            continue;
        };
        let name = written(|out| pair.write_name(out)).unwrap();
        let value = written(|out| pair.write_value(out)).unwrap();
        if !pair.is_named(&name) || pair.is_named(&[&name[..], b"x"].concat()) {
            return Outcome::Fail(format!("in {}: the name is not found", case["in"]));
        }
        let Value::String(name) = case::text(&name) else { unreachable!() };
        let list = values.entry(name).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(case::text(&value));
    }
    if bad != case.get("err").is_some() {
        return Outcome::Fail(format!("in {}: bad pairs: {bad}", case["in"]));
    }
    let out = &case["out"];
    let encoded = written(|out| {
        let mut names: Vec<_> = values.keys().map(|k| case::bytes(&Value::String(k.clone()))).collect();
        names.sort();
        for name in names {
            let Value::String(key) = case::text(&name) else { unreachable!() };
            for value in values[&key].as_array().unwrap() {
                query::write_pair(&name, &case::bytes(value), out)?;
            }
        }
        Ok(())
    });
    let ours = json!({"encode": case::text(&encoded.unwrap()), "values": values});
    if ours == *out {
        Outcome::Pass
    } else {
        Outcome::Fail(format!("in {}: want {out}, got {ours}", case["in"]))
    }
}

fn escape(case: &Value) -> Outcome {
    let s = case::bytes(&case["in"]["s"]);
    let mut ours = Map::new();
    for (name, part) in [("path", Part::Segment), ("query", Part::Query)] {
        let encoded = written(|out| escaped::encode(part, &s, out)).unwrap();
        ours.insert(format!("{name}_escape"), case::text(&encoded));
        let decoded = written(|out| escaped::decode(part, &s, out));
        let key = format!("{name}_unescape_err");
        let want = case["out"][&key].as_str().unwrap_or_default();
        if decoded.is_err() == want.is_empty() {
            return Outcome::Fail(format!("in {}: want {want:?}, got {decoded:?}", case["in"]));
        }
        ours.insert(key, want.into());
        ours.insert(format!("{name}_unescape"), case::text(&decoded.unwrap_or_default()));
    }
    case::compare::<Error>(case, Ok(Value::Object(ours)))
}

fn path_clean(case: &Value) -> Outcome {
    let s = case::bytes(&case["in"]["s"]);
    case::compare(case, written(|out| clean::clean(&s, out)).map(|path| case::text(&path)))
}
