//! Addresses: `net.SplitHostPort`, `net.JoinHostPort`, `net.ParseIP`.

use crate::case::{bytes, compare, text, Outcome, Run};
use dunlin::net::addr::{parse_ip, unmap, write_ip};
use dunlin::net::hostport::{join_host_port, split_host_port};
use serde_json::{json, Value};
use std::net::IpAddr;

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "net.SplitHostPort" => split,
        "net.JoinHostPort" => join,
        "net.ParseIP" => ip,
        _ => return None,
    })
}

fn split(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let parts = split_host_port(&s);
    compare(case, parts.map(|(host, port)| json!({"host": text(host), "port": text(port)})))
}

fn join(case: &Value) -> Outcome {
    let (host, port) = (bytes(&case["in"]["host"]), bytes(&case["in"]["port"]));
    let mut buf = vec![0; host.len() + port.len() + 3];
    let joined = join_host_port(&host, &port, &mut buf);
    compare(case, joined.map(|n| text(&buf[..n])))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn ip(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let ours = parse_ip(&s).and_then(|ip| {
        let mut buf = [0; 39];
        let n = write_ip(ip, &mut buf)?;
        let (all, to4) = match unmap(ip) {
            IpAddr::V4(v4) => (v4.to_ipv6_mapped(), Value::String(hex(&v4.octets()))),
            IpAddr::V6(v6) => (v6, Value::Null),
        };
        Ok(json!({"bytes": hex(&all.octets()), "to4": to4, "string": text(&buf[..n])}))
    });
    compare(case, ours)
}
