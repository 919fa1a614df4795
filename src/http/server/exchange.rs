//! An exchange: a request and its answer, named by a handle. These are the questions about the request
//! (Go: the fields of `http.Request`); [`super::reply`], [`super::stream`] and [`super::event`] answer it.

use core::cell::Cell;

use crate::bytes::shift;
use crate::config::MAX_HTTP_EXCHANGES;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::http::header::{Fields, Header};
use crate::http::mux::{path_value, Routes};
use crate::http::server::route::View;
use crate::http::server::state::{Core, Parts, HEAD_SLACK, LOST};
use crate::http::server::{Server, SERVERS};
use crate::http::{parse_trailers, Limits, RequestHead};
use crate::netdev::table::dunlin_addr;
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::pool::{Pool, Slot};

/// Where an exchange is: its server, and its slot there.
pub struct ExchangeSlot {
    place: Mutex<Cell<(i32, u16)>>,
}

/// All exchanges.
pub static EXCHANGES: Pool<ExchangeSlot, MAX_HTTP_EXCHANGES> = Pool::new();

impl Slot for ExchangeSlot {
    const KIND: Kind = Kind::Exchange;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ExchangeSlot = ExchangeSlot { place: Mutex::new(Cell::new((0, 0))) };

    // Nothing is left of one whose handle is stale: the next one sets its place.
    fn finish(&self) {}
}

impl ExchangeSlot {
    pub(super) fn set(&self, server: Handle, slot: usize, cs: CriticalSection<'_>) {
        self.place.borrow(cs).set((server.0, slot as u16));
    }
}

/// The name of an exchange. Every function of one that ended is `BAD_HANDLE`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exchange(Handle);

/// An exchange in use: its server cannot go away.
pub(super) struct Held {
    pub server: Server,
    pub slot: usize,
    pub exchange: Handle,
}

impl Held {
    /// Runs `f` with the exchange's parts.
    pub fn parts<R>(&self, f: impl FnOnce(&mut Parts<'_>) -> Result<R>) -> Result<R> {
        self.core(|core, i| f(&mut core.parts(i)?))
    }

    /// Runs `f` with the server's state and the exchange's slot.
    pub fn core<R>(&self, f: impl FnOnce(&mut Core, usize) -> Result<R>) -> Result<R> {
        self.server.with(|core| {
            if core.slot(self.slot)?.exchange != self.exchange {
                return Err(Error::BAD_HANDLE);
            }
            f(core, self.slot)
        })
    }
}

impl Parts<'_> {
    /// Keeps the last `len` bytes that were taken, lines of a trailer section, behind the head.
    pub(super) fn keep_trailer(&mut self, len: usize) {
        let (to, kept) = (self.x.next as usize, usize::from(self.x.kept));
        let at = self.x.req.as_ref().map_or(0, |r| r.len as usize) + kept;
        if self.x.kept == LOST || len == 0 {
            return;
        }
        // Room must be left to receive the rest, and to end the section.
        let all = u16::try_from(kept + len).unwrap_or(LOST);
        if at + len > to || at + len + HEAD_SLACK > self.x.fields as usize {
            self.x.kept = LOST;
            return;
        }
        shift(self.head, to - len, to, at);
        self.x.kept = all;
    }

    /// Ends the section of the kept trailers, once the body is complete.
    pub(super) fn end_trailers(&mut self) {
        let kept = usize::from(self.x.kept);
        let at = self.x.req.as_ref().map_or(0, |r| r.len as usize) + kept;
        if kept == 0 || self.x.kept == LOST {
            return;
        }
        // The line end that came lay behind them.
        match self.head.get_mut(at..at + 2).filter(|_| at + 2 <= self.x.next as usize) {
            Some(end) => {
                end.copy_from_slice(b"\r\n");
                self.x.kept += 2;
            }
            None => self.x.kept = LOST,
        }
    }

    /// The trailers, once the body is complete.
    fn kept_trailers(&mut self) -> Result<&[u8]> {
        let req = self.x.req.as_ref().filter(|_| !self.x.detached).ok_or(Error::STATE)?;
        let start = req.len as usize;
        let len = match self.x.kept {
            LOST => return Err(Error::BUFFER_TOO_SMALL),
            kept if self.x.body.is_done() => usize::from(kept),
            _ => 0,
        };
        let lines = self.head.get_mut(start..start + len).unwrap_or(&mut []);
        if lines.is_empty() {
            return Ok(&[]);
        }
        let (fields, _) = parse_trailers(lines, Limits { head_len: u32::MAX, fields: u32::MAX })?;
        Ok(fields.of(lines))
    }
}

impl Exchange {
    /// The exchange of a handle.
    pub const fn of(handle: Handle) -> Exchange {
        Exchange(handle)
    }

    /// Its handle.
    pub const fn handle(self) -> Handle {
        self.0
    }

    pub(super) fn hold(self) -> Result<Held> {
        // In one step, so that the exchange need not be held too.
        let (server, slot) = cs::with(|cs| {
            let (server, slot) = EXCHANGES.peek(self.0, cs, |x| x.place.borrow(cs).get())?;
            Ok::<_, Error>((SERVERS.enter_in(Handle(server), cs)?, slot))
        })?;
        Ok(Held { server, slot: slot.into(), exchange: self.0 })
    }

