//! What is set on a packet connection's sockets, and groups that it has joined: on the devices that
//! it is on, and on those that come later.

use super::*;
use crate::netdev::registry::DEVICES;
use crate::netdev::table::{
    DUNLIN_CAP_MULTICAST, DUNLIN_IPPROTO_IP, DUNLIN_IPPROTO_IPV6, DUNLIN_SO_BROADCAST,
    DUNLIN_SO_MULTICAST_JOIN, DUNLIN_SO_MULTICAST_LEAVE, DUNLIN_SO_MULTICAST_LOOP, DUNLIN_SO_RCVBUF,
    DUNLIN_SO_SNDBUF,
};

/// Groups joined on all devices that a connection remembers for later ones.
pub(super) const MAX_GROUPS: usize = 4;

/// A group; `family` 0 is none.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Group {
    family: u16,
    scope_id: u32,
    ip: [u8; 16],
}

impl Group {
    const NONE: Group = Group { family: 0, scope_id: 0, ip: [0; 16] };

    fn of(addr: &dunlin_addr) -> Group {
        Group { family: addr.family, scope_id: addr.scope_id, ip: addr.ip }
    }

    fn addr(&self) -> dunlin_addr {
        dunlin_addr { family: self.family, scope_id: self.scope_id, ip: self.ip, ..dunlin_addr::NONE }
    }
}

/// What a new socket of the connection gets.
#[derive(Clone, Copy)]
pub(super) struct Options {
    /// Others may use the port too.
    pub shared: bool,
    /// So they may of any address; a device that has no such option refuses.
    pub reuse_port: bool,
    /// Broadcasts are refused.
    no_broadcast: bool,
    /// What it sends to groups does not come back to this host.
    quiet: bool,
    /// Buffers in bytes, 0 is the device's choice.
    buffers: [i32; 2],
    groups: [Group; MAX_GROUPS],
}

impl Options {
    pub(super) const NONE: Options = Options {
        shared: false,
        reuse_port: false,
        no_broadcast: false,
        quiet: false,
        buffers: [0; 2],
        groups: [Group::NONE; MAX_GROUPS],
    };

    /// What a new connection begins with.
    pub(super) fn new(shared: bool, reuse_port: bool) -> Options {
        Options { shared, reuse_port, ..Options::NONE }
    }

    /// Sets all on a new socket. A help, not a condition: not every device has them.
    pub(super) fn apply(&self, dev: &Dev, sock: i32, network: Network) {
        let set = |level, option, value| {
            let _ = wait::in_turn(dev, &mut |t, _, _| t.set_number(sock, level, option, value));
        };
        if network.carrier() != Carrier::Unixgram {
            // Go: setDefaultSockopts.
            set(DUNLIN_SOL_SOCKET, DUNLIN_SO_BROADCAST, i32::from(!self.no_broadcast));
        }
        for (option, value) in [DUNLIN_SO_RCVBUF, DUNLIN_SO_SNDBUF].into_iter().zip(self.buffers) {
            if value > 0 {
                set(DUNLIN_SOL_SOCKET, option, value);
            }
        }
        for group in self.groups.iter().filter(|g| g.family != 0) {
            let _ = membership(dev, sock, DUNLIN_SO_MULTICAST_JOIN, &group.addr());
            if self.quiet {
                set(level(group.family), DUNLIN_SO_MULTICAST_LOOP, 0);
            }
        }
    }
}

fn level(family: u16) -> u32 {
    if family == DUNLIN_AF_INET6 {
        DUNLIN_IPPROTO_IPV6
    } else {
        DUNLIN_IPPROTO_IP
    }
}

fn membership(dev: &Dev, sock: i32, option: u32, group: &dunlin_addr) -> Result<()> {
    if dev.table().caps() & DUNLIN_CAP_MULTICAST == 0 {
        return Err(Error::NOT_SUPPORTED);
    }
    wait::in_turn(dev, &mut |t, _, _| t.set_addr(sock, level(group.family), option, group))?;
    Ok(())
}

impl PacketSlot {
    fn options<R>(&self, f: impl FnOnce(&mut Options) -> R) -> R {
        cs::with(|cs| {
            let cell = &self.state.borrow(cs).options;
            let mut options = cell.get();
            let result = f(&mut options);
            cell.set(options);
            result
        })
    }

