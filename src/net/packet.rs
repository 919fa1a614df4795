//! Unconnected packet connections (Go: `ListenPacket`, `UDPConn`, `IPConn`, unix datagrams). One on a
//! wildcard address is on every device, those registered later too, and outlives their links.
//!
//! One task reads and one writes at a time (a second gets `BUSY`); anybody closes or moves a
//! deadline, which ends or restarts the wait of the call that is blocked.

mod io;
mod option;

use core::cell::Cell;

use crate::config::MAX_PACKET_CONNS;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::addr::{unmap, Addr};
use crate::net::listen::ListenConfig;
use crate::net::network::{Carrier, Network};
use crate::net::op::{Detail, OpKind};
use crate::net::spread::{self, Kept, OnDevices, Own, Spread};
use crate::net::target::{parse_address, Path};
use crate::netdev::registry::Dev;
use crate::netdev::table::{
    dunlin_addr, Fault, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR,
    DUNLIN_SO_REUSEPORT,
};
use crate::netdev::{wait, OpResult};
use crate::port;
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::time::Deadline;

pub use io::Received;
use option::Options;

const READING: u8 = 1;
const WRITING: u8 = 2;
const CLOSED: u8 = 4;
/// A poller looks whether a datagram is there.
const LOOKING: u8 = 8;

/// What a packet connection keeps for each device.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    /// What the device had told when the last read and write found the socket not ready (see
    /// `Netdev::news`).
    seen: [u32; 2],
    /// The last read (write) found nothing (no room); the next look at it waits.
    idle: [bool; 2],
    /// The device cannot peek: readable means "try".
    blind: bool,
    /// An error found by a look, for the next read.
    found: i32,
    /// The driver gave an impossible answer: the socket is not used again.
    broken: bool,
}

impl Own for Side {
    const NONE: Side = Side { seen: [0; 2], idle: [false; 2], blind: false, found: 0, broken: false };
}

/// The last error of a packet connection (Go: `OpError`, as data).
#[derive(Clone, Copy)]
pub struct PacketDetail {
    /// The operation and its codes.
    pub detail: Detail,
    /// The destination of a write, otherwise none.
    pub addr: dunlin_addr,
}

/// What a packet connection keeps between calls.
pub struct PacketSlot {
    spread: Spread<Side>,
    state: Mutex<State>,
}

struct State {
    /// Of reads and writes.
    deadlines: [Cell<i64>; 2],
    tasks: [Cell<TaskRef>; 2],
    flags: Cell<u8>,
    detail: Cell<PacketDetail>,
    options: Cell<Options>,
    /// The device that the last datagram came on; the others are read first the next time.
    last: Cell<i32>,
}

/// A packet connection in use.
pub type PacketConn = Guard<PacketSlot, MAX_PACKET_CONNS>;

/// All packet connections.
pub static PACKETS: Pool<PacketSlot, MAX_PACKET_CONNS> = Pool::new();

/// What devices that come and go need to know of them.
static KEPT: Kept = Kept {
    attach: |dev| spread::attach_device(&PACKETS, dev),
    detach: |device, close| spread::detach_device(&PACKETS, device, close),
    has_socket: |device, sock| spread::has_socket(&PACKETS, device, sock),
};

const NO_DETAIL: PacketDetail =
    PacketDetail { detail: Detail { op: OpKind::None, code: 0, raw: 0 }, addr: dunlin_addr::NONE };

impl Slot for PacketSlot {
    const KIND: Kind = Kind::PacketConn;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: PacketSlot = PacketSlot {
        spread: Spread::new(),
        state: Mutex::new(State {
            deadlines: [const { Cell::new(0) }; 2],
            tasks: [const { Cell::new(TaskRef::NONE) }; 2],
            flags: Cell::new(0),
            detail: Cell::new(NO_DETAIL),
            options: Cell::new(Options::NONE),
            last: Cell::new(0),
        }),
    };

