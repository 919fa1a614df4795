use super::*;
use proptest::prelude::*;

fn text(ip: IpAddr) -> String {
    let mut buf = [0; 39];
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

#[test]
fn endpoints() {
    let mut buf = [0; ADDR_TEXT_MAX];
    for (ip, scope, want) in [
        ("192.0.2.1", 0, "192.0.2.1:80"),
        ("::ffff:192.0.2.1", 0, "192.0.2.1:80"),
        ("2001:db8::1", 0, "[2001:db8::1]:80"),
        ("fe80::1", 2, "[fe80::1%2]:80"),
    ] {
        let addr = Addr { scope, ..Addr::new(parse_ip(ip.as_bytes()).unwrap(), 80) };
        let n = addr.write(&mut buf).unwrap();
        assert_eq!(&buf[..n], want.as_bytes());
        assert_eq!(Addr::from_c(&addr.to_c()), Ok(Some(addr)));
    }
    let longest = Addr { ip: IpAddr::from([0xffff_u16; 8]), scope: u32::MAX, port: u16::MAX };
    assert_eq!(longest.write(&mut buf), Ok(ADDR_TEXT_MAX));
    assert_eq!(longest.write(&mut buf[1..]), Err(Error::BUFFER_TOO_SMALL));
    assert_eq!(Addr::from_c(&dunlin_addr::NONE), Ok(None));
    assert_eq!(Addr::from_c(&dunlin_addr { family: 9, ..dunlin_addr::NONE }), Err(Error::INVALID_ADDRESS));
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
