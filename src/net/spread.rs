//! What is on one device or on all, those registered later too: the sockets of a listener or of a
//! packet connection, one for each device, while devices come and go.

use core::cell::Cell;

use crate::config::MAX_NETDEVS;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::network::Network;
use crate::net::tcp;
use crate::netdev::registry::{self, Dev, Rank, DEVICES};
use crate::netdev::table::{
    dunlin_addr, Fault, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC, DUNLIN_CAP_IPV6,
    DUNLIN_IPPROTO_IPV6, DUNLIN_SO_IPV6_V6ONLY,
};
use crate::netdev::{wait, OpResult};
use crate::sync::cs::{self, Mutex};
use crate::sync::hook::Hook;
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Pool, Slot};

/// One device's part: its socket, and what the object keeps beside it.
#[derive(Clone, Copy)]
pub(crate) struct Part<X> {
    /// 0 is an unused part.
    pub device: i32,
    /// Negative while the part is being made.
    pub sock: i32,
    /// What the object keeps for the device.
    pub own: X,
}

/// What an object keeps for each of its devices.
pub(crate) trait Own: Copy + Send {
    /// Of a new part.
    const NONE: Self;

    /// A second socket that belongs to the part, negative for none.
    fn second_sock(&self) -> i32 {
        -1
    }
}

impl<X: Own> Part<X> {
    const NONE: Part<X> = Part { device: 0, sock: -1, own: X::NONE };

    fn socks(&self) -> impl Iterator<Item = i32> {
        [self.own.second_sock(), self.sock].into_iter().filter(|sock| *sock >= 0)
    }

    /// Says whether the part has a socket.
    pub(crate) fn is_open(&self) -> bool {
        self.device != 0 && self.sock >= 0
    }
}

/// The parts of an object, and where it is to be.
pub(crate) struct Spread<X: Own> {
    state: Mutex<State<X>>,
}

struct State<X> {
    parts: Cell<[Part<X>; MAX_NETDEVS]>,
    /// Counts the changes of `parts` that a blocked call must know of.
    changes: Cell<u32>,
    addr: Cell<dunlin_addr>,
    network: Cell<Network>,
    wildcard: Cell<bool>,
}

impl<X: Own> Spread<X> {
    /// Nowhere.
    pub(crate) const fn new() -> Spread<X> {
        Spread {
            state: Mutex::new(State {
                parts: Cell::new([Part::NONE; MAX_NETDEVS]),
                changes: Cell::new(0),
                addr: Cell::new(dunlin_addr::NONE),
                network: Cell::new(Network::TCP),
                wildcard: Cell::new(false),
            }),
        }
    }

    /// A copy of all parts.
    pub(crate) fn parts(&self) -> [Part<X>; MAX_NETDEVS] {
        cs::with(|cs| self.state.borrow(cs).parts.get())
    }

    /// The open parts.
    pub(crate) fn open_parts(&self) -> impl Iterator<Item = Part<X>> {
        self.parts().into_iter().filter(Part::is_open)
    }

    /// Changes what the object keeps for a device, if the device has a part.
    pub(crate) fn change<R>(&self, device: i32, f: impl FnOnce(&mut X) -> R) -> Option<R> {
        self.change_part(device, |part| f(&mut part.own))
    }

    fn change_part<R>(&self, device: i32, f: impl FnOnce(&mut Part<X>) -> R) -> Option<R> {
        cs::with(|cs| {
            let cell = &self.state.borrow(cs).parts;
            let mut parts = cell.get();
            let result = parts.iter_mut().find(|p| p.device == device && device != 0).map(f);
            cell.set(parts);
            result
        })
    }

    /// Takes the part of a device away: who gets it closes it.
    fn take(&self, device: i32) -> Option<Part<X>> {
        self.change_part(device, |part| core::mem::replace(part, Part::NONE))
    }

    /// The place for a device's part; `None` when the device has one already.
    fn reserve(&self, device: i32) -> Result<Option<()>> {
        cs::with(|cs| {
            let cell = &self.state.borrow(cs).parts;
            let mut parts = cell.get();
            if parts.iter().any(|p| p.device == device) {
                return Ok(None);
            }
            let free = parts.iter_mut().find(|p| p.device == 0).ok_or(Error::NO_SLOT)?;
            *free = Part { device, ..Part::NONE };
            cell.set(parts);
            Ok(Some(()))
        })
    }

    /// How often the parts have changed; a blocked call looks again after a change.
    pub(crate) fn changes(&self) -> u32 {
        cs::with(|cs| self.state.borrow(cs).changes.get())
    }

    /// On all devices, later ones too.
    pub(crate) fn is_wildcard(&self) -> bool {
        cs::with(|cs| self.state.borrow(cs).wildcard.get())
    }

