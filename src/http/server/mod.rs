//! The HTTP server (Go: `http.Server`).
//!
//! Tasks that call [`ServerSlot::serve`] are its workers. One of them at a time steps the poll set, to
//! which every connection without a handler belongs; when a request is complete, a worker runs its
//! handler and another one takes over. [`state`] is what there is, [`poll`] steps it, [`step`] is one
//! connection's way, [`intake`] what becomes of a head, [`answer`] and [`fields`] make the answer;
//! [`exchange`], [`reply`], [`stream`] and [`event`] are what a handler calls, [`watch`] what `dunlin_poll` asks.

mod answer;
pub mod config;
pub mod event;
pub mod exchange;
mod fields;
pub mod hijack;
mod intake;
mod poll;
mod redirect;
pub mod reply;
pub mod route;
mod run;
mod state;
mod step;
pub mod stream;
#[cfg(test)]
mod tests;
pub mod values;
pub mod watch;

use core::cell::Cell;

use crate::arena::Buf;
use crate::config::MAX_HTTP_SERVERS;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::http::mux::{Mux, Record, Routes};
use crate::net::conn::{self, Conn};
use crate::net::listen::{self, ListenConfig, Listener};
use crate::netdev::pollset::PollSet;
use crate::netdev::table::dunlin_addr;
use crate::sync::cs::{self, Mutex};
use crate::sync::lock::{Lock, LockGuard};
use crate::sync::park::TaskRef;
use crate::sync::pool::{Guard, Pool, Slot as PoolSlot};
use crate::time::Deadline;
use config::{Settings, MAX_LISTEN};
use exchange::EXCHANGES;
use state::{Clock, Core, Ctx, Life, Phase, Slot};

pub use config::Config;
pub use exchange::Exchange;
pub use route::{dunlin_http_exchange_t, dunlin_http_route, OnClose, Route, Table, View};
pub use state::Stats;

/// A server's place.
pub struct ServerSlot {
    core: Lock<Option<Core>>,
    /// The locks exist.
    made: Mutex<Cell<bool>>,
}

/// A server in use.
pub type Server = Guard<ServerSlot, MAX_HTTP_SERVERS>;

/// All servers.
pub static SERVERS: Pool<ServerSlot, MAX_HTTP_SERVERS> = Pool::new();

impl PoolSlot for ServerSlot {
    const KIND: Kind = Kind::HttpServer;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ServerSlot = ServerSlot { core: Lock::new(None), made: Mutex::new(Cell::new(false)) };

    fn finish(&self) {
        if !cs::with(|cs| self.made.borrow(cs).replace(false)) {
            return;
        }
        let core = self.core.lock().take();
        if let Some(mut core) = core {
            core.end_all();
            // Detached exchanges whose owners did not finish them.
            for slot in core.slots.iter() {
                let _ = EXCHANGES.close(slot.exchange);
            }
        }
        self.core.free();
    }
}

/// Makes a server; its memory comes from the arena, [`memory_needed`] bytes, and it takes no more.
///
/// Errors: `INVALID` for limits that make no sense or exceed the build's, `HTTP_PATTERN` and
/// `HTTP_PATTERN_CONFLICT` for the routes, `NO_SLOT`, `NO_MEMORY`.
pub fn new(config: &Config) -> Result<Server> {
    let set = Settings::of(config)?;
    config.routes.check()?;
    let each = set.head_cap() + set.out_cap();
    let bulk = each.checked_mul(set.requests).ok_or(Error::NO_MEMORY)?;
    let mut records = Buf::new(config.routes.count(), |_| Record::default())?;
    if !config.routes.takes_all() {
        Mux::build(&config.routes, &mut records).map_err(|e| e.error())?;
    }
    let mut core = Core {
        table: config.routes,
        records,
        slots: Buf::new(set.conns, |_| Slot::FREE)?,
        ctxs: Buf::new(set.requests, |_| Ctx::FREE)?,
        memory: Buf::new(bulk, |_| 0)?,
        listeners: [const { None }; MAX_LISTEN],
        poll: Some(Buf::new(1, |_| PollSet::new())?),
        clock: Clock::default(),
        date: answer::DateLine::NONE,
        leader: TaskRef::NONE,
        workers: 0,
        waiters: 0,
        full_until: Deadline::NONE,
        due: Deadline::NONE,
        ready: false,
        listener_ready: false,
        watched: false,
        gone: false,
        own: Handle::NONE,
        life: Life::Open,
        stats: Stats::default(),
        set,
    };
    let server = SERVERS.claim()?;
    if let Err(e) = server.core.init() {
        server.close();
        return Err(e);
    }
    cs::with(|cs| server.made.borrow(cs).set(true));
    core.own = server.handle();
    *server.core.lock() = Some(core);
    Ok(server)
}

