//! `cargo xtask size`: flash and RAM of linked images.

use std::process::Command;

use crate::output;

/// Berkeley sizes: flash = text + data, RAM = data + bss.
pub fn run(images: &[&str]) -> Result<(), String> {
    if images.is_empty() {
        return Err("usage: cargo xtask size IMAGE...".into());
    }
    println!("{:>9} {:>9}  image", "flash", "RAM");
    for image in images {
        let (mut flash, mut ram) = (0u64, 0u64);
        let text = output(Command::new("readelf").args(["-SW", image]))?;
        for line in text.lines() {
            // [Nr] Name Type Address Off Size ES Flags ...
            let Some((_, rest)) = line.split_once(']') else { continue };
            let columns: Vec<&str> = rest.split_whitespace().collect();
            let [_, kind, _, _, size, _, flags, ..] = columns.as_slice() else { continue };
            if !flags.contains('A') || flags.chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            let size = u64::from_str_radix(size, 16).map_err(|e| format!("{image}: {e}"))?;
            if *kind != "NOBITS" {
                flash += size;
            }
            if flags.contains('W') {
                ram += size;
            }
        }
        println!("{flash:>9} {ram:>9}  {image}");
    }
    Ok(())
}
