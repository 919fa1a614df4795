//! Exchanges that outlive their handler, and server-sent events.

use crate::bytes::shift;
use crate::error::{Error, Result};
use crate::http::chunked::{CHUNK_END, CHUNK_HEAD_MAX};
use crate::http::server::exchange::Exchange;
use crate::http::server::route::OnClose;
use crate::http::server::state::{Lead, Parts, Phase, TAIL};
use crate::http::HeadWriter;
use crate::time::Deadline;

impl Exchange {
    /// Begins an answer of type `text/event-stream` and sends its head.
    pub fn sse_begin(self) -> Result<()> {
        self.set_header(b"Content-Type", b"text/event-stream")?;
        self.set_header(b"Cache-Control", b"no-cache")?;
        let held = self.hold()?;
        held.flush()?;
        held.parts(|p| {
            p.x.events = true;
            Ok(())
        })
    }

    /// Sends one event, whole or not at all: `WOULD_BLOCK` while the peer has not taken enough of
    /// the earlier ones, `BUFFER_TOO_SMALL` when it can never fit the output buffer. `event` may be empty;
    /// `data` may have several lines. `INVALID` for a line end in `event`, `STATE` before `sse_begin`.
    /// Never waits.
    pub fn sse_send(self, event: &[u8], data: &[u8]) -> Result<()> {
        if event.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(Error::INVALID);
        }
        let held = self.hold()?;
        held.core(|core, i| {
            let mut p = core.parts(i)?;
            if p.x.broken || p.slot.conn.is_none() {
                return Err(Error::CLOSED);
            }
            if !p.x.events || p.x.finished {
                return Err(Error::STATE);
            }
            p.queue_event(event, data)?;
            match p.send(&[]) {
                Ok(true) => p.slot.deadline = Deadline::NONE,
                Ok(false) => {
                    if p.slot.deadline.is_none() {
                        p.slot.set_deadline(p.set.write_ms, p.clock.now());
                    }
                    core.tell();
                }
                Err(e) => {
                    core.end(i);
                    // Whoever steps the poll set calls the callback.
                    core.tell();
                    return Err(e);
                }
            }
            Ok(())
        })
    }

    /// Lets the exchange live on when the handler returns, whose result then does not matter. Any task
    /// may write and send; [`Exchange::finish`] is its only end. `on_close` is called once if the peer
    /// leaves before. Views of the request end here. `NO_SLOT` when the server's `max_detached` are
    /// detached.
    pub fn detach(self, on_close: Option<OnClose>) -> Result<()> {
        self.hold()?.core(|core, i| {
            let now = core.stats.detached;
            let max = core.set.max_detached;
            let p = core.parts(i)?;
            if p.x.detached || p.slot.phase != Phase::Running {
                return Err(Error::STATE);
            }
            if now as usize >= max {
                return Err(Error::NO_SLOT);
            }
            p.x.detached = true;
            p.slot.on_close = on_close;
            p.stats.detached = now + 1;
            Ok(())
        })
    }

    /// Ends a detached exchange: the handle is stale, the rest of the answer is sent by the poll set.
    pub fn finish(self) -> Result<()> {
        self.hold()?.core(|core, i| {
            let p = core.parts(i)?;
            if !p.x.detached || p.x.finished {
                return Err(Error::STATE);
            }
            p.x.finished = true;
            p.stats.detached = p.stats.detached.wrapping_sub(1);
            if p.slot.phase == Phase::Detached {
                core.end_exchange(i, Ok(()));
            }
            Ok(())
        })
    }
}

impl Parts<'_> {
    /// Puts an event, framed, behind what the peer has not taken.
    fn queue_event(&mut self, event: &[u8], data: &[u8]) -> Result<()> {
        if !self.sends_body() {
            return Ok(());
        }
        let lines = || data.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
        let name = if event.is_empty() { 0 } else { event.len() + 8 };
        let len = name + lines().map(|l| l.len() + 7).sum::<usize>() + 1;
        let whole = if self.x.chunked { CHUNK_HEAD_MAX + len + 2 } else { len };
        if whole > self.set.output_len {
            return Err(Error::BUFFER_TOO_SMALL);
        }
        self.compact();
        let start = self.x.out_len as usize;
        let end = self.out.len() - TAIL;
        let Some(place) = self.out.get_mut(start..end).and_then(|o| o.get_mut(..whole)) else {
            return Err(Error::WOULD_BLOCK);
        };
        let mut w = HeadWriter::new(place);
        if self.x.chunked {
            w.hex(len as u64)?;
            w.raw(CHUNK_END)?;
        }
        if !event.is_empty() {
            for part in [b"event: ", event, b"\n"] {
                w.raw(part)?;
            }
        }
        for line in lines() {
            for part in [b"data: ", line, b"\n"] {
                w.raw(part)?;
            }
        }
        w.raw(b"\n")?;
        if self.x.chunked {
            w.raw(CHUNK_END)?;
        }
        self.x.out_len += w.len() as u32;
        self.x.written = self.x.written.saturating_add(len as u64);
        Ok(())
    }

    /// Moves what is unsent to the front.
    fn compact(&mut self) {
        let sent = self.x.sent;
        if sent == 0 || self.x.lead != Lead::None || self.x.tail != 0 {
            return;
        }
        shift(self.out, sent as usize, self.x.out_len as usize, 0);
        self.x.out_len -= sent;
        self.x.sent = 0;
    }
}
