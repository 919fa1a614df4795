//! One connection's way through a request while no handler runs: everything here takes what is there
//! and never waits (Go: `conn.serve`).

use crate::bytes::shift;
use crate::error::{Error, Result};
use crate::http::body::Drained;
use crate::http::server::state::{Continue, Core, Ctx, Life, Parts, Phase, LOST};
use crate::http::{Flags, Framing, Method};
use crate::net::conn::Limit;
use crate::time::Deadline;

/// What a step found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next phase may have work already.
    Again,
    /// Nothing to do until the peer or a handler does something.
    Wait,
}

/// Bytes of a head buffer that are left to the fields of the answer, unless the head is long.
const FIELD_ROOM: usize = 512;
/// How long a connection stays half closed, so that the peer gets the answer before it learns that
/// nobody reads (Go: `rstAvoidanceDelay`).
const LINGER_MS: i64 = 500;

impl Parts<'_> {
    /// Takes bytes from the connection behind those that are there. False when there are none now.
    /// `BUFFER_TOO_SMALL` when there is no room.
    pub fn receive(&mut self) -> Result<bool> {
        if self.x.next == self.x.filled {
            // What was taken makes room for more.
            let kept = if self.x.kept == LOST { 0 } else { u32::from(self.x.kept) };
            let start = self.x.req.as_ref().map_or(0, |r| r.len) + kept;
            self.x.next = start.min(self.x.filled);
            self.x.filled = self.x.next;
        }
        let (from, end) = (self.x.filled as usize, self.x.fields as usize);
        // A peer that sends ahead must not take the room of the answer's fields; only a long head may.
        let room = end.saturating_sub(from);
        let to = end - (room / 2).min(FIELD_ROOM);
        let room = self.head.get_mut(from..to).filter(|r| !r.is_empty()).ok_or(Error::BUFFER_TOO_SMALL)?;
        let Some(conn) = &self.slot.conn else { return Err(Error::CLOSED) };
        match conn.read(room, Limit::NOW) {
            // A peer wrote nothing into a pipe: that is no byte of a request.
            Ok(0) => Ok(false),
            Ok(n) => {
                self.x.filled += n as u32;
                self.slot.moved = self.slot.moved.saturating_add(n as u32);
                Ok(true)
            }
            Err(Error::WOULD_BLOCK) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// What was received and not taken.
    pub fn unread(&self) -> &[u8] {
        self.head.get(self.x.next as usize..self.x.filled as usize).unwrap_or(&[])
    }
}

impl Core {
    /// Goes on with a connection as far as it gets.
    pub fn advance(&mut self, i: usize) {
        loop {
            let Ok(slot) = self.slot(i) else { return };
            let step = match slot.phase {
                Phase::Idle => self.on_idle(i),
                Phase::Head => self.on_head(i),
                Phase::Body => self.on_body(i),
                Phase::Drain => self.on_drain(i),
                Phase::Send => self.on_send(i),
                Phase::After => self.on_after(i),
                Phase::Linger => self.on_linger(i),
                Phase::Detached => self.on_detached(i),
                Phase::Free | Phase::Ready | Phase::Running => return,
            };
            match step {
                Ok(Step::Again) => {}
                Ok(Step::Wait) => return,
                Err(_) => return self.end(i),
            }
        }
    }

    fn on_idle(&mut self, i: usize) -> Result<Step> {
        let has = self.take_ctx(i) || (self.evict(true) && self.take_ctx(i));
        if !has {
            return Ok(Step::Wait);
        }
        let header_ms = self.set.header_ms;
        // A peer that leaves here gets no answer.
        if !self.parts(i)?.receive()? {
            self.drop_ctx(i);
            return Ok(Step::Wait);
        }
        let now = self.clock.now();
        let slot = self.slot(i)?;
        let (since, deadline, moved) = (slot.since, slot.deadline, slot.moved);
        slot.enter(Phase::Head, header_ms, now);
        slot.moved = moved;
        if slot.fresh {
            (slot.since, slot.deadline) = (since, deadline);
        }
        Ok(Step::Again)
    }

    fn on_head(&mut self, i: usize) -> Result<Step> {
        let mut p = self.parts(i)?;
        loop {
            p.skip_line_ends();
            let buf = p.head.get(..p.x.filled as usize).unwrap_or(&[]);
            let scanned = p.x.scan.scan(buf);
            match scanned {
                Ok(Some(len)) => return self.take_head(i, len),
                Ok(None) => {}
                Err(e) => return self.refuse(i, e),
            }
            match p.receive() {
                Ok(true) => {}
                Ok(false) => return Ok(Step::Wait),
                Err(Error::EOF) => {
                    let p = self.parts(i)?;
                    // Go waits for four bytes behind an answer before it takes them for a request.
                    if !p.slot.fresh && p.x.filled < 4 {
                        return Err(Error::EOF);
                    }
                    return self.refuse(i, Error::UNEXPECTED_EOF);
                }
                Err(e) => return Err(e),
            }
        }
    }

    fn on_body(&mut self, i: usize) -> Result<Step> {
        loop {
            let read_ms = self.set.read_ms;
            let mut p = self.parts(i)?;
            let missing = p.x.body.remaining().unwrap_or(0).saturating_sub(p.unread().len() as u64);
            if missing == 0 {
                return self.make_ready(i);
            }
            match p.receive() {
                Ok(true) => p.slot.set_deadline(read_ms, p.clock.now()),
                Ok(false) => return Ok(Step::Wait),
                // The handler finds out what is missing.
                Err(_) => {
                    p.x.close = true;
                    return self.make_ready(i);
                }
            }
        }
    }

    /// The answer is decided: sends it, after the rest of the body was read away.
    pub fn complete(&mut self, i: usize) -> Result<Step> {
        let read_ms = self.set.read_ms;
        let mut p = self.parts(i)?;
        if p.x.broken || p.slot.conn.is_none() {
            return Err(Error::CLOSED);
        }
        if !p.x.committed {
            p.commit(200)?;
        }
        if p.x.head_made {
            return self.send_rest(i);
        }
        if !p.ends_anyway() && !p.x.body.is_done() && p.x.cont != Continue::Wanted {
            if p.x.body_error.is_none() {
                p.x.drain = p.x.body.drain(p.set.drain);
            }
            if p.x.drain.is_some() {
                p.slot.enter(Phase::Drain, read_ms, p.clock.now());
                return Ok(Step::Again);
            }
            p.x.close = true;
        }
        self.send_rest(i)
    }

    fn send_rest(&mut self, i: usize) -> Result<Step> {
        let write_ms = self.set.write_ms;
        let p = &mut self.parts(i)?;
        let fixed = p.x.fixed;
        p.frame(true, fixed)?;
        p.slot.enter(Phase::Send, write_ms, p.clock.now());
        Ok(Step::Again)
    }

    /// Reads the rest of a body away; `None` while more is to come, then whether the connection is
    /// still good.
    pub fn drain(&mut self, i: usize) -> Result<Option<bool>> {
        let read_ms = self.set.read_ms;
        loop {
            let mut p = self.parts(i)?;
            let (next, filled) = (p.x.next as usize, p.x.filled as usize);
            let input = p.head.get(next..filled).unwrap_or(&[]);
            let Some(drain) = &mut p.x.drain else { return Ok(Some(false)) };
            match drain.step(&mut p.x.body, input) {
                Ok((used, done)) => {
                    p.x.next += used as u32;
                    match done {
                        Drained::More => {}
                        Drained::Done => return Ok(Some(true)),
                        Drained::TooMuch => return Ok(Some(false)),
                    }
                }
                Err(_) => return Ok(Some(false)),
            }
            match p.receive() {
                Ok(true) => p.slot.set_deadline(read_ms, p.clock.now()),
                Ok(false) => return Ok(None),
                Err(_) => return Ok(Some(false)),
            }
        }
    }

    fn on_drain(&mut self, i: usize) -> Result<Step> {
        match self.drain(i)? {
            None => Ok(Step::Wait),
            Some(good) => self.end_drain(i, good),
        }
    }

    /// The body was read away, or will not be: the answer follows.
    pub fn end_drain(&mut self, i: usize, good: bool) -> Result<Step> {
        let p = self.parts(i)?;
        p.x.close |= !good;
        p.x.drain = None;
        self.send_rest(i)
    }

    fn on_send(&mut self, i: usize) -> Result<Step> {
        let write_ms = self.set.write_ms;
        let mut p = self.parts(i)?;
        let (fixed, before) = (p.x.fixed, p.slot.moved);
        if !p.send(fixed)? {
            if p.slot.moved != before {
                p.slot.set_deadline(write_ms, p.clock.now());
            }
            return Ok(Step::Wait);
        }
        self.after_answer(i)
    }

    /// The answer is out: the next request, or the end.
    fn after_answer(&mut self, i: usize) -> Result<Step> {
        let read_ms = self.set.read_ms;
        let p = self.parts(i)?;
        let class = usize::from(p.x.status / 100).wrapping_sub(1);
        if let Some(n) = p.stats.answers.get_mut(class) {
            *n = n.wrapping_add(1);
        }
        let short = p.x.length.is_some_and(|n| n != p.x.written)
            && p.x.req.as_ref().is_some_and(|r| r.kind != Method::Head)
            && super::answer::body_allowed(p.x.status);
        if p.x.close || short {
            return self.linger(i);
        }
        if !p.x.body.is_done() {
            p.x.drain = if p.x.body_error.is_none() { p.x.body.drain(p.set.drain) } else { None };
            p.slot.enter(Phase::After, read_ms, p.clock.now());
            return Ok(Step::Again);
        }
        self.next_request(i)
    }

    fn on_after(&mut self, i: usize) -> Result<Step> {
        match self.drain(i)? {
            None => Ok(Step::Wait),
            Some(true) => self.next_request(i),
            Some(false) => self.linger(i),
        }
    }

    fn next_request(&mut self, i: usize) -> Result<Step> {
        if self.life != Life::Open {
            return Err(Error::CLOSED);
        }
        let (idle_ms, header_ms) = (self.set.idle_ms, self.set.header_ms);
        let p = self.parts(i)?;
        p.slot.fresh = false;
        let (next, filled) = (p.x.next as usize, p.x.filled as usize);
        if next < filled {
            // Pipelined: what came already is the start of the next head.
            shift(p.head, next, filled, 0);
            *p.x = Ctx { filled: (filled - next) as u32, ..Ctx::fresh(p.set, p.slot.after_post) };
            p.slot.enter(Phase::Head, header_ms, p.clock.now());
            p.slot.moved = (filled - next) as u32;
            return Ok(Step::Again);
        }
        p.slot.enter(Phase::Idle, idle_ms, p.clock.now());
        self.drop_ctx(i);
        Ok(Step::Wait)
    }

    /// Ends the connection so that the peer gets what was sent: if it may still be sending, by half.
    pub fn linger(&mut self, i: usize) -> Result<Step> {
        let p = self.parts(i)?;
        let asked = p.x.req.as_ref().is_some_and(|r| r.has(Flags::WANTS_CLOSE));
        let sending = !asked || !p.x.body.is_done() || !p.unread().is_empty();
        let Some(conn) = p.slot.conn.as_ref().filter(|_| sending) else { return Err(Error::CLOSED) };
        conn.shutdown_write()?;
        p.slot.enter(Phase::Linger, LINGER_MS, p.clock.now());
        self.drop_ctx(i);
        Ok(Step::Again)
    }

    fn on_linger(&mut self, i: usize) -> Result<Step> {
        let mut scratch = [0; 256];
        let slot = self.slot(i)?;
        while u64::from(slot.moved) < crate::http::body::DRAIN_MAX {
            let Some(conn) = &slot.conn else { return Err(Error::CLOSED) };
            match conn.read(&mut scratch, Limit::NOW) {
                Ok(n) => slot.moved += n as u32,
                Err(Error::WOULD_BLOCK) => return Ok(Step::Wait),
                Err(e) => return Err(e),
            }
        }
        Err(Error::HTTP_BODY_TOO_LARGE)
    }

    /// A detached exchange: sends what is queued, and finds out that the peer left.
    fn on_detached(&mut self, i: usize) -> Result<Step> {
        let mut p = self.parts(i)?;
        if p.slot.conn.is_none() {
            return Ok(Step::Wait);
        }
        if p.x.events {
            let before = p.slot.moved;
            let sent = p.send(&[])?;
            if sent {
                p.slot.deadline = Deadline::NONE;
            } else if before != p.slot.moved || p.slot.deadline.is_none() {
                p.slot.set_deadline(p.set.write_ms, p.clock.now());
            }
        }
        while p.x.has_room() && p.receive()? {}
        Ok(Step::Wait)
    }

    /// A head that was read: what is its body, and does it wait for it?
    pub fn await_body(&mut self, i: usize) -> Result<Step> {
        let read_ms = self.set.read_ms;
        let p = self.parts(i)?;
        let buffered = match p.x.req.as_ref().map(|r| r.framing) {
            Some(Framing::Length(n)) => {
                let room = (p.x.fields - p.x.next) as u64;
                p.x.cont == Continue::No && n <= p.set.buffered_body && n <= room && n <= p.set.max_body
            }
            _ => false,
        };
        if buffered {
            p.slot.enter(Phase::Body, read_ms, p.clock.now());
            return Ok(Step::Again);
        }
        self.make_ready(i)
    }

    /// The request waits for a worker.
    fn make_ready(&mut self, i: usize) -> Result<Step> {
        self.ready = true;
        let now = self.clock.now();
        self.slot(i)?.enter(Phase::Ready, 0, now);
        Ok(Step::Wait)
    }
}

impl Ctx {
    /// There is room for what a peer sends ahead while its exchange is detached.
    pub fn has_room(&self) -> bool {
        (self.filled as usize) + FIELD_ROOM < self.fields as usize
    }
}

impl Parts<'_> {
    /// Go skips at most four bytes of line ends behind a POST.
    fn skip_line_ends(&mut self) {
        let filled = self.x.filled as usize;
        if self.x.skip == 0 || filled == 0 {
            return;
        }
        let buf = self.head.get(..filled).unwrap_or(&[]);
        let blank = crate::http::leading_blank(buf).min(usize::from(self.x.skip));
        shift(self.head, blank, filled, 0);
        self.x.filled -= blank as u32;
        // Anything else ends the tolerance.
        self.x.skip = if self.x.filled == 0 { self.x.skip - blank as u8 } else { 0 };
    }
}
