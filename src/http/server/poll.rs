//! The poll set: every connection without a handler, stepped by one task at a time.

use crate::error::Error;
use crate::handle::Handle;
use crate::http::server::route::OnClose;
use crate::http::server::state::{Core, Ctx, Life, Phase, Slot, NO_CTX};
use crate::net::conn::{Conn, Limit};
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{DUNLIN_ERROR, DUNLIN_HANGUP, DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::sync::park;
use crate::time::Deadline;

/// Tokens of listeners; connections are numbered from 0.
const LISTENER: u16 = 0x8000;
/// A connection this young is not ended to make room for another.
const GRACE_MS: i64 = 500;
/// How long accepting rests when it cannot work.
const REST_MS: i64 = 50;

/// Whether a new connection can be had.
enum Room {
    Now,
    At(i64),
    Never,
}

impl Core {
    /// Puts everything that something is waited for into the set. Gives when to look at the latest.
    pub fn fill(&mut self, set: &mut PollSet) -> Deadline {
        self.fill_as(set, None)
    }

    /// As [`Core::fill`], for a set of somebody else's, in which all of it has one token.
    pub fn fill_as(&mut self, set: &mut PollSet, token: Option<u16>) -> Deadline {
        let now = self.clock.now();
        let mut deadline = Deadline::NONE;
        if self.life == Life::Open {
            let wait = self.full_until;
            match self.room(false, now) {
                _ if !wait.is_none() && wait.0 > now => deadline = wait,
                Room::Now => self.watch_listeners(set, token),
                Room::At(time) => deadline = Deadline(time),
                Room::Never => {}
            }
        }
        let ctx_room = match self.room(true, now) {
            Room::Now => true,
            Room::At(time) => {
                deadline = deadline.earliest(Deadline(time));
                false
            }
            Room::Never => false,
        };
        let mut due = Deadline::NONE;
        for (i, slot) in self.slots.iter_mut().enumerate() {
            let Some(conn) = &slot.conn else { continue };
            let x = self.ctxs.get(usize::from(slot.ctx));
            let events = match slot.phase {
                Phase::Free | Phase::Ready => 0,
                Phase::Idle if ctx_room => DUNLIN_READABLE,
                Phase::Idle => 0,
                Phase::Head | Phase::Body | Phase::Drain | Phase::After | Phase::Linger => DUNLIN_READABLE,
                Phase::Send => DUNLIN_WRITABLE,
                Phase::Running => slot.want,
                Phase::Detached => {
                    let room = x.is_some_and(Ctx::has_room);
                    let queued = x.is_some_and(|x| x.events && x.out_len + u32::from(x.tail) > 0);
                    let read = if room { DUNLIN_READABLE } else { 0 };
                    slot.want | read | if queued { DUNLIN_WRITABLE } else { 0 }
                }
            };
            slot.ready = 0;
            if events != 0 {
                match conn.watch(events, set, token.unwrap_or(i as u16)) {
                    Ok(ready) => slot.ready = ready,
                    Err(_) => {
                        slot.ready = DUNLIN_ERROR;
                        set.add_ready();
                    }
                }
            }
            due = due.earliest(slot.deadline);
        }
        self.due = due;
        deadline.earliest(due)
    }

    fn watch_listeners(&mut self, set: &mut PollSet, token: Option<u16>) {
        for (k, listener) in self.listeners.iter().enumerate() {
            if let Some(listener) = listener {
                match listener.watch(set, token.unwrap_or(LISTENER + k as u16)) {
                    Ok(0) => {}
                    // Accepted in `act`, which tries every listener when one was ready at once.
                    Ok(_) => self.listener_ready = true,
                    Err(_) => {}
                }
            }
        }
    }

    /// Acts on what is ready and on deadlines that passed.
    pub fn act(&mut self, set: &PollSet) {
        self.tell_pollers();
        let mut accept = core::mem::take(&mut self.listener_ready);
        for (token, events) in set.events() {
            if token >= LISTENER {
                accept = true;
            } else if let Some(slot) = self.slots.get_mut(usize::from(token)) {
                slot.ready |= events;
            }
        }
        for i in 0..self.slots.len() {
            let Ok(slot) = self.slot(i) else { break };
            if slot.ready == 0 {
                continue;
            }
            if slot.ready & (slot.want | DUNLIN_ERROR | DUNLIN_HANGUP) != 0 && slot.want != 0 {
                slot.want = 0;
                park::table().wake(slot.waiter);
            }
            slot.ready = 0;
            if slot.phase != Phase::Running {
                self.advance(i);
            }
        }
        if accept && self.life == Life::Open {
            self.accept();
        }
        self.expire();
    }

    fn expire(&mut self) {
        let now = self.clock.now();
        // What was set since lies in the future.
        if self.due.is_none() || self.due.0 > now {
            return;
        }
        for i in 0..self.slots.len() {
            let Ok(slot) = self.slot(i) else { break };
            if slot.deadline.is_none() || slot.deadline.0 > now {
                continue;
            }
            match slot.phase {
                Phase::Drain => {
                    // As Go: the answer goes out, and the connection ends.
                    match self.end_drain(i, false) {
                        Ok(_) => self.advance(i),
                        Err(_) => self.end(i),
                    }
                }
                Phase::Linger => self.end(i),
                _ => {
                    self.stats.timeouts = self.stats.timeouts.wrapping_add(1);
                    self.end(i);
                }
            }
        }
    }

    fn accept(&mut self) {
        for k in 0..self.listeners.len() {
            let mut waits = true;
            while waits {
                let free = self.slots.iter().any(|s| s.phase == Phase::Free);
                if !free && !self.evict(false) {
                    return;
                }
                // One that was ended made room for this one; more are asked for by the next look.
                waits = free;
                let Some(Some(listener)) = self.listeners.get(k) else { break };
                match listener.accept(Limit::NOW) {
                    Ok(conn) => self.adopt(conn),
                    Err(Error::WOULD_BLOCK) => break,
                    Err(Error::NO_SLOT | Error::NO_SOCKETS) if self.evict(false) => waits = true,
                    Err(_) => {
                        self.full_until = Deadline(self.clock.now() + REST_MS);
                        break;
                    }
                }
            }
        }
    }

    /// Takes a connection; the caller made sure that a slot is free.
    pub fn adopt(&mut self, conn: Conn) {
        let (header_ms, now) = (self.set.header_ms, self.clock.now());
        let Some(i) = self.slots.iter().position(|s| s.phase == Phase::Free) else {
            return crate::net::conn::end(conn);
        };
        if let Ok(slot) = self.slot(i) {
            *slot = Slot { conn: Some(conn), ..Slot::FREE };
            slot.enter(Phase::Idle, header_ms, now);
        }
        self.stats.accepted = self.stats.accepted.wrapping_add(1);
        self.stats.active = self.stats.active.wrapping_add(1);
        self.advance(i);
    }

    /// Whether a slot (or a context) is free or can be made so.
    fn room(&self, ctx: bool, now: i64) -> Room {
        let free = if ctx {
            self.ctxs.iter().any(|x| !x.used)
        } else {
            self.slots.iter().any(|s| s.phase == Phase::Free)
        };
        if free {
            return Room::Now;
        }
        let mut first: Option<i64> = None;
        for slot in self.slots.iter() {
            let since = match rank(slot, ctx) {
                None => continue,
                Some(Rank::Idle | Rank::Over) => return Room::Now,
                Some(Rank::Half) => slot.since + GRACE_MS,
            };
            first = Some(first.map_or(since, |f| f.min(since)));
        }
        match first {
            Some(time) if time <= now => Room::Now,
            Some(time) => Room::At(time),
            None => Room::Never,
        }
    }

    /// Ends the connection that is the least loss: the longest idle one, then one whose answer is
    /// out, then the slowest of those that are received or sent. `ctx`: its context is needed.
    ///
    /// Idle ones are looked at first: a peer may have left, which makes room at no loss, or may have
    /// sent a request, which must not be lost.
    pub fn evict(&mut self, ctx: bool) -> bool {
        for i in 0..self.slots.len() {
            let idle = self.slots.get(i).is_some_and(|s| s.phase == Phase::Idle && !s.fresh);
            if !ctx && idle && self.ctxs.iter().any(|x| !x.used) {
                self.advance(i);
                if self.slots.get(i).is_some_and(|s| s.phase == Phase::Free) {
                    return true;
                }
            }
        }
        let Some(i) = self.victim(ctx) else { return false };
        self.stats.evicted = self.stats.evicted.wrapping_add(1);
        self.end(i);
        true
    }

    fn victim(&mut self, ctx: bool) -> Option<usize> {
        let now = self.clock.now();
        let mut victim: Option<(usize, Rank, &Slot)> = None;
        for (i, slot) in self.slots.iter().enumerate() {
            let Some(rank) = rank(slot, ctx) else { continue };
            if rank == Rank::Half && slot.since + GRACE_MS > now {
                continue;
            }
            let better = match &victim {
                None => true,
                Some((_, other, _)) if *other != rank => rank < *other,
                Some((_, Rank::Half, other)) => {
                    let age = |s: &Slot| u64::try_from(now - s.since).unwrap_or(1);
                    u64::from(slot.moved) * age(other) < u64::from(other.moved) * age(slot)
                }
                Some((_, _, other)) => slot.since < other.since,
            };
            if better {
                victim = Some((i, rank, slot));
            }
        }
        victim.map(|(i, _, _)| i)
    }

    /// The next detached exchange whose peer left and whose owner does not know.
    pub fn next_gone(&mut self) -> Option<(Handle, OnClose)> {
        self.gone = false;
        let slot = self.slots.iter_mut().find(|s| s.gone && s.on_close.is_some())?;
        Some((slot.exchange, slot.on_close.take()?))
    }
}

/// What is lost with a connection, least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Idle,
    Over,
    Half,
}

fn rank(slot: &Slot, ctx: bool) -> Option<Rank> {
    if ctx && slot.ctx == NO_CTX {
        return None;
    }
    match slot.phase {
        Phase::Idle if !slot.fresh => Some(Rank::Idle),
        Phase::Linger => Some(Rank::Over),
        Phase::Idle | Phase::Head | Phase::Body | Phase::Drain | Phase::Send | Phase::After => {
            Some(Rank::Half)
        }
        Phase::Free | Phase::Ready | Phase::Running | Phase::Detached => None,
    }
}
