//! Network names: "tcp", "udp4", "ip:icmp", "unixgram" and the like (Go: `net.parseNetwork`,
//! `lookupProtocol`).

use core::ffi::CStr;

use crate::error::{Error, Result};
use crate::net::hostport::Transport;
use crate::netdev::table::{
    dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNIX, DUNLIN_AF_UNSPEC, DUNLIN_CAP_RAW,
    DUNLIN_CAP_UDP, DUNLIN_CAP_UNIX, DUNLIN_IPPROTO_TCP, DUNLIN_IPPROTO_UDP, DUNLIN_SOCK_DGRAM,
    DUNLIN_SOCK_RAW, DUNLIN_SOCK_SEQPACKET, DUNLIN_SOCK_STREAM,
};

/// What a network carries, without the family.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// "tcp".
    Tcp,
    /// "udp".
    Udp,
    /// "ip": packets of one protocol over IP.
    Ip,
    /// "unix": a stream between programs of one system.
    Unix,
    /// "unixgram": datagrams between programs.
    Unixgram,
    /// "unixpacket": a connection that keeps message boundaries.
    Unixpacket,
}

/// A network name, parsed (Go: the first argument of `Dial` and `Listen`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    carrier: Carrier,
    family: u16,
    protocol: u32,
}

/// IP protocols that have a name without a list from the system (Go: `net.protocols`).
const PROTOCOLS: [(&[u8], u32); 5] = [
    (b"icmp", 1),
    (b"igmp", 2),
    (b"tcp", DUNLIN_IPPROTO_TCP),
    (b"udp", DUNLIN_IPPROTO_UDP),
    (b"ipv6-icmp", 58),
];

/// The names, by [`Network::name_index`] less 1.
const NAMES: [&CStr; 27] = [
    c"tcp",
    c"tcp4",
    c"tcp6",
    c"udp",
    c"udp4",
    c"udp6",
    c"unix",
    c"unixgram",
    c"unixpacket",
    c"ip",
    c"ip4",
    c"ip6",
    c"ip:icmp",
    c"ip4:icmp",
    c"ip6:icmp",
    c"ip:igmp",
    c"ip4:igmp",
    c"ip6:igmp",
    c"ip:tcp",
    c"ip4:tcp",
    c"ip6:tcp",
    c"ip:udp",
    c"ip4:udp",
    c"ip6:udp",
    c"ip:ipv6-icmp",
    c"ip4:ipv6-icmp",
    c"ip6:ipv6-icmp",
];

/// The name with an index of [`Network::name_index`]; `None` for 0.
pub(crate) fn c_name(index: u8) -> Option<&'static CStr> {
    NAMES.get(usize::from(index).checked_sub(1)?).copied()
}

/// Numbers from here on are not read (Go: `big`).
const BIG: u32 = 0xFF_FFFF;

impl Network {
    /// "tcp": either family.
    pub const TCP: Network = Network::of(Carrier::Tcp, DUNLIN_AF_UNSPEC);
    /// "udp": either family.
    pub const UDP: Network = Network::of(Carrier::Udp, DUNLIN_AF_UNSPEC);

    const fn of(carrier: Carrier, family: u16) -> Network {
        let protocol = match carrier {
            Carrier::Tcp => DUNLIN_IPPROTO_TCP,
            Carrier::Udp => DUNLIN_IPPROTO_UDP,
            _ => 0,
        };
        Network { carrier, family, protocol }
    }

    /// The network of a name; "ip", "ip4" and "ip6" need a protocol behind a colon, a number or a
    /// name in any case (Go: `parseNetwork`).
    ///
    /// Errors: [`Error::UNKNOWN_NETWORK`], [`Error::UNKNOWN_PROTOCOL`].
    pub fn parse(name: &[u8]) -> Result<Network> {
        match name.iter().rposition(|b| *b == b':').and_then(|at| name.split_at_checked(at)) {
            Some((ip, protocol)) => {
                let network = Network::family_of_ip(ip).ok_or(Error::UNKNOWN_NETWORK)?;
                Ok(Network { protocol: protocol_number(protocol.get(1..).unwrap_or_default())?, ..network })
            }
            None => Network::parse_plain(name),
        }
    }

    /// As [`Network::parse`], but "ip", "ip4" and "ip6" may stand alone, as for resolving an address
    /// (Go: `Resolver.internetAddrList`).
    pub fn parse_address_kind(name: &[u8]) -> Result<Network> {
        match Network::family_of_ip(name) {
            Some(network) => Ok(network),
            None => Network::parse(name),
        }
    }

    fn family_of_ip(name: &[u8]) -> Option<Network> {
        Some(Network::of(
            Carrier::Ip,
            match name {
                b"ip" => DUNLIN_AF_UNSPEC,
                b"ip4" => DUNLIN_AF_INET,
                b"ip6" => DUNLIN_AF_INET6,
                _ => return None,
            },
        ))
    }