/// Bytes that [`new`] takes from the arena, beside the allocator's own few bytes for each of four
/// pieces.
pub fn memory_needed(config: &Config) -> Result<usize> {
    Settings::of(config)?.memory(config.routes.count())
}

/// A server by its handle.
pub fn enter(handle: Handle) -> Result<Server> {
    SERVERS.enter(handle)
}

/// Closes a server at once (Go: `Server.Close`): listeners and connections end, `serve` returns
/// `HTTP_SERVER_CLOSED` in every worker; what a handler was given stays until it returns.
pub fn close(handle: Handle) -> Result<()> {
    let server = SERVERS.enter(handle)?;
    // Owners of detached exchanges are told first, so that they can still finish them.
    server.stop();
    if server.close() {
        Ok(())
    } else {
        Err(Error::BAD_HANDLE)
    }
}

/// Closes a server from the inside.
pub fn end(server: Server) {
    server.stop();
    server.close();
}

impl Core {
    fn end_all(&mut self) {
        for listener in &mut self.listeners {
            if let Some(listener) = listener.take() {
                listen::end(listener);
            }
        }
        for i in 0..self.slots.len() {
            self.end(i);
        }
    }
}

impl ServerSlot {
    fn lock(&self) -> LockGuard<'_, Option<Core>> {
        let mut lock = self.core.lock();
        if let Some(core) = &mut *lock {
            core.clock.reset();
        }
        lock
    }

    /// Runs `f` with the server's state; `CLOSED` when there is none any more.
    fn with<R>(&self, f: impl FnOnce(&mut Core) -> Result<R>) -> Result<R> {
        match &mut *self.lock() {
            Some(core) => f(core),
            None => Err(Error::CLOSED),
        }
    }

    fn stop(&self) {
        let _ = self.with(|core| {
            core.life = Life::Closed;
            core.end_all();
            core.wake_all();
            Ok(())
        });
        self.tell_gone();
    }

    /// Listens on one more address, at most four (Go: `net.Listen` and `Server.Serve`). Before or
    /// while workers serve.
    pub fn listen(&self, device: Option<&[u8]>, network: &[u8], address: &[u8], backlog: u32) -> Result<()> {
        self.add(listen::listen(device, network, address, backlog)?)
    }

    /// As [`Server::listen`], with all that can be said of a listener.
    pub fn listen_with(&self, config: &ListenConfig<'_>, network: &[u8], address: &[u8]) -> Result<()> {
        self.add(listen::listen_with(config, network, address)?)
    }

    fn add(&self, listener: Listener) -> Result<()> {
        let mut listener = Some(listener);
        let done = self.with(|core| {
            if core.life != Life::Open {
                return Err(Error::HTTP_SERVER_CLOSED);
            }
            let free = core.listeners.iter_mut().find(|l| l.is_none()).ok_or(Error::NO_SLOT)?;
            *free = listener.take();
            core.tell();
            Ok(())
        });
        if let Some(listener) = listener {
            listen::end(listener);
        }
        done
    }

    /// The address of a listener, numbered in the order of [`ServerSlot::listen`].
    pub fn local_addr(&self, number: usize) -> Result<dunlin_addr> {
        self.with(|core| match core.listeners.get(number) {
            Some(Some(listener)) => listener.local_addr(),
            _ => Err(Error::INVALID),
        })
    }

    /// Serves a connection that was made elsewhere. `NO_SLOT` when none can be had for it; it is
    /// closed then.
    pub fn adopt(&self, conn: Conn) -> Result<()> {
        let mut conn = Some(conn);
        let done = self.with(|core| {
            if core.life != Life::Open {
                return Err(Error::HTTP_SERVER_CLOSED);
            }
            if core.slots.iter().all(|s| s.phase != Phase::Free) && !core.evict(false) {
                return Err(Error::NO_SLOT);
            }
            if let Some(conn) = conn.take() {
                core.adopt(conn);
            }
            core.wake_one();
            Ok(())
        });
        if let Some(conn) = conn {
            conn::end(conn);
        }
        done
    }

    /// The counters.
    pub fn stats(&self) -> Result<Stats> {
        self.with(|core| Ok(core.stats))
    }
}
