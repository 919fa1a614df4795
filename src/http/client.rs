//! The HTTP client (Go: `Client`, `Transport`): time-outs, the choice of a connection, safe replay.

use core::cell::Cell;

use super::client_config::{settings, Settings, AGENT};
use super::client_response::{Fetched, Response, ResponseSlot, RESPONSES};
use super::outgoing::{Body, Framing, Plan, Request};
use super::round_trip::{round_trip, Answer, Failed, Outgoing, Waits};
use super::transport::{self, Key, Owned};
use super::url::{Address, Url};
use crate::arena::Buf;
use crate::config::{MAX_HTTP_CLIENTS, MAX_HTTP_RESPONSES};
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::cancel;
use crate::net::conn::Conn;
use crate::net::dial::{dial, Dialer};
use crate::net::Limit;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::DUNLIN_WRITABLE;
use crate::sync::cs::{self, Mutex};
use crate::sync::park;
use crate::sync::pool::{Guard, Pool, Slot};
use crate::sync::shared::Shared;
use crate::time::Deadline;

pub use super::client_config::{memory_needed, Config};
pub use super::round_trip::{Failure, Stage};

/// What a client keeps of its configuration.
struct Fixed {
    settings: Option<Settings>,
    agent: Option<Buf<u8>>,
    device: Option<Buf<u8>>,
}

const UNFIXED: Fixed = Fixed { settings: None, agent: None, device: None };

/// A client.
pub struct ClientSlot {
    fixed: Shared<Fixed>,
    failure: Mutex<Cell<Failure>>,
}

/// A client in use.
pub type Client = Guard<ClientSlot, MAX_HTTP_CLIENTS>;

/// All clients.
pub static CLIENTS: Pool<ClientSlot, MAX_HTTP_CLIENTS> = Pool::new();

impl Slot for ClientSlot {
    const KIND: Kind = Kind::HttpClient;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ClientSlot =
        ClientSlot { fixed: Shared::new(UNFIXED), failure: Mutex::new(Cell::new(Failure::NONE)) };

    fn finish(&self) {
        if let Ok(mut fixed) = self.fixed.change() {
            *fixed = UNFIXED;
        }
        cs::with(|cs| self.failure.borrow(cs).set(Failure::NONE));
    }
}

fn copy(text: Option<&[u8]>) -> Result<Option<Buf<u8>>> {
    text.map(|t| Buf::new(t.len(), |i| t.get(i).copied().unwrap_or(0))).transpose()
}

/// Makes a client (Go: a `Client` with a `Transport` of its own). `NO_SLOT` when `DUNLIN_MAX_HTTP_CLIENTS` are in
/// use, `NO_MEMORY` when the arena is too small, `INVALID` for numbers out of range,
/// `HTTP_INVALID_HEADER_VALUE` for a name that cannot be sent.
pub fn new(config: &Config<'_>) -> Result<Handle> {
    let settings = settings(config)?;
    if config.user_agent.is_some_and(|a| !super::header::is_valid_value(a)) {
        return Err(Error::HTTP_INVALID_HEADER_VALUE);
    }
    let client = CLIENTS.claim()?;
    let made = copy(config.user_agent).and_then(|agent| {
        let device = copy(config.device)?;
        transport::open(
            client.index(),
            settings.max_idle,
            settings.buffers,
            settings.limits.head_len as usize,
        )?;
        *client.fixed.change()? = Fixed { settings: Some(settings), agent, device };
        Ok(client.handle())
    });
    if made.is_err() {
        transport::close(client.index());
        client.close();
    }
    made
}

/// Closes a client: requests in flight end with `CLOSED`, idle connections are closed, bodies that are
/// being read end with `CLOSED`. Its memory is back when its last answer is closed.
pub fn close(client: Handle) -> Result<()> {
    let closing = CLIENTS.close(client)?;
    transport::close(closing.index());
    RESPONSES.each(|r| {
        if r.is_of(client) {
            r.end();
        }
    });
    park::table().wake_pollers(false);
    Ok(())
}

