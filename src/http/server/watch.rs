//! Servers and exchanges in somebody else's poll set (`dunlin_poll`).

use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::server::exchange::Exchange;
use crate::http::server::state::{Continue, Life, Parts};
use crate::http::server::SERVERS;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{DUNLIN_HANGUP, DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::sync::park::TaskRef;

/// Adds a server to a set: readable when [`super::ServerSlot::serve_until`] has something to do at once. That is
/// a request that waits for a worker, the server's end, and while no task serves, all that a worker would
/// see to: connections that come, that can be read or written, and times that are over.
pub fn server(handle: Handle, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    let server = SERVERS.enter(handle)?;
    server.with(|core| {
        core.watched = true;
        let over = core.life == Life::Closed || (core.life == Life::Closing && core.is_quiet());
        if events & DUNLIN_READABLE == 0 {
            return Ok(0);
        }
        if over || core.others_wait() {
            return Ok(DUNLIN_READABLE);
        }
        if core.leader != TaskRef::NONE {
            return Ok(0);
        }
        let until = core.fill_as(set, Some(token));
        if set.is_full() {
            return Err(Error::NO_SLOT);
        }
        set.add_deadline(until);
        let due = !until.is_none() && until.is_past();
        let ready = due || core.listener_ready || core.slots.iter().any(|s| s.ready != 0);
        Ok(if ready { DUNLIN_READABLE } else { 0 })
    })
}

/// Adds an exchange to a set, or says what is so: readable when a read would give bytes, the end of the
/// body or an error; writable when the answer takes at least a byte, or the next event; hung up when the
/// peer has left.
pub fn exchange(handle: Handle, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    Exchange::of(handle).hold()?.core(|core, i| {
        core.watched = true;
        let p = core.parts(i)?;
        if p.x.broken || p.slot.gone || p.slot.conn.is_none() {
            return Ok(DUNLIN_HANGUP | (events & (DUNLIN_READABLE | DUNLIN_WRITABLE)));
        }
        let mut ready = 0;
        let mut wanted = 0;
        if events & DUNLIN_READABLE != 0 {
            match p.can_read() {
                true => ready |= DUNLIN_READABLE,
                false => wanted |= DUNLIN_READABLE,
            }
        }
        if events & DUNLIN_WRITABLE != 0 {
            // Events are sent by the server's workers, which tell when they are out.
            match (p.can_write(), p.x.events) {
                (true, _) => ready |= DUNLIN_WRITABLE,
                (false, false) => wanted |= DUNLIN_WRITABLE,
                (false, true) => {}
            }
        }
        if wanted != 0 {
            let conn = p.slot.conn.as_ref().ok_or(Error::CLOSED)?;
            ready |= conn.watch(wanted, set, token)?;
        }
        Ok(ready)
    })
}

impl Parts<'_> {
    /// A read would find something without asking the connection; or has to ask the peer for it, which
    /// waits to be asked.
    fn can_read(&self) -> bool {
        if self.x.body_error.is_some() || self.x.body.is_done() || self.x.body.exceeds_cap() {
            return true;
        }
        if self.x.cont == Continue::Wanted && !self.x.head_made {
            return true;
        }
        // What came may be framing alone: only data and the end are something.
        let mut body = self.x.body.clone();
        let mut input = self.unread();
        while !input.is_empty() {
            match body.step(input, 1) {
                Ok(step) if step.data == 0 && !body.is_done() => match input.get(step.used()..) {
                    Some(rest) if step.used() > 0 => input = rest,
                    _ => return true,
                },
                _ => return true,
            }
        }
        false
    }

    /// A write would take at least one byte, or an event.
    fn can_write(&self) -> bool {
        match self.x.events {
            true => self.x.out_len == self.x.sent && self.x.tail == 0,
            false => (self.x.out_len as usize) < self.set.output_len,
        }
    }
}
