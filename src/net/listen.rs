//! Listeners (Go: `Listen`, `TCPListener`). One on a wildcard address listens on every device, those
//! registered later too.

mod accept;

use core::cell::Cell;

use crate::config::MAX_LISTENERS;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::conn::{Conn, Detail, Limit, OpKind, CONNS};
use crate::net::network::{Carrier, Network};
use crate::net::option::{self, KeepAlive};
use crate::net::spread::{self, Kept, OnDevices, Own, Spread};
use crate::net::target::{parse_address, Path};
use crate::net::tcp;
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::{self, Dev, DEVICES};
use crate::netdev::table::{
    dunlin_addr, DUNLIN_CAP_NOTIFY, DUNLIN_READABLE, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR,
    DUNLIN_SO_REUSEPORT,
};
use crate::netdev::wait::{self, Gate};
use crate::netdev::{Fault, OpResult};
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::time::Deadline;

/// What a listener keeps for each device: a connection taken ahead to learn that there was one.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    ahead: i32,
    /// The device's epoch when `ahead` was accepted.
    ahead_epoch: u16,
    /// What the device had told when the last try found nothing (see `Netdev::news`).
    seen: u32,
}

impl Own for Side {
    const NONE: Side = Side { ahead: -1, ahead_epoch: 0, seen: 0 };

    fn second_sock(&self) -> i32 {
        self.ahead
    }
}

type Part = spread::Part<Side>;

/// What a listener keeps.
pub struct ListenerSlot {
    spread: Spread<Side>,
    state: Mutex<State>,
}

struct State {
    deadline: Cell<i64>,
    acceptor: Cell<TaskRef>,
    closed: Cell<bool>,
    /// A task accepts.
    busy: Cell<bool>,
    /// A poller accepts ahead.
    looking: Cell<bool>,
    backlog: Cell<u32>,
    reuse_port: Cell<bool>,
    keep_alive: Cell<KeepAlive>,
    detail: Cell<Detail>,
}

/// A listener in use.
pub type Listener = Guard<ListenerSlot, MAX_LISTENERS>;

/// All listeners.
pub static LISTENERS: Pool<ListenerSlot, MAX_LISTENERS> = Pool::new();

/// What devices that come and go need to know of them.
static KEPT: Kept = Kept {
    attach: |dev| spread::attach_device(&LISTENERS, dev),
    detach: |device, close| spread::detach_device(&LISTENERS, device, close),
    has_socket: |device, sock| spread::has_socket(&LISTENERS, device, sock),
};

impl Slot for ListenerSlot {
    const KIND: Kind = Kind::Listener;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ListenerSlot = ListenerSlot {
        spread: Spread::new(),
        state: Mutex::new(State {
            deadline: Cell::new(0),
            acceptor: Cell::new(TaskRef::NONE),
            closed: Cell::new(false),
            busy: Cell::new(false),
            looking: Cell::new(false),
            backlog: Cell::new(0),
            reuse_port: Cell::new(false),
            keep_alive: Cell::new(KeepAlive { enable: false, idle_s: 0, interval_s: 0, count: 0 }),
            detail: Cell::new(Detail { op: OpKind::None, code: 0, raw: 0 }),
        }),
    };

    fn finish(&self) {
        self.close_parts();
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.deadline.set(0);
            s.closed.set(false);
            s.acceptor.set(TaskRef::NONE);
            s.detail.set(Detail::default());
        });
    }
}

impl OnDevices for ListenerSlot {
    type Own = Side;

    fn spread(&self) -> &Spread<Side> {
        &self.spread
    }

    fn prepare(&self, dev: &Dev, sock: i32, addr: &dunlin_addr) -> OpResult {
        let (backlog, reuse_port) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            (s.backlog.get(), s.reuse_port.get())
        });
        let unix = self.spread.place().0.is_unix();
        wait::in_turn(dev, &mut |t, _, _| {
            // A help, not a condition: not every device has the option.
            if !unix {
                let _ = t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR, 1);
            }
            if reuse_port {
                t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEPORT, 1)?;
            }
            t.bind(sock, addr)?;
            t.listen(sock, backlog)
        })
    }

    fn refused(&self, _device: i32, fault: Fault) -> Error {
        self.fault(OpKind::Listen, fault)
    }

    fn blocked(&self) -> [TaskRef; 2] {
        [cs::with(|cs| self.state.borrow(cs).acceptor.get()), TaskRef::NONE]
    }
}

