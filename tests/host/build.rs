//! Compiles the C port and driver of POSIX hosts, as a firmware build would.

use std::path::Path;

/// Not drivers/posix/register.c: it calls the library, which does not depend on this crate.
const SOURCES: &[&str] = &[
    "drivers/posix/addr.c",
    "drivers/posix/io.c",
    "drivers/posix/link.c",
    "drivers/posix/lookup.c",
    "drivers/posix/netdev.c",
    "drivers/posix/option.c",
    "drivers/posix/poll.c",
    "drivers/posix/wait.c",
    "port/posix/dunlin_port_posix.c",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut build = cc::Build::new();
    build.include(root.join("include")).std("c99").warnings(true).extra_warnings(true);
    for flag in ["-Wpedantic", "-Wcast-qual"] {
        build.flag_if_supported(flag);
    }
    // In front of the port's there is one that can fail.
    build.define("dunlin_port_random", "dunlin_host_random");
    for source in SOURCES {
        build.file(root.join(source));
    }
    // Whole: what is called from the library only must not depend on the order of the archives.
    build.link_lib_modifier("+whole-archive");
    build.compile("dunlin_host_c");
    for folder in ["include", "drivers/posix", "port/posix"] {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
    }
    println!("cargo:rustc-link-lib=pthread");
}
