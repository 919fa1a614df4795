//! Runs cases computed by Go's standard library against this library.
//!
//! `vectors PATH...` takes files or folders of `*.jsonl`; one case a line:
//! `{"fn": NAME, "in": OBJECT, "out": VALUE}` or `{"fn", "in", "err": TEXT, "out": VALUE?}`.
//! Functions without a check here count as skipped. A case of the list of differences
//! (`docs/differences.md`) passes only with the answer that list promises; their number is printed. The exit code is 1 if a case failed, 2 for a
//! usage or file error.

mod bad;
mod bad_client;
mod bad_server;
mod case;
mod chunked;
mod cookie;
mod differences;
mod fields;
mod form;
mod http;
mod mux;
mod net;
mod net_addr;
mod pipe;
mod script;
mod server;
mod url;

use case::{Outcome, Run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The check for a function name; every group of functions has one file.
fn find(name: &str) -> Option<Run> {
    http::find(name)
        .or_else(|| net::find(name))
        .or_else(|| net_addr::find(name))
        .or_else(|| chunked::find(name))
        .or_else(|| mux::find(name))
        .or_else(|| pipe::find(name))
        .or_else(|| fields::find(name))
        .or_else(|| url::find(name))
        .or_else(|| cookie::find(name))
        .or_else(|| form::find(name))
        .or_else(|| server::find(name))
}

#[derive(Default, Clone, Copy)]
struct Count {
    passed: u32,
    failed: u32,
    skipped: u32,
    different: u32,
}

impl Count {
    fn add(&mut self, o: Count) {
        self.passed += o.passed;
        self.failed += o.failed;
        self.skipped += o.skipped;
        self.different += o.different;
    }

    fn text(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Failures shown per file, unless `-v` is given.
const SHOWN: u32 = 5;

fn run_file(path: &Path, verbose: bool) -> Result<Count, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let mut count = Count::default();
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let value =
            serde_json::from_str::<serde_json::Value>(line).map_err(|e| format!("line {}: {e}", i + 1))?;
        let name = value["fn"].as_str().ok_or_else(|| format!("line {}: no fn", i + 1))?;
        let Some(run) = find(name) else {
            count.skipped += 1;
            continue;
        };
        match run(&value) {
            Outcome::Pass => count.passed += 1,
            Outcome::Different => {
                count.passed += 1;
                count.different += 1;
            }
            Outcome::Fail(why) => {
                count.failed += 1;
                if verbose || count.failed <= SHOWN {
                    eprintln!("{}:{}: {why}", path.display(), i + 1);
                }
            }
        }
    }
    Ok(count)
}

fn files_of(path: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        out.push(path.to_owned());
        return Ok(());
    }
    let mut names: Vec<_> =
        std::fs::read_dir(path)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    names.sort();
    for name in names {
        if name.is_dir() {
            files_of(&name, out)?;
        } else if name.extension().is_some_and(|e| e == "jsonl") {
            out.push(name);
        }
    }
    Ok(())
}

/// Runs the records of one file, server side and client side; those of WebSocket are skipped.
fn run_bad(path: &Path) -> Result<Count, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let mut count = Count::default();
    let mut records = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let bad = bad::Bad::parse(line).map_err(|e| format!("line {}: {e}", i + 1))?;
        if bad.websocket {
            println!("skipped: {} (WebSocket)", bad.id);
            count.skipped += 1;
        } else {
            records.push(bad);
        }
    }
    let mut judge = |verdict| match verdict {
        bad::Verdict::Pass => count.passed += 1,
        bad::Verdict::Fail(why) => {
            count.failed += 1;
            eprintln!("{why}");
        }
    };
    // The client's first: they count what is taken, and a server at work takes more and less.
    let (servers, clients): (Vec<_>, Vec<_>) = records.iter().partition(|b| b.server_side);
    clients.iter().for_each(|b| judge(bad_client::run(b)));
    let server = bad_server::Target::new();
    servers.iter().for_each(|b| judge(server.run(b)));
    Ok(count)
}

fn main() -> ExitCode {
    let (flags, paths): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|a| a.starts_with('-'));
    let verbose = flags.iter().any(|f| f == "-v");
    let hostile = flags.iter().any(|f| f == "--bad");
    if paths.is_empty() || flags.iter().any(|f| f != "-v" && f != "--bad") {
        eprintln!(
            "usage: vectors [-v] PATH...    (cases of Go)\n       vectors --bad FILE...   (hostile inputs)"
        );
        return ExitCode::from(2);
    }
    let mut files = Vec::new();
    for path in &paths {
        if let Err(e) = files_of(Path::new(path), &mut files) {
            eprintln!("{path}: {e}");
            return ExitCode::from(2);
        }
    }
    let mut total = Count::default();
    for file in &files {
        match if hostile { run_bad(file) } else { run_file(file, verbose) } {
            Ok(count) => {
                let name = file.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
                println!("{name}: {}", count.text());
                total.add(count);
            }
            Err(e) => {
                eprintln!("{}: {e}", file.display());
                return ExitCode::from(2);
            }
        }
    }
    if !hostile {
        println!("by the list of differences from Go: {}", total.different);
    }
    println!("{}", total.text());
    ExitCode::from(u8::from(total.failed > 0))
}
