//! `cargo xtask size`: flash and RAM of the feature sets of `tests/size`, from the linked images.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{emit, output, read};

/// Bytes of one image, counted as `size` does, without the stack.
#[derive(Default, Clone)]
struct Size {
    text: u64,
    data: u64,
    bss: u64,
    /// By module: flash, RAM.
    modules: BTreeMap<String, (u64, u64)>,
}

struct Target {
    name: String,
    toolchain: String,
    rust: String,
    flags: String,
}

/// The feature set and the most flash it may take.
type Set = (String, u64);

/// The target whose images have a budget, and whose modules are listed.
const MAIN: &str = "thumbv7em-none-eabihf";

/// Builds and measures; `--check FOLDER` takes the images that the firmware tests have built there and
/// compares them with the budget.
pub fn run(root: &Path, args: &[&str], json: bool, check: bool) -> Result<(), String> {
    let folder = match args {
        [] if !check => root.join("build/firmware"),
        [folder] => PathBuf::from(folder),
        _ => return Err("usage: cargo xtask size [--json] [FOLDER] | --check FOLDER".into()),
    };
    let sets = sets(root)?;
    let mut table = Vec::new();
    for target in targets(root)? {
        let place = folder.join(&target.name);
        if !check {
            build(root, &target, &place)?;
        }
        let mut sizes = Vec::new();
        for (set, _) in &sets {
            let image = place.join(format!("size-{set}.elf"));
            sizes.push(measure(&target, &image)?);
        }
        table.push((target, sizes));
    }
    if json {
        print!("{}", as_json(&sets, &table));
        return Ok(());
    }
    let text = as_markdown(&sets, &table);
    println!("{text}");
    if check {
        return within(&sets, &table);
    }
    emit(&root.join("docs/size.md"), &text, false, "")
}

fn rows(path: &Path) -> Result<Vec<String>, String> {
    let text = read(path)?;
    Ok(text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_string).collect())
}

fn targets(root: &Path) -> Result<Vec<Target>, String> {
    let target = |row: &String| {
        let mut words = row.splitn(4, ' ').map(str::to_string);
        let mut next = || words.next().ok_or_else(|| format!("targets.txt: {row}"));
        Ok(Target { name: next()?, toolchain: next()?, rust: next()?, flags: next()? })
    };
    rows(&root.join("tests/firmware/targets.txt"))?.iter().map(target).collect()
}

fn sets(root: &Path) -> Result<Vec<Set>, String> {
    let set = |row: &String| {
        let (name, most) = row.split_once(' ').ok_or_else(|| format!("sets.txt: {row}"))?;
        Ok((name.to_string(), most.parse().map_err(|e| format!("sets.txt: {row}: {e}"))?))
    };
    rows(&root.join("tests/size/sets.txt"))?.iter().map(set).collect()
}

fn build(root: &Path, target: &Target, place: &Path) -> Result<(), String> {
    let firmware = root.join("tests/firmware");
    let toolchain = firmware.join(format!("{}.cmake", target.toolchain));
    output(
        Command::new("cmake")
            .args(["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-S"])
            .arg(&firmware)
            .arg("-B")
            .arg(place)
            .arg("--toolchain")
            .arg(&toolchain)
            .arg(format!("-DFW_FLAGS={}", target.flags))
            .arg(format!("-DDUNLIN_CARGO_DIR={}", place.join("../../cargo").display())),
    )?;
    output(Command::new("cmake").arg("--build").arg(place).args(["--target", "sizes"])).map(|_| ())
}

fn measure(target: &Target, image: &Path) -> Result<Size, String> {
    let mut size = Size::default();
    let hex = |text: &str| u64::from_str_radix(text, 16).map_err(|e| format!("{}: {e}", image.display()));
    for line in output(Command::new("readelf").arg("-SW").arg(image))?.lines() {
        // [Nr] Name Type Address Off Size ES Flags ...
        let Some((_, rest)) = line.split_once(']') else { continue };
        let columns: Vec<&str> = rest.split_whitespace().collect();
        let [name, kind, _, _, bytes, _, flags, ..] = columns.as_slice() else { continue };
        if !flags.contains('A') || *name == ".stack" || flags.chars().any(|c| c.is_ascii_digit()) {
            continue;
        }
        let part = match (*kind, flags.contains('W')) {
            ("NOBITS", _) => &mut size.bss,
            (_, true) => &mut size.data,
            (_, false) => &mut size.text,
        };
        *part += hex(bytes)?;
    }
    let nm = if target.toolchain == "arm" { "arm-none-eabi-nm" } else { "riscv64-unknown-elf-nm" };
    for line in output(Command::new(nm).args(["-SC"]).arg(image))?.lines() {
        let columns: Vec<&str> = line.splitn(4, ' ').collect();
        let [_, bytes, kind, name] = columns.as_slice() else { continue };
        let bytes = hex(bytes)?;
        let (flash, ram) = size.modules.entry(module(name)).or_default();
        match kind.to_ascii_lowercase().as_str() {
            "b" => *ram += bytes,
            "d" => {
                *ram += bytes;
                *flash += bytes;
            }
            _ => *flash += bytes,
        }
    }
    // Texts and tables without a name.
    let named: u64 = size.modules.values().map(|m| m.0).sum();
    size.modules.insert("constants".into(), ((size.text + size.data).saturating_sub(named), 0));
    Ok(size)
}

