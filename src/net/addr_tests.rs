use super::*;
use crate::error::Error;

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