    fn parse_plain(name: &[u8]) -> Result<Network> {
        Ok(match name {
            b"tcp" => Network::TCP,
            b"tcp4" => Network::of(Carrier::Tcp, DUNLIN_AF_INET),
            b"tcp6" => Network::of(Carrier::Tcp, DUNLIN_AF_INET6),
            b"udp" => Network::UDP,
            b"udp4" => Network::of(Carrier::Udp, DUNLIN_AF_INET),
            b"udp6" => Network::of(Carrier::Udp, DUNLIN_AF_INET6),
            b"unix" => Network::of(Carrier::Unix, DUNLIN_AF_UNIX),
            b"unixgram" => Network::of(Carrier::Unixgram, DUNLIN_AF_UNIX),
            b"unixpacket" => Network::of(Carrier::Unixpacket, DUNLIN_AF_UNIX),
            _ => return Err(Error::UNKNOWN_NETWORK),
        })
    }

    /// What it carries.
    pub fn carrier(self) -> Carrier {
        self.carrier
    }

    /// `DUNLIN_AF_…`; `DUNLIN_AF_UNSPEC` when IPv4 and IPv6 will do.
    pub fn family(self) -> u16 {
        self.family
    }

    /// The type of its sockets, `DUNLIN_SOCK_…`.
    pub fn socket_type(self) -> u32 {
        match self.carrier {
            Carrier::Tcp | Carrier::Unix => DUNLIN_SOCK_STREAM,
            Carrier::Udp | Carrier::Unixgram => DUNLIN_SOCK_DGRAM,
            Carrier::Ip => DUNLIN_SOCK_RAW,
            Carrier::Unixpacket => DUNLIN_SOCK_SEQPACKET,
        }
    }

    /// The protocol of its sockets, `DUNLIN_IPPROTO_…` or another of IP; 0 for unix sockets.
    pub fn protocol(self) -> u32 {
        self.protocol
    }

    /// What a device needs to carry it, `DUNLIN_CAP_…`, besides IPv6; 0 for TCP.
    pub fn caps(self) -> u32 {
        match self.carrier {
            Carrier::Tcp => 0,
            Carrier::Udp => DUNLIN_CAP_UDP,
            Carrier::Ip => DUNLIN_CAP_RAW,
            Carrier::Unix | Carrier::Unixgram | Carrier::Unixpacket => DUNLIN_CAP_UNIX,
        }
    }

    /// Says whether it is one of the unix networks, whose addresses are paths.
    pub fn is_unix(self) -> bool {
        self.family == DUNLIN_AF_UNIX
    }

    /// Says whether a connection of it is a stream of bytes, which ends; of the others a read gives one
    /// message, possibly of no bytes.
    pub fn is_stream(self) -> bool {
        self.socket_type() == DUNLIN_SOCK_STREAM
    }

    /// Which services its port names are; `None` where addresses have no port.
    pub fn transport(self) -> Option<Transport> {
        match self.carrier {
            Carrier::Tcp => Some(Transport::Tcp),
            Carrier::Udp => Some(Transport::Udp),
            _ => None,
        }
    }

    /// Says whether an address is of the network's family.
    pub fn takes(self, addr: &dunlin_addr) -> bool {
        match self.family {
            DUNLIN_AF_UNSPEC => matches!(addr.family, DUNLIN_AF_INET | DUNLIN_AF_INET6),
            family => family == addr.family,
        }
    }

    /// The name (Go: `OpError.Net`). Of "ip" with its protocol where that has a name, in small letters; a
    /// protocol without one is not told.
    pub fn c_name(self) -> &'static CStr {
        c_name(self.name_index()).unwrap_or_default()
    }

    /// Which of the names it is, for who keeps no more than that; never 0.
    pub(crate) fn name_index(self) -> u8 {
        let family = match self.family {
            DUNLIN_AF_INET => 1,
            DUNLIN_AF_INET6 => 2,
            _ => 0,
        };
        let protocol = PROTOCOLS.iter().position(|p| p.1 == self.protocol).map_or(0, |at| at + 1);
        let index = match self.carrier {
            Carrier::Tcp => family,
            Carrier::Udp => 3 + family,
            Carrier::Unix => 6,
            Carrier::Unixgram => 7,
            Carrier::Unixpacket => 8,
            Carrier::Ip => 9 + 3 * protocol + family,
        };
        index as u8 + 1
    }

    /// [`Network::c_name`] without its NUL.
    pub fn name(self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }
}

