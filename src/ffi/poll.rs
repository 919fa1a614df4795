//! Header section "Waiting for many".

use super::arg;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::http::client_response;
use crate::net::poll::{self, Item};
use crate::netdev::pollset::PollSet;
use crate::runtime;
use crate::time::Deadline;

/// One handle of a set, made by `DUNLIN_POLL(handle, events)`. Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_poll_item {
    /// A connection, a listener, a cancel token or an HTTP response.
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
    if handle.kind() == Kind::HttpResponse as u8 {
        return client_response::watch(handle, events, set, token);
    }
    poll::watch(handle, events, set, token)
}

/// dunlin_poll waits until one of the handles is ready, on any devices at once (POSIX: `poll`).
/// Readable: a read or an accept would not block, or a token was canceled. Writable: a write would
/// not block; on a device that cannot tell it means "try". A handle that is closed, also meanwhile,
/// or that was never one, is ready with `DUNLIN_ERROR`. A set of none waits as `dunlin_run` does.
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
