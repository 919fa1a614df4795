//! The library's life: from init to deinit, and what is in use meanwhile.
#![allow(unsafe_code)]

use core::ffi::CStr;
use core::mem::size_of_val;

use portable_atomic::{
    AtomicU8,
    Ordering::{Acquire, Release},
};

use crate::arena;
use crate::config::{
    MAX_CANCELS, MAX_CONNS, MAX_HTTP_CLIENTS, MAX_HTTP_EXCHANGES, MAX_HTTP_RESPONSES, MAX_HTTP_SERVERS,
    MAX_LISTENERS, MAX_NETDEVS, MAX_PACKET_CONNS, MAX_PIPES, MAX_SUBSCRIPTIONS, MAX_TASKS,
};
use crate::error::{Error, Result};
use crate::http::client::{self, CLIENTS};
use crate::http::client_response::RESPONSES;
use crate::http::server::exchange::EXCHANGES;
use crate::http::server::{self, SERVERS};
use crate::http::transport;
use crate::net::cancel::CANCELS;
use crate::net::conn::CONNS;
use crate::net::listen::LISTENERS;
use crate::net::packet::PACKETS;
use crate::netdev::link_events::SUBSCRIPTIONS;
use crate::netdev::registry::on_duty;
use crate::netdev::{netlink, DEVICES};
use crate::sync::cs;
use crate::sync::{inside, park, rendezvous};
use crate::{net, time::Deadline};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Down,
    Starting,
    Up,
    Ending,
    /// A deinit gave up: tasks were still inside.
    Stuck,
}

/// A [`Life`]; changed in a critical section.
static LIFE: AtomicU8 = AtomicU8::new(Life::Down as u8);

/// What is taken now; equal counts before and after show that nothing leaked.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Bytes and pieces of the arena.
    pub arena: arena::Stats,
    /// Devices registered.
    pub netdevs: usize,
    /// Sockets open on them.
    pub sockets: usize,
    /// Connections, pipe ends included.
    pub conns: usize,
    /// Listeners.
    pub listeners: usize,
    /// Packet connections.
    pub packet_conns: usize,
    /// Pipes.
    pub pipes: usize,
    /// Cancel tokens.
    pub cancels: usize,
    /// HTTP servers.
    pub http_servers: usize,
    /// Subscriptions to the events of links.
    pub subscriptions: usize,
    /// Requests being served.
    pub http_exchanges: usize,
    /// HTTP clients.
    pub http_clients: usize,
    /// Answers open at them.
    pub http_responses: usize,
    /// Tasks that wait inside the library.
    pub tasks: usize,
}

fn change(from: Life, to: Life) -> Result<()> {
    cs::with(|_| {
        if LIFE.load(Acquire) != from as u8 {
            return Err(Error::STATE);
        }
        LIFE.store(to as u8, Release);
        Ok(())
    })
}

/// Makes the library ready, with `memory` as its arena. `STATE` when it is already.
pub fn init(memory: &'static mut [u8]) -> Result<()> {
    // SAFETY: the borrow is exclusive and for ever.
    unsafe { init_raw(memory.as_mut_ptr(), memory.len()) }
}

/// As [`init`].
///
/// # Safety
/// `memory` points to `len` bytes that nobody else uses until [`deinit`]; NULL with 0 is no arena.
pub unsafe fn init_raw(memory: *mut u8, len: usize) -> Result<()> {
    change(Life::Down, Life::Starting)?;
    // SAFETY: the caller's promise.
    let made = unsafe { make(memory, len) };
    let _ = change(Life::Starting, if made.is_ok() { Life::Up } else { Life::Down });
    made
}

/// Makes the parts; one that fails takes back those before it.
///
/// # Safety
/// As [`init_raw`].
unsafe fn make(memory: *mut u8, len: usize) -> Result<()> {
    park::table().init()?;
    let rest = rendezvous::init().and_then(|()| {
        let rest = client::init().and_then(|()| {
            // SAFETY: the caller's promise.
            unsafe { arena::init(memory, len) }.inspect_err(|_| client::free())
        });
        rest.inspect_err(|_| rendezvous::free())
    });
    rest.inspect_err(|_| park::table().free())
}

/// Says whether the library is between init and deinit; everything else is refused otherwise.
pub fn is_up() -> bool {
    LIFE.load(Acquire) == Life::Up as u8
}

/// Ends every connection, listener, token and device. `BUSY` when tasks are still inside after
/// `deadline`: then the library is not usable, and deinit may be tried again.
pub fn deinit(deadline: Deadline) -> Result<()> {
    change(Life::Up, Life::Ending).or_else(|_| change(Life::Stuck, Life::Ending))?;
    let ended = end_all(deadline);
    if ended.is_ok() {
        arena::free();
        net::lookup::free();
        client::free();
        rendezvous::free();
        park::table().free();
    }
    let _ = change(Life::Ending, if ended.is_ok() { Life::Down } else { Life::Stuck });
    ended
}