/// The number of a protocol, decimal or by name (Go: `dtoi`, `lookupProtocol`).
fn protocol_number(text: &[u8]) -> Result<u32> {
    let number = text.iter().try_fold(0u32, |n, b| {
        let next = n * 10 + u32::from(b.wrapping_sub(b'0'));
        (b.is_ascii_digit() && next < BIG).then_some(next)
    });
    match number {
        Some(number) if !text.is_empty() => Ok(number),
        _ => {
            let found = PROTOCOLS.iter().find(|p| p.0.eq_ignore_ascii_case(text));
            found.map(|p| p.1).ok_or(Error::UNKNOWN_PROTOCOL)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [(&str, Carrier, u16, u32, u32); 9] = [
        ("tcp", Carrier::Tcp, 0, 1, 6),
        ("tcp4", Carrier::Tcp, 4, 1, 6),
        ("tcp6", Carrier::Tcp, 6, 1, 6),
        ("udp", Carrier::Udp, 0, 2, 17),
        ("udp4", Carrier::Udp, 4, 2, 17),
        ("udp6", Carrier::Udp, 6, 2, 17),
        ("unix", Carrier::Unix, 1, 1, 0),
        ("unixgram", Carrier::Unixgram, 1, 2, 0),
        ("unixpacket", Carrier::Unixpacket, 1, 4, 0),
    ];

    #[test]
    fn plain_names() {
        for (name, carrier, family, kind, protocol) in PLAIN {
            let n = Network::parse(name.as_bytes()).unwrap();
            assert_eq!((n.carrier(), n.family(), n.socket_type()), (carrier, family, kind), "{name}");
            assert_eq!((n.protocol(), n.name()), (protocol, name));
            assert_eq!(Network::parse_address_kind(name.as_bytes()), Ok(n));
        }
    }

    #[test]
    fn ip_needs_a_protocol() {
        for (name, family, protocol) in [
            ("ip:1", 0, 1),
            ("ip4:icmp", 4, 1),
            ("ip4:IGMP", 4, 2),
            ("ip6:ipv6-icmp", 6, 58),
            ("ip:tcp", 0, 6),
            ("ip:Udp", 0, 17),
            ("ip:0", 0, 0),
            ("ip:0089", 0, 89),
            ("ip:16777214", 0, 0xFF_FFFE),
        ] {
            let n = Network::parse(name.as_bytes()).unwrap();
            assert_eq!((n.carrier(), n.family(), n.protocol()), (Carrier::Ip, family, protocol), "{name}");
            assert_eq!(n.socket_type(), 3);
            let named = PROTOCOLS.iter().any(|p| p.1 == protocol);
            let (ip, _) = name.split_once(':').unwrap();
            assert!(if named { n.name().starts_with(&format!("{ip}:")) } else { n.name() == ip }, "{name}");
            assert_eq!(Network::parse(n.name().as_bytes()).ok(), named.then_some(n));
        }
        for name in ["ip", "ip4", "ip6"] {
            assert_eq!(Network::parse(name.as_bytes()), Err(Error::UNKNOWN_NETWORK));
            assert_eq!(Network::parse_address_kind(name.as_bytes()).map(Network::name), Ok(name));
        }
        for name in ["ip:", "ip:none", "ip4:-1", "ip6:+1", "ip:1 ", "ip:16777215", "ip:99999999999"] {
            assert_eq!(Network::parse(name.as_bytes()), Err(Error::UNKNOWN_PROTOCOL), "{name}");
        }
    }

    #[test]
    fn unknown_names() {
        for name in
            ["", "TCP", "tcp5", "tcp:", "udp:17", "unix:1", "tcp ", "ip46", "ip:1:1", ":1", "sctp", "tcp\0"]
        {
            assert_eq!(Network::parse(name.as_bytes()), Err(Error::UNKNOWN_NETWORK), "{name}");
        }
    }

    #[test]
    fn families_and_ports() {
        let addr = |family| dunlin_addr { family, ..dunlin_addr::NONE };
        let tcp6 = Network::parse(b"tcp6").unwrap();
        assert!(tcp6.takes(&addr(6)) && !tcp6.takes(&addr(4)));
        assert!(Network::TCP.takes(&addr(6)) && Network::UDP.takes(&addr(4)));
        assert!(!Network::TCP.takes(&addr(1)) && !Network::TCP.takes(&addr(0)));
        assert_eq!(Network::UDP.transport(), Some(Transport::Udp));
        assert_eq!(Network::parse(b"ip:1").unwrap().transport(), None);
        assert!(Network::parse(b"unixgram").unwrap().is_unix());
        assert!(Network::parse(b"unix").unwrap().is_stream() && !Network::UDP.is_stream());
        assert_eq!((Network::TCP.caps(), Network::UDP.caps()), (0, DUNLIN_CAP_UDP));
    }
}
