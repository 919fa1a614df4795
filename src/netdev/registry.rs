//! The devices: registered under a name, chosen by route, told of links and readiness
//! (TinyGo: `useNetdev`, made plural). Their networks are in [`super::route`], their background work in
//! [`super::duty`].

use core::cell::Cell;
use core::cmp::Reverse;

use crate::config::MAX_NETDEVS;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::netdev::duty::{self, hooks};
use crate::netdev::route::Routes;
use crate::netdev::table::{
    dunlin_addr, Table, DUNLIN_CAP_NOTIFY, DUNLIN_CAP_WAKE_ISR, DUNLIN_WAKE_POLL, DUNLIN_WORK,
};
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::inside;
use crate::sync::line::Line;
use crate::sync::park::{self, Task};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::time::Deadline;

pub(crate) use crate::netdev::duty::{on_duty, set_hooks, Hooks};
pub use crate::netdev::route::{Route, MAX_ROUTES};

/// Bytes of a device's name, its end included.
pub const NAME_LEN: usize = 16;
/// A registered device.
pub struct Netdev {
    table: Mutex<Cell<Table>>,
    name: Mutex<Cell<[u8; NAME_LEN]>>,
    routes: Routes,
    pub(super) line: Line,
    pub(super) state: Mutex<State>,
}

pub(super) struct State {
    link_down: Cell<bool>,
    /// Counts the times the link went down; a socket made before is dead.
    epoch: Cell<u16>,
    /// The driver asked for `step`.
    pub(super) work: Cell<bool>,
    /// When `step` wants to be called at the latest, 0 is never.
    pub(super) due: Cell<i64>,
    sockets: Cell<u32>,
    /// Counts the registrations: the device that was there first goes first.
    order: Cell<u32>,
    /// Tasks that wait for this device.
    waiting: Cell<u32>,
    /// Counts what notify told, per socket (modulo `NEWS`).
    news: [Cell<u32>; NEWS],
}

/// Counters of notifies in a device. Sockets that share one cost each other a try now and then.
const NEWS: usize = 16;

/// All devices.
pub static DEVICES: Pool<Netdev, MAX_NETDEVS> = Pool::new();

/// A device in use.
pub type Dev = Guard<Netdev, MAX_NETDEVS>;

impl Slot for Netdev {
    const KIND: Kind = Kind::Netdev;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: Netdev = Netdev {
        table: Mutex::new(Cell::new(Table::NONE)),
        name: Mutex::new(Cell::new([0; NAME_LEN])),
        routes: Routes::NONE,
        line: Line::FREE,
        state: Mutex::new(State {
            link_down: Cell::new(false),
            epoch: Cell::new(0),
            work: Cell::new(false),
            due: Cell::new(0),
            sockets: Cell::new(0),
            order: Cell::new(0),
            waiting: Cell::new(0),
            news: [const { Cell::new(0) }; NEWS],
        }),
    };

    fn finish(&self) {
        cs::with(|cs| {
            if self.table.borrow(cs).get().has_step() {
                duty::left(cs);
            }
            self.table.borrow(cs).set(Table::NONE);
            self.name.borrow(cs).set([0; NAME_LEN]);
            self.routes.clear(cs);
            let s = self.state.borrow(cs);
            s.link_down.set(false);
            s.work.set(false);
            s.due.set(0);
            s.sockets.set(0);
        });
    }
}

/// Where the indices begin of devices that are one interface, beyond those of drivers that tell theirs.
const FIRST_INDEX: u32 = 0x1_0000;

/// The index of a device that is one interface.
pub(crate) fn own_index(dev: &Dev) -> u32 {
    FIRST_INDEX + u32::from(dev.index())
}

/// The `scope_id` of a zone that is a name (Go: `zoneCache.index`): an interface's, or the device's.
pub(crate) fn zone(name: &[u8]) -> Option<u32> {
    if inside::driver() {
        return None;
    }
    let told = hooks().and_then(|hooks| (hooks.index_of)(name));
    told.or_else(|| by_name(name).ok().map(|dev| own_index(&dev)))
}