/// The file of `src/` a symbol belongs to, two levels deep; the application's and libc's together.
fn module(name: &str) -> String {
    let Some(at) = name.find("dunlin::") else {
        let ours = name.starts_with("dunlin_") && !name.starts_with("dunlin_port_");
        let rust = name.contains("core::");
        return if ours { "ffi" } else { ["program, port and libc", "core"][usize::from(rust)] }.to_string();
    };
    let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
    let path = name.get(at + 8..).unwrap_or_default().split(end).next().unwrap_or_default();
    let small = |part: &&str| part.starts_with(|c: char| c.is_lowercase());
    path.split("::").take_while(small).take(2).collect::<Vec<_>>().join("/")
}

fn as_json(sets: &[Set], table: &[(Target, Vec<Size>)]) -> String {
    let target = |(target, sizes): &(Target, Vec<Size>)| {
        let set = |((set, _), s): (&Set, &Size)| {
            format!("    \"{set}\": {{\"text\": {}, \"data\": {}, \"bss\": {}}}", s.text, s.data, s.bss)
        };
        let sets: Vec<String> = sets.iter().zip(sizes).map(set).collect();
        format!("  \"{}\": {{\n{}\n  }}", target.rust, sets.join(",\n"))
    };
    format!("{{\n{}\n}}\n", table.iter().map(target).collect::<Vec<_>>().join(",\n"))
}

fn as_markdown(sets: &[Set], table: &[(Target, Vec<Size>)]) -> String {
    let mut text = String::from(
        "# Size\n\nWhat `cargo xtask size` measured: the fully linked images of `tests/size`, a stub device and a port of one task\n\
         included. Flash is text, constants and initialised data; RAM is static, the programs' arena of 16,384 bytes included and the\n\
         stack not. Bytes.\n\n| target | set | flash | RAM |\n| --- | --- | ---: | ---: |\n",
    );
    for (target, sizes) in table {
        for ((set, _), s) in sets.iter().zip(sizes) {
            text += &format!("| {} | {set} | {} | {} |\n", target.rust, s.text + s.data, s.data + s.bss);
        }
    }
    let Some((_, sizes)) = table.iter().find(|(t, _)| t.rust == MAIN) else { return text };
    text += &format!(
        "\n## By module, {MAIN}\n\nFlash + RAM; modules are files or folders of `src/`.\n\n| module |"
    );
    sets.iter().for_each(|(set, _)| text += &format!(" {set} |"));
    text += "\n| --- |";
    sets.iter().for_each(|_| text += " ---: |");
    let mut names: Vec<&String> = sizes.iter().flat_map(|s| s.modules.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        text += &format!("\n| {name} |");
        for s in sizes {
            match s.modules.get(name) {
                Some((flash, 0)) => text += &format!(" {flash} |"),
                Some((flash, ram)) => text += &format!(" {flash} + {ram} |"),
                None => text += " |",
            }
        }
    }
    text + "\n\nStacks and the RAM of a connection: [memory.md](memory.md).\n"
}

/// Every set of the main target within what `sets.txt` grants it.
fn within(sets: &[Set], table: &[(Target, Vec<Size>)]) -> Result<(), String> {
    let (_, sizes) = table.iter().find(|(t, _)| t.rust == MAIN).ok_or("no image with a budget")?;
    for ((set, most), s) in sets.iter().zip(sizes) {
        let flash = s.text + s.data;
        if flash > *most {
            return Err(format!("{set}: {flash} bytes of flash, {most} granted by tests/size/sets.txt"));
        }
    }
    Ok(())
}
