use super::*;

fn ip(text: &str) -> IpAddr {
    parse_ip(text.as_bytes()).unwrap()
}

fn text(prefix: Prefix) -> String {
    let mut buf = [0; PREFIX_TEXT_MAX];
    let n = prefix.write(&mut buf).unwrap();
    assert_eq!(prefix.write(&mut buf[..n - 1]), Err(Error::BUFFER_TOO_SMALL));
    String::from_utf8(buf[..n].to_vec()).unwrap()
}

#[test]
fn networks() {
    for (s, want) in [
        ("192.0.2.255/24", "192.0.2.0/24"),
        ("192.0.2.255/024", "192.0.2.0/24"),
        ("255.255.255.255/0", "0.0.0.0/0"),
        ("255.255.255.255/32", "255.255.255.255/32"),
        ("2001:db8:ffff::1/33", "2001:db8:8000::/33"),
        ("::ffff:1.2.3.4/120", "1.2.3.0/24"),
        ("::ffff:1.2.3.4/96", "0.0.0.0/0"),
        ("::ffff:1.2.3.4/95", "::fffe:0:0/95"),
        ("ffff::/128", "ffff::/128"),
        ("ffff::/0", "::/0"),
    ] {
        assert_eq!(text(parse_cidr(s.as_bytes()).unwrap().1), want, "{s}");
    }
    for s in [
        "",
        "/",
        "1.2.3.4",
        "1.2.3.4/",
        "1.2.3.4/33",
        "::/129",
        "1.2.3.4/-1",
        "1.2.3.4/+1",
        "1.2.3/24",
        "::1%e/64",
        "1.2.3.4/2/4",
        "1.2.3.4/ 8",
        "1.2.3.4/99999999999",
        "1.2.3.4/255.0.0.0",
        "/24",
    ] {
        assert_eq!(parse_cidr(s.as_bytes()), Err(Error::INVALID_ADDRESS), "{s}");
    }
    let host = Prefix::new(ip("192.0.2.7"), 24).unwrap();
    assert_eq!(text(host), "192.0.2.7/24");
    assert_eq!(text(host.masked()), "192.0.2.0/24");
    assert_eq!(Prefix::new(ip("192.0.2.7"), 33), Err(Error::INVALID));
    assert_eq!(Prefix::new(ip("::"), 129), Err(Error::INVALID));
    assert_eq!(Prefix::new(ip("::"), 256), Err(Error::INVALID));
}

#[test]
fn members() {
    for (net, member, want) in [
        ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ("10.0.0.0/8", "::1", false),
        ("0.0.0.0/0", "255.0.0.1", true),
        ("0.0.0.0/0", "::", false),
        ("::/0", "1.2.3.4", false),
        ("::/0", "::ffff:1.2.3.4", false),
        ("::/0", "fe80::1", true),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("::ffff:10.0.0.0/104", "11.1.2.3", false),
        ("2001:db8::/33", "2001:db8:7fff::", true),
        ("2001:db8::/33", "2001:db8:8000::", false),
    ] {
        let prefix = parse_cidr(net.as_bytes()).unwrap().1;
        assert_eq!(prefix.contains(ip(member)), want, "{net} {member}");
    }
    // The other bits of a prefix do not count.
    assert!(Prefix::new(ip("192.0.2.7"), 24).unwrap().contains(ip("192.0.2.8")));
    assert!(Prefix::new(ip("::ffff:1.2.3.4"), 8).unwrap().contains(ip("9.9.9.9")));
}

#[test]
fn masks() {
    let mut buf = [0; MASK_TEXT_MAX];
    for (mask, size, hex) in [
        ("255.255.255.0", Some((24, 32)), "ffffff00"),
        ("255.255.254.0", Some((23, 32)), "fffffe00"),
        ("0.0.0.0", Some((0, 32)), "00000000"),
        ("255.255.255.255", Some((32, 32)), "ffffffff"),
        ("255.0.255.0", None, "ff00ff00"),
        ("0.0.0.1", None, "00000001"),
        ("ffff:8000::", Some((17, 128)), "ffff8000000000000000000000000000"),
        ("ffff::1", None, "ffff0000000000000000000000000001"),
    ] {
        assert_eq!(mask_size(ip(mask)), size, "{mask}");
        let n = write_mask(ip(mask), &mut buf).unwrap();
        assert_eq!(&buf[..n], hex.as_bytes());
        assert_eq!(write_mask(ip(mask), &mut buf[..n - 1]), Err(Error::BUFFER_TOO_SMALL));
    }
    for bits in 0..=128 {
        assert_eq!(mask_size(cidr_mask(ip("::"), bits)), Some((bits, 128)));
        assert_eq!(mask_size(cidr_mask(ip("0.0.0.0"), bits)), Some((bits.min(32), 32)));
    }
}

#[test]
fn masking() {
    for (address, mask, want) in [
        ("192.168.1.127", "255.255.255.128", Some("192.168.1.0")),
        ("192.168.1.127", "255.0.255.0", Some("192.0.1.0")),
        ("::ffff:192.168.1.127", "255.255.0.0", Some("192.168.0.0")),
        ("192.168.1.127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:0", Some("192.168.0.0")),
        ("192.168.1.127", "ffff:ffff:ffff:ffff:ffff:0:ffff:0", None),
        ("2001:db8::1", "255.255.0.0", None),
        ("2001:db8::1", "ffff::", Some("2001::")),
    ] {
        assert_eq!(mask_ip(ip(address), ip(mask)), want.map(ip), "{address} {mask}");
    }
}