/// The links' part of taking a device away.
pub(crate) fn leave(device: Handle) {
    if let (Some(hooks), Ok(dev)) = (hooks(), DEVICES.reach(device)) {
        (hooks.leave)(&dev);
    }
}

/// How many devices were ever registered.
static REGISTERED: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));
/// Registers a device under `name` (1 to 15 bytes, not taken yet); its link counts as up.
pub fn register(name: &[u8], table: Table) -> Result<Dev> {
    let mut stored = [0u8; NAME_LEN];
    if name.is_empty() || name.len() >= NAME_LEN || name.contains(&0) {
        return Err(Error::INVALID);
    }
    for (to, from) in stored.iter_mut().zip(name) {
        *to = *from;
    }
    // In one step: two tasks may ask for the same name, and nobody may find a device without a table.
    let dev = cs::with(|cs| {
        if by_name(name).is_ok() {
            return Err(Error::EXISTS);
        }
        let dev = DEVICES.claim()?;
        let next = REGISTERED.borrow(cs);
        next.set(next.get().wrapping_add(1));
        dev.state.borrow(cs).order.set(next.get());
        dev.table.borrow(cs).set(table);
        dev.name.borrow(cs).set(stored);
        if table.has_step() {
            dev.state.borrow(cs).work.set(true);
            duty::joined(cs);
        }
        Ok(dev)
    })?;
    if table.has_step() {
        // Who waits already has to do its work too.
        park::table().wake_everyone();
    }
    Ok(dev)
}

/// The device of that name, `NO_DEVICE` if there is none.
pub fn by_name(name: &[u8]) -> Result<Dev> {
    let mut found = None;
    DEVICES.each(|dev| {
        if found.is_none() && dev.name().starts_with(name) && dev.name().get(name.len()) == Some(&0) {
            found = DEVICES.enter(dev.handle()).ok();
        }
    });
    found.ok_or(Error::NO_DEVICE)
}

/// The device registered with a context, `Handle::NONE` if there is none.
pub(crate) fn by_context(ctx: *mut core::ffi::c_void) -> Handle {
    let mut found = Handle::NONE;
    DEVICES.each(|dev| {
        if dev.table().has_context(ctx) {
            found = dev.handle();
        }
    });
    found
}

/// What decides between devices, the least first: prefix, metric, age.
pub(crate) type Rank = (Reverse<u8>, u16, u32);

/// The device for a destination: longest prefix, then metric, then the first whose link is up.
/// `NO_NETDEV` when none is registered, `NET_DOWN` when no link is up.
pub fn route(to: Option<&dunlin_addr>) -> Result<Dev> {
    route_with(to, 0)
}

/// As [`route`], of the devices that have `caps`; `NOT_SUPPORTED` when none has.
pub(crate) fn route_with(to: Option<&dunlin_addr>, caps: u32) -> Result<Dev> {
    let (mut any, mut able) = (false, false);
    let mut best: Option<(Handle, Rank)> = None;
    DEVICES.each(|dev| {
        any = true;
        if dev.table().caps() & caps != caps {
            return;
        }
        able = true;
        if !dev.is_up() {
            return;
        }
        let rank = dev.rank(to);
        if best.is_none_or(|(_, least)| rank < least) {
            best = Some((dev.handle(), rank));
        }
    });
    match best {
        Some((handle, _)) => DEVICES.enter(handle).map_err(|_| Error::NET_DOWN),
        None if able => Err(Error::NET_DOWN),
        None if any => Err(Error::NOT_SUPPORTED),
        None => Err(Error::NO_NETDEV),
    }
}

/// Ends the blocking call of a task inside a driver (see [`park::DriverWake`]).
pub fn wake_driver(device: i32, sock: i32, from_interrupt: bool) {
    // A device that is being unregistered too: it waits for the call that is to be ended here.
    if let Ok(dev) = DEVICES.reach(Handle(device)) {
        let table = dev.table();
        // Who may be an interrupt leaves it to the slices in which such a driver is called.
        if !from_interrupt || table.caps() & DUNLIN_CAP_WAKE_ISR != 0 {
            // A driver that cannot be woken is called in slices too.
            let _ = table.wake(sock);
        }
    }
}

