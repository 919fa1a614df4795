//! The answer to a client's request (Go: `Response`, `bodyEOFSignal`): its head until it is closed,
//! its body as it is read. Any task may use it; one reads at a time.

use core::cell::Cell;

use super::body::{BodyLimits, BodyReader, Drained};
use super::client::{Client, CLIENTS};
use super::client_head::HeadPart;
use super::round_trip::{Failure, Stage};
use super::transport::{self, Key, Owned};
use super::{Framing, ResponseHead};
use crate::bytes::shift;
use crate::config::MAX_HTTP_RESPONSES;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::cancel::{self, CancelSlot};
use crate::net::conn::{self, ConnSlot};
use crate::net::Limit;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::DUNLIN_READABLE;
use crate::sync::cs::{self, Mutex};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::sync::shared::{Changing, Reading, Shared};
use crate::time::Deadline;

/// How long `close` waits for the rest of a body that it reads away.
const DRAIN_MS: i64 = 100;

/// One answer, or the place of one that is being fetched.
pub struct ResponseSlot {
    ties: Mutex<Ties>,
    /// Ends the fetching when the client is closed.
    stop: CancelSlot,
    head: Shared<HeadPart>,
    body: Shared<BodyPart>,
}

/// What closing from another task needs.
struct Ties {
    client: Cell<Handle>,
    conn: Cell<Handle>,
    ended: Cell<bool>,
    deadline: Cell<i64>,
}

/// What the reader of the body uses alone.
pub(super) struct BodyPart {
    client: Option<Client>,
    conn: Option<Owned>,
    reader: BodyReader,
    /// Body bytes that came with the head: where they lie in its buffer.
    ahead: (usize, usize),
    /// To whom the connection may be kept, if it may.
    keep: Option<Key>,
    failed: Option<Failure>,
    cancel: Handle,
    terms: Terms,
}

/// What the client's configuration says about bodies.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub idle_ms: i32,
    pub idle_conn_ms: i32,
    pub drain_len: u32,
    pub limits: BodyLimits,
}

/// What a fetched answer consists of.
pub(super) struct Fetched {
    pub head: ResponseHead,
    pub filled: usize,
    pub conn: Owned,
    pub keep: Option<Key>,
    pub cancel: Handle,
    pub terms: Terms,
}

/// An answer in use.
pub type Response = Guard<ResponseSlot, MAX_HTTP_RESPONSES>;

pub use super::client_head::{view, View};

/// All answers.
pub static RESPONSES: Pool<ResponseSlot, MAX_HTTP_RESPONSES> = Pool::new();

const NO_TERMS: Terms = Terms { idle_ms: -1, idle_conn_ms: -1, drain_len: 0, limits: BodyLimits::DEVICE };

const NO_BODY: BodyPart = BodyPart {
    client: None,
    conn: None,
    reader: BodyReader::none(),
    ahead: (0, 0),
    keep: None,
    failed: None,
    cancel: Handle::NONE,
    terms: NO_TERMS,
};

impl Slot for ResponseSlot {
    const KIND: Kind = Kind::HttpResponse;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ResponseSlot = ResponseSlot {
        ties: Mutex::new(Ties {
            client: Cell::new(Handle::NONE),
            conn: Cell::new(Handle::NONE),
            ended: Cell::new(false),
            deadline: Cell::new(0),
        }),
        stop: CancelSlot::EMPTY,
        head: Shared::new(HeadPart::NONE),
        body: Shared::new(NO_BODY),
    };

    fn finish(&self) {
        let part = self.body.change().map(|mut b| core::mem::replace(&mut *b, NO_BODY));
        let buf = self.head.change().ok().and_then(|mut h| {
            h.head = None;
            h.buf.take()
        });
        if let Ok(BodyPart { client: Some(client), conn, .. }) = part {
            drop(conn);
            if let Some(buf) = buf {
                transport::give_buffer(client.index(), buf);
            }
            // The client may be finished by this, now that its memory is complete.
            drop(client);
        }
        self.stop.finish();
        cs::with(|cs| {
            let ties = self.ties.borrow(cs);
            ties.client.set(Handle::NONE);
            ties.conn.set(Handle::NONE);
            ties.ended.set(false);
            ties.deadline.set(0);
        });
    }
}

