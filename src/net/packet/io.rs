//! Reading and writing datagrams, and waiting for them: on the only device, or on any of several.

use super::*;
use crate::net::conn::Limit;
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::DEVICES;
use crate::netdev::table::{
    Table, DUNLIN_AF_UNSPEC, DUNLIN_CAP_NOTIFY, DUNLIN_PEEK, DUNLIN_READABLE, DUNLIN_WRITABLE,
};
use crate::netdev::wait::Gate;

type Part = crate::net::spread::Part<Side>;

const READ: usize = 0;
const WRITE: usize = 1;

/// The most bytes behind an IPv4 and a UDP header; over IPv6 20 more.
const UDP_MAX: usize = 65_507;

/// A datagram that came.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// The bytes stored; 0 is a datagram without any, not an end.
    pub len: usize,
    /// The datagram was longer than the buffer; the rest is gone.
    pub truncated: bool,
    /// The sender; `family` 0 when the device does not tell.
    pub from: dunlin_addr,
    /// The device it came on.
    pub device: Handle,
}

/// One direction taken by a call, or a look; given back when dropped.
struct Busy<'a> {
    conn: &'a PacketSlot,
    flag: u8,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        cs::with(|cs| {
            let s = self.conn.state.borrow(cs);
            s.flags.set(s.flags.get() & !self.flag);
            let [reader, writer] = &s.tasks;
            match self.flag {
                READING => reader.set(TaskRef::NONE),
                WRITING => writer.set(TaskRef::NONE),
                _ => {}
            }
        });
    }
}

/// What a blocked call looks at.
struct PacketGate<'a> {
    conn: &'a PacketSlot,
    direction: usize,
    limit: Limit<'a>,
    /// The call ends with `INTERRUPTED` when the parts have changed since.
    changes: u32,
    /// A write ends when the link falls; the next one may find another device.
    epoch: Option<u16>,
}

impl Gate for PacketGate<'_> {
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline> {
        let s = self.conn.state.borrow(cs);
        if let Some(cancel) = self.limit.cancel {
            cancel.enter(cs, task)?;
        }
        self.conn.check(cs)?;
        if let Some(slot) = s.tasks.get(self.direction) {
            slot.set(task);
        }
        if self.conn.spread.changes() != self.changes {
            return Err(Error::INTERRUPTED);
        }
        Ok(self.conn.own_deadline(self.direction).earliest(self.limit.deadline))
    }

    fn epoch(&self) -> Option<u16> {
        self.epoch
    }
}

/// A datagram in the making: the driver's answer, whole or cut.
struct Arrival {
    from: dunlin_addr,
    cut: bool,
}

impl Arrival {
    const NONE: Arrival = Arrival { from: dunlin_addr::NONE, cut: false };

    fn receive(&mut self, t: &Table, sock: i32, buf: &mut [u8], flags: u32, d: Deadline) -> OpResult {
        match t.recv_from(sock, buf, flags, &mut self.from, d) {
            Err(fault) if fault.error == Error::MESSAGE_SIZE => {
                self.cut = true;
                Ok(buf.len())
            }
            got => {
                self.cut = false;
                got
            }
        }
    }

    fn done(self, len: usize, device: i32) -> Received {
        Received { len, truncated: self.cut, from: plain(self.from), device: Handle(device) }
    }
}

impl PacketSlot {
    fn own_deadline(&self, direction: usize) -> Deadline {
        let get = |d: &Cell<i64>| Deadline(d.get());
        cs::with(|cs| self.state.borrow(cs).deadlines.get(direction).map_or(Deadline::NONE, get))
    }

