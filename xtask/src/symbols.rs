//! `cargo xtask symbols`: what the static library gives and asks.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::{cdecl, output, read};

/// The exported symbols must be the functions and objects of dunlin.h, and the committed list; the
/// undefined ones must be in the allow-list.
pub fn run(root: &Path, args: &[&str]) -> Result<(), String> {
    let [archive] = args else { return Err("usage: cargo xtask symbols ARCHIVE".into()) };
    let (defined, undefined) = symbols(archive)?;
    let declared = cdecl::exports(&read(&root.join("include/dunlin/dunlin.h"))?);
    let listed = read(&root.join("tests/abi/exports.txt"))?;
    if listed.lines().ne(declared.iter()) {
        return Err("tests/abi/exports.txt is not what dunlin.h declares; run `cargo xtask header`".into());
    }
    let missing: Vec<_> = declared.difference(&defined).collect();
    let extra: Vec<_> = defined.difference(&declared).collect();
    if !missing.is_empty() || !extra.is_empty() {
        return Err(format!(
            "{archive}: declared but not exported {missing:?}, exported but not declared {extra:?}"
        ));
    }
    let allowed = read(&root.join("tests/abi/undefined.txt"))?;
    let allowed: Vec<&str> =
        allowed.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let strange: Vec<_> = undefined.iter().filter(|name| !allowed.iter().any(|a| matches(a, name))).collect();
    if !strange.is_empty() {
        return Err(format!("{archive}: undefined symbols outside tests/abi/undefined.txt: {strange:?}"));
    }
    println!("{archive}: {} exported, {} undefined", defined.len(), undefined.len());
    Ok(())
}

/// A line of the allow-list: a name, or a prefix that ends with `*`.
fn matches(allowed: &str, name: &str) -> bool {
    match allowed.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => allowed == name,
    }
}

/// Global (or weak) defined and undefined symbols, by readelf: nm may refuse newer objects.
fn symbols(archive: &str) -> Result<(BTreeSet<String>, BTreeSet<String>), String> {
    let text = output(Command::new("readelf").args(["-sW", archive]))?;
    let (mut defined, mut undefined) = (BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        // Num: Value Size Type Bind Vis Ndx Name
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, _, _, _, "GLOBAL" | "WEAK", visibility, section, name, ..] = columns.as_slice() else {
            continue;
        };
        if *section == "UND" {
            undefined.insert((*name).to_string());
        } else if *visibility != "HIDDEN" && *visibility != "INTERNAL" {
            defined.insert((*name).to_string());
        }
    }
    if defined.is_empty() {
        return Err(format!("{archive}: no symbols"));
    }
    Ok((defined, undefined))
}
