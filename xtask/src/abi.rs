//! `cargo xtask abi`: the size of every public struct and the offset of every field, asserted on
//! both sides. The numbers are the C compiler's, on 64 and on 32 bits; `tests/abi/layout.c` states
//! them to every C compiler, `src/ffi/layout.rs` to rustc in each build of the library.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cdecl, emit, output, read};

const AGAIN: &str = "cargo xtask abi";

/// Compilers whose layouts are the two columns, with the file format of their objects.
const WIDE: &[&str] = &["gcc"];
const NARROW: &[&str] = &["arm-none-eabi-gcc", "-mcpu=cortex-m0plus", "-mthumb"];

/// Compilers that must agree with the asserts.
const AGREE: &[&[&str]] = &[
    &["gcc", "-std=c11"],
    &["g++", "-std=c++11", "-x", "c++"],
    &["arm-none-eabi-gcc", "-std=c11", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
    &["riscv64-unknown-elf-gcc", "-std=c11", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"],
];

/// One number: a struct's size, or a field's offset.
struct Row {
    name: String,
    field: Option<String>,
    wide: u64,
    narrow: u64,
}

pub fn run(root: &Path, check: bool) -> Result<(), String> {
    let rows = rows(root)?;
    emit(&root.join("tests/abi/layout.c"), &c_text(&rows), check, AGAIN)?;
    emit(&root.join("src/ffi/layout.rs"), &rust_text(root, &rows)?, check, AGAIN)?;
    for compiler in AGREE {
        let mut command = Command::new(compiler[0]);
        command.args(&compiler[1..]).args(["-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-Iinclude"]);
        output(command.arg("tests/abi/layout.c").current_dir(root))?;
    }
    println!("{} sizes and offsets hold for {} C compilers", rows.len(), AGREE.len());
    Ok(())
}

fn rows(root: &Path) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut text = String::from("#include <dunlin/dunlin.h>\nconst uint64_t layout[] = {\n");
    for (name, fields) in cdecl::structs(&read(&root.join("include/dunlin/dunlin.h"))?) {
        let _ = writeln!(text, "sizeof(struct {name}),");
        rows.push(Row { name: name.clone(), field: None, wide: 0, narrow: 0 });
        for field in fields {
            let _ = writeln!(text, "offsetof(struct {name}, {field}),");
            rows.push(Row { name: name.clone(), field: Some(field), wide: 0, narrow: 0 });
        }
    }
    text.push_str("0 };\n");
    let (wide, narrow) = (numbers(root, WIDE, &text)?, numbers(root, NARROW, &text)?);
    if wide.len() != rows.len() + 1 || narrow.len() != rows.len() + 1 {
        return Err(format!("{} rows, but {} and {} numbers", rows.len(), wide.len(), narrow.len()));
    }
    for (row, (wide, narrow)) in rows.iter_mut().zip(wide.into_iter().zip(narrow)) {
        (row.wide, row.narrow) = (wide, narrow);
    }
    Ok(rows)
}

/// Compiles the table and takes its numbers out of the object.
fn numbers(root: &Path, compiler: &[&str], text: &str) -> Result<Vec<u64>, String> {
    let folder = std::env::temp_dir().join(format!("dunlin-abi-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let result = numbers_in(&folder, root, compiler, text);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn numbers_in(folder: &Path, root: &Path, compiler: &[&str], text: &str) -> Result<Vec<u64>, String> {
    let file = |name: &str| -> PathBuf { folder.join(name) };
    std::fs::write(file("layout.c"), text).map_err(|e| e.to_string())?;
    let mut command = Command::new(compiler[0]);
    command.args(&compiler[1..]).args(["-c", "-fdata-sections", "-o"]).arg(file("layout.o"));
    output(command.arg("-I").arg(root.join("include")).arg(file("layout.c")))?;
    let objcopy = output(Command::new(compiler[0]).arg("-print-prog-name=objcopy"))?;
    let mut command = Command::new(objcopy.trim());
    command.args(["-O", "binary", "--only-section=.rodata.layout"]);
    output(command.arg(file("layout.o")).arg(file("layout.bin")))?;
    let bytes = std::fs::read(file("layout.bin")).map_err(|e| e.to_string())?;
    Ok(bytes.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default())).collect())
}

fn c_text(rows: &[Row]) -> String {
    let mut out = String::from(
        "/*
 * Made by `cargo xtask abi`. Within a major version no line may change: structs that start with
 * their size may grow at the end, so only the number of their size may.
 */
#include <dunlin/dunlin.h>

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#if UINTPTR_MAX > 0xffffffff
#define HOLDS(what, wide, narrow) _Static_assert((what) == (wide), #what)
#else
#define HOLDS(what, wide, narrow) _Static_assert((what) == (narrow), #what)
#endif

HOLDS(sizeof(int), 4, 4);
HOLDS(sizeof(DUNLIN_ERR_TIMEOUT), 4, 4);
",
    );
    for row in rows {
        let Row { name, field, wide, narrow } = row;
        let _ = match field {
            None => writeln!(out, "\nHOLDS(sizeof(struct {name}), {wide}, {narrow});"),
            Some(field) => writeln!(out, "HOLDS(offsetof(struct {name}, {field}), {wide}, {narrow});"),
        };
    }
    out
}

fn rust_text(root: &Path, rows: &[Row]) -> Result<String, String> {
    let mut out = String::from(
        "//! Made by `cargo xtask abi`: the layout that C sees, asserted in every build.

/// The number for this target's pointer width.
#[allow(dead_code)]
const fn on(wide: usize, narrow: usize) -> usize {
    if cfg!(target_pointer_width = \"64\") {
        wide
    } else {
        narrow
    }
}
",
    );
    for row in rows {
        let Row { name, field, wide, narrow } = row;
        let what = match field {
            None => {
                let path = module_of(root, name)?;
                let _ = writeln!(out, "\nuse {path}::{name};");
                format!("size_of::<{name}>()")
            }
            Some(field) => format!("offset_of!({name}, {field})"),
        };
        let _ = writeln!(out, "const _: () = assert!(core::mem::{what} == on({wide}, {narrow}));");
    }
    Ok(out)
}

/// `crate::net::addr` of the file that defines the struct.
fn module_of(root: &Path, name: &str) -> Result<String, String> {
    let src = root.join("src");
    let mut files = Vec::new();
    crate::header::walk(&src, &mut files)?;
    for path in files {
        let text = read(&path)?;
        let starts = |l: &str| {
            let rest = l.trim_start().strip_prefix("pub struct ").and_then(|l| l.strip_prefix(name));
            rest.is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        if text.lines().any(starts) {
            let inner = path.strip_prefix(&src).map_err(|e| e.to_string())?.with_extension("");
            let parts =
                inner.iter().map(|p| p.to_string_lossy().into_owned()).filter(|p| p != "mod" && p != "lib");
            return Ok(std::iter::once("crate".to_string()).chain(parts).collect::<Vec<_>>().join("::"));
        }
    }
    Err(format!("no file of src/ defines struct {name}"))
}
