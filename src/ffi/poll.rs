//! Header section "Waiting for many".

use super::arg;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::http::server::watch as server_watch;
use crate::http::{client, client_response};
use crate::net::poll::{self, Item};
use crate::netdev::pollset::PollSet;
use crate::runtime;
use crate::time::Deadline;

/// One handle of a set, made by `DUNLIN_POLL(handle, events)`. Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_poll_item {
    /// The object: see `dunlin_poll`.
    pub handle: i32,
    /// What is asked: `DUNLIN_READABLE`, `DUNLIN_WRITABLE`.
    pub events: u16,
    /// What is so; also `DUNLIN_HANGUP` and `DUNLIN_ERROR`, which need not be asked for.
    pub revents: u16,
}

impl Item for dunlin_poll_item {
    fn handle(&self) -> Handle {
        Handle(self.handle)
    }

    fn events(&self) -> u16 {
        self.events
    }

    fn set_revents(&mut self, revents: u16) {
        self.revents = revents;
    }

    fn revents(&self) -> u16 {
        self.revents
    }
}

/// What the floors above the net floor add to a set.
fn watch(handle: Handle, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    match handle.kind() {
        k if k == Kind::HttpResponse as u8 => client_response::watch(handle, events, set, token),
        k if k == Kind::HttpClient as u8 => client::watch(handle, events, set),
        k if k == Kind::HttpServer as u8 => server_watch::server(handle, events, set, token),
        k if k == Kind::Exchange as u8 => server_watch::exchange(handle, events, set, token),
        _ => poll::watch(handle, events, set, token),
    }
}

/// dunlin_poll waits until one of the handles is ready, on any devices at once (POSIX: `poll`).
/// What the events mean:
///
/// - connection, packet connection: a read, a write would not block; on a device that cannot tell,
///   writable means "try", and so does a packet connection's readable where no datagram can be peeked.
/// - listener: readable, an accept would not block.
/// - cancel token: readable, it was canceled.
/// - HTTP response: readable, a read of the body would not block.
/// - HTTP exchange, in its handler or detached: readable, a read gives bytes, the end of the body or
///   an error without blocking, or has to ask a peer that waits for `100 Continue`; writable, the
///   answer takes at least a byte, or the next event whole; `DUNLIN_HANGUP`, the peer has left. The
///   handler's worker serves nobody else while it is in here. Events leave when a task serves.
/// - HTTP server: readable, `dunlin_http_server_serve_until(server, -1)` has something to do. While
///   no task serves, that takes a place in the set for each of the server's connections and
///   listeners.
/// - HTTP client: writable, a request finds a place at once, instead of `DUNLIN_ERR_NO_SLOT`; seen
///   within 10 ms.
/// - netdev: readable and writable, its link is up; `DUNLIN_HANGUP`, it is down: asked for by that
///   event, or by none. So both changes can be waited for.
///
/// A handle that is closed, also meanwhile, or that was never one, is ready with `DUNLIN_ERROR`. A
/// set of none waits as `dunlin_run` does.
///
/// Returns how many are ready, with their `revents` set; 0 at `deadline`. `DUNLIN_ERR_INVALID` for
/// NULL or more than 65535 items, `DUNLIN_ERR_NO_SLOT` for more sockets than `DUNLIN_MAX_POLL`, or
/// when too many tasks wait already.
/// Blocks up to `deadline`. Any task; `items` is Dunlin's until it returns.
#[no_mangle]
pub unsafe extern "C" fn dunlin_poll(items: *mut dunlin_poll_item, count: u32, deadline: i64) -> i32 {
    arg::number(|| {
        if count > u32::from(u16::MAX) {
            return Err(Error::INVALID);
        }
        if count == 0 {
            // Nothing in it goes stale, so nothing else would end the wait with the library.
            return runtime::run(Deadline(deadline)).map(|()| 0);
        }
        // SAFETY: items by the caller's word.
        let items = unsafe { arg::list_mut(items, count as usize) }?;
        poll::poll(items, Deadline(deadline), watch)
    })
}
