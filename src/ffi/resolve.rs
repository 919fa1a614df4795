//! Header section "Resolving addresses".

use core::ffi::c_char;

use super::arg;
use crate::config::MAX_ADDRS;
use crate::error::{Error, Result};
use crate::net::addr::Addr;
use crate::net::conn::Limit;
use crate::net::dial;
use crate::net::network::Network;
use crate::net::resolve::{choose, target, Target};
use crate::net::target::scope;
use crate::netdev::registry;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_UNIX};
use crate::time::Deadline;

/// dunlin_resolve_addr makes an address of a text by the rules of its network (Go: `ResolveTCPAddr`,
/// `ResolveUDPAddr`, `ResolveIPAddr`, `ResolveUnixAddr`): "host:port" for "tcp" and "udp", a host for
/// "ip" (with or without a protocol), a path for "unix". A host is an IP address, or a name that is
/// looked up until `deadline`; without a host the IP address is unspecified. A port is a number or
/// the name of a service. The path of a unix address is `address` itself, which must live as long.
///
/// Returns 0, or `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_UNKNOWN_PROTOCOL`,
/// `DUNLIN_ERR_NO_SUITABLE_ADDRESS` (of the other family), `DUNLIN_ERR_INVALID_ADDRESS` (a zone that
/// is neither a number nor the name of an interface), `DUNLIN_ERR_INVALID_PORT`, `DUNLIN_ERR_MISSING_PORT`,
/// `DUNLIN_ERR_TOO_MANY_COLONS`, `DUNLIN_ERR_UNEXPECTED_BRACKET`, `DUNLIN_ERR_NAME_TOO_LONG`,
/// `DUNLIN_ERR_INVALID` for NULL; for a name also `DUNLIN_ERR_NO_SUCH_HOST`, `DUNLIN_ERR_TIMEOUT`,
/// `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NET_DOWN`, or the driver's. Blocks for a name only. Any task;
/// without a name before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_resolve_addr(
    network: *const c_char,
    address: *const c_char,
    deadline: i64,
    addr: *mut dunlin_addr,
) -> i32 {
    arg::plain(|| {
        // SAFETY: strings and a place by the caller's word.
        let (network, text, out) = unsafe {
            (arg::text(network, arg::WORD_MAX)?, arg::text(address, arg::ADDRESS_MAX)?, arg::place(addr)?)
        };
        let network = Network::parse_address_kind(network)?;
        out.write(match target(network, text)? {
            Target::Any { port } => dunlin_addr { family: network.family(), port, ..dunlin_addr::NONE },
            Target::Ip { ip, zone, port } => Addr { ip, scope: scope(zone)?, port }.to_c(),
            Target::Path(_) => {
                dunlin_addr { family: DUNLIN_AF_UNIX, options: address.cast(), ..dunlin_addr::NONE }
            }
            Target::Name { host, port, prefers_v6 } => {
                look_up(network, host, port, prefers_v6, Deadline(deadline))?
            }
        });
        Ok(())
    })
}

fn look_up(
    network: Network,
    host: &[u8],
    port: u16,
    prefers_v6: bool,
    deadline: Deadline,
) -> Result<dunlin_addr> {
    arg::enter()?;
    let mut addrs = [dunlin_addr::NONE; MAX_ADDRS];
    let dev = registry::route(None)?;
    let count = dial::lookup(&dev, network, host, port, &mut addrs, Limit::until(deadline))?;
    choose(addrs.get(..count).unwrap_or_default(), prefers_v6).ok_or(Error::NO_SUCH_HOST)
}
