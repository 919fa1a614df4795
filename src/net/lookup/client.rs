//! The DNS client: sends the questions, waits for the replies, and goes from server to server.

use core::net::IpAddr;

use crate::config::DNS_PACKET;
use crate::error::{Error, Result};
use crate::net::addr::{unmap, Addr, ADDR_TEXT_MAX};
use crate::net::conn::{self, Conn, Limit};
use crate::net::dial::{dial, Dialer};
use crate::net::dns::message::{Kind, Query};
use crate::net::dns::name::Name;
use crate::net::dns::plan;
use crate::net::dns::reply::{Answer, Verdict};
use crate::net::lookup::servers;
use crate::net::tcp;
use crate::netdev::registry::Dev;
use crate::netdev::table::{
    dunlin_addr, DUNLIN_CAP_IPV6, DUNLIN_CAP_UDP, DUNLIN_IPPROTO_UDP, DUNLIN_SOCK_DGRAM,
};
use crate::netdev::wait::{self, Gate};
use crate::port;
use crate::sync::cs::CriticalSection;
use crate::sync::park::TaskRef;
use crate::time::Deadline;

/// How often another port is tried when one is in use.
const PORT_TRIES: usize = 16;
/// Where multicast DNS is spoken (RFC 6762 §3).
const MULTICAST: [IpAddr; 2] = [
    IpAddr::V4(core::net::Ipv4Addr::new(224, 0, 0, 251)),
    IpAddr::V6(core::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb)),
];
const MULTICAST_PORT: u16 = 5353;

/// What a lookup looks at while it waits: its limit and the link.
pub(super) struct Wait<'a> {
    limit: Limit<'a>,
    until: Deadline,
    epoch: u16,
}

impl<'a> Wait<'a> {
    /// `NET_DOWN` when the link is down: nothing will come of it.
    pub(super) fn new(dev: &Dev, limit: Limit<'a>) -> Result<Wait<'a>> {
        // The epoch first: a fall after the question counts.
        let epoch = dev.epoch();
        if !dev.is_up() {
            return Err(Error::NET_DOWN);
        }
        Ok(Wait { limit, until: limit.deadline, epoch })
    }
}

impl Gate for Wait<'_> {
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline> {
        if let Some(cancel) = self.limit.cancel {
            cancel.enter(cs, task)?;
        }
        Ok(self.until)
    }

    fn epoch(&self) -> Option<u16> {
        Some(self.epoch)
    }
}

/// A random number that nobody can guess.
fn random() -> Result<u32> {
    let mut bytes = [0; 4];
    port::random(&mut bytes)?;
    Ok(u32::from_ne_bytes(bytes))
}

/// The socket of one try: a port of its own, so that what comes late for another try reaches nobody.
struct Socket<'a> {
    dev: &'a Dev,
    sock: i32,
}

impl<'a> Socket<'a> {
    fn open(dev: &'a Dev, family: u16) -> Result<Socket<'a>> {
        let made =
            wait::in_turn(dev, &mut |t, _, _| t.socket(family, DUNLIN_SOCK_DGRAM, DUNLIN_IPPROTO_UDP))?;
        let socket = Socket { dev, sock: tcp::adopt(dev, made)? };
        // The port is a part of what a forger has to guess (RFC 5452): the device does not choose it.
        for _ in 0..PORT_TRIES {
            let port = random()? as u16;
            let port = if port < 1024 { port | 0x8000 } else { port };
            let local = dunlin_addr { family, port, ..dunlin_addr::NONE };
            match wait::in_turn(dev, &mut |t, _, _| t.bind(socket.sock, &local)) {
                Ok(_) => return Ok(socket),
                Err(f) if matches!(f.error, Error::ADDR_IN_USE | Error::PERMISSION) => {}
                Err(f) => return Err(f.error),
            }
        }
        Err(Error::ADDR_IN_USE)
    }
}

impl Drop for Socket<'_> {
    fn drop(&mut self) {
        tcp::close_socket(self.dev, self.sock);
    }
}

/// What a question has come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not asked, or not answered.
    Open,
    /// The server of this try has refused it.
    Refused,
    /// To be asked by TCP.
    Cut,
    Done,
}

/// The questions about one name.
struct Ask<'a> {
    dev: &'a Dev,
    name: &'a Name,
    kinds: &'a [Kind],
    states: [State; 2],
    limit: Limit<'a>,
    multicast: bool,
    /// A server did not understand the word on the length of datagrams.
    plain: bool,
    /// Something was found.
    found: bool,
}

