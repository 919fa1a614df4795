//! Listeners (Go: `Listen`, `TCPListener`). One on a wildcard address listens on every device, those
//! registered later too.

mod accept;

use core::cell::Cell;

use crate::config::{MAX_LISTENERS, MAX_NETDEVS};
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::conn::{Conn, Detail, Limit, OpKind, CONNS};
use crate::net::network::{Carrier, Network};
use crate::net::option::{self, KeepAlive};
use crate::net::target::{parse_address, Path};
use crate::net::tcp::{self, SOCKET};
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::{self, Dev, DEVICES};
use crate::netdev::table::{
    dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC, DUNLIN_CAP_IPV6, DUNLIN_CAP_NOTIFY,
    DUNLIN_IPPROTO_IPV6, DUNLIN_READABLE, DUNLIN_SOL_SOCKET, DUNLIN_SO_IPV6_V6ONLY, DUNLIN_SO_REUSEADDR,
    DUNLIN_SO_REUSEPORT,
};
use crate::netdev::wait::{self, Gate};
use crate::netdev::{Fault, OpResult};
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::time::Deadline;

/// One device's part of a listener, and a connection taken ahead to learn that there was one.
#[derive(Clone, Copy)]
struct Part {
    /// 0 is an unused part.
    device: i32,
    /// Negative while the part is being made.
    sock: i32,
    ahead: i32,
    /// The device's epoch when `ahead` was accepted.
    ahead_epoch: u16,
    /// What the device had told when the last try found nothing (see `Netdev::news`).
    seen: u32,
}

const NO_PART: Part = Part { device: 0, sock: -1, ahead: -1, ahead_epoch: 0, seen: 0 };

/// What a listener keeps.
pub struct ListenerSlot {
    state: Mutex<State>,
}

struct State {
    parts: Cell<[Part; MAX_NETDEVS]>,
    deadline: Cell<i64>,
    acceptor: Cell<TaskRef>,
    closed: Cell<bool>,
    /// A task accepts.
    busy: Cell<bool>,
    /// A poller accepts ahead.
    looking: Cell<bool>,
    /// Counts the changes of `parts` that a blocked accept must know of.
    changes: Cell<u32>,
    addr: Cell<dunlin_addr>,
    backlog: Cell<u32>,
    reuse_port: Cell<bool>,
    keep_alive: Cell<KeepAlive>,
    network: Cell<Network>,
    wildcard: Cell<bool>,
    detail: Cell<Detail>,
}

/// A listener in use.
pub type Listener = Guard<ListenerSlot, MAX_LISTENERS>;

/// All listeners.
pub static LISTENERS: Pool<ListenerSlot, MAX_LISTENERS> = Pool::new();

impl Slot for ListenerSlot {
    const KIND: Kind = Kind::Listener;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ListenerSlot = ListenerSlot {
        state: Mutex::new(State {
            parts: Cell::new([Part { device: 0, sock: 0, ahead: 0, ahead_epoch: 0, seen: 0 }; MAX_NETDEVS]),
            deadline: Cell::new(0),
            acceptor: Cell::new(TaskRef::NONE),
            closed: Cell::new(false),
            busy: Cell::new(false),
            looking: Cell::new(false),
            changes: Cell::new(0),
            addr: Cell::new(dunlin_addr::NONE),
            backlog: Cell::new(0),
            reuse_port: Cell::new(false),
            keep_alive: Cell::new(KeepAlive { enable: false, idle_s: 0, interval_s: 0, count: 0 }),
            network: Cell::new(Network::TCP),
            wildcard: Cell::new(false),
            detail: Cell::new(Detail { op: OpKind::None, code: 0, raw: 0 }),
        }),
    };

    fn finish(&self) {
        for part in self.parts() {
            // A device that is gone has had its sockets closed; one that goes waits for this.
            let Ok(dev) = DEVICES.reach(Handle(part.device)) else { continue };
            if let Some(part) = self.take_part(part.device) {
                close_part(&dev, part);
            }
        }
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.parts.set([NO_PART; MAX_NETDEVS]);
            s.deadline.set(0);
            s.closed.set(false);
            s.acceptor.set(TaskRef::NONE);
            s.wildcard.set(false);
            s.detail.set(Detail::default());
        });
    }
}