    /// Takes a direction; `WOULD_BLOCK` while a poller looks.
    fn begin(&self, flag: u8) -> Result<Busy<'_>> {
        cs::with(|cs| {
            self.check(cs)?;
            let flags = &self.state.borrow(cs).flags;
            if flags.get() & flag != 0 {
                return Err(Error::BUSY);
            }
            if flag == READING && flags.get() & LOOKING != 0 {
                return Err(Error::WOULD_BLOCK);
            }
            flags.set(flags.get() | flag);
            Ok(Busy { conn: self, flag })
        })
    }

    fn begin_read(&self, limit: Limit<'_>) -> Result<Busy<'_>> {
        loop {
            match self.begin(READING) {
                // A look never waits: it is over in a moment.
                Err(Error::WOULD_BLOCK) if !limit.is_now() => wait::moment()?,
                other => return other,
            }
        }
    }

    /// The open parts in the order of reading: the device that was read last comes last. What a lost
    /// link holds back of several waits for the link.
    fn readable_parts(&self) -> impl Iterator<Item = (Dev, Part)> {
        let last = cs::with(|cs| self.state.borrow(cs).last.get());
        let parts = self.spread.parts();
        let turn = parts.iter().position(|p| p.device == last && last != 0).map_or(0, |at| at + 1);
        let all = self.spread.is_wildcard();
        parts.into_iter().cycle().skip(turn).take(parts.len()).filter_map(move |part| {
            let dev = DEVICES.enter(Handle(part.device)).ok().filter(|_| part.is_open())?;
            (!all || dev.is_up()).then_some((dev, part))
        })
    }

    /// One try on a part, remembering whether a notify must come before the next is worth it.
    fn attempt(&self, dev: &Dev, part: &Part, direction: usize, op: wait::Op<'_>) -> OpResult {
        // A notify that comes during the try counts as news after it.
        let news = dev.news(part.sock);
        let tried = wait::attempt(dev, op);
        self.spread.change(part.device, |side| {
            if let (Some(seen), Some(idle)) = (side.seen.get_mut(direction), side.idle.get_mut(direction)) {
                *seen = if wait::is_unready(&tried) { news } else { 0 };
                *idle = tried.is_err_and(|f| f.error == Error::WOULD_BLOCK);
            }
        });
        tried
    }

    /// Waits for a datagram (Go: `UDPConn.ReadMsgUDP`). `TIMEOUT` when a deadline came, `NET_DOWN` when
    /// the named device is gone. With [`Limit::NOW`] one try, or `WOULD_BLOCK`.
    pub fn read_from(&self, buf: &mut [u8], limit: Limit<'_>) -> Result<Received> {
        let _busy = self.begin_read(limit)?;
        let own = self.own_deadline(READ);
        let got = if own.0 > 0 && own.is_past() {
            Err(Error::TIMEOUT)
        } else if limit.is_now() || own.0 < 0 {
            self.try_read(buf)
        } else {
            self.wait_read(buf, limit)
        };
        self.note(OpKind::Read, got)
    }

    fn note<T>(&self, op: OpKind, result: Result<T>) -> Result<T> {
        if let Err(e) = &result {
            // A driver's fault has left its own number already.
            if self.detail().detail.code != e.code() {
                self.fault(op, 0, &dunlin_addr::NONE, (*e).into());
            }
        }
        result
    }

    fn wait_read(&self, buf: &mut [u8], limit: Limit<'_>) -> Result<Received> {
        loop {
            let changes = self.spread.changes();
            let mut parts = self.spread.open_parts();
            let only = parts.next().filter(|p| parts.next().is_none() && p.own.found == 0 && !p.own.broken);
            let Some(only) = only else { return self.read_any(buf, limit) };
            let gate = PacketGate { conn: self, direction: READ, limit, changes, epoch: None };
            let Ok(dev) = DEVICES.enter(Handle(only.device)) else { return self.read_any(buf, limit) };
            let mut arrival = Arrival::NONE;
            let got = wait::blocking(&dev, only.sock, false, &gate, &mut |t, flags, d| {
                arrival.receive(t, only.sock, buf, flags, d)
            });
            match got {
                Ok(n) => return Ok(self.came(arrival.done(n, only.device))),
                Err(fault) if fault.error == Error::INTERRUPTED => {}
                // Another device may come, and is listened on then.
                Err(fault) if fault.error == Error::NET_DOWN && self.spread.is_wildcard() => {
                    return self.read_any(buf, limit);
                }
                Err(fault) => return Err(self.fault(OpKind::Read, only.device, &dunlin_addr::NONE, fault)),
            }
        }
    }

    fn read_any(&self, buf: &mut [u8], limit: Limit<'_>) -> Result<Received> {
        let task = park::table().acquire()?;
        let mut set = PollSet::new();
        loop {
            set.begin(&task);
            let deadline = cs::with(|cs| {
                let changes = self.spread.changes();
                PacketGate { conn: self, direction: READ, limit, changes, epoch: None }.enter(cs, task.name())
            })?;
            if deadline.is_past() {
                return Err(Error::TIMEOUT);
            }
            match self.try_read(buf) {
                Err(Error::WOULD_BLOCK) => {}
                done => return done,
            }
            self.watch_parts(DUNLIN_READABLE, &mut set, 0, false)?;
            set.wait(&task, deadline);
        }
    }

    fn came(&self, received: Received) -> Received {
        cs::with(|cs| self.state.borrow(cs).last.set(received.device.0));
        received
    }

    fn try_read(&self, buf: &mut [u8]) -> Result<Received> {
        let wildcard = self.spread.is_wildcard();
        let mut parts = self.spread.open_parts().peekable();
        if !wildcard && parts.peek().is_none() {
            return Err(Error::NET_DOWN);
        }
        let usable = |p: Part| !p.own.broken;
        if parts.peek().is_some() && !parts.any(usable) {
            return Err(Error::DRIVER_BAD_RESULT);
        }
        let mut last = Error::WOULD_BLOCK;
        for (dev, part) in self.readable_parts().filter(|(_, p)| !p.own.broken) {
            let found = self.spread.change(part.device, |side| core::mem::take(&mut side.found)).unwrap_or(0);
            if found != 0 {
                return Err(self.fault(
                    OpKind::Read,
                    part.device,
                    &dunlin_addr::NONE,
                    Error::from_code(found).into(),
                ));
            }
            let mut arrival = Arrival::NONE;
            let got = self
                .attempt(&dev, &part, READ, &mut |t, flags, d| arrival.receive(t, part.sock, buf, flags, d));
            match got {
                Ok(n) => return Ok(self.came(arrival.done(n, part.device))),
                Err(fault) if fault.error == Error::WOULD_BLOCK => {}
                Err(fault) => last = self.fault(OpKind::Read, part.device, &dunlin_addr::NONE, fault),
            }
        }
        Err(last)
    }

    /// Sends one datagram (Go: `UDPConn.WriteTo`), on the given device, or for [`Handle::NONE`] on the one
    /// that a dial to the address would take. `MESSAGE_SIZE` when it is too long, `NET_DOWN` when no
    /// link is up, `NO_DEVICE` when the connection is not on the given one.
    pub fn write_to(&self, data: &[u8], to: &dunlin_addr, device: Handle, limit: Limit<'_>) -> Result<()> {
        let to = plain(*to);
        let _busy = self.begin(WRITING)?;
        let own = self.own_deadline(WRITE);
        let put = if own.0 > 0 && own.is_past() {
            Err(Error::TIMEOUT)
        } else {
            self.send(data, &to, device, limit, own)
        };
        if let Err(e) = put {
            if self.detail().detail.code != e.code() {
                self.fault(OpKind::Write, 0, &to, e.into());
            }
        }
        put
    }

    fn send(
        &self,
        data: &[u8],
        to: &dunlin_addr,
        device: Handle,
        limit: Limit<'_>,
        own: Deadline,
    ) -> Result<()> {
        let (network, _) = self.spread.place();
        if to.family == DUNLIN_AF_UNSPEC || !network.takes(to) {
            return Err(Error::INVALID_ADDRESS);
        }
        if network.is_unix() && to.options.is_null() {
            return Err(Error::INVALID_ADDRESS);
        }
        if network.carrier() == Carrier::Udp {
            let most = if to.family == DUNLIN_AF_INET { UDP_MAX } else { UDP_MAX + 20 };
            if data.len() > most {
                return Err(Error::MESSAGE_SIZE);
            }
            if to.port == 0 {
                return Err(Error::INVALID_ADDRESS);
            }
        }
        let (dev, part) =
            if device == Handle::NONE { self.spread.route(to)? } else { self.spread.on(device)? };
        if part.own.broken {
            return Err(Error::DRIVER_BAD_RESULT);
        }
        // The epoch first: a fall after the question counts.
        let epoch = dev.epoch();
        if !dev.is_up() {
            return Err(Error::NET_DOWN);
        }
        let put = if limit.is_now() || own.0 < 0 {
            self.attempt(&dev, &part, WRITE, &mut |t, flags, d| t.send_to(part.sock, data, flags, to, d))
        } else {
            loop {
                let changes = self.spread.changes();
                let gate = PacketGate { conn: self, direction: WRITE, limit, changes, epoch: Some(epoch) };
                let put = wait::blocking(&dev, part.sock, false, &gate, &mut |t, flags, d| {
                    t.send_to(part.sock, data, flags, to, d)
                });
                match put {
                    // Another device came or went; this one is still the connection's, or is closed.
                    Err(fault)
                        if fault.error == Error::INTERRUPTED && self.spread.on(dev.handle()).is_ok() => {}
                    Err(fault) if fault.error == Error::INTERRUPTED => break Err(Error::NET_DOWN.into()),
                    put => break put,
                }
            }
        };
        put.map(drop).map_err(|fault| self.fault(OpKind::Write, part.device, to, fault))
    }

    /// Adds the connection to a set, or says which of `events` are so already. Readable: a datagram or
    /// an error waits, on a device that cannot peek "try".
    pub fn watch(&self, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
        self.watch_parts(events, set, token, true)
    }

    /// `look` says that it is looked whether a datagram waits; otherwise the caller has just tried itself.
    fn watch_parts(&self, events: u16, set: &mut PollSet, token: u16, look: bool) -> Result<u16> {
        cs::with(|cs| self.check(cs))?;
        let mut ready = 0;
        let (mut any, mut broken) = (false, true);
        for (dev, part) in self.readable_parts() {
            any = true;
            if part.own.broken {
                continue;
            }
            broken = false;
            let [read_seen, write_seen] = part.own.seen;
            let table = dev.table();
            if part.own.found != 0 {
                ready |= events & DUNLIN_READABLE;
            } else if table.has_poll() {
                set.add_socket(dev.handle(), part.sock, events, token)?;
                continue;
            }
            let told = table.caps() & DUNLIN_CAP_NOTIFY != 0;
            let mut probe = !told;
            if events & DUNLIN_READABLE != 0 && part.own.found == 0 {
                let worth = dev.worth_a_try(part.sock, read_seen);
                if !look {
                    // When the caller's own try could not ask, nothing tells when it is worth another.
                    probe |= worth;
                } else if worth {
                    match self.look(&dev, &part) {
                        Look::Ready => ready |= DUNLIN_READABLE,
                        Look::Unready => {}
                        Look::Later => probe = true,
                    }
                }
            }
            if events & DUNLIN_WRITABLE != 0 {
                let full = self.rested(&part, WRITE);
                if dev.worth_a_try(part.sock, write_seen) && (told || !full) {
                    ready |= DUNLIN_WRITABLE;
                }
            }
            if told {
                set.add_told();
            }
            if probe {
                set.add_probe();
            }
        }
        // What fails at once does not block.
        let gone = !any && !self.spread.is_wildcard();
        if gone || (any && broken) {
            ready |= events;
        }
        if ready != 0 {
            set.add_ready();
        }
        Ok(ready)
    }

    /// Says whether the last try of a direction found nothing, and forgets it.
    fn rested(&self, part: &Part, direction: usize) -> bool {
        let was = self.spread.change(part.device, |side| side.idle.get_mut(direction).map(core::mem::take));
        was.flatten().unwrap_or(false)
    }

    /// Looks whether a datagram waits, without taking it: there is no room to keep one.
    fn look(&self, dev: &Dev, part: &Part) -> Look {
        let looking = cs::with(|cs| {
            let flags = &self.state.borrow(cs).flags;
            // Who reads has the next datagram.
            if flags.get() & (READING | LOOKING) != 0 {
                return None;
            }
            flags.set(flags.get() | LOOKING);
            Some(Busy { conn: self, flag: LOOKING })
        });
        let Some(_looking) = looking else { return Look::Later };
        if part.own.blind {
            return self.guess(dev, part);
        }
        let (mut byte, mut from) = ([0u8], dunlin_addr::NONE);
        let peeked = self.attempt(dev, part, READ, &mut |t, flags, d| {
            t.recv_from(part.sock, &mut byte, flags | DUNLIN_PEEK, &mut from, d)
        });
        match peeked.map_err(|f| f.error) {
            Ok(_) | Err(Error::MESSAGE_SIZE) => Look::Ready,
            Err(Error::WOULD_BLOCK) if wait::is_unready(&peeked) => Look::Unready,
            Err(Error::WOULD_BLOCK) => Look::Later,
            Err(Error::NOT_SUPPORTED) => {
                self.spread.change(part.device, |side| side.blind = true);
                self.guess(dev, part)
            }
            // Many stacks tell of an error once.
            Err(e) => {
                self.spread.change(part.device, |side| side.found = e.code());
                Look::Ready
            }
        }
    }

    /// On a device that cannot peek: worth a try when it told something, or else unless the last one
    /// was just now and found nothing.
    fn guess(&self, dev: &Dev, part: &Part) -> Look {
        let [seen, _] = part.own.seen;
        let told = seen != 0 && dev.table().caps() & DUNLIN_CAP_NOTIFY != 0;
        if self.rested(part, READ) && !told {
            Look::Later
        } else {
            Look::Ready
        }
    }
}

enum Look {
    Ready,
    Unready,
    /// Nothing can be said now, and nothing tells when it can.
    Later,
}
