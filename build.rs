//! Build numbers: every `DUNLIN_*` of the table below may be set in the environment (CMake and
//! Kconfig do so); a name that is not in the table is an error, so that a typing mistake never
//! ships a default. The result is `config.rs`, included by `src/config.rs`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // a build script reports by panicking

use std::{env, fmt::Write as _, fs, path::Path};

/// name, default, least, greatest, what it counts
const NUMBERS: &[(&str, u32, u32, u32, &str)] = &[
    ("MAX_NETDEVS", 4, 1, 8, "devices registered at once"),
    ("MAX_CONNS", 16, 1, 1024, "connections (TCP, pipe ends) of all servers and dialers"),
    ("MAX_LISTENERS", 4, 1, 64, "listeners"),
    ("MAX_PACKET_CONNS", 4, 1, 64, "packet connections (UDP, raw IP, unix datagrams)"),
    ("MAX_PIPES", 2, 1, 64, "in-memory pipes"),
    ("MAX_CANCELS", 4, 1, 64, "cancel tokens"),
    ("MAX_SUBSCRIPTIONS", 4, 1, 32, "callbacks that are told of links"),
    ("MAX_TASKS", 8, 1, 31, "tasks that may wait inside the library at the same time"),
    ("MAX_POLL", 64, 2, 1024, "handles in one dunlin_poll, or sockets watched by one HTTP server"),
    ("MAX_HTTP_SERVERS", 2, 1, 16, "HTTP servers"),
    ("MAX_HTTP_CLIENTS", 2, 1, 16, "HTTP clients"),
    ("MAX_HTTP_RESPONSES", 4, 1, 64, "HTTP responses open at the client"),
    ("MAX_HTTP_EXCHANGES", 16, 1, 1024, "HTTP requests being served, detached ones included"),
    ("MAX_HOST", 255, 63, 255, "bytes of a host name"),
    ("MAX_ADDRS", 8, 1, 16, "addresses tried for one name"),
    ("DNS_PACKET", 1232, 512, 65535, "bytes of a DNS message, on the stack of a lookup by DNS"),
    ("DNS_CACHE", 4, 1, 64, "names whose addresses are kept, IPv4 and IPv6 counted each"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut text = String::new();
    for (name, default, least, greatest, what) in NUMBERS {
        let key = format!("DUNLIN_{name}");
        println!("cargo:rerun-if-env-changed={key}");
        let value = match env::var(&key) {
            Ok(s) => s.trim().parse::<u32>().unwrap_or_else(|_| panic!("{key}={s} is not a number")),
            Err(_) => *default,
        };
        if value < *least || value > *greatest {
            panic!("{key}={value} is outside {least}..={greatest} ({what})");
        }
        writeln!(text, "/// {what} (`{key}`, default {default}).\npub(crate) const {name}: usize = {value};")
            .expect("writing to a String");
    }
    for (key, _) in env::vars() {
        if let Some(name) = key.strip_prefix("DUNLIN_") {
            // What the build system passes for itself starts with another word.
            if !NUMBERS.iter().any(|n| n.0 == name) {
                panic!("{key} is not a build number of Dunlin; see the table in build.rs");
            }
        }
    }
    fs::write(Path::new(&out).join("config.rs"), text).expect("writing config.rs");
}
