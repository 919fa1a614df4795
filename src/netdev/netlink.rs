//! Links of devices (TinyGo: netlink): tables attached to devices, their machines run by whatever task
//! does background work. [`link_events`] tells those who subscribed.
//!
//! [`registry`] calls back through [`Hooks`], so that a program without links does not carry this.

use core::cell::Cell;

use crate::config::MAX_NETDEVS;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::netdev::link::{Act, Answer, Machine, Phase, Plan, CONNECT_MS};
use crate::netdev::link_events::{self, SUBSCRIPTIONS};
use crate::netdev::link_ops::{dunlin_connect_params, DUNLIN_HARDWARE_ADDR_MAX};
use crate::netdev::link_table::LinkTable;
use crate::netdev::ops::dunlin_addr;
use crate::netdev::registry::{self, Dev, Hooks, DEVICES};
use crate::netdev::wait::{self, SLICE_MS};
use crate::port;
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park;
use crate::time::{now_ms, Deadline};

/// How soon a device that another task is inside of is tried again.
const BUSY_MS: i64 = 2;
/// What is done for one device before the others get their turn.
const ACTS: u32 = 4;

/// What belongs to a place in the pool of devices.
struct Link {
    /// The device that a table was attached to; another one in its place has none.
    device: Cell<Handle>,
    table: Cell<Option<LinkTable>>,
    params: Cell<Option<dunlin_connect_params>>,
    machine: Machine,
    /// A task is inside the table.
    working: Cell<bool>,
    /// The link fell in an interrupt, which could not wake everybody.
    fell: Cell<bool>,
}

static LINKS: [Mutex<Link>; MAX_NETDEVS] = [const {
    Mutex::new(Link {
        device: Cell::new(Handle::NONE),
        table: Cell::new(None),
        params: Cell::new(None),
        machine: Machine::new(),
        working: Cell::new(false),
        fell: Cell::new(false),
    })
}; MAX_NETDEVS];

static HOOKS: Hooks = Hooks { run, told, leave, index_of: crate::net::interface::index_of };

/// Makes the registry call back.
pub fn enable() {
    registry::set_hooks(&HOOKS);
}

/// How a link is; see `struct dunlin_netlink_status`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Status {
    /// Where it is.
    pub phase: Phase,
    /// Attempts that failed since it was up.
    pub failures: u32,
    /// Why it is not up.
    pub error: Option<Error>,
    /// It is connected again when it is lost.
    pub kept: bool,
}

