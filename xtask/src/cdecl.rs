//! Just enough C to read our own header: its items, functions, objects and structs.

use std::collections::BTreeSet;

/// One item of a header with the comment before it.
#[derive(Debug, Clone)]
pub struct Item {
    pub name: String,
    pub kind: Kind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Define,
    Typedef,
    Enum,
    Struct,
    Object,
    Function,
}

/// Splits cbindgen's output into items; the comment before an item stays with it.
pub fn items(text: &str) -> Result<Vec<Item>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut at = 0;
        if rest.starts_with("/*") {
            at = rest.find("*/").ok_or("a comment without an end")? + 2;
            at += rest[at..].len() - rest[at..].trim_start().len();
        }
        let end = at + item_len(&rest[at..])?;
        let (item, after) = (rest[..end].trim_end(), rest[end..].trim_start());
        out.push(Item { name: String::new(), kind: Kind::Define, text: item.to_string() });
        let last = out.last_mut().ok_or("no item")?;
        (last.kind, last.name) = classify(&blank_comments(&item[at..]))?;
        rest = after;
    }
    Ok(out)
}

/// Up to the `;` at depth 0, or to the end of a preprocessor line.
fn item_len(text: &str) -> Result<usize, String> {
    if text.starts_with('#') {
        let mut end = 0;
        for line in text.split_inclusive('\n') {
            end += line.len();
            if !line.trim_end().ends_with('\\') {
                break;
            }
        }
        return Ok(end);
    }
    let plain = blank_comments(text);
    let mut depth = 0usize;
    for (i, c) in plain.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => return Ok(i + 1),
            _ => {}
        }
    }
    Err(format!("no end of the item: {}", text.lines().next().unwrap_or("")))
}

fn classify(plain: &str) -> Result<(Kind, String), String> {
    let flat = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words(&flat);
    let word = |i: usize| words.get(i).copied().unwrap_or("").to_string();
    if let Some(rest) = flat.strip_prefix("#define ") {
        return Ok((Kind::Define, rest.split([' ', '(']).next().unwrap_or("").to_string()));
    }
    if flat.starts_with("enum ") && flat.contains('{') {
        return Ok((Kind::Enum, word(1)));
    }
    if (flat.starts_with("struct ") || flat.starts_with("union ")) && flat.contains('{') {
        return Ok((Kind::Struct, word(1)));
    }
    if flat.starts_with("typedef ") {
        // `typedef int32_t (*name)(…)` or `typedef int32_t name;`
        let name = match flat.find("(*") {
            Some(i) => words_of(&flat[i..]).into_iter().next().unwrap_or_default(),
            None => words.last().copied().unwrap_or("").to_string(),
        };
        return Ok((Kind::Typedef, name));
    }
    match flat.find('(') {
        Some(i) => {
            let name = words_of(&flat[..i]).pop().unwrap_or_default();
            Ok((Kind::Function, name))
        }
        None if flat.starts_with("extern ") => {
            let name = flat.split('[').next().map(words_of).and_then(|mut w| w.pop());
            Ok((Kind::Object, name.unwrap_or_default()))
        }
        None => Err(format!("cannot tell what this is: {flat}")),
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect()
}

fn words_of(text: &str) -> Vec<String> {
    words(text).into_iter().map(str::to_string).collect()
}

/// The text with every comment blanked, so that positions stay.
pub fn blank_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        let end = rest[start..].find("*/").map_or(rest.len(), |e| start + e + 2);
        out.push_str(&rest[..start]);
        out.extend(rest[start..end].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The header without comments and preprocessor lines.
fn code(header: &str) -> String {
    let mut out = String::new();
    let mut continued = false;
    for line in blank_comments(header).lines() {
        let directive = continued || line.trim_start().starts_with('#');
        continued = directive && line.ends_with('\\');
        if !directive {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Names of the functions and objects with external linkage.
pub fn exports(header: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for part in top_level(&code(header)) {
        if part.contains('{') || part.starts_with("static ") || part.starts_with("typedef ") {
            continue;
        }
        if let Ok((Kind::Function | Kind::Object, name)) = classify(&part) {
            if name.starts_with("dunlin_") {
                out.insert(name);
            }
        }
    }
    out
}

/// Every struct with its fields, in the header's order.
pub fn structs(header: &str) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    for part in top_level(&code(header)) {
        let (Some(name), Some(open), Some(close)) =
            (part.strip_prefix("struct "), part.find('{'), part.rfind('}'))
        else {
            continue;
        };
        let name = name.split_whitespace().next().unwrap_or("").to_string();
        let fields = part[open + 1..close].split(';').filter_map(field).collect();
        out.push((name, fields));
    }
    out
}

/// `int32_t (*send)(…)`, `uint8_t ip[16]`, `const void *p` → the field's name.
fn field(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.find("(*") {
        Some(i) => words_of(&text[i..]).into_iter().next(),
        None => text.split('[').next().map(words_of).and_then(|mut w| w.pop()),
    }
}

/// Declarations at depth 0, `extern "C" {` opened.
fn top_level(code: &str) -> Vec<String> {
    let code = code.replace("extern \"C\" {", "");
    let mut out = Vec::new();
    let mut depth = 0usize;
    let mut part = String::new();
    for c in code.chars() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        part.push(c);
        let body_end = c == '}' && depth == 0 && part.trim_start().starts_with("static ");
        if (c == ';' && depth == 0) || body_end {
            out.push(part.split_whitespace().collect::<Vec<_>>().join(" "));
            part.clear();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
#define DUNLIN_A 4

/** doc; with { traps */
struct dunlin_addr {
    /** in ; it */
    uint16_t family;
    uint8_t ip[16];
    int32_t (*send)(void *ctx, const void *data);
    const void *options;
};

typedef int32_t dunlin_conn_t;
extern const struct dunlin_addr dunlin_any;
const char *dunlin_strerror(int32_t code);
";

    #[test]
    fn splits_and_names() {
        let found: Vec<_> = items(TEXT).unwrap().into_iter().map(|i| (i.kind, i.name)).collect();
        let want = [
            (Kind::Define, "DUNLIN_A"),
            (Kind::Struct, "dunlin_addr"),
            (Kind::Typedef, "dunlin_conn_t"),
            (Kind::Object, "dunlin_any"),
            (Kind::Function, "dunlin_strerror"),
        ];
        assert_eq!(found, want.map(|(k, n)| (k, n.to_string())));
        let names: Vec<_> = exports(TEXT).into_iter().collect();
        assert_eq!(names, ["dunlin_any", "dunlin_strerror"]);
        let fields = ["family", "ip", "send", "options"].map(str::to_string).to_vec();
        assert_eq!(structs(TEXT), [("dunlin_addr".to_string(), fields)]);
    }
}