impl ResponseSlot {
    /// Ties the place to a client and takes a head buffer; `CLOSED` if the client was closed meanwhile.
    pub(super) fn begin(&self, client: Handle) -> Result<()> {
        cs::with(|cs| self.ties.borrow(cs).client.set(client));
        let client = CLIENTS.enter(client).map_err(|_| Error::CLOSED)?;
        let buf = transport::take_buffer(client.index())?;
        self.head.change()?.buf = Some(buf);
        self.body.change()?.client = Some(client);
        Ok(())
    }

    /// Tells who closes which connection is in use; `CLOSED` when it is too late for that.
    pub(super) fn attach(&self, conn: Handle) -> Result<()> {
        cs::with(|cs| {
            let ties = self.ties.borrow(cs);
            if ties.ended.get() {
                return Err(Error::CLOSED);
            }
            ties.conn.set(conn);
            Ok(())
        })
    }

    /// Takes the connection out of reach of who closes; false when it is being closed already.
    pub(super) fn detach(&self) -> bool {
        cs::with(|cs| {
            let ties = self.ties.borrow(cs);
            ties.conn.set(Handle::NONE);
            !ties.ended.get()
        })
    }

    /// Somebody closed the answer or its client.
    pub(super) fn is_ended(&self) -> bool {
        cs::with(|cs| self.ties.borrow(cs).ended.get())
    }

    /// What ends the fetching from outside, beside the caller's token.
    pub(super) fn stop(&self) -> &CancelSlot {
        &self.stop
    }

