//! Listeners (Go: `Listen`, `TCPListener`). One on a wildcard address listens on every device, those
//! registered later too.

use core::cell::Cell;

use crate::config::{MAX_LISTENERS, MAX_NETDEVS};
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::conn::{Conn, Limit, CONNS};
use crate::net::dial::{parse_address, Network};
use crate::net::tcp::{self, SOCKET};
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::{self, Dev, DEVICES};
use crate::netdev::table::{
    dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC, DUNLIN_CAP_IPV6, DUNLIN_CAP_NOTIFY,
    DUNLIN_IPPROTO_IPV6, DUNLIN_IPPROTO_TCP, DUNLIN_READABLE, DUNLIN_SOCK_STREAM, DUNLIN_SOL_SOCKET,
    DUNLIN_SO_IPV6_V6ONLY, DUNLIN_SO_REUSEADDR,
};
use crate::netdev::wait::{self, Gate};
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::time::Deadline;

/// One device's part of a listener, and a connection taken ahead to learn that there was one.
#[derive(Clone, Copy)]
struct Part {
    device: i32,
    sock: i32,
    ahead: i32,
}

const NO_PART: Part = Part { device: 0, sock: -1, ahead: -1 };

/// What a listener keeps.
pub struct ListenerSlot {
    state: Mutex<State>,
}

struct State {
    parts: Cell<[Part; MAX_NETDEVS]>,
    deadline: Cell<i64>,
    acceptor: Cell<TaskRef>,
    closed: Cell<bool>,
    busy: Cell<bool>,
    addr: Cell<dunlin_addr>,
    backlog: Cell<u32>,
    network: Cell<Network>,
    wildcard: Cell<bool>,
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
            parts: Cell::new([Part { device: 0, sock: 0, ahead: 0 }; MAX_NETDEVS]),
            deadline: Cell::new(0),
            acceptor: Cell::new(TaskRef::NONE),
            closed: Cell::new(false),
            busy: Cell::new(false),
            addr: Cell::new(dunlin_addr::NONE),
            backlog: Cell::new(0),
            network: Cell::new(Network::Tcp),
            wildcard: Cell::new(false),
        }),
    };

    fn finish(&self) {
        for part in self.parts() {
            if let Ok(dev) = DEVICES.enter(Handle(part.device)) {
                close_part(&dev, part);
            }
        }
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.parts.set([NO_PART; MAX_NETDEVS]);
            s.deadline.set(0);
            s.closed.set(false);
            s.acceptor.set(TaskRef::NONE);
        });
    }
}

fn close_part(dev: &Dev, part: Part) {
    if part.ahead >= 0 {
        tcp::close_socket(dev, part.ahead);
    }
    if part.sock >= 0 {
        tcp::close_socket(dev, part.sock);
    }
}

/// Listens on `address` ("host:port", a literal or empty host) of the named device, of the device
/// that has the address, or of all. `network` is "tcp", "tcp4" or "tcp6". Port 0 lets the device
/// choose.
pub fn listen(device: Option<&[u8]>, network: &[u8], address: &[u8], backlog: u32) -> Result<Listener> {
    let network = Network::parse(network)?;
    let addr = parse_address(network, address)?;
    let wildcard = device.is_none() && (addr.family == DUNLIN_AF_UNSPEC || addr.ip == [0; 16]);
    let listener = LISTENERS.claim()?;
    cs::with(|cs| {
        let s = listener.state.borrow(cs);
        s.parts.set([NO_PART; MAX_NETDEVS]);
        s.addr.set(addr);
        s.backlog.set(backlog);
        s.network.set(network);
        s.wildcard.set(wildcard);
    });
    let opened = match (device, wildcard) {
        (Some(name), _) => registry::by_name(name).and_then(|dev| listener.attach(&dev)),
        (None, false) => registry::route(Some(&addr)).and_then(|dev| listener.attach(&dev)),
        (None, true) => {
            let mut first = Err(Error::NO_NETDEV);
            DEVICES.each(|dev| {
                let one = listener.attach(dev);
                if first.is_err() {
                    first = one;
                }
            });
            first
        }
    };
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
    park::table().wake_pollers(false);
}