    /// The network and the address it is to be on.
    pub(crate) fn place(&self) -> (Network, dunlin_addr) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            (s.network.get(), s.addr.get())
        })
    }

    /// The port that the first device chose is the object's on all.
    fn keep_port(&self, port: u16) {
        cs::with(|cs| {
            let cell = &self.state.borrow(cs).addr;
            if cell.get().port == 0 {
                cell.set(dunlin_addr { port, ..cell.get() });
            }
        });
    }

    fn set(&self, network: Network, addr: dunlin_addr, wildcard: bool) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.parts.set([Part::NONE; MAX_NETDEVS]);
            s.addr.set(addr);
            s.network.set(network);
            s.wildcard.set(wildcard);
        });
    }

    /// The local address; of several the first device's.
    pub(crate) fn local_addr(&self) -> Result<dunlin_addr> {
        let part = self.open_parts().next().ok_or(Error::NET_DOWN)?;
        let dev = DEVICES.enter(Handle(part.device)).map_err(|_| Error::NET_DOWN)?;
        let mut addr = dunlin_addr::NONE;
        wait::in_turn(&dev, &mut |t, _, _| t.local_addr(part.sock, &mut addr))?;
        Ok(addr)
    }

    /// The part for a destination, as a dial would choose: longest prefix, then metric, then the
    /// first link that is up, among the devices that have one. `NET_DOWN` when there is none.
    pub(crate) fn route(&self, to: &dunlin_addr) -> Result<(Dev, Part<X>)> {
        let mut best: Option<(Dev, Part<X>, Rank)> = None;
        for part in self.open_parts() {
            let Ok(dev) = DEVICES.enter(Handle(part.device)) else { continue };
            if !dev.is_up() {
                continue;
            }
            let rank = dev.rank(Some(to));
            if best.as_ref().is_none_or(|(_, _, least)| rank < *least) {
                best = Some((dev, part, rank));
            }
        }
        best.map(|(dev, part, _)| (dev, part)).ok_or(Error::NET_DOWN)
    }

    /// The part on a device.
    pub(crate) fn on(&self, device: Handle) -> Result<(Dev, Part<X>)> {
        let part = self.open_parts().find(|p| p.device == device.0).ok_or(Error::NO_DEVICE)?;
        Ok((DEVICES.enter(device).map_err(|_| Error::NET_DOWN)?, part))
    }
}

/// An object with parts.
pub(crate) trait OnDevices: Slot {
    /// What it keeps for each.
    type Own: Own;

    /// Its parts.
    fn spread(&self) -> &Spread<Self::Own>;

    /// Makes a socket of a device ready: it is bound to `addr` here.
    fn prepare(&self, dev: &Dev, sock: i32, addr: &dunlin_addr) -> OpResult;

    /// Keeps the error of a device that refused.
    fn refused(&self, device: i32, fault: Fault) -> Error;

    /// The tasks that are blocked on the parts.
    fn blocked(&self) -> [TaskRef; 2];

    /// Begins on the named device, on the one that has the address, or on all.
    fn open(&self, device: Option<&[u8]>, network: Network, addr: &dunlin_addr) -> Result<()> {
        let any = !network.is_unix() && (addr.family == DUNLIN_AF_UNSPEC || addr.ip == [0; 16]);
        let wildcard = device.is_none() && any;
        // What a unix address points to does not outlive the call, and only one device gets it.
        let kept = dunlin_addr { options: core::ptr::null(), ..*addr };
        self.spread().set(network, kept, wildcard);
        match (device, wildcard) {
            (Some(name), _) => registry::by_name(name).and_then(|dev| self.attach(&dev, addr)),
            (None, false) => {
                registry::route_with(Some(addr), network.caps()).and_then(|dev| self.attach(&dev, addr))
            }
            (None, true) => {
                let (mut opened, mut failed) = (false, Error::NO_NETDEV);
                DEVICES.each(|dev| {
                    let (_, addr) = self.spread().place();
                    match self.attach(dev, &addr) {
                        Ok(()) => opened = true,
                        Err(e) if failed == Error::NO_NETDEV => failed = e,
                        Err(_) => {}
                    }
                });
                if opened {
                    Ok(())
                } else {
                    Err(failed)
                }
            }
        }
    }

    /// Is on a device too, if it is not yet.
    fn attach(&self, dev: &Dev, addr: &dunlin_addr) -> Result<()> {
        let spread = self.spread();
        let device = dev.handle().0;
        // The place first: the device may be attached from two sides, by `open` and by its register.
        if spread.reserve(device)?.is_none() {
            return Ok(());
        }
        let opened = self.open_on(dev, *addr).map_err(|fault| self.refused(device, fault));
        match opened {
            Ok(sock) => spread.change_part(device, |part| part.sock = sock),
            Err(_) => spread.take(device).map(drop),
        };
        self.wake_changed();
        opened.map(drop)
    }

