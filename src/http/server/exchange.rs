//! An exchange: a request and its answer, named by a handle. These are the questions about the request
//! (Go: the fields of `http.Request`); [`super::reply`], [`super::stream`] and [`super::event`] answer it.

use core::cell::Cell;

use crate::config::MAX_HTTP_EXCHANGES;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::http::header::Header;
use crate::http::mux::{path_value, Routes};
use crate::http::server::route::View;
use crate::http::server::state::{Core, Parts};
use crate::http::server::{Server, SERVERS};
use crate::http::RequestHead;
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