fn close_part(dev: &Dev, part: Part) {
    for sock in [part.ahead, part.sock] {
        if sock >= 0 {
            tcp::close_socket(dev, sock);
        }
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

/// As [`listen_with`], with Go's defaults.
pub fn listen(device: Option<&[u8]>, network: &[u8], address: &[u8], backlog: u32) -> Result<Listener> {
    let config = ListenConfig { device, backlog, reuse_port: false, keep_alive: KeepAlive::DEFAULT };
    listen_with(&config, network, address)
}

/// Listens on `address` of the named device, of the device that has the address, or of all (Go:
/// `ListenConfig.Listen`). `network` is "tcp", "tcp4" or "tcp6", and `address` "host:port" with a
/// literal or empty host, where port 0 lets the device choose; or it is "unix" or "unixpacket", and
/// `address` a path.
pub fn listen_with(config: &ListenConfig<'_>, network: &[u8], address: &[u8]) -> Result<Listener> {
    let network = Network::parse(network)?;
    let device = config.device;
    if !matches!(network.carrier(), Carrier::Tcp | Carrier::Unix | Carrier::Unixpacket) {
        return Err(Error::UNKNOWN_NETWORK);
    }
    let mut path = Path::EMPTY;
    let addr = parse_address(network, address, &mut path)?;
    let any = addr.family == DUNLIN_AF_UNSPEC || addr.ip == [0; 16];
    let wildcard = device.is_none() && any && !network.is_unix();
    let listener = LISTENERS.claim()?;
    cs::with(|cs| {
        let s = listener.state.borrow(cs);
        s.parts.set([NO_PART; MAX_NETDEVS]);
        s.addr.set(addr);
        s.backlog.set(config.backlog);
        s.reuse_port.set(config.reuse_port);
        s.keep_alive.set(config.keep_alive);
        s.network.set(network);
        s.wildcard.set(wildcard);
    });
    let opened = match (device, wildcard) {
        (Some(name), _) => registry::by_name(name).and_then(|dev| listener.attach(&dev)),
        (None, false) => registry::route(Some(&addr)).and_then(|dev| listener.attach(&dev)),
        (None, true) => {
            let (mut any, mut failed) = (false, Error::NO_NETDEV);
            DEVICES.each(|dev| match listener.attach(dev) {
                Ok(()) => any = true,
                Err(e) if failed == Error::NO_NETDEV => failed = e,
                Err(_) => {}
            });
            if any {
                Ok(())
            } else {
                Err(failed)
            }
        }
    };
    // The path goes with this call.
    cs::with(|cs| {
        let addr = &listener.state.borrow(cs).addr;
        addr.set(dunlin_addr { options: core::ptr::null(), ..addr.get() });
    });
    match opened {
        Ok(()) => Ok(listener),
        Err(e) => {
            listener.close();
            Err(e)
        }
    }
}

/// Opens wildcard listeners on a device that was registered after them.
pub(crate) fn attach_device(dev: &Dev) {
    LISTENERS.each(|listener| {
        if cs::with(|cs| listener.state.borrow(cs).wildcard.get()) {
            // A device that cannot listen there does not spoil the others.
            let _ = listener.attach(dev);
        }
    });
}

/// Closes what listeners have on a device that goes, listeners too that are closed but still held by
/// a task.
pub(crate) fn detach_device(device: Handle, close: &mut dyn FnMut(i32)) {
    LISTENERS.each_item(|listener| {
        let Some(part) = listener.take_part(device.0) else { return };
        for sock in [part.ahead, part.sock] {
            if sock >= 0 {
                close(sock);
            }
        }
        listener.wake_changed();
    });
}

/// Says whether a listener has the socket.
pub(crate) fn has_socket(device: Handle, sock: i32) -> bool {
    let mut found = false;
    LISTENERS.each_item(|listener| {
        let parts = listener.parts();
        found |= parts.iter().any(|p| p.device == device.0 && (p.sock == sock || p.ahead == sock));
    });
    found
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
    fn parts(&self) -> [Part; MAX_NETDEVS] {
        cs::with(|cs| self.state.borrow(cs).parts.get())
    }

    /// Changes the part of a device, if there is one.
    fn change<R>(&self, device: i32, f: impl FnOnce(&mut Part) -> R) -> Option<R> {
        cs::with(|cs| {
            let cell = &self.state.borrow(cs).parts;
            let mut parts = cell.get();
            let result = parts.iter_mut().find(|p| p.device == device && device != 0).map(f);
            cell.set(parts);
            result
        })
    }

    /// Takes the part of a device away: who gets it closes it.
    fn take_part(&self, device: i32) -> Option<Part> {
        self.change(device, |part| core::mem::replace(part, NO_PART))
    }

    /// Makes a blocked accept, and whoever polls, look at the parts again.
    fn wake_changed(&self) {
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.changes.set(s.changes.get().wrapping_add(1));
            s.acceptor.get()
        });
        park::table().wake(who);
        park::table().wake_pollers(false);
    }

    /// Listens on a device too, if it does not yet.
    fn attach(&self, dev: &Dev) -> Result<()> {
        let device = dev.handle().0;
        // The place first: the device may be attached from two sides, by `listen` and by its register.
        let reserved = cs::with(|cs| -> Result<bool> {
            let cell = &self.state.borrow(cs).parts;
            let mut parts = cell.get();
            if parts.iter().any(|p| p.device == device) {
                return Ok(false);
            }
            let free = parts.iter_mut().find(|p| p.device == 0).ok_or(Error::NO_SLOT)?;
            *free = Part { device, ..NO_PART };
            cell.set(parts);
            Ok(true)
        })?;
        if !reserved {
            return Ok(());
        }
        let opened = self.open_on(dev).map_err(|fault| self.fault(OpKind::Listen, fault));
        match opened {
            Ok(sock) => self.change(device, |part| part.sock = sock),
            Err(_) => self.take_part(device).map(drop),
        };
        self.wake_changed();
        opened.map(drop)
    }

    /// A socket of the device that listens.
    fn open_on(&self, dev: &Dev) -> core::result::Result<i32, Fault> {
        let (mut addr, backlog, network, reuse_port) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            (s.addr.get(), s.backlog.get(), s.network.get(), s.reuse_port.get())
        });
        let table = dev.table();
        let any = addr.family == DUNLIN_AF_UNSPEC;
        let v6 = table.caps() & DUNLIN_CAP_IPV6 != 0;
        if any {
            addr.family =
                if v6 && network.family() != DUNLIN_AF_INET { DUNLIN_AF_INET6 } else { DUNLIN_AF_INET };
        }
        let lacks = table.caps() & network.caps() != network.caps();
        if lacks || (addr.family == DUNLIN_AF_INET6 && !v6) {
            return Err(Error::NOT_SUPPORTED.into());
        }
        let kind = network.socket_type();
        let sock = wait::in_turn(dev, &mut |t, _, _| t.socket(addr.family, kind, network.protocol()))?;
        let sock = tcp::adopt(dev, sock)?;
        let mut chosen = dunlin_addr::NONE;
        let ready = wait::in_turn(dev, &mut |t, _, _| {
            // Options are a help, not a condition: not every device has them.
            if !network.is_unix() {
                let _ = t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR, 1);
            }
            if reuse_port {
                t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEPORT, 1)?;
            }
            if addr.family == DUNLIN_AF_INET6 {
                let only = i32::from(network.family() == DUNLIN_AF_INET6 || !any);
                let _ = t.set_number(sock, DUNLIN_IPPROTO_IPV6, DUNLIN_SO_IPV6_V6ONLY, only);
            }
            t.bind(sock, &addr)?;
            t.listen(sock, backlog)?;
            let _ = t.local_addr(sock, &mut chosen);
            Ok(0)
        });
        if let Err(fault) = ready {
            tcp::close_socket(dev, sock);
            return Err(fault);
        }
        if addr.port == 0 {
            // The port that the first device chose is the listener's on all.
            cs::with(|cs| {
                let cell = &self.state.borrow(cs).addr;
                cell.set(dunlin_addr { port: chosen.port, ..cell.get() });
            });
        }
        Ok(sock)
    }

    /// Keeps an error for [`ListenerSlot::detail`].
    fn fault(&self, op: OpKind, fault: Fault) -> Error {
        if fault.error != Error::WOULD_BLOCK {
            let detail = Detail { op, code: fault.error.code(), raw: fault.raw };
            cs::with(|cs| self.state.borrow(cs).detail.set(detail));
        }
        fault.error
    }

    /// The last error.
    pub fn detail(&self) -> Detail {
        cs::with(|cs| self.state.borrow(cs).detail.get())
    }

    /// The address listened on; of a wildcard listener the first device's.
    pub fn local_addr(&self) -> Result<dunlin_addr> {
        let part = self.parts().into_iter().find(|p| p.sock >= 0).ok_or(Error::NET_DOWN)?;
        let dev = DEVICES.enter(Handle(part.device)).map_err(|_| Error::NET_DOWN)?;
        let mut addr = dunlin_addr::NONE;
        wait::in_turn(&dev, &mut |t, _, _| t.local_addr(part.sock, &mut addr))?;
        Ok(addr)
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
