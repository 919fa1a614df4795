//! `cargo xtask header`: src/ → include/dunlin/dunlin.h.
//!
//! cbindgen makes the items; here they are put into sections, one per source file, and completed
//! by what it cannot make: initialisers of sized structs, the texts of the error numbers, and the
//! hand-written macros of `xtask/header_head.h` and `xtask/header_tail.h`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::cdecl::{blank_comments, exports, items, structs, Item, Kind};
use crate::{emit, read};

const AGAIN: &str = "cargo xtask header";

/// Sections that come first, by the stem of their source file, since later ones use their structs
/// by value; the others follow in the order of their paths.
const FIRST: &[&str] = &[
    "init",
    "error",
    "time",
    "str",
    "ops",
    "addr",
    "ip",
    "prefix",
    "mac",
    "dial",
    "conn",
    "conn_option",
    "listen",
    "lookup",
    "packet",
    "pipe",
    "poll",
    "cancel",
    "http",
    "http_client",
    "http_server",
];

/// Items that no section of their own has: their file's stem → the stem it is shown under.
const MERGED: &[(&str, &str)] =
    &[("ops", "netdev"), ("fault_config", "netdev_fault"), ("link_ops", "netlink"), ("route", "http_server")];

pub fn run(root: &Path, check: bool) -> Result<(), String> {
    let text = generate(root)?;
    emit(&root.join("include/dunlin/dunlin.h"), &text, check, AGAIN)?;
    // What the static library keeps global.
    let exports: String = exports(&text).iter().map(|name| format!("{name}\n")).collect();
    emit(&root.join("tests/abi/exports.txt"), &exports, check, AGAIN)
}

fn generate(root: &Path) -> Result<String, String> {
    let sources = sources(root)?;
    let raw = without_bases(&cbindgen(root, &sources)?);
    let mut sections: BTreeMap<(usize, String), Vec<Item>> = BTreeMap::new();
    let texts = error_texts(&read(&root.join("src/error.rs"))?);
    let (mut all_structs, mut handles) = (Vec::new(), String::new());
    for mut item in items(&raw)? {
        let ours = match item.kind {
            Kind::Define => item.name.starts_with("DUNLIN_"),
            Kind::Function => !item.name.starts_with("dunlin_port_"),
            _ => true,
        };
        if !ours {
            continue;
        }
        if !item.name.to_ascii_lowercase().starts_with("dunlin_") {
            return Err(format!("{} would be public without the prefix dunlin_", item.name));
        }
        let source = sources
            .iter()
            .find(|s| s.names.contains(item.name.as_str()))
            .ok_or(format!("no source file defines {}", item.name))?;
        item.text = tidy(&ascii(&item.text)?);
        match item.kind {
            Kind::Enum => item.text = documented_enum(&item, &texts),
            Kind::Define => item.text = parenthesised(&item.text),
            Kind::Struct => {
                item.text.push_str(&initialiser(&item));
                all_structs.push(item.name.clone());
            }
            // Handles stand first: sections use one another's.
            Kind::Typedef if !item.text.contains("(*") => {
                handles.push_str(&format!("\n{}\n", item.text));
                continue;
            }
            _ => {}
        }
        sections.entry(source.order()).or_default().push(item);
    }

    let mut out = read(&root.join("xtask/header_head.h"))?;
    let manifest = read(&root.join("Cargo.toml"))?;
    out = out.replace("@VERSION@", &version(&manifest)?);
    for name in &all_structs {
        out.push_str(&format!("struct {name};\n"));
    }
    if !handles.is_empty() {
        out.push_str(&banner("Handles and numbers"));
        out.push_str(&handles);
    }
    for (order, mut list) in sections {
        list.sort_by_key(|item| item.kind == Kind::Function || item.kind == Kind::Object);
        out.push_str(&banner(&title(&sources, &order.1)));
        for item in list {
            out.push_str(&format!("\n{}\n", item.text));
        }
    }
    let known: BTreeSet<String> = structs(&out).into_iter().map(|s| s.0).collect();
    out.push_str(&tail(&read(&root.join("xtask/header_tail.h"))?, &known)?);
    Ok(out)
}

/// A Rust file that has something for C.
struct Source {
    path: PathBuf,
    stem: String,
    title: Option<String>,
    names: BTreeSet<String>,
}

impl Source {
    fn order(&self) -> (usize, String) {
        let stem = MERGED.iter().find(|m| m.0 == self.stem).map_or(self.stem.as_str(), |m| m.1);
        let first = FIRST.iter().position(|f| *f == self.stem || *f == stem);
        (first.unwrap_or(FIRST.len()), stem.to_string())
    }
}