    /// The head, beside other readers.
    pub(super) fn head(&self) -> Result<Reading<'_, HeadPart>> {
        self.head.read()
    }

    /// The head's buffer while it is fetched.
    pub(super) fn head_mut(&self) -> Result<Changing<'_, HeadPart>> {
        self.head.change()
    }

    /// Whether this answer belongs to a client.
    pub(super) fn is_of(&self, client: Handle) -> bool {
        cs::with(|cs| self.ties.borrow(cs).client.get() == client)
    }

    /// Ends whatever uses the connection.
    pub(super) fn end(&self) {
        let conn = cs::with(|cs| {
            let ties = self.ties.borrow(cs);
            ties.ended.set(true);
            ties.conn.replace(Handle::NONE)
        });
        self.stop.cancel();
        // It may have ended by itself already.
        let _ = conn::close(conn);
    }

    /// Stores what was fetched; from here on the body can be read.
    pub(super) fn complete(&self, head: &mut HeadPart, fetched: Fetched) -> Result<()> {
        let Fetched { head: found, filled, conn, keep, cancel, terms } = fetched;
        let mut body = self.body.change()?;
        body.reader = match found.framing {
            Framing::None => BodyReader::none(),
            Framing::Length(n) => BodyReader::length(n),
            Framing::Chunked => BodyReader::chunked(terms.limits),
            Framing::UntilClose => BodyReader::until_close(),
        };
        body.ahead = (found.len as usize, filled);
        body.conn = Some(conn);
        body.keep = keep;
        body.cancel = cancel;
        body.terms = terms;
        head.head = Some(found);
        if body.reader.is_done() {
            self.release(&mut body);
        }
        Ok(())
    }

    /// The body is over, or given up: keeps the connection if it may serve again, else ends it.
    fn release(&self, body: &mut BodyPart) {
        let Some(conn) = body.conn.take() else { return };
        let surplus = body.ahead.0 < body.ahead.1;
        let keep = body.keep.take().filter(|_| body.reader.is_done() && !surplus);
        let free = self.detach();
        if let (Some(key), Some(client), true) = (keep, &body.client, free) {
            if let Ok(conn) = conn.get() {
                conn.set_read_deadline(Deadline::NONE);
            }
            let lifetime = Deadline::of_timeout(body.terms.idle_conn_ms, 0);
            transport::put(client.index(), conn, key, false, lifetime);
        }
    }

    fn read(&self, buf: &mut [u8]) -> Result<usize> {
        let mut body = self.body.change()?;
        if let Some(failure) = body.failed {
            return Err(Error::from_code(failure.code));
        }
        let read = self.read_some(&mut body, buf);
        match read {
            Ok(_) => {}
            // The application's own deadline may be moved, and reading goes on.
            Err(Error::TIMEOUT | Error::WOULD_BLOCK) if self.deadline().is_past() => {}
            Err(Error::INVALID) => {}
            Err(error) => {
                let detail = body.conn.as_ref().and_then(|c| c.get().ok()).map(|c| c.detail());
                body.failed = Some(Failure::new(Stage::Body, error, detail));
                body.keep = None;
                self.release(&mut body);
            }
        }
        read
    }

    fn read_some(&self, body: &mut BodyPart, buf: &mut [u8]) -> Result<usize> {
        loop {
            if body.reader.is_done() {
                self.release(body);
                return Ok(0);
            }
            if buf.is_empty() {
                return Err(Error::INVALID);
            }
            if body.ahead.0 < body.ahead.1 {
                let n = self.read_ahead(body, buf)?;
                if n > 0 {
                    return Ok(n);
                }
                continue;
            }
            let most = body.reader.remaining().and_then(|n| usize::try_from(n).ok());
            let room = most.map_or(buf.len(), |n| n.min(buf.len()));
            let place = buf.get_mut(..room).unwrap_or(&mut []);
            let got = {
                let token = self.token(body)?;
                let conn = body.conn.as_ref().ok_or(Error::CLOSED)?.get()?;
                conn.read(place, self.limit(body.terms.idle_ms, token.as_deref()))
            };
            let n = match got {
                Ok(n) => n,
                Err(Error::EOF) => {
                    body.reader.eof()?;
                    continue;
                }
                Err(e) => return Err(e),
            };
            let n = decode_in_place(body, place.get_mut(..n).unwrap_or(&mut []))?;
            if n > 0 {
                return Ok(n);
            }
        }
    }

    /// Data out of what came with the head.
    fn read_ahead(&self, body: &mut BodyPart, buf: &mut [u8]) -> Result<usize> {
        let head = self.head.read()?;
        let input = head.buf.as_deref().and_then(|b| b.get(body.ahead.0..body.ahead.1)).unwrap_or(&[]);
        let step = body.reader.step(input, buf.len())?;
        let data = input.get(step.skip..).and_then(|d| d.get(..step.data)).unwrap_or(&[]);
        for (to, from) in buf.iter_mut().zip(data) {
            *to = *from;
        }
        body.ahead.0 += step.used();
        Ok(step.data)
    }

    fn token(&self, body: &BodyPart) -> Result<Option<cancel::Cancel>> {
        // A token that was given up meanwhile bounds nothing any more.
        match cancel::enter(body.cancel).ok().flatten() {
            Some(token) if token.is_canceled() => Err(Error::CANCELED),
            token => Ok(token),
        }
    }

    fn limit<'a>(&self, ms: i32, cancel: Option<&'a CancelSlot>) -> Limit<'a> {
        Limit { deadline: Deadline::of_timeout(ms, 0).earliest(self.deadline()), cancel }
    }

    fn deadline(&self) -> Deadline {
        cs::with(|cs| Deadline(self.ties.borrow(cs).deadline.get()))
    }

    /// Reads the rest of the body away if it is short and comes at once (Go: `maxPostHandlerReadBytes`'
    /// counterpart of the client), so that the connection can be kept.
    fn drain(&self, body: &mut BodyPart) -> Result<()> {
        if body.keep.is_none() || body.failed.is_some() {
            return Ok(());
        }
        let mut drain =
            body.reader.drain(u64::from(body.terms.drain_len)).ok_or(Error::HTTP_BODY_TOO_LARGE)?;
        {
            let head = self.head.read()?;
            let input = head.buf.as_deref().and_then(|b| b.get(body.ahead.0..body.ahead.1)).unwrap_or(&[]);
            body.ahead.0 += drain.step(&mut body.reader, input)?.0;
        }
        let mut scratch = [0; 256];
        let limit = Limit::until(Deadline::after_ms(DRAIN_MS));
        while !body.reader.is_done() && body.ahead.0 >= body.ahead.1 {
            let n = body.conn.as_ref().ok_or(Error::CLOSED)?.get()?.read(&mut scratch, limit)?;
            let (used, drained) = drain.step(&mut body.reader, scratch.get(..n).unwrap_or(&[]))?;
            if drained == Drained::TooMuch {
                break;
            }
            if used < n {
                // More than the answer: the peer is out of step.
                body.keep = None;
            }
        }
        Ok(())
    }
}