    /// Asks the request, while the handler runs: its views end when it detaches.
    fn ask<R>(self, f: impl FnOnce(&RequestHead, &[u8]) -> Result<R>) -> Result<R> {
        self.hold()?.parts(|p| {
            let req = p.x.req.as_ref().ok_or(Error::STATE)?;
            if p.x.detached {
                return Err(Error::STATE);
            }
            f(req, p.head)
        })
    }

    /// The method.
    pub fn method(self) -> Result<View> {
        self.ask(|req, head| Ok(View::of(req.method.of(head))))
    }

    /// The target as it came (Go: `RequestURI`).
    pub fn target(self) -> Result<View> {
        self.ask(|req, head| Ok(View::of(req.target.of(head))))
    }

    /// The path, still escaped (Go: `URL.EscapedPath`).
    pub fn path(self) -> Result<View> {
        self.ask(|req, head| Ok(View::of(req.path.of(head))))
    }

    /// The query without its `?`, still escaped (Go: `URL.RawQuery`).
    pub fn query(self) -> Result<View> {
        self.ask(|req, head| Ok(View::of(req.query.of(head))))
    }

    /// The host asked for, with its port if it came (Go: `Request.Host`).
    pub fn host(self) -> Result<View> {
        self.ask(|req, head| Ok(View::of(req.host.of(head))))
    }

    /// The version: major and minor.
    pub fn version(self) -> Result<(u8, u8)> {
        self.ask(|req, _| Ok((req.major, req.minor)))
    }

    /// The length of the body, -1 when it is chunked (Go: `Request.ContentLength`).
    pub fn content_length(self) -> Result<i64> {
        self.ask(|req, _| Ok(req.content_length()))
    }

    /// The first value of a field, in any case of letters (Go: `Header.Get`).
    pub fn header(self, name: &[u8]) -> Result<Option<View>> {
        self.ask(|req, head| Ok(req.header(head).get(name).map(View::of)))
    }

    /// The field of a number, from 0, in the order they came: name and value. `None` behind the last.
    pub fn header_at(self, number: usize) -> Result<Option<(View, View)>> {
        let views = |f: (&[u8], &[u8])| (View::of(f.0), View::of(f.1));
        self.ask(|req, head| Ok(req.header(head).iter().nth(number).map(views)))
    }

    /// The first value set for a field of the answer (Go: `Header().Get`); it holds until a field is set.
    pub fn answer_header(self, name: &[u8]) -> Result<Option<View>> {
        self.hold()?.parts(|p| Ok(p.field(name).map(View::of)))
    }

    /// The first value of a trailer of the request (Go: `Request.Trailer`); there are none before the
    /// whole body was read. `BUFFER_TOO_SMALL` when they did not fit behind the head.
    pub fn trailer(self, name: &[u8]) -> Result<Option<View>> {
        self.hold()?.parts(|p| Ok(Fields::new(p.kept_trailers()?).get(name).map(View::of)))
    }

    /// The trailer of a number, from 0: name and value. `None` behind the last.
    pub fn trailer_at(self, number: usize) -> Result<Option<(View, View)>> {
        let views = |f: (&[u8], &[u8])| (View::of(f.0), View::of(f.1));
        self.hold()?.parts(|p| Ok(Fields::new(p.kept_trailers()?).nth(number).map(views)))
    }

    /// Runs `f` with the request's head and fields, for readers in Rust; it must not call the server.
    pub fn read_head<R>(self, f: impl FnOnce(&RequestHead, &[u8], Header<'_>) -> R) -> Result<R> {
        self.ask(|req, head| Ok(f(req, head, req.header(head))))
    }

    /// What a wildcard of the route's pattern stands for, unescaped (Go: `Request.PathValue`); empty
    /// for a name that the pattern does not have. `BUFFER_TOO_SMALL` when a value with escapes does
    /// not fit behind the head.
    pub fn path_value(self, name: &[u8]) -> Result<View> {
        self.hold()?.core(|core, i| {
            let table = core.table;
            let mut p = core.parts(i)?;
            if p.x.detached {
                return Err(Error::STATE);
            }
            let req = p.x.req.as_ref().ok_or(Error::STATE)?;
            let pattern = table.pattern(p.x.route.into());
            let Some(value) = path_value(pattern, req.path.of(p.head), name) else {
                return Ok(View::of(&[]));
            };
            if !value.0.contains(&b'%') {
                return Ok(View::of(value.0));
            }
            let start = (value.0.as_ptr() as usize).wrapping_sub(p.head.as_ptr() as usize);
            let end = start + value.0.len();
            let (start, end) = p.keep_decoded(start, end)?;
            Ok(View::of(p.head.get(start..end).unwrap_or(&[])))
        })
    }

    /// The peer's address.
    pub fn remote_addr(self) -> Result<dunlin_addr> {
        self.hold()?.parts(|p| p.slot.conn.as_ref().ok_or(Error::CLOSED)?.remote_addr())
    }

    /// The server's address.
    pub fn local_addr(self) -> Result<dunlin_addr> {
        self.hold()?.parts(|p| p.slot.conn.as_ref().ok_or(Error::CLOSED)?.local_addr())
    }
}