/// Adds a client to a set of objects to wait for: writable when a request finds a place for its answer at
/// once.
pub fn watch(client: Handle, events: u16, set: &mut PollSet) -> Result<u16> {
    let client = CLIENTS.enter(client)?;
    if events & DUNLIN_WRITABLE == 0 {
        return Ok(0);
    }
    if RESPONSES.in_use() < MAX_HTTP_RESPONSES && transport::has_buffer(client.index()) {
        return Ok(DUNLIN_WRITABLE);
    }
    // An answer that is closed frees its place when the last task has left it.
    set.add_probe();
    Ok(0)
}

/// Closes the connections that no request uses (Go: `CloseIdleConnections`).
pub fn close_idle(client: Handle) -> Result<()> {
    transport::drop_all(CLIENTS.enter(client)?.index());
    Ok(())
}

/// How many connections a client keeps for later.
pub fn idle(client: Handle) -> Result<usize> {
    Ok(transport::idle(CLIENTS.enter(client)?.index()))
}

/// Why the client's last request failed.
pub fn failure(client: Handle) -> Result<Failure> {
    let client = CLIENTS.enter(client)?;
    Ok(cs::with(|cs| client.failure.borrow(cs).get()))
}

/// Closes the idle connections whose time is over; says when the next one's is. `dunlin_run` calls it.
pub fn run() -> Deadline {
    let mut next = Deadline::NONE;
    CLIENTS.each(|client| next = next.earliest(transport::expire(client.index())));
    next
}

/// Gives the client a connection that leads to the host of `url`, for example a pipe's end or one
/// that was opened by other means; the next request to that host uses it.
pub fn adopt(client: Handle, url: &[u8], conn: Conn) -> Result<()> {
    let conn = Owned::new(conn);
    let client = CLIENTS.enter(client)?;
    let url = Url::parse(url)?;
    let key = Key::of(&url, url.address()?.bytes()).ok_or(Error::NAME_TOO_LONG)?;
    let terms = client.fixed.read()?.settings.ok_or(Error::BAD_HANDLE)?.terms;
    let lifetime = Deadline::of_timeout(terms.idle_conn_ms, 0);
    transport::put(client.index(), conn, key, true, lifetime);
    Ok(())
}

/// Fetches a URL (Go: `Client.Get`).
pub fn get(client: Handle, url: &[u8]) -> Result<Handle> {
    send(client, &mut Request::get(url))
}

/// Sends a request and waits for its answer's head (Go: `Client.Do`, without redirects); gives the
/// answer, which must be closed.
///
/// Everything is checked before a byte is sent. `TIMEOUT`, `CANCELED`, `CLOSED` (the client was closed);
/// `NO_SLOT` when as many answers are open as the client or `DUNLIN_MAX_HTTP_RESPONSES` allow;
/// `HTTP_NO_RESPONSE` when the peer closed before it answered; the errors of dialing, of the head's
/// syntax and limits, of the body's source. A request is sent a second time, on a new connection,
/// only if a kept one failed before a byte of the answer came, and either nothing was sent or
/// the method (or an Idempotency-Key) says that it may be made twice, and its body can be rewound.
pub fn send(client: Handle, request: &mut Request<'_>) -> Result<Handle> {
    let client = CLIENTS.enter(client)?;
    let sent = Sending::new(&client, request).and_then(|mut sending| sending.run());
    sent.map_err(|failure: Failure| {
        cs::with(|cs| client.failure.borrow(cs).set(failure));
        Error::from_code(failure.code)
    })
}

type Attempt<T> = core::result::Result<T, Failure>;

fn at(stage: Stage) -> impl Fn(Error) -> Failure {
    move |error| Failure::new(stage, error, None)
}