/// Takes the framing out of bytes that were read; how many are data. What follows the body stays
/// unread for ever, so the connection is not kept.
fn decode_in_place(body: &mut BodyPart, bytes: &mut [u8]) -> Result<usize> {
    let (mut at, mut data) = (0, 0);
    while at < bytes.len() && !body.reader.is_done() {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let step = match body.reader.step(rest, usize::MAX) {
            Ok(step) => step,
            // What came before the error is delivered; the decoder gives the error again.
            Err(_) if data > 0 => {
                body.keep = None;
                return Ok(data);
            }
            Err(e) => return Err(e),
        };
        let from = at + step.skip;
        shift(bytes, from, from + step.data, data);
        data += step.data;
        at += step.used();
    }
    if at < bytes.len() {
        body.keep = None;
    }
    Ok(data)
}

/// Reads 1 to `buf.len()` bytes of the body, without its framing; 0 is its true end, and only that.
///
/// `UNEXPECTED_EOF` when the peer closed too early, the errors of the chunked coding, `TIMEOUT` when
/// nothing came for the client's `idle_timeout_ms` (the answer is then lost) or until
/// [`set_deadline`] (reading may go on), `CANCELED`, `CLOSED` when somebody closed the answer or its
/// client, `BUSY` beside another reader, `INVALID` for no room. Trailers are checked and dropped.
/// Small buffers make many calls of the driver: give 64 bytes or more.
pub fn read(response: Handle, buf: &mut [u8]) -> Result<usize> {
    RESPONSES.enter(response)?.read(buf)
}

/// Why the reading of an answer's body failed.
pub fn failure(response: Handle) -> Result<Failure> {
    Ok(RESPONSES.enter(response)?.body.read()?.failed.unwrap_or_default())
}

/// Bounds present and future reads: past its time they fail with `TIMEOUT`, under `Deadline::NOW` they try
/// once, or `WOULD_BLOCK`; `Deadline::NONE` leaves only the idle time-out.
pub fn set_deadline(response: Handle, deadline: Deadline) -> Result<()> {
    let response = RESPONSES.enter(response)?;
    let conn = || cs::with(|cs| response.ties.borrow(cs).conn.get());
    cs::with(|cs| response.ties.borrow(cs).deadline.set(deadline.0));
    // A reader that is blocked takes the new one at once.
    let before = conn();
    if let Ok(used) = conn::CONNS.enter(before) {
        used.set_read_deadline(deadline);
        if conn() != before {
            // The body ended meanwhile: the connection is not this answer's any more.
            used.set_read_deadline(Deadline::NONE);
        }
    }
    Ok(())
}

/// Adds an answer to a set of objects to wait for: readable when a read need not wait, for all it knows.
pub fn watch(response: Handle, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    let response = RESPONSES.enter(response)?;
    if events & DUNLIN_READABLE == 0 {
        return Ok(0);
    }
    let body = response.body.read()?;
    let waits = body.failed.is_none() && !body.reader.is_done() && body.ahead.0 >= body.ahead.1;
    match &body.conn {
        Some(conn) if waits => watch_conn(conn.get()?, set, token),
        _ => Ok(DUNLIN_READABLE),
    }
}

fn watch_conn(conn: &ConnSlot, set: &mut PollSet, token: u16) -> Result<u16> {
    conn.watch(DUNLIN_READABLE, set, token)
}

/// Closes an answer (Go: `Body.Close`): the handle and all views are stale. The connection is kept if
/// the body was read, or if its rest is short and comes at once; otherwise it ends. A read that is
/// blocked in another task ends with `CLOSED`.
pub fn close(response: Handle) -> Result<()> {
    let response = RESPONSES.close(response)?;
    match response.body.change() {
        Ok(mut body) => {
            if response.drain(&mut body).is_err() {
                body.keep = None;
            }
            response.release(&mut body);
        }
        Err(_) => response.end(),
    }
    Ok(())
}
