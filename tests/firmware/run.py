#!/usr/bin/env python3
"""Builds the bare-metal images of every target, compares symbols, runs one in QEMU, prints sizes."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import BUILD, ROOT, Checks, cargo_dir  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))

with open(os.path.join(HERE, "targets.txt")) as rows:
    # name, toolchain, Rust target, flags
    TARGETS = [row.rstrip("\n").split(" ", 3) for row in rows if not row.startswith("#")]

# Cortex-M3 images whose own Rust brings what the options leave out: name, options, image, and what the
# archive must not ask of the port then.
OWN_RUST = [
    ("own critical section", ["-DDUNLIN_CRITICAL_SECTION=OFF"], "image_two.elf", ["dunlin_port_critical"]),
    ("own crate", ["-DDUNLIN_RT=OFF", "-DDUNLIN_CRITICAL_SECTION=OFF", f"-DDUNLIN_RUST_CRATE={HERE}/own",
                   "-DDUNLIN_RUST_EXPORTS=own_sections"], "image_own.elf",
     ["dunlin_port_critical", "dunlin_port_panic"]),
]

QEMU = ["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-serial", "none",
        "-semihosting-config", "enable=on,target=native", "-kernel"]

# What dunlin_rust_target_of() must answer, by compiler flags.
TRIPLES = [
    ("arm-none-eabi-gcc", "-mcpu=cortex-m0 -mthumb", "thumbv6m-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m1 -mthumb", "thumbv6m-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m3 -mthumb", "thumbv7m-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m4 -mthumb", "thumbv7em-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m4 -mthumb -mfloat-abi=softfp -mfpu=fpv4-sp-d16", "thumbv7em-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16", "thumbv7em-none-eabihf"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-d16", "thumbv7em-none-eabihf"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m23 -mthumb", "thumbv8m.base-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m33 -mthumb -mfloat-abi=soft", "thumbv8m.main-none-eabi"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16", "thumbv8m.main-none-eabihf"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m55 -mthumb -mfloat-abi=hard -mfpu=auto", "thumbv8m.main-none-eabihf"),
    ("arm-none-eabi-gcc", "-march=armv8.1-m.main+fp -mthumb -mfloat-abi=hard", "thumbv8m.main-none-eabihf"),
    ("riscv64-unknown-elf-gcc", "-march=rv32imc -mabi=ilp32", "riscv32imc-unknown-none-elf"),
    ("riscv64-unknown-elf-gcc", "-march=rv32imac -mabi=ilp32", "riscv32imac-unknown-none-elf"),
    ("riscv64-unknown-elf-gcc", "-march=rv32imafc -mabi=ilp32", "riscv32imac-unknown-none-elf"),
    ("gcc", "", "x86_64-unknown-linux-gnu" if os.uname().machine == "x86_64" else None),
    # Unknown: the build must say so instead of guessing.
    ("arm-none-eabi-gcc", "-mcpu=cortex-a9", ""),
    ("riscv64-unknown-elf-gcc", "-march=rv32i -mabi=ilp32", ""),
    ("riscv64-unknown-elf-gcc", "-march=rv32imafc -mabi=ilp32f", ""),
    ("riscv64-unknown-elf-gcc", "-march=rv64imac -mabi=lp64", ""),
]


def main():
    checks = Checks()
    for compiler, flags, want in TRIPLES:
        if want is not None:
            triple(checks, compiler, flags, want)
    for name, toolchain, rust, flags in TARGETS:
        folder = os.path.join(BUILD, "firmware", name)
        configured = checks.run(f"{name}: configure", configure(folder, toolchain, flags))
        if configured is None:
            continue
        built = checks.run(f"{name}: {rust}, linked with the C image, alone and beside a second Rust library",
                           ["cmake", "--build", folder], timeout=900)
        if built is None:
            continue
        archive = os.path.join(folder, "dunlin", "libdunlin.a")
        checks.run(f"{name}: symbols", ["cargo", "xtask", "symbols", archive], show=True)
        panics = [s for s in symbols(archive) if "panic" in s]
        checks.note(f"{name}: the library holds no panic", not panics, str(panics))
        if name == "cortex-m3":
            for image in ("image.elf", "image_two.elf"):
                checks.run(f"{name}: {image} in QEMU", [*QEMU, os.path.join(folder, image)], timeout=60, show=True)
    parsers(checks, os.path.join(BUILD, "firmware", "cortex-m3"))
    for name, options, image, unwanted in OWN_RUST:
        own_rust(checks, name, options, image, unwanted)
    refused = os.path.join(BUILD, "firmware", "refused")
    checks.run("DUNLIN_RT=OFF without a crate is refused", configure(refused, "arm", "-mcpu=cortex-m3", "-DDUNLIN_RT=OFF"),
               want=1)
    checks.run("sizes within their budget", ["cargo", "xtask", "size", "--check", os.path.join(BUILD, "firmware")],
               show=True)
    checks.finish()


def configure(folder, toolchain, flags, *options):
    return ["cmake", "-S", HERE, "-B", folder, "-G", "Ninja", "--toolchain", os.path.join(HERE, toolchain + ".cmake"),
            f"-DFW_FLAGS={flags}", "-DCMAKE_BUILD_TYPE=Release", f"-DDUNLIN_CARGO_DIR={cargo_dir()}", *options]


def parsers(checks, folder):
    """The parsers reach no panic: their handler calls what nobody has, so a panic does not link."""
    if checks.run("parsers: built", ["cmake", "--build", folder, "--target", "parsers"], timeout=900) is None:
        return
    archive = os.path.join(folder, "libparsers.a")
    roots = sorted({s for s in symbols(archive) if s.startswith("parse_")})
    checks.note("parsers: their roots", len(roots) > 12, str(roots))
    link = ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "--specs=nano.specs", "-nostartfiles", "-Wl,--gc-sections"]
    for root in roots + ["can_panic"]:
        image = os.path.join(folder, root + ".elf")
        checks.run(f"parsers: {root} {'links' if root in roots else 'does not link'}",
                   [*link, f"-Wl,-e,{root},-u,{root}", "-o", image, archive], want=0 if root in roots else 1)
        if root in roots:
            panics = [s for s in symbols(image) if "panic" in s]
            checks.note(f"parsers: {root} holds no panic", not panics, str(panics))


def symbols(path):
    """The names of an archive or an image."""
    text = subprocess.run(["readelf", "-sW", path], capture_output=True, text=True, check=False).stdout
    return [line.split()[7] for line in text.splitlines() if len(line.split()) > 7]


def own_rust(checks, name, options, image, unwanted):
    folder = os.path.join(BUILD, "firmware", name.replace(" ", "-"))
    if checks.run(f"{name}: configure", configure(folder, "arm", "-mcpu=cortex-m3", *options)) is None:
        return
    if checks.run(f"{name}: built and linked", ["cmake", "--build", folder], timeout=900) is None:
        return
    archive = os.path.join(folder, "dunlin", "libdunlin.a")
    names = symbols(archive)
    asked = [s for s in names if any(s.startswith(u) for u in unwanted)]
    checks.note(f"{name}: nothing of {', '.join(unwanted)}", "dunlin_port_now_ms" in names and not asked, str(asked))
    checks.run(f"{name}: {image} in QEMU", [*QEMU, os.path.join(folder, image)], timeout=60)


def triple(checks, compiler, flags, want):
    """The map from compiler flags to Rust targets, through CMake itself."""
    macros = subprocess.run([compiler, *flags.split(), "-dM", "-E", "-x", "c", "/dev/null"], capture_output=True,
                            text=True, check=False).stdout
    folder = os.path.join(BUILD, "firmware")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "macros.txt"), "w") as file:
        file.write(macros)
    script = os.path.join(folder, "triple.cmake")
    with open(script, "w") as file:
        file.write(f'include("{ROOT}/cmake/DunlinTarget.cmake")\n'
                   f'file(READ "{folder}/macros.txt" macros)\n'
                   'dunlin_rust_target_of("${macros}" triple)\nmessage(STATUS "triple=${triple}.")\n')
    out = subprocess.run(["cmake", "-P", script], capture_output=True, text=True, check=False).stdout
    good = bool(macros) and f"triple={want}." in out
    checks.note(f"{compiler} {flags} -> {want or 'unknown'}", good, out)


main()