fn sources(root: &Path) -> Result<Vec<Source>, String> {
    let mut paths = Vec::new();
    walk(&root.join("src"), &mut paths)?;
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let text = read(&path)?;
        let names = public_names(&text);
        if names.is_empty() {
            continue;
        }
        let stem = match path.file_stem().and_then(|s| s.to_str()) {
            Some("mod") => path.parent().and_then(|p| p.file_name()).and_then(|s| s.to_str()),
            other => other,
        };
        // `//! Header section "HTTP client".`
        let title = text.split("Header section \"").nth(1).and_then(|t| t.split('"').next());
        let title = title.map(str::to_string);
        out.push(Source { stem: stem.unwrap_or("").to_string(), path, title, names });
    }
    // The file that names the section wins over the one that only lends it a type.
    out.sort_by_key(|s| s.title.is_none());
    Ok(out)
}

pub fn walk(dir: &Path, out: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path.is_dir() {
            walk(&path, out)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    Ok(())
}

/// Names that the file defines for C.
fn public_names(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for line in text.lines() {
        let line = line.trim_start();
        let Some(rest) = line.strip_prefix("pub ") else { continue };
        let words = rest.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
        let words: Vec<&str> =
            words.filter(|w| !matches!(*w, "unsafe" | "extern" | "C" | "mut")).take(3).collect();
        let name = match words.as_slice() {
            ["const", "fn", name, ..] => name,
            ["fn" | "struct" | "union" | "type" | "const" | "static" | "enum", name, ..] => name,
            _ => continue,
        };
        if *name == "Code" {
            out.insert("dunlin_err".to_string());
        // port.h, which is written by hand, declares the port's.
        } else if name.to_ascii_lowercase().starts_with("dunlin_") && !name.starts_with("dunlin_port_") {
            out.insert((*name).to_string());
        }
    }
    out
}

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Collect;

impl log::Log for Collect {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            if let Ok(mut list) = WARNINGS.lock() {
                list.push(record.args().to_string());
            }
        }
    }

    fn flush(&self) {}
}

/// cbindgen's output over the files that have something for C; any warning is an error, since it
/// leaves out what it does not understand.
fn cbindgen(root: &Path, sources: &[Source]) -> Result<String, String> {
    static COLLECT: Collect = Collect;
    let _ = log::set_logger(&COLLECT);
    log::set_max_level(log::LevelFilter::Warn);
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources {
        builder = builder.with_src(&source.path);
    }
    let bindings = builder.generate().map_err(|e| e.to_string())?;
    let mut out = Vec::new();
    bindings.write(&mut out);
    let warnings = WARNINGS.lock().map_err(|e| e.to_string())?;
    // Constants of the core that are not for C may be of any type.
    let bad: Vec<_> = warnings.iter().filter(|w| !w.starts_with("Skip ") || w.contains("DUNLIN_")).collect();
    if !bad.is_empty() {
        return Err(format!("cbindgen warns:\n{bad:#?}"));
    }
    String::from_utf8(out).map_err(|e| e.to_string())
}

/// Takes out the bases of enums and the conditions around them: C99 and C++ do not share that
/// syntax, and our functions take and give int32_t.
fn without_bases(raw: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in raw.lines() {
        inside |= line.starts_with("#if");
        if !inside {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.starts_with("#endif");
    }
    out.replace("\n {\n", " {\n")
}

/// Comments in ASCII, and without Rust's links.
fn ascii(text: &str) -> Result<String, String> {
    const PLAIN: &[(&str, &str)] = &[
        ("≤", "<="),
        ("≥", ">="),
        ("−", "-"),
        ("–", "-"),
        ("…", "..."),
        ("→", "->"),
        ("×", "x"),
        ("’", "'"),
        ("[`", "`"),
        ("`]", "`"),
    ];
    let text = PLAIN.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to));
    match text.chars().find(|c| !c.is_ascii()) {
        Some(c) => Err(format!("{c:?} is not ASCII, in: {}", text.lines().last().unwrap_or(""))),
        None => Ok(text),
    }
}

/// Comments as C has them: a short one on one line, and no heading of rustdoc.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|l| l.trim() != "* # Safety").collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let body = lines.get(at + 1).and_then(|l| l.trim_start().strip_prefix("* "));
        let end = lines.get(at + 2).is_some_and(|l| l.trim() == "*/");
        match (line.trim(), body, end) {
            ("/**", Some(body), true) if line.len() + body.len() < 92 => {
                out.push_str(&format!("{line} {body} */\n"));
                at += 3;
            }
            _ => {
                out.push_str(line);
                out.push('\n');
                at += 1;
            }
        }
    }
    out.trim_end().to_string()
}