    /// A socket of the device that is ready.
    fn open_on(&self, dev: &Dev, mut addr: dunlin_addr) -> core::result::Result<i32, Fault> {
        let (network, _) = self.spread().place();
        let caps = dev.table().caps();
        let any = addr.family == DUNLIN_AF_UNSPEC;
        let v6 = caps & DUNLIN_CAP_IPV6 != 0;
        if any {
            addr.family = match network.family() {
                DUNLIN_AF_UNSPEC if v6 => DUNLIN_AF_INET6,
                DUNLIN_AF_UNSPEC => DUNLIN_AF_INET,
                family => family,
            };
        }
        if caps & network.caps() != network.caps() || (addr.family == DUNLIN_AF_INET6 && !v6) {
            return Err(Error::NOT_SUPPORTED.into());
        }
        let made = wait::in_turn(dev, &mut |t, _, _| {
            t.socket(addr.family, network.socket_type(), network.protocol())
        })?;
        let sock = tcp::adopt(dev, made)?;
        let only = i32::from(network.family() == DUNLIN_AF_INET6 || !any);
        let ready = wait::in_turn(dev, &mut |t, _, _| {
            if addr.family == DUNLIN_AF_INET6 {
                // A help, not a condition: not every device has the option.
                let _ = t.set_number(sock, DUNLIN_IPPROTO_IPV6, DUNLIN_SO_IPV6_V6ONLY, only);
            }
            Ok(0)
        });
        if let Err(fault) = ready.and_then(|_| self.prepare(dev, sock, &addr)) {
            tcp::close_socket(dev, sock);
            return Err(fault);
        }
        if addr.port == 0 && network.transport().is_some() {
            let mut chosen = dunlin_addr::NONE;
            let _ = wait::in_turn(dev, &mut |t, _, _| t.local_addr(sock, &mut chosen));
            self.spread().keep_port(chosen.port);
        }
        Ok(sock)
    }

    /// Makes blocked calls, and whoever polls, look at the parts again.
    fn wake_changed(&self) {
        let tasks = cs::with(|cs| {
            let changes = &self.spread().state.borrow(cs).changes;
            changes.set(changes.get().wrapping_add(1));
            self.blocked()
        });
        tasks.into_iter().for_each(|task| park::table().wake(task));
        park::table().wake_pollers(false);
    }

    /// Gives up all sockets.
    fn close_parts(&self) {
        for part in self.spread().parts() {
            // A device that is gone has had its sockets closed; one that goes waits for this.
            let Ok(dev) = DEVICES.reach(Handle(part.device)) else { continue };
            if let Some(part) = self.spread().take(part.device) {
                part.socks().for_each(|sock| tcp::close_socket(&dev, sock));
            }
        }
        self.spread().set(Network::TCP, dunlin_addr::NONE, false);
    }
}

/// What devices that come and go need to know of the objects of one pool.
pub(crate) struct Kept {
    /// See [`attach_device`].
    pub attach: fn(&Dev),
    /// See [`detach_device`].
    pub detach: fn(Handle, &mut dyn FnMut(i32)),
    /// See [`has_socket`].
    pub has_socket: fn(Handle, i32) -> bool,
}

/// Of the listeners, brought by the first one.
pub(crate) static LISTENERS: Hook<Kept> = Hook::new();
/// Of the packet connections, brought by the first one.
pub(crate) static PACKETS: Hook<Kept> = Hook::new();

/// Those that there are.
pub(crate) fn kept() -> impl Iterator<Item = &'static Kept> {
    [LISTENERS.get(), PACKETS.get()].into_iter().flatten()
}

/// Opens the objects that are everywhere on a device that was registered after them.
pub(crate) fn attach_device<T: OnDevices, const N: usize>(pool: &'static Pool<T, N>, dev: &Dev) {
    pool.each(|object| {
        if object.spread().is_wildcard() {
            let (_, addr) = object.spread().place();
            // A device that cannot do it does not spoil the others.
            let _ = object.attach(dev, &addr);
        }
    });
}

/// Closes what objects have on a device that goes, of those too that are closed but still held by a
/// task.
pub(crate) fn detach_device<T: OnDevices, const N: usize>(
    pool: &'static Pool<T, N>,
    device: Handle,
    close: &mut dyn FnMut(i32),
) {
    pool.each_item(|object| {
        let Some(part) = object.spread().take(device.0) else { return };
        part.socks().for_each(&mut *close);
        object.wake_changed();
    });
}

/// Says whether an object has the socket.
pub(crate) fn has_socket<T: OnDevices, const N: usize>(
    pool: &'static Pool<T, N>,
    device: Handle,
    sock: i32,
) -> bool {
    let mut found = false;
    pool.each_item(|object| {
        let parts = object.spread().parts();
        found |= parts.iter().any(|p| p.device == device.0 && p.socks().any(|s| s == sock));
    });
    found
}
