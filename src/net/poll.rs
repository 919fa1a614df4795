//! Waiting for any of many objects (`dunlin_poll`): connections, listeners, cancel tokens, on any
//! devices at once.

use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::cancel::CANCELS;
use crate::net::conn::CONNS;
use crate::net::listen::LISTENERS;
use crate::net::packet::PACKETS;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{DUNLIN_ERROR, DUNLIN_HANGUP, DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::netdev::DEVICES;
use crate::sync::park;
use crate::time::Deadline;

/// One object of a set.
pub trait Item {
    /// The object.
    fn handle(&self) -> Handle;
    /// What is asked.
    fn events(&self) -> u16;
    /// Stores what is so.
    fn set_revents(&mut self, revents: u16);
    /// What is so.
    fn revents(&self) -> u16;
}

/// Adds an object of the net floor to a set, or says what is ready.
pub fn watch(handle: Handle, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    let asked = events & DUNLIN_READABLE != 0;
    match handle.kind() {
        k if k == Kind::Conn as u8 => CONNS.enter(handle)?.watch(events, set, token),
        k if k == Kind::Listener as u8 => {
            let listener = LISTENERS.enter(handle)?;
            // Not asked for, it still must be seen when it is closed, and nothing else.
            if asked {
                listener.watch(set, token)
            } else {
                Ok(0)
            }
        }
        k if k == Kind::PacketConn as u8 => PACKETS.enter(handle)?.watch(events, set, token),
        k if k == Kind::Cancel as u8 => {
            let canceled = CANCELS.enter(handle)?.is_canceled();
            Ok(if canceled && asked { DUNLIN_READABLE } else { 0 })
        }
        k if k == Kind::Netdev as u8 => {
            let up = DEVICES.enter(handle)?.is_up();
            let either = events & (DUNLIN_READABLE | DUNLIN_WRITABLE);
            let falls = either == 0 || events & DUNLIN_HANGUP != 0;
            Ok(match up {
                true => either,
                false if falls => DUNLIN_HANGUP,
                false => 0,
            })
        }
        _ => Err(Error::BAD_HANDLE),
    }
}

/// Waits until one of `items` is ready; how many are, 0 when the deadline came. An object that is
/// closed or was never there counts as ready, with `DUNLIN_ERROR`. `watch` adds one to the set.
pub fn poll<I: Item>(
    items: &mut [I],
    deadline: Deadline,
    mut watch: impl FnMut(Handle, u16, &mut PollSet, u16) -> Result<u16>,
) -> Result<usize> {
    let task = park::table().acquire()?;
    let mut set = PollSet::new();
    loop {
        set.begin(&task);
        for (i, item) in items.iter_mut().enumerate() {
            let token = u16::try_from(i).map_err(|_| Error::INVALID)?;
            let found = match watch(item.handle(), item.events(), &mut set, token) {
                Ok(ready) => ready,
                Err(Error::NO_SLOT) => return Err(Error::NO_SLOT),
                Err(_) => DUNLIN_ERROR,
            };
            if found != 0 {
                set.add_ready();
            }
            item.set_revents(found);
        }
        set.wait(&task, deadline);
        for (token, revents) in set.events() {
            if let Some(item) = items.get_mut(usize::from(token)) {
                // What a server's connections wait for is the server's own affair.
                let server = item.handle().kind() == Kind::HttpServer as u8;
                item.set_revents(item.revents() | if server { DUNLIN_READABLE } else { revents });
            }
        }
        let ready = items.iter().filter(|i| i.revents() != 0).count();
        if ready > 0 || deadline.is_past() {
            return Ok(ready);
        }
    }
}
