//! What an IP address is for: loopback, private, multicast and the like (Go: `IP.IsLoopback` and its
//! neighbours in `net/ip.go`). IPv4 in IPv6 counts as the IPv4 it is.

use crate::net::ip::unmap;
use core::net::{IpAddr, Ipv4Addr};

/// All zeros: no address, or any (Go: `IP.IsUnspecified`).
pub fn is_unspecified(ip: IpAddr) -> bool {
    unmap(ip).is_unspecified()
}

/// 127.0.0.0/8 or ::1 (Go: `IP.IsLoopback`).
pub fn is_loopback(ip: IpAddr) -> bool {
    unmap(ip).is_loopback()
}

/// RFC 1918 or RFC 4193 (Go: `IP.IsPrivate`).
pub fn is_private(ip: IpAddr) -> bool {
    match unmap(ip) {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => matches!(v6.octets(), [0xfc | 0xfd, ..]),
    }
}

/// 224.0.0.0/4 or ff00::/8 (Go: `IP.IsMulticast`).
pub fn is_multicast(ip: IpAddr) -> bool {
    unmap(ip).is_multicast()
}

/// Multicast that stays inside the interface; IPv6 only (Go: `IP.IsInterfaceLocalMulticast`).
pub fn is_interface_local_multicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => matches!(v6.octets(), [0xff, b, ..] if b & 15 == 1),
    }
}

/// Multicast that stays on the link: 224.0.0.0/24 or ffx2:: (Go: `IP.IsLinkLocalMulticast`).
pub fn is_link_local_multicast(ip: IpAddr) -> bool {
    match unmap(ip) {
        IpAddr::V4(v4) => matches!(v4.octets(), [224, 0, 0, _]),
        IpAddr::V6(v6) => matches!(v6.octets(), [0xff, b, ..] if b & 15 == 2),
    }
}

/// 169.254.0.0/16 or fe80::/10 (Go: `IP.IsLinkLocalUnicast`).
pub fn is_link_local_unicast(ip: IpAddr) -> bool {
    match unmap(ip) {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => matches!(v6.octets(), [0xfe, b, ..] if b & 0xc0 == 0x80),
    }
}

/// One host beyond the link, private addresses too (Go: `IP.IsGlobalUnicast`).
pub fn is_global_unicast(ip: IpAddr) -> bool {
    unmap(ip) != IpAddr::V4(Ipv4Addr::BROADCAST)
        && !is_unspecified(ip)
        && !is_loopback(ip)
        && !is_multicast(ip)
        && !is_link_local_unicast(ip)
}

/// The length of the prefix that an IPv4 address had by its class: 8, 16 or 24; IPv6 has none (Go:
/// `IP.DefaultMask`).
pub fn default_bits(ip: IpAddr) -> Option<u8> {
    let IpAddr::V4(v4) = unmap(ip) else { return None };
    let [first, ..] = v4.octets();
    Some(match first {
        0..=0x7f => 8,
        0x80..=0xbf => 16,
        _ => 24,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::ip::parse_ip;

    fn all(text: &str) -> String {
        let ip = parse_ip(text.as_bytes()).unwrap();
        type Kind = fn(IpAddr) -> bool;
        let kinds: [(Kind, char); 8] = [
            (is_unspecified, 'u'),
            (is_loopback, 'l'),
            (is_private, 'p'),
            (is_multicast, 'm'),
            (is_interface_local_multicast, 'i'),
            (is_link_local_multicast, 'k'),
            (is_link_local_unicast, 'n'),
            (is_global_unicast, 'g'),
        ];
        kinds.iter().filter(|k| k.0(ip)).map(|k| k.1).collect()
    }

    #[test]
    fn kinds() {
        for (ip, want) in [
            ("0.0.0.0", "u"),
            ("::ffff:0.0.0.0", "u"),
            ("::", "u"),
            ("127.255.0.1", "l"),
            ("::ffff:127.0.0.1", "l"),
            ("::1", "l"),
            ("::2", "g"),
            ("10.0.0.1", "pg"),
            ("172.15.0.1", "g"),
            ("172.16.0.1", "pg"),
            ("172.31.255.255", "pg"),
            ("172.32.0.0", "g"),
            ("192.168.0.1", "pg"),
            ("fbff::", "g"),
            ("fc00::", "pg"),
            ("fdff::", "pg"),
            ("fe00::", "g"),
            ("223.0.0.1", "g"),
            ("224.0.0.1", "mk"),
            ("224.0.1.0", "m"),
            ("239.255.255.255", "m"),
            ("240.0.0.1", "g"),
            ("255.255.255.255", ""),
            ("ff01::1", "mi"),
            ("fff1::1", "mi"),
            ("ff02::1", "mk"),
            ("ff12::1", "mk"),
            ("ff05::1", "m"),
            ("169.254.1.1", "n"),
            ("fe80::1", "n"),
            ("febf::1", "n"),
            ("fec0::1", "g"),
        ] {
            assert_eq!(all(ip), want, "{ip}");
        }
    }

    #[test]
    fn classes_of_ipv4() {
        for (ip, want) in [
            ("127.0.0.1", Some(8)),
            ("128.0.0.1", Some(16)),
            ("191.255.0.0", Some(16)),
            ("192.0.0.0", Some(24)),
            ("::ffff:10.0.0.1", Some(8)),
            ("::1", None),
        ] {
            assert_eq!(default_bits(parse_ip(ip.as_bytes()).unwrap()), want);
        }
    }
}