fn end_all(deadline: Deadline) -> Result<()> {
    client::close_all();
    SERVERS.each(|s| {
        let _ = server::close(s.handle());
    });
    // One that another task closed meanwhile is gone all the same.
    LISTENERS.each(|l| {
        let _ = net::listen::close(l.handle());
    });
    PACKETS.each(|p| {
        let _ = net::packet::close(p.handle());
    });
    CONNS.each(|c| {
        let _ = net::conn::close(c.handle());
    });
    CANCELS.each(|c| {
        let _ = net::cancel::close(c.handle());
    });
    SUBSCRIPTIONS.each(|s| {
        s.close();
    });
    // A walk holds a device in flight; unregister needs it to itself, so one is found at a time.
    while let Some(handle) = first_device() {
        net::device::unregister(handle, deadline).map_err(|_| Error::BUSY)?;
    }
    // Who was woken needs a moment to leave.
    let task = park::table().acquire().map_err(|_| Error::BUSY)?;
    loop {
        park::table().wake_pollers(false);
        let inside = CONNS.in_use()
            + LISTENERS.in_use()
            + PACKETS.in_use()
            + CANCELS.in_use()
            + DEVICES.in_use()
            + CLIENTS.in_use()
            + RESPONSES.in_use()
            + SERVERS.in_use();
        if inside == 0 && park::table().in_use() == 1 {
            return Ok(());
        }
        if deadline.is_past() {
            return Err(Error::BUSY);
        }
        cs::with(|cs| task.prepare(cs));
        task.wait(Deadline::after_ms(5).earliest(deadline));
    }
}

/// Does the background work (of devices, of idle connections) until `deadline`, or until the
/// library ends: for a task that has nothing else to wait for.
pub fn run(deadline: Deadline) -> Result<()> {
    let task = park::table().acquire()?;
    loop {
        // Before the look: a deinit from here on wakes it.
        task.begin_poll();
        if !is_up() {
            break;
        }
        let next = on_duty(&task, deadline).until.earliest(client::run());
        if deadline.is_past() {
            break;
        }
        task.wait(next.earliest(deadline));
    }
    task.end_poll();
    Ok(())
}

fn first_device() -> Option<crate::handle::Handle> {
    let mut first = None;
    DEVICES.each(|dev| {
        first.get_or_insert(dev.handle());
    });
    first
}

/// What is in use now; nothing when the library is not up.
pub fn usage() -> Usage {
    if !is_up() {
        return Usage::default();
    }
    let mut sockets = 0;
    DEVICES.each(|dev| sockets += dev.sockets() as usize);
    Usage {
        arena: arena::stats(),
        netdevs: DEVICES.in_use(),
        sockets,
        conns: CONNS.in_use(),
        listeners: LISTENERS.in_use(),
        packet_conns: PACKETS.in_use(),
        pipes: rendezvous::in_use(),
        cancels: CANCELS.in_use(),
        http_servers: SERVERS.in_use(),
        subscriptions: SUBSCRIPTIONS.in_use(),
        http_exchanges: EXCHANGES.in_use(),
        http_clients: CLIENTS.in_use(),
        http_responses: RESPONSES.in_use(),
        tasks: park::table().in_use(),
    }
}

/// The library's RAM, the arena apart: `visit` gets each pool's name, its places, and their bytes.
pub fn memory(visit: &mut dyn FnMut(&'static CStr, usize, usize)) {
    visit(c"netdevs", MAX_NETDEVS, size_of_val(&DEVICES));
    visit(c"links", MAX_NETDEVS, netlink::MEMORY);
    visit(c"link subscriptions", MAX_SUBSCRIPTIONS, size_of_val(&SUBSCRIPTIONS));
    visit(c"conns", MAX_CONNS, size_of_val(&CONNS));
    visit(c"listeners", MAX_LISTENERS, size_of_val(&LISTENERS));
    visit(c"packet conns", MAX_PACKET_CONNS, size_of_val(&PACKETS));
    visit(c"pipes", MAX_PIPES, rendezvous::MEMORY);
    visit(c"cancel tokens", MAX_CANCELS, size_of_val(&CANCELS));
    visit(c"tasks", MAX_TASKS, size_of_val(park::table()) + inside::MEMORY);
    visit(c"http servers", MAX_HTTP_SERVERS, size_of_val(&SERVERS));
    visit(c"http exchanges", MAX_HTTP_EXCHANGES, size_of_val(&EXCHANGES));
    visit(c"http clients", MAX_HTTP_CLIENTS, size_of_val(&CLIENTS) + transport::MEMORY);
    visit(c"http responses", MAX_HTTP_RESPONSES, size_of_val(&RESPONSES));
    visit(c"arena's book", 1, arena::MEMORY);
}