/// How to listen (Go: `ListenConfig`).
#[derive(Clone, Copy)]
pub struct ListenConfig<'a> {
    /// The device by name; otherwise the one that has the address, or all.
    pub device: Option<&'a [u8]>,
    /// Connections that may wait to be accepted.
    pub backlog: u32,
    /// Several listeners of this system may share the port; `NOT_SUPPORTED` by a device that cannot.
    pub reuse_port: bool,
    /// The probes of accepted TCP connections.
    pub keep_alive: KeepAlive,
}

impl ListenConfig<'_> {
    /// Go's defaults.
    pub const DEFAULT: ListenConfig<'static> =
        ListenConfig { device: None, backlog: 8, reuse_port: false, keep_alive: KeepAlive::DEFAULT };
}

/// As [`listen_with`], with Go's defaults.
pub fn listen(device: Option<&[u8]>, network: &[u8], address: &[u8], backlog: u32) -> Result<Listener> {
    let config = ListenConfig { device, backlog, ..ListenConfig::DEFAULT };
    listen_with(&config, network, address)
}

/// Listens on `address` of the named device, of the device that has the address, or of all (Go:
/// `ListenConfig.Listen`). `network` is "tcp", "tcp4" or "tcp6", and `address` "host:port" with a
/// literal or empty host, where port 0 lets the device choose; or it is "unix" or "unixpacket", and
/// `address` a path.
pub fn listen_with(config: &ListenConfig<'_>, network: &[u8], address: &[u8]) -> Result<Listener> {
    let network = Network::parse(network)?;
    if !matches!(network.carrier(), Carrier::Tcp | Carrier::Unix | Carrier::Unixpacket) {
        return Err(Error::UNKNOWN_NETWORK);
    }
    let mut path = Path::EMPTY;
    let addr = parse_address(network, address, &mut path)?;
    spread::LISTENERS.set(&KEPT);
    let listener = LISTENERS.claim()?;
    cs::with(|cs| {
        let s = listener.state.borrow(cs);
        s.backlog.set(config.backlog);
        s.reuse_port.set(config.reuse_port);
        s.keep_alive.set(config.keep_alive);
    });
    let opened = listener.open(config.device, network, &addr);
    match opened {
        Ok(()) => Ok(listener),
        Err(e) => {
            listener.close();
            Err(e)
        }
    }
}

/// Closes a listener from the outside (Go: `Listener.Close`); a blocked accept ends with `CLOSED`.
pub fn close(handle: Handle) -> Result<()> {
    let listener = LISTENERS.close(handle)?;
    listener.wake_closed();
    Ok(())
}

/// Closes a listener from the inside.
pub fn end(listener: Listener) {
    listener.close();
    listener.wake_closed();
}

impl ListenerSlot {
    /// Keeps an error for [`ListenerSlot::detail`].
    fn fault(&self, op: OpKind, fault: Fault) -> Error {
        if fault.error != Error::WOULD_BLOCK {
            let detail = Detail { op, code: fault.error.code(), raw: fault.raw };
            cs::with(|cs| self.state.borrow(cs).detail.set(detail));
        }
        fault.error
    }

    /// The network that is listened on.
    pub fn network(&self) -> Network {
        self.spread.place().0
    }

    /// The last error.
    pub fn detail(&self) -> Detail {
        cs::with(|cs| self.state.borrow(cs).detail.get())
    }

    /// The address listened on; of a wildcard listener the first device's.
    pub fn local_addr(&self) -> Result<dunlin_addr> {
        self.spread.local_addr()
    }

    /// Bounds present and future accepts (Go: `TCPListener.SetDeadline`).
    pub fn set_deadline(&self, deadline: Deadline) {
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.deadline.set(deadline.0);
            s.acceptor.get()
        });
        park::table().wake(who);
    }

    fn wake_closed(&self) {
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.closed.set(true);
            s.acceptor.get()
        });
        park::table().wake(who);
        park::table().wake_pollers(false);
    }
}