    fn finish(&self) {
        self.close_parts();
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.deadlines.iter().for_each(|d| d.set(0));
            s.tasks.iter().for_each(|t| t.set(TaskRef::NONE));
            s.flags.set(0);
            s.detail.set(NO_DETAIL);
            s.options.set(Options::NONE);
            s.last.set(0);
        });
    }
}

impl OnDevices for PacketSlot {
    type Own = Side;

    fn spread(&self) -> &Spread<Side> {
        &self.spread
    }

    fn prepare(&self, dev: &Dev, sock: i32, addr: &dunlin_addr) -> OpResult {
        let (network, _) = self.spread.place();
        let options = cs::with(|cs| self.state.borrow(cs).options.get());
        // Options are a help, not a condition: not every device has them.
        let _ = wait::in_turn(dev, &mut |t, _, _| {
            if options.shared {
                let _ = t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR, 1);
            }
            Ok(0)
        });
        wait::in_turn(dev, &mut |t, _, _| {
            if options.reuse_port {
                t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEPORT, 1)?;
            }
            t.bind(sock, addr)
        })?;
        options.apply(dev, sock, network);
        Ok(0)
    }

    fn refused(&self, device: i32, fault: Fault) -> Error {
        self.fault(OpKind::Listen, device, &self.spread.place().1, fault)
    }

    fn blocked(&self) -> [TaskRef; 2] {
        cs::with(|cs| {
            let [reader, writer] = &self.state.borrow(cs).tasks;
            [reader.get(), writer.get()]
        })
    }
}

fn is_multicast(addr: &dunlin_addr) -> bool {
    let [first, ..] = addr.ip;
    match addr.family {
        DUNLIN_AF_INET => first & 0xF0 == 0xE0,
        DUNLIN_AF_INET6 => first == 0xFF,
        _ => false,
    }
}

/// Receives on `address` of the named device, of the device that has the address, or of all (Go:
/// `ListenPacket`). `network` is "udp", "udp4", "udp6", "ip:proto", "ip4:proto", "ip6:proto" or
/// "unixgram". Port 0 lets the device choose; a multicast address stands for its port on all local
/// addresses, shared with others.
pub fn listen(device: Option<&[u8]>, network: &[u8], address: &[u8]) -> Result<PacketConn> {
    let config = ListenConfig { device, ..ListenConfig::DEFAULT };
    listen_with(&config, network, address)
}

/// As [`listen`], with what of a listener's configuration concerns it: the device and `reuse_port`.
pub fn listen_with(config: &ListenConfig<'_>, network: &[u8], address: &[u8]) -> Result<PacketConn> {
    let mut path = Path::EMPTY;
    let (network, addr) = parse(network, address, &mut path)?;
    start(config, network, addr, is_multicast(&addr))
}

/// As [`listen`] on the port of a multicast group, and joins the group on the named device or on all
/// that can (Go: `ListenMulticastUDP`). What is sent to the group is not received by this host then.
pub fn listen_multicast(config: &ListenConfig<'_>, network: &[u8], address: &[u8]) -> Result<PacketConn> {
    let mut path = Path::EMPTY;
    let (network, group) = parse(network, address, &mut path)?;
    if network.carrier() != Carrier::Udp {
        return Err(Error::UNKNOWN_NETWORK);
    }
    if !is_multicast(&group) {
        return Err(Error::INVALID_ADDRESS);
    }
    let conn = start(config, network, group, true)?;
    let joined = conn.join(&group, None).and_then(|()| conn.quiet());
    match joined {
        Ok(()) => Ok(conn),
        Err(e) => {
            end(conn);
            Err(e)
        }
    }
}

fn parse(network: &[u8], address: &[u8], path: &mut Path) -> Result<(Network, dunlin_addr)> {
    let network = Network::parse(network)?;
    if network.is_stream() || network.carrier() == Carrier::Unixpacket {
        return Err(Error::UNKNOWN_NETWORK);
    }
    Ok((network, parse_address(network, address, path)?))
}

