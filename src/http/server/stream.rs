//! Handlers that wait: for more of a body, or for the peer to take more of the answer. Meanwhile the
//! worker steps the poll set, and a peer that moves too little while requests wait for the worker is
//! ended.

use crate::error::{Error, Result};
use crate::http::server::exchange::{Exchange, Held};
use crate::http::server::state::{Continue, Phase};
use crate::http::Framing;
use crate::net::conn::Limit;
use crate::netdev::table::{DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::sync::park::{self, TaskRef};
use crate::time::{now_ms, Deadline};

/// What one try came to.
pub(super) enum Try<R> {
    Done(R),
    Blocked,
}

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The deadline of a time-out of which 0 is none.
fn within(ms: i64) -> Deadline {
    if ms > 0 {
        Deadline::after_ms(ms)
    } else {
        Deadline::NONE
    }
}

impl Held {
    /// Waits for an event of the connection, at most to the end of the rate window: then too it is
    /// `Ok`, unless the peer is too slow or `deadline` came.
    pub(super) fn wait(&self, event: u16, deadline: Deadline) -> Result<()> {
        let task = park::table().acquire()?;
        let began = now_ms();
        let window = self.core(|core, i| {
            let set = core.set;
            let slot = core.slot(i)?;
            if slot.waiter != TaskRef::NONE {
                return Err(Error::BUSY);
            }
            slot.waiter = task.name();
            slot.want = event;
            let left = i64::from(set.window_ms.saturating_sub(slot.waited)).max(1);
            Ok(Deadline::after_ms(left))
        })?;
        let moved = self.server.rest(&task, window.earliest(deadline), false, &mut |core| {
            let Ok(slot) = core.slot(self.slot) else { return true };
            slot.exchange != self.exchange || slot.want == 0 || slot.conn.is_none()
        });
        self.core(|core, i| {
            let others = core.others_wait();
            let set = core.set;
            let slot = core.slot(i)?;
            slot.waiter = TaskRef::NONE;
            slot.want = 0;
            if slot.conn.is_none() {
                return Err(Error::CLOSED);
            }
            if moved {
                let waited = u32::try_from(now_ms() - began).unwrap_or(u32::MAX);
                slot.waited = slot.waited.saturating_add(waited);
            } else {
                slot.waited = slot.waited.saturating_add(set.window_ms);
            }
            if slot.waited >= set.window_ms {
                let slow = slot.moved < set.window_bytes;
                slot.waited = 0;
                slot.moved = 0;
                // Only of a running handler is there a worker to be had.
                if slow && others && slot.phase == Phase::Running {
                    core.stats.slow = core.stats.slow.wrapping_add(1);
                    return Err(Error::HTTP_SLOW_PEER);
                }
            }
            if !moved && deadline.is_past() {
                return Err(Error::TIMEOUT);
            }
            Ok(())
        })
    }

    /// Sends what was framed and `outside`, waiting as long as the peer goes on taking. An error
    /// breaks the connection.
    pub(super) fn pump(&self, outside: &[u8]) -> Result<()> {
        let mut last = u32::MAX;
        let mut deadline = Deadline::NONE;
        let done = loop {
            let tried = self.parts(|p| {
                let sent = p.send(outside)?;
                if p.x.sent != last {
                    last = p.x.sent;
                    deadline = within(p.set.write_ms);
                }
                Ok(sent)
            });
            match tried {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(e) => break Err(e),
            }
            if let Err(e) = self.wait(DUNLIN_WRITABLE, deadline) {
                break Err(e);
            }
        };
        if done.is_err() {
            self.parts(|p| {
                p.x.broken = true;
                Ok(())
            })?;
        }
        done
    }

    fn try_read(&self, buf: &mut [u8]) -> Result<Try<usize>> {
        self.parts(|p| {
            if let Some(e) = p.x.body_error {
                return Err(e);
            }
            if p.x.broken {
                return Err(Error::CLOSED);
            }
            if p.x.body.exceeds_cap() {
                return Err(Error::HTTP_BODY_TOO_LARGE);
            }
            if p.x.cont == Continue::Wanted {
                // Who was answered before it was asked sends no body.
                return if p.x.committed { Err(Error::HTTP_BODY_READ_AFTER_CLOSE) } else { Ok(Try::Done(0)) };
            }
            loop {
                if p.x.body.is_done() {
                    return Ok(Try::Done(0));
                }
                let (next, filled) = (p.x.next as usize, p.x.filled as usize);
                let input = p.head.get(next..filled).unwrap_or(&[]);
                if !input.is_empty() {
                    let step = p.x.body.step(input, buf.len())?;
                    p.x.next += step.used() as u32;
                    let data = input.get(step.skip..step.skip + step.data).unwrap_or(&[]);
                    buf.iter_mut().zip(data).for_each(|(to, b)| *to = *b);
                    if !data.is_empty() {
                        return Ok(Try::Done(data.len()));
                    }
                    p.keep_trailer(step.trailer);
                    if step.done {
                        p.end_trailers();
                    }
                    continue;
                }
                let plain = matches!(p.x.req.as_ref().map(|r| r.framing), Some(Framing::Length(_)));
                if !plain {
                    match p.receive() {
                        Ok(true) => continue,
                        Ok(false) => return Ok(Try::Blocked),
                        Err(Error::EOF) => return Err(p.x.body.eof().err().unwrap_or(Error::UNEXPECTED_EOF)),
                        Err(e) => return Err(e),
                    }
                }
                // Bytes of a known length go straight to their place.
                let left = p.x.body.remaining().unwrap_or(0);
                let len = usize::try_from(left).map_or(buf.len(), |n| n.min(buf.len()));
                let place = buf.get_mut(..len).unwrap_or(&mut []);
                let Some(conn) = &p.slot.conn else { return Err(Error::CLOSED) };
                return match conn.read(place, Limit::NOW) {
                    Ok(n) => {
                        p.slot.moved = p.slot.moved.saturating_add(n as u32);
                        let step = p.x.body.step(place.get(..n).unwrap_or(&[]), n)?;
                        Ok(Try::Done(step.data))
                    }
                    Err(Error::WOULD_BLOCK) => Ok(Try::Blocked),
                    Err(Error::EOF) => Err(Error::UNEXPECTED_EOF),
                    Err(e) => Err(e),
                };
            }
        })
    }

    fn read(&self, buf: &mut [u8]) -> Result<usize> {
        let deadline = self.server.with(|core| Ok(within(core.set.read_ms)))?;
        loop {
            match self.try_read(buf)? {
                Try::Done(n) => {
                    if n > 0 || !self.send_continue()? {
                        return Ok(n);
                    }
                }
                Try::Blocked => self.wait(DUNLIN_READABLE, deadline)?,
            }
        }
    }

    /// Reads the rest of the body away, as far as that is worth it (Go: `body.Close`); it cannot be read
    /// from then on.
    pub(super) fn close_body(&self) -> Result<()> {
        let deadline = self.server.with(|core| Ok(within(core.set.read_ms)))?;
        loop {
            let over = self.core(|core, i| {
                let p = core.parts(i)?;
                let ended = p.x.body.is_done() || p.x.body_error.is_some() || p.x.cont == Continue::Wanted;
                if !ended && p.x.drain.is_none() {
                    p.x.drain = p.x.body.drain(p.set.drain);
                }
                let good = if ended { Some(true) } else { core.drain(i)? };
                let p = core.parts(i)?;
                if let Some(good) = good {
                    p.x.drain = None;
                    p.x.close |= !good;
                    p.x.body_error = p.x.body_error.or(Some(Error::HTTP_BODY_READ_AFTER_CLOSE));
                }
                Ok(good.is_some())
            })?;
            if over {
                return Ok(());
            }
            if let Err(e) = self.wait(DUNLIN_READABLE, deadline) {
                return self.parts(|p| {
                    p.x.close = true;
                    p.x.drain = None;
                    p.x.body_error = Some(e);
                    Err(e)
                });
            }
        }
    }

    /// Sends the interim answer, once. False when none is due.
    fn send_continue(&self) -> Result<bool> {
        let due = self.parts(|p| {
            let due = p.x.cont == Continue::Wanted && !p.x.committed;
            if due {
                p.x.cont = Continue::Sent;
            }
            Ok(due)
        })?;
        if due {
            self.send_now(CONTINUE)?;
        }
        Ok(due)
    }

    /// Sends bytes ahead of an answer that has not begun.
    pub(super) fn send_now(&self, mut bytes: &[u8]) -> Result<()> {
        let deadline = self.server.with(|core| Ok(within(core.set.write_ms)))?;
        while !bytes.is_empty() {
            let sent = self.parts(|p| {
                let Some(conn) = &p.slot.conn else { return Err(Error::CLOSED) };
                match conn.write_some(&[bytes], Limit::NOW) {
                    Err(Error::WOULD_BLOCK) => Ok(0),
                    other => other,
                }
            });
            let n = match sent {
                Ok(n) => n,
                Err(e) => {
                    self.parts(|p| {
                        p.x.broken = true;
                        Ok(())
                    })?;
                    return Err(e);
                }
            };
            bytes = bytes.get(n..).unwrap_or(&[]);
            if n == 0 {
                self.wait(DUNLIN_WRITABLE, deadline)?;
            }
        }
        Ok(())
    }
}

impl Exchange {
    /// Reads from the request's body (Go: `Request.Body.Read`); 0 at its end. The first read asks a
    /// peer that waits for it to go on (`100 Continue`). Errors stay, and returned by the handler they
    /// become the answer: `HTTP_BODY_TOO_LARGE` 413, a malformed body 400, `TIMEOUT` and
    /// `HTTP_SLOW_PEER` 408.
    pub fn read(self, buf: &mut [u8]) -> Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let held = self.hold()?;
        held.read(buf).inspect_err(|e| {
            if !matches!(*e, Error::BUSY | Error::NO_SLOT | Error::BAD_HANDLE) {
                let _ = held.parts(|p| {
                    p.x.body_error = Some(*e);
                    Ok(())
                });
            }
        })
    }

    /// Reads the rest of the body away, 256 KiB at most, so that the connection can stay (Go:
    /// `Request.Body.Close`); a longer one ends the connection behind the answer. Reading is
    /// `HTTP_BODY_READ_AFTER_CLOSE` from then on.
    pub fn close_body(self) -> Result<()> {
        self.hold()?.close_body()
    }

    /// Lets the handler read on after the answer has begun (Go: `ResponseController.EnableFullDuplex`);
    /// without it the rest of the body is read away before the head goes out.
    pub fn full_duplex(self) -> Result<()> {
        self.hold()?.parts(|p| {
            p.x.duplex = true;
            Ok(())
        })
    }

    /// Takes at most that many more bytes of body (Go: `http.MaxBytesReader`): past it, `read` is
    /// `HTTP_BODY_TOO_LARGE`.
    pub fn limit_body(self, max: u64) -> Result<()> {
        self.hold()?.parts(|p| {
            p.x.body.set_cap(max.min(p.set.max_body));
            Ok(())
        })
    }
}
