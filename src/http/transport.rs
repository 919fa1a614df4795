//! What a client keeps between requests: idle connections and spare head buffers (Go: the idle half
//! of `Transport`).

use super::url::Url;
use crate::arena::Buf;
use crate::config::{MAX_HTTP_CLIENTS, MAX_HTTP_RESPONSES};
use crate::error::{Error, Result};
use crate::net::conn::{self, Conn, ConnSlot};
use crate::net::Limit;
use crate::sync::lock::Lock;
use crate::time::{now_ms, Deadline};

/// Connections to longer addresses are not kept, so that an idle one stays small.
const KEY_MAX: usize = 96;

/// A connection that belongs to the client: ended when dropped.
pub(super) struct Owned {
    conn: Option<Conn>,
}

impl Owned {
    pub fn new(conn: Conn) -> Owned {
        Owned { conn: Some(conn) }
    }

    /// The connection; there is one until it is dropped.
    pub fn get(&self) -> Result<&Conn> {
        self.conn.as_ref().ok_or(Error::CLOSED)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            conn::end(conn);
        }
    }
}

/// Whom an idle connection leads to (Go: `connectMethodKey`).
#[derive(Clone, Copy)]
pub(super) struct Key {
    address: [u8; KEY_MAX],
    len: u8,
    secure: bool,
}

impl Key {
    pub const NONE: Key = Key { address: [0; KEY_MAX], len: 0, secure: false };

    /// The key of a URL's address; `None` if it is too long to be kept.
    pub fn of(url: &Url<'_>, address: &[u8]) -> Option<Key> {
        let mut key = Key { secure: url.is_secure(), len: u8::try_from(address.len()).ok()?, ..Key::NONE };
        key.address.get_mut(..address.len())?.copy_from_slice(address);
        Some(key)
    }

    fn is(&self, other: &Key) -> bool {
        (self.len, self.secure) == (other.len, other.secure) && self.address == other.address
    }
}

/// A connection that waits for the next request.
pub(super) struct Idle {
    conn: Owned,
    key: Key,
    /// Has never carried a request.
    fresh: bool,
    /// When it is closed, 0 is never.
    expires: i64,
    /// Grows with every return, so that the oldest is known.
    since: u32,
}

struct State {
    idle: Option<Buf<Option<Idle>>>,
    spare: [Option<Buf<u8>>; MAX_HTTP_RESPONSES],
    returns: u32,
}

const EMPTY: State = State { idle: None, spare: [const { None }; MAX_HTTP_RESPONSES], returns: 0 };

/// Bytes of RAM all of it takes.
pub(crate) const MEMORY: usize = core::mem::size_of::<Lock<[State; MAX_HTTP_CLIENTS]>>();

static STATES: Lock<[State; MAX_HTTP_CLIENTS]> = Lock::new([EMPTY; MAX_HTTP_CLIENTS]);

/// Makes the lock; `dunlin_init` does it.
pub(crate) fn init() -> Result<()> {
    STATES.init()
}

/// Gives the lock back.
pub(crate) fn free() {
    STATES.free();
}

/// Runs `f` on a client's state. What `f` takes out is dropped by the caller, without the lock: to end
/// a connection is a driver's call.
fn with<R>(client: u16, f: impl FnOnce(&mut State) -> R) -> Option<R> {
    STATES.lock().get_mut(usize::from(client)).map(f)
}

/// Bytes of the arena that [`open`] takes, beside what the allocator adds for each piece.
pub(super) fn memory_needed(idle: usize, buffers: usize, buffer_len: usize) -> usize {
    let idle = idle.saturating_mul(core::mem::size_of::<Option<Idle>>());
    idle.saturating_add(buffers.saturating_mul(buffer_len))
}

/// Takes a client's memory: places for `idle` connections, `buffers` head buffers.
pub(super) fn open(client: u16, idle: usize, buffers: usize, buffer_len: usize) -> Result<()> {
    let mut made = EMPTY;
    made.idle = Some(Buf::new(idle, |_| None)?);
    for place in made.spare.iter_mut().take(buffers) {
        *place = Some(Buf::new(buffer_len, |_| 0)?);
    }
    with(client, |state| core::mem::swap(state, &mut made));
    Ok(())
}

