//! Checks of the values of fields: media types, dates, authorization, content types.

use crate::case::{self, Outcome, Run};
use crate::url::written;
use dunlin::error::Error;
use dunlin::http::media_type::MediaType;
use dunlin::http::{basic_auth, date, sniff};
use serde_json::{json, Map, Value};

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "http.BasicAuth" => read_basic_auth,
        "http.DetectContentType" => detect_content_type,
        "http.ParseTime" => parse_time,
        "http.SetBasicAuth" => set_basic_auth,
        "mime.ParseMediaType" => parse_media_type,
        _ => return None,
    })
}

fn detect_content_type(case: &Value) -> Outcome {
    case::compare::<Error>(case, Ok(sniff::detect(&case::from_b64(&case["in"]["data_b64"])).into()))
}

fn parse_time(case: &Value) -> Outcome {
    let unix = date::parse(&case::bytes(&case["in"]["s"]));
    case::compare(case, unix.map(|t| json!({"unix": t, "formatted": case::text(&date::format(t))})))
}

fn read_basic_auth(case: &Value) -> Outcome {
    let mut buf = [0; 1024];
    let found = basic_auth::parse(&case::bytes(&case["in"]["authorization"]), &mut buf);
    let (user, password) = found.unwrap_or_default();
    let ours = json!({"ok": found.is_ok(), "username": case::text(user), "password": case::text(password)});
    case::compare::<Error>(case, Ok(ours))
}

fn set_basic_auth(case: &Value) -> Outcome {
    let (user, password) = (case::bytes(&case["in"]["username"]), case::bytes(&case["in"]["password"]));
    case::compare(case, written(|out| basic_auth::write(&user, &password, out)).map(|v| case::text(&v)))
}

fn parse_media_type(case: &Value) -> Outcome {
    let text = case::bytes(&case["in"]["s"]);
    let ours = MediaType::parse(&text).and_then(|m| {
        let mut params = Map::new();
        for param in m.params() {
            let base = param?.base().to_ascii_lowercase();
            let mut found = false;
            let value = written(|out| {
                found = m.write_param(&base, out)?;
                Ok(())
            })?;
            let Value::String(base) = case::text(&base) else { unreachable!() };
            if found {
                params.insert(base, case::text(&value));
            }
        }
        Ok(json!({"type": case::text(&m.name.to_ascii_lowercase()), "params": params}))
    });
    case::compare(case, ours)
}