    /// Does something to the socket of the named device, or to all; well if one went well.
    fn each_socket(&self, device: Option<&[u8]>, mut f: impl FnMut(&Dev, i32) -> Result<()>) -> Result<()> {
        cs::with(|cs| self.check(cs))?;
        let only = match device {
            Some(name) => Some(crate::netdev::registry::by_name(name)?.handle().0),
            None => None,
        };
        let (mut done, mut failed) = (false, None);
        for part in self.spread.open_parts().filter(|p| only.is_none_or(|d| d == p.device)) {
            let Ok(dev) = DEVICES.enter(Handle(part.device)) else { continue };
            match f(&dev, part.sock) {
                Ok(()) => done = true,
                Err(e) => {
                    failed.get_or_insert(e);
                }
            }
        }
        match (done, failed, only) {
            (true, ..) => Ok(()),
            (false, Some(e), _) => Err(self.fault(OpKind::Set, 0, &dunlin_addr::NONE, e.into())),
            (false, None, Some(_)) => Err(Error::NO_DEVICE),
            (false, None, None) => Err(Error::NET_DOWN),
        }
    }

    fn check_group(&self, group: &dunlin_addr) -> Result<()> {
        let (network, _) = self.spread.place();
        if !is_multicast(group) || !network.takes(group) {
            return Err(Error::INVALID_ADDRESS);
        }
        Ok(())
    }

    /// Receives what is sent to a group (Go: `ListenMulticastUDP`; x/net: `JoinGroup`), on the named
    /// device, or on all, later ones too. `scope_id` is the device's own interface by number, 0 its
    /// choice. `NOT_SUPPORTED` when no device can, `NO_SLOT` past four groups on all.
    pub fn join(&self, group: &dunlin_addr, device: Option<&[u8]>) -> Result<()> {
        self.check_group(group)?;
        self.each_socket(device, |dev, sock| membership(dev, sock, DUNLIN_SO_MULTICAST_JOIN, group))?;
        if device.is_some() || !self.spread.is_wildcard() {
            return Ok(());
        }
        let kept = self.options(|o| {
            let free = o.groups.iter_mut().find(|g| g.family == 0)?;
            *free = Group::of(group);
            Some(())
        });
        if kept.is_none() {
            let _ = self.each_socket(None, |dev, s| membership(dev, s, DUNLIN_SO_MULTICAST_LEAVE, group));
            return Err(Error::NO_SLOT);
        }
        Ok(())
    }

    /// Ends [`PacketSlot::join`] with the same arguments; `ADDR_NOT_AVAILABLE`, or the device's own
    /// word, when the group was not joined.
    pub fn leave(&self, group: &dunlin_addr, device: Option<&[u8]>) -> Result<()> {
        self.check_group(group)?;
        if device.is_none() {
            self.options(|o| {
                let joined = Group::of(group);
                if let Some(g) = o.groups.iter_mut().find(|g| **g == joined) {
                    *g = Group::NONE;
                }
            });
        }
        self.each_socket(device, |dev, sock| membership(dev, sock, DUNLIN_SO_MULTICAST_LEAVE, group))
    }

    /// What is sent to the groups does not come back to this host (Go: `listenIPv4MulticastUDP`).
    pub(super) fn quiet(&self) -> Result<()> {
        self.options(|o| o.quiet = true);
        let (network, _) = self.spread.place();
        let family = if network.family() == DUNLIN_AF_INET6 { DUNLIN_AF_INET6 } else { DUNLIN_AF_INET };
        let _ = self.each_socket(None, |dev, sock| {
            let level = level(family);
            wait::in_turn(dev, &mut |t, _, _| t.set_number(sock, level, DUNLIN_SO_MULTICAST_LOOP, 0))?;
            Ok(())
        });
        Ok(())
    }

    fn set_all(&self, option: u32, value: i32) -> Result<()> {
        self.each_socket(None, |dev, sock| {
            wait::in_turn(dev, &mut |t, _, _| t.set_number(sock, DUNLIN_SOL_SOCKET, option, value))?;
            Ok(())
        })
    }

    /// Allows to send to broadcast addresses, as it is from the start, or not.
    pub fn set_broadcast(&self, on: bool) -> Result<()> {
        self.options(|o| o.no_broadcast = !on);
        self.set_all(DUNLIN_SO_BROADCAST, i32::from(on))
    }

    /// Sets the size of the devices' receive buffers in bytes (Go: `SetReadBuffer`).
    pub fn set_read_buffer(&self, bytes: u32) -> Result<()> {
        self.set_buffer(0, DUNLIN_SO_RCVBUF, bytes)
    }

    /// Sets the size of the devices' send buffers in bytes (Go: `SetWriteBuffer`).
    pub fn set_write_buffer(&self, bytes: u32) -> Result<()> {
        self.set_buffer(1, DUNLIN_SO_SNDBUF, bytes)
    }

    fn set_buffer(&self, which: usize, option: u32, bytes: u32) -> Result<()> {
        let bytes = i32::try_from(bytes).ok().filter(|n| *n > 0).ok_or(Error::INVALID)?;
        self.options(|o| {
            if let Some(size) = o.buffers.get_mut(which) {
                *size = bytes;
            }
        });
        self.set_all(option, bytes)
    }
}