/// A response's place while it is fetched: freed unless it is given out.
struct Place {
    response: Response,
    given: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.given {
            self.response.close();
        }
    }
}

/// A request on its way.
struct Sending<'s, 'r> {
    client: &'s Client,
    request: &'s mut Request<'r>,
    settings: Settings,
    deadline: Deadline,
}

impl<'s, 'r> Sending<'s, 'r> {
    fn new(client: &'s Client, request: &'s mut Request<'r>) -> Attempt<Self> {
        let settings = client.fixed.read().and_then(|f| f.settings.ok_or(Error::BAD_HANDLE));
        let settings = settings.map_err(at(Stage::Check))?;
        let deadline = Deadline::of_timeout(settings.timeout_ms, 0).earliest(request.deadline);
        Ok(Sending { client, request, settings, deadline })
    }

    fn run(&mut self) -> Attempt<Handle> {
        let check = at(Stage::Check);
        let plan = Plan::new(self.request.method, self.request.url, self.request.headers).map_err(&check)?;
        if plan.url.is_secure() {
            return Err(check(Error::TLS_NOT_CONFIGURED));
        }
        let address = plan.url.address().map_err(&check)?;
        let token = cancel::enter(self.request.cancel).map_err(&check)?;
        if token.as_ref().is_some_and(|t| t.is_canceled()) {
            return Err(check(Error::CANCELED));
        }
        if self.deadline.is_past() {
            return Err(check(Error::TIMEOUT));
        }
        let mut place = Place { response: RESPONSES.claim().map_err(&check)?, given: false };
        place.response.begin(self.client.handle()).map_err(&check)?;
        // Closing the client ends every stage, the caller's token too.
        place.response.item().stop().follow(self.request.cancel);
        let waits = Waits {
            head: self.deadline,
            first_byte_ms: self.settings.first_byte_ms,
            write_ms: self.settings.terms.idle_ms,
            expect_ms: self.settings.expect_ms,
            cancel: Some(place.response.item().stop()),
        };
        let fetched = self.fetch(&plan, &address, &waits, &place.response);
        // A closed client shows as a canceled wait of its own.
        let closed = place.response.is_ended();
        let canceled = token.as_ref().is_some_and(|t| t.is_canceled());
        fetched.map_err(
            |f| {
                if closed && !canceled {
                    Failure { code: Error::CLOSED.code(), ..f }
                } else {
                    f
                }
            },
        )?;
        place.given = true;
        Ok(place.response.handle())
    }

    /// How the body is announced, and its first byte if it had to be read for that.
    fn announce(&mut self, plan: &Plan<'_>) -> Result<(Framing, Option<u8>)> {
        match &mut self.request.body {
            Body::None => Ok((Framing::None, None)),
            Body::Bytes([]) => Ok((Framing::None, None)),
            Body::Bytes(bytes) => Ok((Framing::Length(bytes.len() as u64), None)),
            Body::Stream { len: Some(0), .. } => Ok((Framing::None, None)),
            Body::Stream { len: Some(n), .. } => Ok((Framing::Length(*n), None)),
            Body::Stream { source, len: None } if plan.usually_lacks_body() => {
                let mut first = [0];
                match source.read(&mut first)? {
                    0 => Ok((Framing::None, None)),
                    _ => Ok((Framing::Chunked, first.first().copied())),
                }
            }
            Body::Stream { len: None, .. } => Ok((Framing::Chunked, None)),
        }
    }

