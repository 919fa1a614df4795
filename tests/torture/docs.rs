//! What the header says that a function may return: results are held against its own comments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use dunlin::error::Error;

const HEADER: &str = include_str!("../../include/dunlin/dunlin.h");

/// What the beginning of the header says of every function.
const ANY: &[Error] = &[Error::STATE, Error::REENTRANT, Error::NAME_TOO_LONG, Error::NO_SLOT];

/// The comment of a function.
fn comment(function: &str) -> &'static str {
    let prototype = format!(" {function}(");
    let end = HEADER
        .match_indices(&prototype)
        .map(|(at, _)| at)
        .find(|at| HEADER[..*at].rsplit('\n').next().is_some_and(|line| !line.contains('*')))
        .unwrap_or_else(|| panic!("{function} is not in the header"));
    let start = HEADER[..end].rfind("/**").unwrap();
    let text = &HEADER[start..end];
    assert!(text.matches("*/").count() == 1, "{function} has no comment");
    text
}

/// The codes a function's comment names, those of the functions it refers to among them, and whether the
/// driver's pass through it.
fn documented(function: &str) -> (BTreeSet<i32>, bool) {
    let mut seen = BTreeSet::new();
    let mut codes: BTreeSet<i32> = ANY.iter().map(|e| e.code()).collect();
    let mut drivers = false;
    let mut open = vec![function.to_string()];
    while let Some(function) = open.pop() {
        if !seen.insert(function.clone()) {
            continue;
        }
        let text: String = comment(&function)
            .lines()
            .map(|line| line.trim_start().trim_start_matches("/**").trim_start_matches('*').trim())
            .collect::<Vec<_>>()
            .join(" ");
        let returns = text.find("Returns").map_or("", |at| &text[at..]);
        drivers |= returns.contains("the driver's") || returns.contains("driver’s");
        for word in returns.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            if word.starts_with("DUNLIN_ERR_") {
                codes.insert(value(word));
            }
            let refers = word.starts_with("dunlin_") && HEADER.contains(&format!(" {word}("));
            if refers
                && ["as", "of", "returns", "s"].iter().any(|w| returns.contains(&format!("{w} `{word}`")))
            {
                open.push(word.to_string());
            }
        }
        for (phrase, more) in [
            ("those of dialing", "dunlin_dial"),
            ("of connections", "dunlin_conn_read"),
            ("of connections", "dunlin_conn_write"),
        ] {
            if returns.contains(phrase) {
                open.push(more.to_string());
            }
        }
        if returns.contains("of the answer's head") || returns.contains("of the chunked coding") {
            // The band of the wire.
            codes.extend((-2199..=-2101).filter(|c| HEADER.contains(&format!("= {c},"))));
            codes.insert(Error::UNEXPECTED_EOF.code());
        }
    }
    (codes, drivers)
}

fn value(name: &str) -> i32 {
    let line = format!("    {name} = ");
    let at = HEADER.find(&line).unwrap_or_else(|| panic!("{name} is not in the header"));
    HEADER[at + line.len()..].split(',').next().unwrap().parse().unwrap()
}

/// Says whether a function may return a code after a driver returned one of `raw`.
pub fn allows(function: &str, code: i32, raw: &[i32]) -> bool {
    static KNOWN: Mutex<BTreeMap<String, (BTreeSet<i32>, bool)>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(|e| e.into_inner());
    let (codes, drivers) = known.entry(function.to_string()).or_insert_with(|| documented(function));
    let passed = raw.contains(&code) || code == Error::DRIVER_BAD_RESULT.code() || code == Error::IO.code();
    codes.contains(&code) || (*drivers && passed)
}
