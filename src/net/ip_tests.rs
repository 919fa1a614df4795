use super::*;
use proptest::prelude::*;

fn text(ip: IpAddr) -> String {
    let mut buf = [0; IP_TEXT_MAX];
    let n = write_ip(ip, &mut buf).unwrap();
    core::str::from_utf8(&buf[..n]).unwrap().to_owned()
}

#[test]
fn parsing() {
    for (s, want) in [
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("::", "::"),
        ("1::", "1::"),
        ("::1", "::1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("2001:DB8::0:0:1", "2001:db8::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
    ] {
        assert_eq!(text(parse_ip(s.as_bytes()).unwrap()), want, "{s}");
    }
    for s in [
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "01.2.3.4",
        "1.2.3.256",
        "+1.2.3.4",
        "1.2.3.4 ",
        ":",
        ":::",
        "1:::2",
        ":1",
        "1:",
        "1::2::3",
        "1:2:3:4::5:6:7:8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "g::",
        "::1%lo",
        "[::1]",
        "::1.2.3",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::%",
        "1.2.3.4%e",
        "::01.2.3.4",
        "1.2.3.4:80",
        "::1:2:3:4:5:6:7:8",
    ] {
        assert_eq!(parse_ip(s.as_bytes()), Err(Error::INVALID_ADDRESS), "{s}");
    }
}

proptest! {
    #[test]
    fn every_address_comes_back(groups in any::<[u16; 8]>(), mask in any::<u8>()) {
        let mut groups = groups;
        (0..8).filter(|i| mask >> i & 1 == 1).for_each(|i| groups[i] = 0);
        let ip = IpAddr::from(groups);
        let written = text(ip);
        prop_assert_eq!(unmap(parse_ip(written.as_bytes()).unwrap()), unmap(ip));
        prop_assert_eq!(written.parse::<IpAddr>().unwrap(), unmap(ip));
    }

    #[test]
    fn agrees_with_the_standard_library(s in "[0-9a-f:.]{0,24}") {
        prop_assert_eq!(parse_ip(s.as_bytes()).ok(), s.parse::<IpAddr>().ok());
    }
}

#[test]
fn zones() {
    assert_eq!(parse_zoned(b"fe80::1%eth0"), Ok((IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 1]), &b"eth0"[..])));
    assert_eq!(parse_zoned(b"::%1%2").map(|z| z.1), Ok(&b"1%2"[..]));
    assert_eq!(parse_zoned(b"::1").map(|z| z.1), Ok(&b""[..]));
    assert_eq!(parse_zoned(b"1.2.3.4").map(|z| z.1), Ok(&b""[..]));
    assert_eq!(parse_zoned(b"::ffff:1.2.3.4%x.y:z").map(|z| z.1), Ok(&b"x.y:z"[..]));
    for s in ["::1%", "1.2.3.4%e", "%e", "%::1", "e%::1", "", "::1.2.3%e", "1.2.3.4%::"] {
        assert_eq!(parse_zoned(s.as_bytes()), Err(Error::INVALID_ADDRESS), "{s}");
    }
}

#[test]
fn forms() {
    let mut buf = [0; 64];
    for (s, plain, expanded) in [
        ("1.2.3.4", "1.2.3.4", "1.2.3.4"),
        ("::FFFF:1.2.3.4", "::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304"),
        ("::ffff:1.2.3.4%e", "::ffff:1.2.3.4%e", "0000:0000:0000:0000:0000:ffff:0102:0304%e"),
        ("fe80::1%eth0", "fe80::1%eth0", "fe80:0000:0000:0000:0000:0000:0000:0001%eth0"),
        ("::", "::", "0000:0000:0000:0000:0000:0000:0000:0000"),
    ] {
        let (ip, zone) = parse_zoned(s.as_bytes()).unwrap();
        let n = write_zoned(ip, zone, &mut buf).unwrap();
        assert_eq!(&buf[..n], plain.as_bytes());
        assert_eq!(write_zoned(ip, zone, &mut buf[..n - 1]), Err(Error::BUFFER_TOO_SMALL));
        let n = write_expanded(ip, zone, &mut buf).unwrap();
        assert_eq!(&buf[..n], expanded.as_bytes());
        assert_eq!(write_expanded(ip, zone, &mut buf[..n - 1]), Err(Error::BUFFER_TOO_SMALL));
    }
}

#[test]
fn addresses_with_ports() {
    assert_eq!(parse_addr_port(b"1.2.3.4:080"), Ok((IpAddr::from([1, 2, 3, 4]), &b""[..], 80)));
    let local = IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(parse_addr_port(b"[fe80::1%a]b]:65535"), Ok((local, &b"a]b"[..], 65535)));
    let mut buf = [0; 64];
    for s in ["1.2.3.4:80", "[::ffff:1.2.3.4%e]:0", "[fe80::1%a]b]:65535"] {
        let (ip, zone, port) = parse_addr_port(s.as_bytes()).unwrap();
        assert_eq!(write_addr_port(ip, zone, port, &mut buf), Ok(s.len()));
        assert_eq!(&buf[..s.len()], s.as_bytes());
        assert_eq!(write_addr_port(ip, zone, port, &mut buf[..s.len() - 1]), Err(Error::BUFFER_TOO_SMALL));
    }
    for (s, e) in [
        ("", Error::MISSING_PORT),
        ("1.2.3.4", Error::MISSING_PORT),
        ("1.2.3.4:", Error::MISSING_PORT),
        (":80", Error::INVALID_ADDRESS),
        ("[]:80", Error::INVALID_ADDRESS),
        ("[:80", Error::UNEXPECTED_BRACKET),
        ("[::1:80", Error::UNEXPECTED_BRACKET),
        ("::1:80", Error::INVALID_ADDRESS),
        ("[1.2.3.4]:80", Error::INVALID_ADDRESS),
        ("1.2.3.4:65536", Error::INVALID_PORT),
        ("1.2.3.4:+8", Error::INVALID_PORT),
        ("1.2.3.4:http", Error::INVALID_PORT),
    ] {
        assert_eq!(parse_addr_port(s.as_bytes()), Err(e), "{s}");
    }
}