/// Closes what listeners have on a device that goes.
pub(crate) fn detach_device(device: Handle, close: &mut dyn FnMut(i32)) {
    LISTENERS.each(|listener| {
        let taken = cs::with(|cs| {
            let s = listener.state.borrow(cs);
            let mut parts = s.parts.get();
            let part = parts.iter_mut().find(|p| p.device == device.0)?;
            let old = *part;
            *part = NO_PART;
            s.parts.set(parts);
            Some(old)
        });
        if let Some(part) = taken {
            for sock in [part.ahead, part.sock] {
                if sock >= 0 {
                    close(sock);
                }
            }
        }
    });
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

struct AcceptGate<'a> {
    listener: &'a ListenerSlot,
    limit: Limit<'a>,
}

impl Gate for AcceptGate<'_> {
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline> {
        let s = self.listener.state.borrow(cs);
        if let Some(cancel) = self.limit.cancel {
            cancel.enter(cs, task)?;
        }
        if s.closed.get() {
            return Err(Error::CLOSED);
        }
        s.acceptor.set(task);
        Ok(Deadline(s.deadline.get()).earliest(self.limit.deadline))
    }
}

struct Busy<'a>(&'a ListenerSlot);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        cs::with(|cs| {
            let s = self.0.state.borrow(cs);
            s.busy.set(false);
            s.acceptor.set(TaskRef::NONE);
        });
    }
}

impl ListenerSlot {
    fn parts(&self) -> [Part; MAX_NETDEVS] {
        cs::with(|cs| self.state.borrow(cs).parts.get())
    }

