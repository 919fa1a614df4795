//! What a check is, and the encodings of the cases.

use serde_json::{Map, Value};

/// The result of one case.
pub enum Outcome {
    /// The same answer as Go.
    Pass,
    /// Not Go's answer, but the one that `docs/differences.md` promises for this case.
    Different,
    /// Neither; the text says what was expected and what came.
    Fail(String),
}

/// A check: takes the whole case (`in`, `out`, `err`).
pub type Run = fn(&Value) -> Outcome;

/// Go's answer: `Err` for a case with `err` (its `out` then is a partial result), else `out`.
pub fn expected(case: &Value) -> Result<&Value, &str> {
    match case.get("err").and_then(Value::as_str) {
        Some(text) => Err(text),
        None => Ok(&case["out"]),
    }
}

/// Compares our answer with Go's: both failed, or both succeeded with the same value.
/// The texts of errors are not compared.
pub fn compare<E: std::fmt::Debug>(case: &Value, ours: Result<Value, E>) -> Outcome {
    match (expected(case), ours) {
        (Err(_), Err(_)) => Outcome::Pass,
        (Ok(want), Ok(got)) if *want == got => Outcome::Pass,
        (Ok(want), Ok(got)) => Outcome::Fail(difference(&case["in"], want, &got)),
        (Err(text), Ok(got)) => Outcome::Fail(format!("in {}: want error {text:?}, got {got}", case["in"])),
        (Ok(want), Err(e)) => Outcome::Fail(format!("in {}: want {want}, got error {e:?}", case["in"])),
    }
}

fn difference(input: &Value, want: &Value, got: &Value) -> String {
    if let (Value::Object(w), Value::Object(g)) = (want, got) {
        let keys: Vec<String> = w
            .keys()
            .chain(g.keys().filter(|k| !w.contains_key(*k)))
            .filter(|k| w.get(*k) != g.get(*k))
            .map(|k| format!("{k}: want {} got {}", show(w, k), show(g, k)))
            .collect();
        return format!("in {input}: {}", keys.join("; "));
    }
    format!("in {input}: want {want}, got {got}")
}

fn show(map: &Map<String, Value>, key: &str) -> String {
    map.get(key).map_or_else(|| "nothing".into(), Value::to_string)
}

/// A byte string: every code point U+0000..U+00FF is one byte.
pub fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().unwrap_or_default().chars().map(|c| c as u32 as u8).collect()
}

/// Bytes as a byte string.
pub fn text(bytes: &[u8]) -> Value {
    Value::String(bytes.iter().map(|b| char::from(*b)).collect())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A `_b64` field as bytes; a case that is not base64 is a broken file, so it panics.
pub fn from_b64(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut acc, mut bits) = (0u32, 0);
    for c in value.as_str().expect("a _b64 field is a string").bytes().filter(|c| *c != b'=') {
        let digit = ALPHABET.iter().position(|a| *a == c).expect("standard base64") as u32;
        acc = (acc << 6 | digit) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((acc >> bits) as u8);
        }
    }
    out
}

/// Bytes as a `_b64` field.
pub fn to_b64(bytes: &[u8]) -> Value {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |a, b| a << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = ALPHABET[(group >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    Value::String(out)
}