/// An enum whose enumerators have their texts as comments.
fn documented_enum(item: &Item, texts: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for line in item.text.lines() {
        let name = line.trim().split([' ', ',']).next().unwrap_or("");
        if let Some(text) = texts.get(name) {
            out.push_str(&format!("    /** {text} */\n"));
        }
        out.push_str(line);
        out.push('\n');
    }
    out.trim_end().to_string()
}

/// `DUNLIN_ERR_TIMEOUT` → "i/o timeout", from the table of src/error.rs.
fn error_texts(source: &str) -> BTreeMap<String, String> {
    let table = source.split("\ntable! {").nth(1).unwrap_or("");
    let rows = table.lines().take_while(|l| !l.starts_with('}'));
    rows.filter_map(|line| {
        let (head, text) = line.trim().split_once('"')?;
        let name = head.split_whitespace().next()?;
        Some((format!("DUNLIN_ERR_{name}"), text.trim_end_matches('"').to_string()))
    })
    .collect()
}

/// `#define X -1` → `#define X (-1)`.
fn parenthesised(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((head, value)) if value.starts_with('-') => format!("{head} ({value})"),
        _ => text.to_string(),
    }
}

/// `DUNLIN_X_INIT` of a struct that starts with its size.
fn initialiser(item: &Item) -> String {
    let fields: Vec<String> = structs(&blank_comments(&item.text)).into_iter().flat_map(|s| s.1).collect();
    if fields.first().is_none_or(|f| f != "size") {
        return String::new();
    }
    let (name, upper) = (&item.name, item.name.to_ascii_uppercase());
    let mut set = String::from("    x.size = (uint32_t)sizeof x;\n");
    let mut list = format!(".size = (uint32_t)sizeof(struct {name})");
    // The version the application was compiled with, for dunlin_init() to compare.
    if fields.iter().any(|f| f == "abi_version") {
        set.push_str("    x.abi_version = DUNLIN_ABI_VERSION;\n");
        list.push_str(", .abi_version = DUNLIN_ABI_VERSION");
    }
    format!(
        "

#ifdef __cplusplus
static inline struct {name} {name}_init(void)
{{
    struct {name} x = {{}};
{set}    return x;
}}
#define {upper}_INIT ({name}_init())
#else
#define {upper}_INIT {{ {list} }}
#endif"
    )
}

fn banner(title: &str) -> String {
    let line = "-".repeat(96);
    format!("\n/* {line}\n * {title}\n * {line} */\n")
}

fn title(sources: &[Source], stem: &str) -> String {
    let named = sources.iter().filter(|s| s.order().1 == stem).find_map(|s| s.title.clone());
    named.unwrap_or_else(|| {
        let mut letters = stem.replace('_', " ");
        if let Some(first) = letters.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        letters
    })
}

fn version(manifest: &str) -> Result<String, String> {
    let line = manifest.lines().find_map(|l| l.strip_prefix("version = \""));
    line.and_then(|l| l.split('"').next()).map(str::to_string).ok_or("Cargo.toml has no version".into())
}

/// The hand-written end of the header. A line `//! needs X Y` says which structs the macros after
/// it are for, so that a renamed struct does not leave them behind.
fn tail(text: &str, known: &BTreeSet<String>) -> Result<String, String> {
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix("//! needs") {
            Some(names) => match names.split_whitespace().find(|n| !known.contains(*n)) {
                Some(name) => {
                    return Err(format!("xtask/header_tail.h needs struct {name}, which is not there"))
                }
                None => continue,
            },
            None => out.push_str(line),
        }
        out.push('\n');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_file_defines() {
        let text = "
pub unsafe extern \"C\" fn dunlin_conn_read(conn: i32) -> isize {
pub extern \"C\" fn dunlin_now_ms() -> i64 {
pub struct dunlin_addr {
pub type dunlin_conn_t = i32;
pub const DUNLIN_AF_INET: u16 = 4;
pub(crate) const HIDDEN: u32 = 1;
pub struct dunlin_port_event {
pub fn route(to: Option<&dunlin_conn>) -> i32 {
pub static dunlin_cookiejar: Table = T;
pub enum Code {";
        let names: Vec<_> = public_names(text).into_iter().collect();
        let want = [
            "DUNLIN_AF_INET",
            "dunlin_addr",
            "dunlin_conn_read",
            "dunlin_conn_t",
            "dunlin_cookiejar",
            "dunlin_err",
            "dunlin_now_ms",
        ];
        assert_eq!(names, want);
    }

    #[test]
    fn negative_numbers_are_parenthesised() {
        assert_eq!(parenthesised("#define X -10000"), "#define X (-10000)");
        assert_eq!(parenthesised("#define X 4"), "#define X 4");
    }
}