fn start(
    config: &ListenConfig<'_>,
    network: Network,
    mut addr: dunlin_addr,
    group: bool,
) -> Result<PacketConn> {
    if group {
        addr.ip = [0; 16];
        addr.scope_id = 0;
    }
    spread::PACKETS.set(&KEPT);
    let conn = PACKETS.claim()?;
    cs::with(|cs| {
        let options = &conn.state.borrow(cs).options;
        options.set(Options::new(group, config.reuse_port));
    });
    match conn.open(config.device, network, &addr) {
        Ok(()) => Ok(conn),
        Err(e) => {
            conn.close();
            Err(e)
        }
    }
}

/// Closes a packet connection from the outside (Go: `PacketConn.Close`): the handle is stale at once,
/// blocked calls end with `CLOSED`, the sockets are closed when they are out. `BAD_HANDLE` the second
/// time.
pub fn close(handle: Handle) -> Result<()> {
    let conn = PACKETS.close(handle)?;
    conn.wake_closed();
    Ok(())
}

/// Closes from the inside, by who holds the connection.
pub fn end(conn: PacketConn) {
    conn.close();
    conn.wake_closed();
}

/// An address with IPv4 in IPv6 as the IPv4 it is.
fn plain(addr: dunlin_addr) -> dunlin_addr {
    match Addr::from_c(&addr) {
        Ok(Some(a)) if a.ip.is_ipv6() && unmap(a.ip).is_ipv4() => Addr::new(unmap(a.ip), a.port).to_c(),
        _ => addr,
    }
}

impl PacketSlot {
    fn check(&self, cs: CriticalSection<'_>) -> Result<()> {
        if self.state.borrow(cs).flags.get() & CLOSED != 0 {
            return Err(Error::CLOSED);
        }
        Ok(())
    }

    /// The local address; of a connection on several devices the first one's (Go: `LocalAddr`).
    pub fn local_addr(&self) -> Result<dunlin_addr> {
        self.spread.local_addr().map(plain)
    }

    /// The network (Go: `OpError.Net`).
    pub fn network(&self) -> Network {
        self.spread.place().0
    }

    /// The last error.
    pub fn detail(&self) -> PacketDetail {
        cs::with(|cs| self.state.borrow(cs).detail.get())
    }

    /// Keeps an error for [`PacketSlot::detail`]. One that shows a broken driver ends the socket.
    fn fault(&self, op: OpKind, device: i32, addr: &dunlin_addr, fault: Fault) -> Error {
        if fault.error == Error::WOULD_BLOCK {
            return fault.error;
        }
        let detail = Detail { op, code: fault.error.code(), raw: fault.raw };
        let addr = dunlin_addr { options: core::ptr::null(), ..*addr };
        cs::with(|cs| self.state.borrow(cs).detail.set(PacketDetail { detail, addr }));
        if fault.error == Error::DRIVER_BAD_RESULT
            && self.spread.change(device, |p| p.broken = true).is_some()
        {
            port::log(
                port::LOG_ERROR,
                "dunlin: a driver returned an impossible result; its packet socket is not used again",
            );
        }
        fault.error
    }

    fn set_deadline_of(&self, direction: usize, deadline: Deadline) {
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            if let Some(d) = s.deadlines.get(direction) {
                d.set(deadline.0);
            }
            s.tasks.get(direction).map_or(TaskRef::NONE, Cell::get)
        });
        park::table().wake(who);
    }

    /// Bounds present and future reads (Go: `SetReadDeadline`); restarts the wait of a blocked one.
    /// Negative: reads do not wait; a time that has passed: they fail with `TIMEOUT`.
    pub fn set_read_deadline(&self, deadline: Deadline) {
        self.set_deadline_of(0, deadline);
    }

    /// Bounds present and future writes (Go: `SetWriteDeadline`).
    pub fn set_write_deadline(&self, deadline: Deadline) {
        self.set_deadline_of(1, deadline);
    }

    /// Ends blocked calls with `CLOSED`, and whoever polls it.
    fn wake_closed(&self) {
        let tasks = cs::with(|cs| {
            let flags = &self.state.borrow(cs).flags;
            flags.set(flags.get() | CLOSED);
            self.blocked()
        });
        tasks.into_iter().for_each(|task| park::table().wake(task));
        park::table().wake_pollers(false);
    }
}