/// Who takes the answers.
type Sink<'a> = &'a mut dyn FnMut(Kind, &Answer<'_>);

/// Asks one or two questions about a name at once and hands each answer that has something to `sink`.
/// `NO_SUCH_HOST` when none has.
#[inline(never)]
pub(super) fn ask(dev: &Dev, name: &Name, kinds: &[Kind], limit: Limit<'_>, sink: Sink<'_>) -> Result<()> {
    if dev.table().caps() & DUNLIN_CAP_UDP == 0 {
        return Err(Error::NOT_SUPPORTED);
    }
    // Never for DNS (RFC 7686 §2).
    if name.ends_with(&[b"onion"]) {
        return Err(Error::NO_SUCH_HOST);
    }
    let multicast = is_multicast(name);
    let (mut servers, mut count) = servers::of(dev);
    let mut waits: &'static [i64] = &plan::TRIES_MS;
    if multicast {
        for (to, ip) in servers.iter_mut().zip(MULTICAST) {
            *to = Addr::new(ip, MULTICAST_PORT).to_c();
        }
        count = if dev.table().caps() & DUNLIN_CAP_IPV6 != 0 { 2 } else { 1 };
        waits = &plan::MULTICAST_TRIES_MS;
    }
    if count == 0 {
        return Err(Error::NO_NAME_SERVER);
    }
    let states = [State::Open; 2];
    let mut ask = Ask { dev, name, kinds, states, limit, multicast, plain: false, found: false };
    let mut buf = [0u8; DNS_PACKET];
    let mut last = Error::TIMEOUT;
    let mut silent = false;
    for (n, next) in plan::tries(count, waits).enumerate() {
        if ask.found && n >= plan::SPARE_TRIES {
            break;
        }
        let Some(server) = servers.get(next.server) else { break };
        if let Err(e) = ask.once(server, next.wait_ms, &mut buf, sink) {
            last = e;
            silent |= e == Error::TIMEOUT;
            let final_one = limit.deadline.is_past()
                || matches!(e, Error::CANCELED | Error::NET_DOWN | Error::ENTROPY | Error::NOT_SUPPORTED);
            if final_one && !(ask.found && e == Error::TIMEOUT) {
                return Err(e);
            }
        }
        if ask.is_done() || limit.deadline.is_past() {
            break;
        }
    }
    if ask.found {
        Ok(())
    } else if ask.is_done() || (multicast && silent && !limit.deadline.is_past()) {
        Err(Error::NO_SUCH_HOST)
    } else {
        Err(last)
    }
}

/// Names that every host answers for itself (RFC 6762 §3, §4).
fn is_multicast(name: &Name) -> bool {
    const REVERSE: [&[&[u8]]; 5] = [
        &[b"254", b"169", b"in-addr", b"arpa"],
        &[b"8", b"e", b"f", b"ip6", b"arpa"],
        &[b"9", b"e", b"f", b"ip6", b"arpa"],
        &[b"a", b"e", b"f", b"ip6", b"arpa"],
        &[b"b", b"e", b"f", b"ip6", b"arpa"],
    ];
    name.ends_with(&[b"local"]) || REVERSE.iter().any(|r| name.ends_with(r))
}

impl Ask<'_> {
    fn is_done(&self) -> bool {
        self.kinds.iter().zip(&self.states).all(|(_, s)| *s == State::Done)
    }

    fn query(&self, kind: Kind, id: u16) -> Query<'_> {
        let room = if self.plain { 0 } else { DNS_PACKET };
        Query { id, kind, name: self.name, room, multicast: self.multicast }
    }

    /// Which questions are as `state` says.
    fn which(&self, state: State) -> impl Iterator<Item = (usize, Kind)> + '_ {
        let all = self.kinds.iter().zip(&self.states).enumerate();
        all.filter(move |(_, (_, s))| **s == state).map(|(i, (k, _))| (i, *k))
    }

    fn set(&mut self, index: usize, state: State) {
        if let Some(s) = self.states.get_mut(index) {
            *s = state;
        }
    }

    /// Asks one server what is still open.
    fn once(
        &mut self,
        server: &dunlin_addr,
        wait_ms: i64,
        buf: &mut [u8; DNS_PACKET],
        sink: Sink<'_>,
    ) -> Result<()> {
        let asked = self.datagrams(server, wait_ms, buf, sink);
        let mut result = asked;
        for i in 0..self.kinds.len() {
            let cut = self.which(State::Cut).find(|(at, _)| *at == i);
            if let Some((_, kind)) = cut {
                self.set(i, State::Open);
                if let Err(e) = self.stream(i, kind, server, buf, sink) {
                    result = Err(e);
                }
            }
        }
        for s in &mut self.states {
            if *s == State::Refused {
                *s = State::Open;
                result = result.and(Err(Error::NAME_SERVER));
            }
        }
        result
    }

    /// Asks by UDP.
    #[inline(never)]
    fn datagrams(
        &mut self,
        server: &dunlin_addr,
        wait_ms: i64,
        buf: &mut [u8; DNS_PACKET],
        sink: Sink<'_>,
    ) -> Result<()> {
        let dev = self.dev;
        let mut gate = Wait::new(dev, self.limit)?;
        gate.until = self.limit.deadline.earliest(Deadline::after_ms(wait_ms));
        let mut ids = [0u16; 2];
        for id in &mut ids {
            *id = random()? as u16;
        }
        let socket = Socket::open(dev, server.family)?;
        let sock = socket.sock;
        for (i, kind) in self.which(State::Open) {
            let id = ids.get(i).copied().unwrap_or(0);
            let len = self.query(kind, id).write(buf)?;
            let message = buf.get(..len).unwrap_or(&[]);
            wait::blocking(dev, sock, false, &gate, &mut |t, flags, d| {
                t.send_to(sock, message, flags, server, d)
            })?;
        }
        while self.which(State::Open).next().is_some() {
            let mut from = dunlin_addr::NONE;
            let got = wait::blocking(dev, sock, false, &gate, &mut |t, flags, d| {
                t.recv_from(sock, buf, flags, &mut from, d)
            });
            let len = match got {
                Ok(len) => len,
                // Longer than was said: as if the server had cut it.
                Err(f) if f.error == Error::MESSAGE_SIZE => {
                    if let Some(flags) = buf.get_mut(2) {
                        *flags |= 2;
                    }
                    buf.len()
                }
                Err(f) => return Err(f.error),
            };
            if !self.is_from(&from, server) {
                continue;
            }
            let message = buf.get(..len).unwrap_or(&[]);
            for i in 0..self.kinds.len() {
                let Some((_, kind)) = self.which(State::Open).find(|(at, _)| *at == i) else { continue };
                let id = ids.get(i).copied().unwrap_or(0);
                let state = self.take(kind, id, message, false, sink);
                self.set(i, state);
                if self.multicast && state == State::Done {
                    gate.until = gate.until.earliest(Deadline::after_ms(plan::MULTICAST_REST_MS));
                }
            }
        }
        Ok(())
    }

    /// What a question comes to by a message.
    fn take(&mut self, kind: Kind, id: u16, message: &[u8], cut: bool, sink: Sink<'_>) -> State {
        let query = self.query(kind, id);
        match query.judge(message, cut) {
            Verdict::Foreign => State::Open,
            Verdict::Truncated => State::Cut,
            Verdict::Refused(plain) => {
                self.plain |= plain;
                State::Refused
            }
            Verdict::Answer(answer) => {
                let some = answer.matching().next().is_some();
                sink(kind, &answer);
                self.found |= some;
                State::Done
            }
        }
    }

    /// Says whether a datagram is the server's. In multicast any host may answer, but from the port.
    fn is_from(&self, from: &dunlin_addr, server: &dunlin_addr) -> bool {
        let (Ok(Some(from)), Ok(Some(server))) = (Addr::from_c(from), Addr::from_c(server)) else {
            return false;
        };
        let zones = server.scope == 0 || from.scope == 0 || from.scope == server.scope;
        from.port == server.port && (self.multicast || (unmap(from.ip) == unmap(server.ip) && zones))
    }

    /// Asks one question by TCP (RFC 7766).
    #[inline(never)]
    fn stream(
        &mut self,
        index: usize,
        kind: Kind,
        server: &dunlin_addr,
        buf: &mut [u8; DNS_PACKET],
        sink: Sink<'_>,
    ) -> Result<()> {
        let until = self.limit.deadline.earliest(Deadline::after_ms(plan::STREAM_MS));
        let limit = Limit { deadline: until, ..self.limit };
        let id = random()? as u16;
        let conn = connect(self.dev, server, limit)?;
        let message = self.query(kind, id).write(buf).and_then(|len| exchange(&conn, buf, len, limit));
        conn::end(conn);
        let (len, cut) = message?;
        let message = buf.get(..len).unwrap_or(&[]);
        match self.take(kind, id, message, cut, sink) {
            State::Done => {
                self.set(index, State::Done);
                Ok(())
            }
            _ => Err(Error::NAME_SERVER),
        }
    }
}

