//! Addresses: `net.SplitHostPort`, `net.JoinHostPort`, `net.ParseIP`.

use crate::case::{bytes, compare, text, Outcome, Run};
use crate::net_addr::net_ip;
use dunlin::net::hostport::{join_host_port, split_host_port};
use dunlin::net::ip::parse_ip;
use serde_json::{json, Value};

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

fn ip(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    compare(case, parse_ip(&s).and_then(net_ip))
}