/// What a driver tells of its link. With a link table the device must have an address too before it
/// counts as up.
pub fn told(device: Handle, up: bool) -> Result<()> {
    let dev = DEVICES.enter(device)?;
    match hooks() {
        Some(hooks) => (hooks.told)(&dev, up, false),
        None => dev.set_link(up),
    }
    Ok(())
}

/// What a driver tells: readiness of a socket, or work for `step`. Any task or interrupt; for an
/// unknown device it does nothing.
pub fn notify(device: Handle, sock: i32, events: u16) {
    let Ok(dev) = DEVICES.enter(device) else { return };
    let waiting = cs::with(|cs| {
        let s = dev.state.borrow(cs);
        if events & DUNLIN_WORK != 0 {
            s.work.set(true);
        }
        if let Some(news) = s.news.get(sock as usize % NEWS).filter(|_| sock >= 0) {
            news.set(news.get().wrapping_add(1));
        }
        s.waiting.get()
    });
    park::table().wake_mask(waiting, true);
    park::table().wake_pollers(true);
    if events & DUNLIN_WORK != 0 {
        park::table().wake_steward(true);
    }
}

/// What a call of a socket needs to know of its device.
pub struct Entry {
    /// The device, which does not go away meanwhile.
    pub dev: Dev,
    /// Its table.
    pub table: Table,
    /// See [`Netdev::news`].
    pub news: u32,
}

/// Enters the device of a socket that was made in the given epoch; `NET_DOWN` when it is gone or its
/// link fell since.
pub fn enter_for(device: Handle, sock: i32, epoch: u16, cs: CriticalSection<'_>) -> Result<Entry> {
    let dev = DEVICES.enter_in(device, cs).map_err(|_| Error::NET_DOWN)?;
    let (table, state) = (dev.table.borrow(cs).get(), dev.state.borrow(cs));
    if state.epoch.get() != epoch || sock < 0 {
        return Err(Error::NET_DOWN);
    }
    let news = state.news_of(sock);
    Ok(Entry { dev, table, news })
}

/// The table of an open device, and its epoch.
pub fn peek(device: Handle, cs: CriticalSection<'_>) -> Result<(Table, u16)> {
    DEVICES.peek(device, cs, |dev| (dev.table.borrow(cs).get(), dev.state.borrow(cs).epoch.get()))
}

impl State {
    fn news_of(&self, sock: i32) -> u32 {
        self.news.get(sock as usize % NEWS).map_or(0, Cell::get).wrapping_add(1).max(1)
    }
}

impl Netdev {
    /// The driver's table.
    pub fn table(&self) -> Table {
        cs::with(|cs| self.table.borrow(cs).get())
    }

    /// The name, ended by 0.
    pub fn name(&self) -> [u8; NAME_LEN] {
        cs::with(|cs| self.name.borrow(cs).get())
    }

    /// The line of a device that is not for concurrent use.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Says whether calls must come one after another.
    pub fn is_serial(&self) -> bool {
        self.table().is_serial()
    }

    /// Says whether the link is up.
    pub fn is_up(&self) -> bool {
        cs::with(|cs| !self.state.borrow(cs).link_down.get())
    }

    /// Counts the link's falls, for sockets to know that they are dead.
    pub fn epoch(&self) -> u16 {
        cs::with(|cs| self.state.borrow(cs).epoch.get())
    }

    /// Sockets open on the device.
    pub fn sockets(&self) -> u32 {
        cs::with(|cs| self.state.borrow(cs).sockets.get())
    }