/// Ends the idle connections and gives the memory back; buffers that are out come back by
/// [`give_buffer`], to the arena.
pub(super) fn close(client: u16) {
    drop(with(client, |state| core::mem::replace(state, EMPTY)));
}

/// A spare head buffer; `NO_SLOT` when as many answers are open as the client has buffers.
pub(super) fn take_buffer(client: u16) -> Result<Buf<u8>> {
    with(client, |state| state.spare.iter_mut().find_map(Option::take)).flatten().ok_or(Error::NO_SLOT)
}

/// Says whether there is a spare head buffer.
pub(super) fn has_buffer(client: u16) -> bool {
    with(client, |state| state.spare.iter().any(Option::is_some)).unwrap_or(false)
}

/// Takes a head buffer back.
pub(super) fn give_buffer(client: u16, buffer: Buf<u8>) {
    let mut buffer = Some(buffer);
    with(client, |state| {
        // A client that was closed keeps nothing.
        if state.idle.is_some() {
            if let Some(place) = state.spare.iter_mut().find(|p| p.is_none()) {
                *place = buffer.take();
            }
        }
    });
}

/// An idle connection's bytes may only come from a peer that is out of step, its end from one that left.
fn is_alive(conn: &ConnSlot) -> bool {
    conn.read(&mut [0], Limit::NOW) == Err(Error::WOULD_BLOCK)
}

/// The connection to `key` that was used last and is still good, and whether it ever carried a
/// request (Go: `queueForIdleConn`).
pub(super) fn take(client: u16, key: &Key) -> Option<(Owned, bool)> {
    loop {
        let idle = with(client, |state| {
            let places = state.idle.as_deref_mut()?.iter_mut();
            let same = places.filter(|p| p.as_ref().is_some_and(|i| i.key.is(key)));
            same.max_by_key(|p| p.as_ref().map_or(0, |i| i.since))?.take()
        })
        .flatten()?;
        let expired = idle.expires != 0 && idle.expires <= now_ms();
        if !expired && (idle.fresh || idle.conn.get().is_ok_and(|c| is_alive(c))) {
            return Some((idle.conn, !idle.fresh));
        }
    }
}

/// Keeps a connection until `lifetime`; the oldest makes room.
pub(super) fn put(client: u16, conn: Owned, key: Key, fresh: bool, lifetime: Deadline) {
    let mut new = Some(Idle { conn, key, fresh, expires: lifetime.0, since: 0 });
    let old = with(client, |state| {
        state.returns = state.returns.wrapping_add(1);
        if let Some(new) = &mut new {
            new.since = state.returns;
        }
        let places = state.idle.as_deref_mut()?.iter_mut();
        let place = places.min_by_key(|p| p.as_ref().map_or(0, |i| i.since))?;
        core::mem::replace(place, new.take())
    });
    drop((old, new));
}

/// Ends the connection that is idle longest; false when there is none.
pub(super) fn drop_oldest(client: u16) -> bool {
    let old = with(client, |state| {
        let places = state.idle.as_deref_mut()?.iter_mut().filter(|p| p.is_some());
        places.min_by_key(|p| p.as_ref().map_or(0, |i| i.since))?.take()
    });
    old.flatten().is_some()
}

/// Ends every idle connection (Go: `CloseIdleConnections`).
pub(super) fn drop_all(client: u16) {
    while drop_oldest(client) {}
}

/// Ends the connections whose time is over; when the next one's is.
pub(super) fn expire(client: u16) -> Deadline {
    loop {
        let now = now_ms();
        let mut next = Deadline::NONE;
        let old = with(client, |state| {
            let places = state.idle.as_deref_mut()?.iter_mut();
            for place in places {
                match place.as_ref().map_or(0, |i| i.expires) {
                    0 => {}
                    at if at <= now => return place.take(),
                    at => next = next.earliest(Deadline(at)),
                }
            }
            None
        });
        if old.flatten().is_none() {
            return next;
        }
    }
}

/// How many connections are idle.
pub(super) fn idle(client: u16) -> usize {
    with(client, |state| state.idle.as_deref().map_or(0, |i| i.iter().flatten().count())).unwrap_or(0)
}
