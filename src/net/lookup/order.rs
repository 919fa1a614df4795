//! In which order the addresses of a name are worth a try (Go: `addrselect.go`; RFC 6724 §6, as far as
//! the device's own addresses tell).

use core::cmp::Reverse;
use core::net::{IpAddr, Ipv6Addr};

/// What decides between two addresses, the least first: no way there, another scope than any of our
/// own, preference of its network, distance.
type Rank = (bool, bool, Reverse<u8>, u8);

/// The scope of an address, as that of a multicast address is written (RFC 6724 §3.1).
fn scope(ip: IpAddr) -> u8 {
    const LINK: u8 = 2;
    const SITE: u8 = 5;
    const GLOBAL: u8 = 14;
    match ip {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_link_local() => LINK,
        IpAddr::V6(v6) if v6.is_loopback() || is_in(v6, 0xfe80, 10) => LINK,
        IpAddr::V6(v6) if is_in(v6, 0xfec0, 10) => SITE,
        _ => GLOBAL,
    }
}

/// Says whether the address begins with the first `bits` of `prefix`.
fn is_in(ip: Ipv6Addr, prefix: u16, bits: u32) -> bool {
    let [first, ..] = ip.segments();
    (first ^ prefix) >> (16 - bits) == 0
}

/// How much a network is preferred (RFC 6724 §2.1).
fn precedence(ip: IpAddr) -> u8 {
    let IpAddr::V6(v6) = ip else { return 35 };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => 50,
        [0x2002, ..] => 30,
        [0x2001, 0, ..] => 5,
        [0x3ffe, ..] | [0, 0, 0, 0, 0, 0, _, _] => 1,
        _ if is_in(v6, 0xfc00, 7) => 3,
        _ if is_in(v6, 0xfec0, 10) => 1,
        _ => 40,
    }
}

fn rank(ip: IpAddr, own: &[IpAddr]) -> Rank {
    // A device that does not tell its addresses is believed to have them all.
    let mut alike = own.iter().filter(|o| o.is_ipv4() == ip.is_ipv4()).peekable();
    let lost = !own.is_empty() && alike.peek().is_none();
    let strange = !own.is_empty() && !alike.any(|o| scope(*o) == scope(ip));
    (lost, strange, Reverse(precedence(ip)), scope(ip))
}

/// Sorts the addresses of a name; those of equal worth stay as they are.
pub(super) fn sort(ips: &mut [IpAddr], own: &[IpAddr]) {
    // By insertion: it is stable and needs no memory, and there are few.
    for end in 1..ips.len() {
        let Some((last, front)) = ips.get_mut(..=end).and_then(<[IpAddr]>::split_last_mut) else { return };
        let worth = rank(*last, own);
        for better in front.iter_mut().filter(|ip| rank(**ip, own) > worth) {
            core::mem::swap(better, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(ips: &[&str], own: &[&str]) -> Vec<String> {
        let parse = |all: &[&str]| all.iter().map(|a| a.parse().unwrap()).collect::<Vec<IpAddr>>();
        let mut ips = parse(ips);
        sort(&mut ips, &parse(own));
        ips.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_can_be_reached_comes_first() {
        let both = ["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"];
        let v6_first = ["2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2"];
        let v4_first = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"];
        assert_eq!(sorted(&both, &[]), v6_first);
        assert_eq!(sorted(&both, &["10.0.0.5", "2001:db8::99"]), v6_first);
        assert_eq!(sorted(&both, &["10.0.0.5"]), v4_first);
        // An IPv6 address that is good on the link only does not lead to others.
        assert_eq!(sorted(&both, &["10.0.0.5", "fe80::1"]), v4_first);
        assert_eq!(sorted(&both, &["2001:db8::99"]), v6_first);
    }

    #[test]
    fn networks_have_their_places() {
        let all = ["fd00::1", "2001::1", "2002::1", "192.0.2.1", "2001:db8::1", "::1"];
        let want = ["::1", "2001:db8::1", "192.0.2.1", "2002::1", "2001::1", "fd00::1"];
        assert_eq!(sorted(&all, &[]), want);
        assert_eq!(sorted(&["192.0.2.1", "169.254.1.1"], &["10.0.0.5"]), ["192.0.2.1", "169.254.1.1"]);
        assert_eq!(sorted(&["192.0.2.1", "169.254.1.1"], &["169.254.9.9"]), ["169.254.1.1", "192.0.2.1"]);
    }
}