    /// Counts a socket in.
    pub fn opened(&self) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.sockets.set(s.sockets.get() + 1);
        });
    }

    /// Counts a socket out.
    pub fn closed(&self) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.sockets.set(s.sockets.get().saturating_sub(1));
        });
    }

    /// What notify told of the socket so far, never 0. Read it before a try; after one that found the
    /// socket not ready keep it, and ask [`Netdev::worth_a_try`] with it.
    pub fn news(&self, sock: i32) -> u32 {
        cs::with(|cs| self.state.borrow(cs).news_of(sock))
    }

    /// Says whether a try is worth it: always for a driver that does not notify, or when `seen` is 0
    /// (the last try went well); otherwise when notify told something since.
    pub fn worth_a_try(&self, sock: i32, seen: u32) -> bool {
        seen == 0 || self.table().caps() & DUNLIN_CAP_NOTIFY == 0 || seen != self.news(sock)
    }

    /// Adds or takes away a task that waits for the device.
    pub fn set_waiting(&self, task: &Task, on: bool) {
        cs::with(|cs| {
            let w = &self.state.borrow(cs).waiting;
            w.set(if on { w.get() | task.bit() } else { w.get() & !task.bit() });
        });
    }

    /// Wakes every task that waits for the device.
    pub fn wake_all(&self) {
        let waiting = cs::with(|cs| self.state.borrow(cs).waiting.get());
        park::table().wake_mask(waiting, false);
        park::table().wake_pollers(false);
    }

    /// Tells that the link went up or down. Down ends what its sockets do with `NET_DOWN`.
    pub fn set_link(&self, up: bool) {
        let waiting = cs::with(|cs| self.mark_link(cs, up));
        self.link_marked(waiting, false);
    }

    /// The first half of [`Netdev::set_link`]: who is to be woken in the second.
    pub(crate) fn mark_link(&self, cs: CriticalSection<'_>, up: bool) -> u32 {
        let s = self.state.borrow(cs);
        if !up && !s.link_down.get() {
            s.epoch.set(s.epoch.get().wrapping_add(1));
        }
        s.link_down.set(!up);
        if up {
            0
        } else {
            s.waiting.get()
        }
    }

    /// The second half of [`Netdev::set_link`].
    pub(crate) fn link_marked(&self, waiting: u32, from_interrupt: bool) {
        park::table().wake_mask(waiting, from_interrupt);
        park::table().wake_pollers(from_interrupt);
        // Who does background work tells those who subscribed.
        park::table().wake_steward(from_interrupt);
    }

    /// Adds a route; `NO_SLOT` when the device has `MAX_ROUTES` already.
    pub fn add_route(&self, route: Route) -> Result<()> {
        self.routes.add(route)
    }

    /// How well the device suits a destination.
    pub(crate) fn rank(&self, to: Option<&dunlin_addr>) -> Rank {
        let (len, metric) = self.routes.best(to);
        (Reverse(len), metric, cs::with(|cs| self.state.borrow(cs).order.get()))
    }
}

/// Takes a device away. Its connections fail with `NET_DOWN` from now on, blocked calls end; when no
/// driver call is in flight any more, `close_sockets` gives the driver its sockets back, and the
/// context may go. `TIMEOUT` when a driver call did not come back in time: then the device is still
/// registered, with its link down, and this may be tried again.
pub fn unregister(device: Handle, deadline: Deadline, mut close_sockets: impl FnMut(&Table)) -> Result<()> {
    let task = park::table().acquire()?;
    // Closed from here on: nobody can enter, who is inside leaves.
    let dev = DEVICES.close(device)?;
    dev.set_link(false);
    let table = dev.table();
    loop {
        dev.wake_all();
        if table.has_wake() {
            let _ = table.wake(DUNLIN_WAKE_POLL);
        }
        if dev.in_flight() == 1 {
            // Nobody is inside that could open a socket; a connection that is just being closed by its
            // own task is waited for in the next round.
            let turn = dev.line().try_short();
            if turn.is_some() {
                close_sockets(&table);
            }
            if turn.is_some() && dev.seal() {
                return Ok(());
            }
        }
        if deadline.is_past() {
            dev.reopen();
            return Err(Error::TIMEOUT);
        }
        cs::with(|cs| task.prepare(cs));
        task.wait(on_duty(&task, Deadline::after_ms(5).earliest(deadline)).until);
    }
}