/// Runs `f` on what belongs to a device.
fn link<R>(dev: &Dev, f: impl FnOnce(CriticalSection<'_>, &Link) -> R) -> Result<R> {
    let link = LINKS.get(usize::from(dev.index())).ok_or(Error::NO_DEVICE)?;
    Ok(cs::with(|cs| f(cs, link.borrow(cs))))
}

/// As [`link`], of a device that a table is attached to; `NOT_SUPPORTED` for others.
fn attached<R>(dev: &Dev, f: impl FnOnce(CriticalSection<'_>, &Link) -> R) -> Result<R> {
    let own = dev.handle();
    link(dev, |cs, link| (link.device.get() == own).then(|| f(cs, link)))?.ok_or(Error::NOT_SUPPORTED)
}

/// The link table of a device, if it has one.
pub fn table(dev: &Dev) -> Option<LinkTable> {
    attached(dev, |_, link| link.table.get()).ok().flatten()
}

/// Four random bytes; without entropy the clock's, which only spreads attempts in time.
fn random() -> u32 {
    let mut bytes = [0; 4];
    match port::random(&mut bytes) {
        Ok(()) => u32::from_ne_bytes(bytes),
        Err(_) => (now_ms() as u32).wrapping_mul(0x9E37_79B9),
    }
}

/// Attaches a link table. The device's link is down from now on, until it is connected and has an
/// address. `EXISTS` when it has a table.
pub fn attach(dev: &Dev, table: LinkTable) -> Result<()> {
    enable();
    let now = now_ms();
    let own = dev.handle();
    let fresh = link(dev, |_, link| {
        let fresh = link.device.get() != own;
        if fresh {
            link.device.set(own);
            link.table.set(Some(table));
            link.params.set(None);
            link.machine.reset(now, table.poll_ms());
            // Until the device has told how it is nobody else works on it.
            link.working.set(true);
        }
        fresh
    })?;
    if !fresh {
        return Err(Error::EXISTS);
    }
    settle(dev, false);
    // It begins as one that is down: that is nobody's news.
    link_events::know(dev);
    let connected = in_turn(dev, || table.net_notify(own.0));
    let polled = table.poll_ms() > 0;
    let connected = match connected {
        Err(Error::NOT_SUPPORTED) if polled => in_turn(dev, || table.net_check()),
        other => other,
    };
    let r = random();
    link(dev, |_, link| {
        if connected == Ok(true) {
            link.machine.told(now, true, r);
        }
        link.working.set(false);
    })?;
    work(dev, Deadline::NOW);
    Ok(())
}

/// One call of the table when nobody else is inside a device with one line; waits for that.
pub(crate) fn in_turn<R>(dev: &Dev, call: impl FnOnce() -> Result<R>) -> Result<R> {
    if !dev.is_serial() {
        return call();
    }
    for _ in 0..1000 {
        if let Some(_turn) = dev.line().try_short() {
            return call();
        }
        wait::moment()?;
    }
    Err(Error::BUSY)
}

/// Keeps the device connected from now on, and waits until it is up: `TIMEOUT` when it is not by
/// `deadline` (it goes on), otherwise why it gave up. `STATE` when it is kept already.
pub fn connect(device: Handle, params: &dunlin_connect_params, deadline: Deadline) -> Result<()> {
    let dev = DEVICES.enter(device)?;
    let plan = Plan {
        timeout_ms: match params.connect_timeout_ms {
            0 => CONNECT_MS,
            ms => i64::from(ms),
        },
        watchdog_ms: i64::from(params.watchdog_ms),
        retries: params.retries,
    };
    let now = now_ms();
    let begun = attached(&dev, |_, link| {
        let begins = !link.machine.is_wanted();
        if begins {
            link.params.set(Some(*params));
            link.machine.want(now, plan);
        }
        begins
    })?;
    if !begun {
        return Err(Error::STATE);
    }
    settle(&dev, false);
    wait_until(&dev, deadline, |m| match m.phase() {
        Phase::Up => Some(Ok(())),
        Phase::Failed => Some(Err(m.error())),
        Phase::Idle => Some(Err(Error::CANCELED)),
        _ => None,
    })
}

/// Takes the link down until the next [`connect`], and waits until the driver has been told.
pub fn disconnect(device: Handle, deadline: Deadline) -> Result<()> {
    let dev = DEVICES.enter(device)?;
    attached(&dev, |_, link| link.machine.unwant())?;
    settle(&dev, false);
    let own = dev.handle();
    wait_until(&dev, deadline, |m| (m.due() == 0 || m.is_wanted()).then_some(Ok(())))?;
    // Who was in the middle of a call with the parameters has come back.
    loop {
        let working = link(&dev, |_, link| link.device.get() == own && link.working.get())?;
        if !working {
            return Ok(());
        }
        if deadline.is_past() {
            return Err(Error::TIMEOUT);
        }
        wait::moment()?;
    }
}

/// Does background work until `end` says how it ended.
fn wait_until(dev: &Dev, deadline: Deadline, end: impl Fn(&Machine) -> Option<Result<()>>) -> Result<()> {
    let task = park::table().acquire()?;
    let ended = loop {
        task.begin_poll();
        if !dev.is_open() || !crate::runtime::is_up() {
            break Err(Error::NET_DOWN);
        }
        let until = registry::on_duty(&task, deadline).until;
        if let Some(ended) = attached(dev, |_, link| end(&link.machine))? {
            break ended;
        }
        if deadline.is_past() {
            break Err(Error::TIMEOUT);
        }
        task.wait(until);
    };
    task.end_poll();
    ended
}

/// How the link of a device is; one without a table is up or idle.
pub fn status(dev: &Dev) -> Result<Status> {
    let up = dev.is_up();
    let known = attached(dev, |_, link| {
        let m = &link.machine;
        Status {
            phase: m.phase(),
            failures: m.failures(),
            error: (!m.is_up()).then(|| m.error()),
            kept: m.is_wanted(),
        }
    });
    match known {
        Err(Error::NOT_SUPPORTED) => Ok(Status {
            phase: if up { Phase::Up } else { Phase::Idle },
            failures: 0,
            error: (!up).then_some(Error::NET_DOWN),
            kept: false,
        }),
        other => other,
    }
}

/// What a device tells of its link, from any task or interrupt. For an unknown device it does nothing.
pub fn notify(device: Handle, up: bool, from_interrupt: bool) {
    let Ok(dev) = DEVICES.enter(device) else { return };
    told(&dev, up, from_interrupt);
}

/// As [`notify`]. A fall counts at once; what came up must show its address first, in the background.
/// Without a table the word of the driver is all there is.
fn told(dev: &Dev, up: bool, from_interrupt: bool) {
    let now = now_ms();
    // The entropy source is not for interrupts; the clock's low bits spread as well.
    let r = (now as u32).wrapping_mul(0x9E37_79B9) >> 7;
    let marked = attached(dev, |cs, link| {
        link.machine.told(now, up, r);
        dev.mark_link(cs, link.machine.is_up())
    });
    let waiting = marked.unwrap_or_else(|_| cs::with(|cs| dev.mark_link(cs, up)));
    if from_interrupt && !up {
        let _ = link(dev, |_, link| link.fell.set(true));
    }
    dev.link_marked(waiting, from_interrupt);
}

/// Makes of the machine's word the device's, in one step: an interrupt may tell meanwhile.
fn settle(dev: &Dev, from_interrupt: bool) {
    if let Ok(waiting) = attached(dev, |cs, link| dev.mark_link(cs, link.machine.is_up())) {
        dev.link_marked(waiting, from_interrupt);
    }
}

/// When there is background work next, in one look, as every wait begins with it; `None`: now, or only
/// a closer look can tell.
fn quiet() -> Option<Deadline> {
    let next = cs::with(|cs| {
        let mut next = Deadline::NONE;
        for link in LINKS.iter().map(|l| l.borrow(cs)) {
            if link.fell.get() {
                return None;
            }
            if link.device.get() != Handle::NONE {
                next = next.earliest(Deadline(link.machine.due()));
            }
        }
        // Without subscribers nobody remembers what was told.
        (SUBSCRIPTIONS.in_use() == 0).then_some(next)
    })?;
    (next.is_none() || next.0 > now_ms()).then_some(next)
}

/// Background work of all links; when it is to be called again, and whether there was some.
fn run(deadline: Deadline) -> (Deadline, bool) {
    if let Some(next) = quiet() {
        return (next, false);
    }
    let mut handles = [Handle::NONE; MAX_NETDEVS];
    let mut count = 0;
    DEVICES.each(|dev| {
        if let Some(to) = handles.get_mut(count) {
            *to = dev.handle();
            count += 1;
        }
    });
    let mut next = Deadline::NONE;
    let mut any = false;
    for handle in handles.into_iter().take(count) {
        // A callback may take its time: the device must be free to go meanwhile.
        if let Ok(dev) = DEVICES.enter(handle) {
            if link(&dev, |_, link| link.fell.replace(false)) == Ok(true) && !dev.is_up() {
                dev.wake_all();
            }
            let (due, acted) = work(&dev, deadline);
            next = next.earliest(due);
            any |= acted;
        }
    }
    if !link_events::deliver(&handles) {
        next = next.earliest(Deadline::after_ms(1));
        any = true;
    }
    (next, any)
}

/// Runs the machine of one device; when it is due again, and whether it did something.
fn work(dev: &Dev, deadline: Deadline) -> (Deadline, bool) {
    for n in 0..ACTS {
        let now = now_ms();
        // Only when something is due: entropy costs.
        match attached(dev, |_, link| link.machine.due()) {
            Ok(due) if due != 0 && due <= now => {}
            Ok(due) => return (Deadline(due), n > 0),
            Err(_) => return (Deadline::NONE, false),
        }
        let _turn = if dev.is_serial() {
            match dev.line().try_short() {
                Some(turn) => Some(turn),
                None => return (Deadline::after_ms(BUSY_MS), true),
            }
        } else {
            None
        };
        let r = random();
        let step = attached(dev, |_, link| {
            if link.working.get() {
                return None;
            }
            let act = link.machine.next(now, r);
            link.working.set(act != Act::None);
            Some((act, link.table.get(), link.params.get()))
        });
        let Ok(Some((act, Some(table), params))) = step else { return (Deadline::after_ms(BUSY_MS), true) };
        perform(dev, act, &table, params.as_ref(), deadline, r);
        let up = attached(dev, |_, link| {
            link.working.set(false);
            link.machine.is_up()
        });
        if up.is_ok_and(|up| up != dev.is_up()) {
            settle(dev, false);
        }
    }
    (Deadline::after_ms(1), true)
}

/// Does what the machine asks for, and tells it the answer.
fn perform(
    dev: &Dev,
    act: Act,
    table: &LinkTable,
    params: Option<&dunlin_connect_params>,
    deadline: Deadline,
    r: u32,
) {
    let give = |answer: &dyn Fn(&Machine, i64)| {
        let now = now_ms();
        let _ = attached(dev, |_, link| answer(&link.machine, now));
    };
    match act {
        Act::None => {}
        Act::Disconnect => {
            let _ = table.net_disconnect();
        }
        Act::Connect => {
            let slice = deadline.earliest(Deadline::after_ms(SLICE_MS));
            // What has `step` never waits.
            let until = if dev.table().has_step() { Deadline::NOW } else { slice };
            let tried = match params {
                Some(params) => table.net_connect(params, until),
                None => Err(Error::STATE),
            };
            let answer = match tried {
                Ok(_) | Err(Error::NOT_SUPPORTED) => Answer::Done,
                Err(Error::PENDING) => Answer::Pending,
                Err(Error::TIMEOUT | Error::WOULD_BLOCK | Error::INTERRUPTED) => Answer::Again,
                Err(e) => Answer::Failed(e),
            };
            give(&|m, now| m.connected(now, answer, r));
        }
        Act::Address => {
            let any = has_address(dev);
            give(&|m, now| m.addressed(now, any, r));
        }
        Act::Check => {
            let state = check(table);
            give(&|m, now| m.checked(now, state, r));
            if attached(dev, |_, link| link.machine.is_up()) == Ok(true) {
                let any = has_address(dev);
                give(&|m, now| m.addressed(now, any, r));
            }
        }
    }
}

/// How a device is: by its own word, or else by whether it answers at all.
fn check(table: &LinkTable) -> Result<bool> {
    match table.net_check() {
        Err(Error::NOT_SUPPORTED) => {
            let mut addr = [0; DUNLIN_HARDWARE_ADDR_MAX];
            match table.get_hardware_addr(&mut addr) {
                Ok(_) | Err(Error::NOT_SUPPORTED) => Ok(true),
                Err(e) => Err(e),
            }
        }
        other => other,
    }
}

/// Says whether the device has an address; one that cannot tell is believed.
fn has_address(dev: &Dev) -> bool {
    let mut addrs = [dunlin_addr::NONE; 1];
    match dev.table().addr(&mut addrs) {
        Ok(n) => n > 0,
        Err(fault) => fault.error == Error::NOT_SUPPORTED || fault.error == Error::BUFFER_TOO_SMALL,
    }
}

/// The hardware address and its length.
pub fn hardware_addr(dev: &Dev) -> Result<([u8; DUNLIN_HARDWARE_ADDR_MAX], usize)> {
    let table = table(dev).ok_or(Error::NOT_SUPPORTED)?;
    let mut addr = [0; DUNLIN_HARDWARE_ADDR_MAX];
    let len = in_turn(dev, || table.get_hardware_addr(&mut addr))?;
    Ok((addr, len))
}

/// The device is going: it is disconnected, and its table is not used any more.
fn leave(dev: &Dev) {
    let own = dev.handle();
    let table = link(dev, |_, link| {
        if link.device.get() != own || link.working.get() {
            return None;
        }
        link.device.set(Handle::NONE);
        let leaves = link.machine.is_wanted() || link.machine.phase() == Phase::Up;
        link.params.set(None);
        link.table.take().filter(|_| leaves)
    });
    if let Ok(Some(table)) = table {
        let _ = table.net_disconnect();
    }
}

/// Bytes of RAM of the links.
pub(crate) const MEMORY: usize = size_of::<[Mutex<Link>; MAX_NETDEVS]>();
