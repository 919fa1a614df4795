//! Checks of cookies.

use crate::case::{self, Outcome, Run};
use crate::url::written;
use dunlin::error::{Error, Result};
use dunlin::http::cookie::{self, Cookie, Pair, SameSite};
use serde_json::{json, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "http.Cookie.String" => string,
        "http.ParseCookie" => parse_cookie,
        "http.ParseSetCookie" => parse_set_cookie,
        "http.ReadCookies" => read_cookies,
        "http.ReadSetCookies" => read_set_cookies,
        _ => return None,
    })
}

fn pair(p: Pair<'_>) -> Value {
    json!({"name": case::text(p.name), "value": case::text(p.value), "quoted": p.quoted})
}

fn parse_cookie(case: &Value) -> Outcome {
    let line = case::bytes(&case["in"]["line"]);
    case::compare(
        case,
        cookie::parse(&line).map(|p| p.map(pair)).collect::<Result<Vec<_>>>().map(Value::from),
    )
}

fn lines(case: &Value) -> Vec<Vec<u8>> {
    case["in"]["lines"].as_array().unwrap().iter().map(case::bytes).collect()
}

fn read_cookies(case: &Value) -> Outcome {
    let lines = lines(case);
    let filter = case::bytes(&case["in"]["filter"]);
    let mut found = Vec::new();
    if !cookie::too_many(lines.iter().map(|l| &l[..])) {
        let all = lines.iter().flat_map(|l| cookie::read(l));
        found.extend(all.filter(|p| filter.is_empty() || filter == p.name).map(pair));
    }
    case::compare::<Error>(case, Ok(found.into()))
}

fn set_cookie(line: &[u8]) -> Result<Value> {
    let mut unparsed = Vec::new();
    let c = Cookie::parse(line, &mut |part| unparsed.push(case::text(part)))?;
    Ok(json!({
        "name": case::text(c.pair.name), "value": case::text(c.pair.value), "quoted": c.pair.quoted,
        "path": case::text(c.path), "domain": case::text(c.domain),
        "expires_unix": c.expires, "raw_expires": case::text(c.raw_expires), "max_age": c.max_age,
        "secure": c.secure, "http_only": c.http_only, "partitioned": c.partitioned,
        "same_site": c.same_site as u8, "unparsed": unparsed,
        "string": case::text(&written(|out| c.write(out)).unwrap_or_default()),
    }))
}

fn parse_set_cookie(case: &Value) -> Outcome {
    case::compare(case, set_cookie(&case::bytes(&case["in"]["line"])))
}

fn read_set_cookies(case: &Value) -> Outcome {
    let found: Vec<_> = lines(case).iter().filter_map(|l| set_cookie(l).ok()).collect();
    case::compare::<Error>(case, Ok(found.into()))
}

fn string(case: &Value) -> Outcome {
    let c = &case["in"];
    let field = |name: &str| case::bytes(&c[name]);
    let (name, value, path, domain) = (field("name"), field("value"), field("path"), field("domain"));
    let flag = |name: &str| c[name].as_bool().unwrap();
    let sites = [SameSite::Unset, SameSite::Default, SameSite::Lax, SameSite::Strict, SameSite::None];
    let pair = Pair { name: &name, value: &value, quoted: flag("quoted") };
    let cookie = Cookie {
        pair,
        path: &path,
        domain: &domain,
        expires: c["expires_unix"].as_i64(),
        raw_expires: b"",
        max_age: c["max_age"].as_i64().unwrap(),
        secure: flag("secure"),
        http_only: flag("http_only"),
        partitioned: flag("partitioned"),
        same_site: sites.get(c["same_site"].as_u64().unwrap() as usize).copied().unwrap_or_default(),
    };
    let want = case["out"]["valid_err"].as_str().unwrap();
    if cookie.check().is_ok() != want.is_empty() {
        return Outcome::Fail(format!("in {c}: valid is {:?}, want {want:?}", cookie.check()));
    }
    let ours = json!({
        "string": case::text(&written(|out| cookie.write(out)).unwrap_or_default()),
        "request_cookie": case::text(&written(|out| pair.write_next(out)).unwrap()),
        "valid_err": want,
    });
    case::compare::<Error>(case, Ok(ours))
}
