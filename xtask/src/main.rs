//! `cargo xtask COMMAND`: the repository's own tools.

mod abi;
mod cdecl;
mod header;
mod size;
mod symbols;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask header [--check]   make dunlin.h and tests/abi/exports.txt from src/ (or fail if they differ)
cargo xtask abi [--check]      make the layout asserts of tests/abi and src/ffi from dunlin.h
cargo xtask symbols ARCHIVE    compare the archive's symbols with dunlin.h and tests/abi
cargo xtask size [--json]       build the images of tests/size and print their flash and RAM
cargo xtask size --check FOLDER compare those that are built there with their budget";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| args.iter().any(|a| a == name);
    let rest: Vec<&str> = args.iter().skip(1).filter(|a| !a.starts_with("--")).map(String::as_str).collect();
    let result = match args.first().map(String::as_str) {
        Some("header") => header::run(&root(), flag("--check")),
        Some("symbols") => symbols::run(&root(), &rest),
        Some("abi") => abi::run(&root(), flag("--check")),
        Some("size") => size::run(&root(), &rest, flag("--json"), flag("--check")),
        Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(HELP.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("xtask: {text}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ is in the repository").to_path_buf()
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes a generated file, or with `check` fails when the committed one differs.
fn emit(path: &Path, text: &str, check: bool, again: &str) -> Result<(), String> {
    let old = std::fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return Ok(());
    }
    if !check {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        }
        println!("wrote {}", path.display());
        return std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()));
    }
    let differs = old.lines().zip(text.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| old.lines().count().min(text.lines().count()));
    Err(format!(
        "{}:{}: out of date (have {:?}, want {:?}); run `{again}`",
        path.display(),
        line + 1,
        old.lines().nth(line).unwrap_or(""),
        text.lines().nth(line).unwrap_or("")
    ))
}

/// Runs a tool and gives its standard output.
fn output(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|e| format!("{:?}: {e}", command.get_program()))?;
    if !out.status.success() {
        return Err(format!("{command:?}: {}\n{}", out.status, String::from_utf8_lossy(&out.stderr)));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}