/// Connects to a server through the device.
fn connect(dev: &Dev, server: &dunlin_addr, limit: Limit<'_>) -> Result<Conn> {
    let mut text = [0u8; ADDR_TEXT_MAX];
    let len = Addr::from_c(server)?.ok_or(Error::INVALID_ADDRESS)?.write(&mut text)?;
    let name = dev.name();
    let name = name.split(|b| *b == 0).next().unwrap_or(&[]);
    let dialer = Dialer { device: Some(name), ..Dialer::default() };
    dial(&dialer, b"tcp", text.get(..len).unwrap_or(&[]), limit)
}

/// Sends the first `len` bytes of the buffer and reads the reply into it: how much is there, and
/// whether there is more than fits.
fn exchange(conn: &Conn, buf: &mut [u8], len: usize, limit: Limit<'_>) -> Result<(usize, bool)> {
    let prefix = (len as u16).to_be_bytes();
    conn.write_all(&[&prefix, buf.get(..len).unwrap_or(&[])], limit)?;
    let mut prefix = [0; 2];
    read_full(conn, &mut prefix, limit)?;
    let total = usize::from(u16::from_be_bytes(prefix));
    let len = total.min(buf.len());
    read_full(conn, buf.get_mut(..len).unwrap_or_default(), limit)?;
    Ok((len, total > len))
}

fn read_full(conn: &Conn, mut buf: &mut [u8], limit: Limit<'_>) -> Result<()> {
    while !buf.is_empty() {
        let n = conn.read(buf, limit).map_err(|e| if e == Error::EOF { Error::NAME_SERVER } else { e })?;
        buf = buf.get_mut(n..).unwrap_or_default();
    }
    Ok(())
}
