//! Addresses: `netip.*`, IP classes, networks, hardware addresses, resolving, and the texts of errors and
//! interface flags.

use crate::case::{bytes, compare, text, Outcome, Run};
use dunlin::error::{Error, Result};
use dunlin::net::class;
use dunlin::net::flags::{write_flags, FLAGS_TEXT_MAX};
use dunlin::net::hostport::join_host_port;
use dunlin::net::ip::{
    parse_addr_port, parse_ip, parse_zoned, to16, unmap, write_addr_port, write_expanded, write_ip,
    write_zoned,
};
use dunlin::net::mac::{Mac, MAC_TEXT_MAX};
use dunlin::net::network::Carrier;
use dunlin::net::op_error::OpError;
use dunlin::net::prefix::{cidr_mask, mask_size, parse_cidr, write_mask, MASK_TEXT_MAX, PREFIX_TEXT_MAX};
use dunlin::net::resolve::{network_of, target, Target};
use serde_json::{json, Value};
use std::net::IpAddr;

/// The check for a function name of this group.
pub fn find(name: &str) -> Option<Run> {
    Some(match name {
        "netip.ParseAddr" => parse_addr,
        "netip.ParseAddrPort" => addr_port,
        "net.IPPredicates" => predicates,
        "net.ParseCIDR" => cidr,
        "net.IPNet.Contains" => contains,
        "net.ParseMAC" => mac,
        "net.ResolveTCPAddr" => resolve_tcp,
        "net.OpError.Error" => op_error,
        "net.Flags.String" => flags,
        _ => return None,
    })
}

/// What a writer writes, with room enough.
fn written(write: impl FnOnce(&mut [u8]) -> Result<usize>) -> Result<Value> {
    let mut buf = [0; 4096];
    let n = write(&mut buf)?;
    Ok(text(&buf[..n]))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn octets(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => hex(&v4.octets()),
        IpAddr::V6(v6) => hex(&v6.octets()),
    }
}

/// An address as the cases of package net show it.
pub(crate) fn net_ip(ip: IpAddr) -> Result<Value> {
    let to4 = if unmap(ip).is_ipv4() { Value::String(octets(unmap(ip))) } else { Value::Null };
    let string = written(|buf| write_ip(ip, buf))?;
    Ok(json!({"bytes": hex(&to16(ip).octets()), "to4": to4, "string": string}))
}

fn parse_addr(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let ours = parse_zoned(&s).and_then(|(ip, zone)| {
        let string = written(|buf| write_zoned(ip, zone, buf))?;
        let is4in6 = ip.is_ipv6() && unmap(ip).is_ipv4();
        Ok(json!({
            "bytes": octets(ip),
            "expanded": written(|buf| write_expanded(ip, zone, buf))?,
            "is4": ip.is_ipv4(),
            "is4in6": is4in6,
            "string": string,
            "unmap": written(|buf| write_zoned(unmap(ip), zone, buf))?,
            "zone": text(zone),
        }))
    });
    compare(case, ours)
}

fn addr_port(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let ours =
        parse_addr_port(&s).and_then(|(ip, zone, port)| written(|buf| write_addr_port(ip, zone, port, buf)));
    compare(case, ours)
}

fn predicates(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let ours = parse_ip(&s).map(|ip| {
        let mask = class::default_bits(ip).map(|bits| octets(cidr_mask(unmap(ip), bits)));
        json!({
            "unspecified": class::is_unspecified(ip),
            "loopback": class::is_loopback(ip),
            "private": class::is_private(ip),
            "multicast": class::is_multicast(ip),
            "interface_local_multicast": class::is_interface_local_multicast(ip),
            "link_local_multicast": class::is_link_local_multicast(ip),
            "link_local_unicast": class::is_link_local_unicast(ip),
            "global_unicast": class::is_global_unicast(ip),
            "default_mask": mask,
            "v4": unmap(ip).is_ipv4(),
        })
    });
    compare(case, ours)
}

fn cidr(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let ours = parse_cidr(&s).and_then(|(ip, prefix)| {
        let mut room = [0; PREFIX_TEXT_MAX];
        let n = prefix.write(&mut room)?;
        let mask = cidr_mask(prefix.ip(), prefix.bits());
        let (ones, bits) = mask_size(mask).ok_or(Error::INVALID)?;
        let mut digits = [0; MASK_TEXT_MAX];
        let m = write_mask(mask, &mut digits)?;
        Ok(json!({
            "ip": net_ip(ip)?,
            "network": text(&room[..n]),
            "mask": text(&digits[..m]),
            "ones": ones,
            "bits": bits,
            "contains_ip": prefix.contains(ip),
        }))
    });
    compare(case, ours)
}

fn contains(case: &Value) -> Outcome {
    let (net, ip) = (bytes(&case["in"]["cidr"]), bytes(&case["in"]["ip"]));
    let ours = parse_cidr(&net).and_then(|(_, prefix)| Ok(json!(prefix.contains(parse_ip(&ip)?))));
    compare(case, ours)
}

fn mac(case: &Value) -> Outcome {
    let s = bytes(&case["in"]["s"]);
    let ours = Mac::parse(&s).and_then(|mac| {
        let mut room = [0; MAC_TEXT_MAX];
        let n = mac.write(&mut room)?;
        Ok(json!({"bytes": hex(mac.octets()), "string": text(&room[..n])}))
    });
    compare(case, ours)
}

fn resolve_tcp(case: &Value) -> Outcome {
    let (network, address) = (bytes(&case["in"]["network"]), bytes(&case["in"]["address"]));
    let ours = network_of(Carrier::Tcp, &network).and_then(|network| {
        let (ip, zone, port) = match target(network, &address)? {
            Target::Any { port } => (None, &[][..], port),
            Target::Ip { ip, zone, port } => (Some(ip), zone, port),
            // The cases ask no name server.
            _ => return Err(Error::NO_SUCH_HOST),
        };
        let mut host = [0; 512];
        let mut len = ip.map_or(Ok(0), |ip| write_ip(ip, &mut host))?;
        if !zone.is_empty() {
            host[len] = b'%';
            host[len + 1..][..zone.len()].copy_from_slice(zone);
            len += 1 + zone.len();
        }
        let digits = port.to_string();
        Ok(json!({
            "ip": ip.map_or(Ok(Value::Null), net_ip)?,
            "port": port,
            "zone": text(zone),
            "string": written(|buf| join_host_port(&host[..len], digits.as_bytes(), buf))?,
        }))
    });
    compare(case, ours)
}

fn op_error(case: &Value) -> Outcome {
    let field = |name: &str| bytes(&case["in"][name]);
    let (op, network, err) = (field("op"), field("net"), field("err"));
    let (source, addr) = (field("source"), field("addr"));
    let present = |text: &'static str| !field(text).is_empty();
    let error = OpError {
        op: &op,
        network: &network,
        source: present("source").then_some(&source[..]),
        addr: present("addr").then_some(&addr[..]),
        err: &err,
    };
    compare(case, written(|buf| error.write(buf)))
}

fn flags(case: &Value) -> Outcome {
    // The flags that Go defines are the low ones.
    let flags = case["in"]["flags"].as_u64().unwrap_or(0) as u32;
    compare(case, written(|buf| write_flags(flags, &mut buf[..FLAGS_TEXT_MAX])))
}