    fn set_ahead(&self, device: i32, ahead: i32) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            let mut parts = s.parts.get();
            if let Some(part) = parts.iter_mut().find(|p| p.device == device) {
                part.ahead = ahead;
            }
            s.parts.set(parts);
        });
    }

    fn attach(&self, dev: &Dev) -> Result<()> {
        let (mut addr, backlog, network) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            (s.addr.get(), s.backlog.get(), s.network.get())
        });
        let table = dev.table();
        let any = addr.family == DUNLIN_AF_UNSPEC;
        let v6 = table.caps() & DUNLIN_CAP_IPV6 != 0;
        if any {
            addr.family = if v6 && network != Network::Tcp4 { DUNLIN_AF_INET6 } else { DUNLIN_AF_INET };
        }
        if addr.family == DUNLIN_AF_INET6 && !v6 {
            return Err(Error::NOT_SUPPORTED);
        }
        let sock =
            wait::in_turn(dev, &mut |t, _, _| t.socket(addr.family, DUNLIN_SOCK_STREAM, DUNLIN_IPPROTO_TCP))?;
        let sock = i32::try_from(sock).map_err(|_| Error::DRIVER_BAD_RESULT)?;
        dev.opened(sock);
        let ready = wait::in_turn(dev, &mut |t, _, _| {
            // Options are a help, not a condition: not every device has them.
            let _ = t.set_number(sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR, 1);
            if addr.family == DUNLIN_AF_INET6 {
                let only = i32::from(network == Network::Tcp6 || !any);
                let _ = t.set_number(sock, DUNLIN_IPPROTO_IPV6, DUNLIN_SO_IPV6_V6ONLY, only);
            }
            t.bind(sock, &addr)?;
            t.listen(sock, backlog)
        });
        let placed = ready.map_err(Error::from).and_then(|_| {
            cs::with(|cs| {
                let s = self.state.borrow(cs);
                let mut parts = s.parts.get();
                let free = parts.iter_mut().find(|p| p.device == 0).ok_or(Error::NO_SLOT)?;
                *free = Part { device: dev.handle().0, sock, ahead: -1 };
                s.parts.set(parts);
                Ok(())
            })
        });
        if placed.is_err() {
            tcp::close_socket(dev, sock);
        }
        placed
    }

    /// Waits for a connection (Go: `Listener.Accept`). `NO_SLOT` when the table of connections is
    /// full: the one that waits keeps waiting. With [`Limit::NOW`] one try, or `WOULD_BLOCK`.
    pub fn accept(&self, limit: Limit<'_>) -> Result<Conn> {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            if s.closed.get() {
                return Err(Error::CLOSED);
            }
            if s.busy.replace(true) {
                return Err(Error::BUSY);
            }
            Ok(())
        })?;
        let _busy = Busy(self);
        let conn = CONNS.claim()?;
        match self.accept_into(&conn, limit) {
            Ok(()) => Ok(conn),
            Err(e) => {
                conn.close();
                Err(e)
            }
        }
    }

    fn accept_into(&self, conn: &Conn, limit: Limit<'_>) -> Result<()> {
        let gate = AcceptGate { listener: self, limit };
        let now = limit.is_now() || cs::with(|cs| self.state.borrow(cs).deadline.get()) < 0;
        let mut parts = self.parts().into_iter().filter(|p| p.sock >= 0);
        let (first, second) = (parts.next(), parts.next());
        if let (Some(only), None, false) = (first, second, now) {
            if only.ahead < 0 {
                let dev = DEVICES.enter(Handle(only.device)).map_err(|_| Error::NET_DOWN)?;
                let mut peer = dunlin_addr::NONE;
                let sock = wait::blocking(&dev, only.sock, false, &gate, &mut |t, flags, d| {
                    t.accept(only.sock, &mut peer, flags, d)
                })?;
                return take(conn, &dev, sock);
            }
        }
        if now {
            return self.try_accept(conn);
        }
        let task = park::table().acquire()?;
        let mut set = PollSet::new();
        loop {
            set.begin(&task);
            let deadline = cs::with(|cs| gate.enter(cs, task.name()))?;
            if deadline.is_past() {
                return Err(Error::TIMEOUT);
            }
            match self.try_accept(conn) {
                Err(Error::WOULD_BLOCK) => {}
                done => return done,
            }
            self.watch(&mut set, 0)?;
            set.wait(&task, deadline);
        }
    }

    fn try_accept(&self, conn: &Conn) -> Result<()> {
        let mut last = Error::WOULD_BLOCK;
        for part in self.parts() {
            if part.sock < 0 {
                continue;
            }
            let Ok(dev) = DEVICES.enter(Handle(part.device)) else { continue };
            if part.ahead >= 0 {
                self.set_ahead(part.device, -1);
                dev.closed(); // counted again by `take`
                return take(conn, &dev, part.ahead as usize);
            }
            let mut peer = dunlin_addr::NONE;
            let _ = dev.worth_a_try(part.sock, DUNLIN_READABLE);
            match wait::attempt(&dev, &mut |t, flags, d| t.accept(part.sock, &mut peer, flags, d)) {
                Ok(sock) => {
                    dev.mark(part.sock, DUNLIN_READABLE);
                    return take(conn, &dev, sock);
                }
                Err(f) if matches!(f.error, Error::WOULD_BLOCK | Error::INTERRUPTED | Error::TIMEOUT) => {}
                Err(f) => last = f.error,
            }
        }
        Err(last)
    }

    /// Adds the listener to a set, or says that a connection waits.
    pub fn watch(&self, set: &mut PollSet, token: u16) -> Result<u16> {
        for part in self.parts() {
            if part.sock < 0 {
                continue;
            }
            let Ok(dev) = DEVICES.enter(Handle(part.device)) else { continue };
            if part.ahead >= 0 {
                set.add_ready();
                return Ok(DUNLIN_READABLE);
            }
            let table = dev.table();
            if table.has_poll() {
                set.add_socket(dev.handle(), part.sock, DUNLIN_READABLE, token)?;
                continue;
            }
            if dev.worth_a_try(part.sock, DUNLIN_READABLE) {
                let mut peer = dunlin_addr::NONE;
                let got = wait::attempt(&dev, &mut |t, flags, d| t.accept(part.sock, &mut peer, flags, d));
                if let Ok(Ok(sock)) = got.map(i32::try_from) {
                    dev.opened(sock);
                    dev.mark(part.sock, DUNLIN_READABLE);
                    self.set_ahead(part.device, sock);
                    set.add_ready();
                    return Ok(DUNLIN_READABLE);
                }
            }
            if table.caps() & DUNLIN_CAP_NOTIFY != 0 {
                set.add_told();
            } else {
                set.add_probe();
            }
        }
        Ok(0)
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

/// Makes a slot the connection that a driver accepted.
fn take(conn: &Conn, dev: &Dev, sock: usize) -> Result<()> {
    let sock = i32::try_from(sock).map_err(|_| Error::DRIVER_BAD_RESULT)?;
    dev.opened(sock);
    conn.make(&SOCKET, dev.handle(), sock, dev.epoch());
    Ok(())
}