    fn fetch(
        &mut self,
        plan: &Plan<'_>,
        address: &Address,
        waits: &Waits<'_>,
        response: &ResponseSlot,
    ) -> Attempt<()> {
        let check = at(Stage::Check);
        let key = Key::of(&plan.url, address.bytes());
        let mut head = response.head_mut().map_err(&check)?;
        let keeps = self.settings.max_idle > 0;
        let mut again = false;
        loop {
            let (framing, first) = self.announce(plan).map_err(at(Stage::Source))?;
            let fixed = self.client.fixed.read().map_err(&check)?;
            let buf = head.buf.as_deref_mut().ok_or(check(Error::BAD_HANDLE))?;
            let agent = fixed.agent.as_deref().unwrap_or(AGENT);
            let head_len = plan.write_head(framing, agent, !keeps, buf).map_err(&check)?;
            let kept = key.as_ref().filter(|_| !again).and_then(|k| transport::take(self.client.index(), k));
            let (conn, reused) = match kept {
                Some(kept) => kept,
                None => {
                    (self.connect(fixed.device.as_deref(), address, waits).map_err(at(Stage::Dial))?, false)
                }
            };
            drop(fixed);
            let slot = conn.get().map_err(&check)?;
            response.attach(slot.handle()).map_err(at(Stage::Dial))?;
            let expects = plan.expects() && framing != Framing::None;
            let body = &mut self.request.body;
            let mut out = Outgoing { head_len, method: plan.method, body, framing, first, expects };
            match round_trip(slot, buf, &mut out, waits, self.settings.limits) {
                Ok(Answer { head: found, filled, whole }) => {
                    let keep = key.filter(|_| keeps && whole && !found.close && !plan.closes());
                    let (cancel, terms) = (self.request.cancel, self.settings.terms);
                    let fetched = Fetched { head: found, filled, conn, keep, cancel, terms };
                    return response.complete(&mut head, fetched).map_err(&check);
                }
                Err(failed) => {
                    let failure = Failure::new(failed.stage, failed.error, Some(slot.detail()));
                    response.detach();
                    drop(conn);
                    if !reused || !self.may_repeat(plan, &failed, framing) {
                        return Err(failure);
                    }
                    again = true;
                }
            }
        }
    }

    /// Whether the request may be sent again after a kept connection failed (Go:
    /// `shouldRetryRequest`); rewinds its body.
    fn may_repeat(&mut self, plan: &Plan<'_>, failed: &Failed, framing: Framing) -> bool {
        let gone = matches!(
            failed.error,
            Error::HTTP_NO_RESPONSE
                | Error::EOF
                | Error::CONN_RESET
                | Error::CONN_ABORTED
                | Error::BROKEN_PIPE
                | Error::CLOSED_PIPE
                | Error::NOT_CONNECTED
        );
        let stage = matches!(failed.stage, Stage::Write | Stage::Head);
        if !gone || !stage || failed.answered || (failed.sent && !plan.is_replayable()) {
            return false;
        }
        match &mut self.request.body {
            Body::Stream { source, len } if framing != Framing::None || len.is_none() => {
                source.rewind().is_ok()
            }
            _ => true,
        }
    }

    /// A new connection. When the device has no socket left, or the library no place, idle ones make room.
    fn connect(&self, device: Option<&[u8]>, address: &Address, waits: &Waits<'_>) -> Result<Owned> {
        let deadline = self.deadline.earliest(Deadline::of_timeout(self.settings.dial_ms, 0));
        let limit = Limit { deadline, cancel: waits.cancel };
        loop {
            match dial(&Dialer { device, ..Dialer::default() }, b"tcp", address.bytes(), limit) {
                Ok(conn) => return Ok(Owned::new(conn)),
                Err(Error::NO_SOCKETS | Error::NO_SLOT) if transport::drop_oldest(self.client.index()) => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// Ends every client and every answer, as [`close`] does; `dunlin_deinit` calls it.
pub(crate) fn close_all() {
    // What was closed meanwhile is what is wanted.
    CLIENTS.each(|client| {
        let _ = close(client.handle());
    });
    RESPONSES.each(|response| {
        let _ = super::client_response::close(response.handle());
    });
}

/// Makes what all clients share; `dunlin_init` calls it.
pub(crate) fn init() -> Result<()> {
    transport::init()
}

/// Gives back what [`init`] made.
pub(crate) fn free() {
    transport::free();
}
