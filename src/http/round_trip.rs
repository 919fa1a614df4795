//! One request and its answer's head on one connection (Go: `persistConn.roundTrip`, in one task).
//!
//! The buffer first holds the request's head; once that is out, its lower half receives an answer
//! that comes early and its upper half holds pieces of a streamed body; once those are out it
//! receives the answer's head.

use super::chunked::{chunk_head, CHUNK_END, CHUNK_HEAD_MAX, LAST_CHUNK_END};
use super::outgoing::{Body, Framing};
use super::{parse_response, HeadScanner, Informational, Limits, Method, ResponseHead};
use crate::bytes::shift;
use crate::error::{Error, Result};
use crate::net::cancel::CancelSlot;
use crate::net::conn::{ConnSlot, Detail};
use crate::net::Limit;
use crate::time::Deadline;

/// How long a blocked write goes on before it looks for an early answer.
const LOOK_MS: i64 = 200;
/// How long the answer of a peer that refused the body may take.
const REFUSAL_MS: i64 = 500;

/// What a failed request was doing.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// Nothing failed.
    #[default]
    None = 0,
    /// Checking the request; nothing was sent.
    Check = 1,
    /// Dialing.
    Dial = 2,
    /// Sending.
    Write = 3,
    /// Reading the caller's body.
    Source = 4,
    /// Waiting for the answer's head, or in it.
    Head = 5,
    /// Reading the answer's body.
    Body = 6,
}

/// Why a request, or the reading of its answer, failed (Go: `url.Error`, `OpError`, as data).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Failure {
    /// What was being done.
    pub stage: Stage,
    /// Our number, 0 is none.
    pub code: i32,
    /// What the driver returned, if one was asked.
    pub raw: i32,
}

impl Failure {
    /// Nothing failed.
    pub const NONE: Failure = Failure { stage: Stage::None, code: 0, raw: 0 };

    /// An error, with what the connection knows of it.
    pub(super) fn new(stage: Stage, error: Error, detail: Option<Detail>) -> Failure {
        let raw = detail.filter(|d| d.code == error.code()).map_or(error.code(), |d| d.raw);
        Failure { stage, code: error.code(), raw }
    }
}

/// Why a round trip failed, and how far it came.
pub(super) struct Failed {
    pub error: Error,
    pub stage: Stage,
    /// A byte of the request went out.
    pub sent: bool,
    /// A byte of the answer came.
    pub answered: bool,
}

/// The answer's head, and what came behind it.
pub(super) struct Answer {
    pub head: ResponseHead,
    /// Bytes of the buffer that are filled; the head is in front.
    pub filled: usize,
    /// The request was sent to its end.
    pub whole: bool,
}

/// The time-outs of one request.
#[derive(Clone, Copy)]
pub(super) struct Waits<'a> {
    /// For everything until the head has come.
    pub head: Deadline,
    pub first_byte_ms: i32,
    /// For each piece that is written.
    pub write_ms: i32,
    pub expect_ms: i32,
    pub cancel: Option<&'a CancelSlot>,
}

impl<'a> Waits<'a> {
    fn limit(&self, deadline: Deadline) -> Limit<'a> {
        Limit { deadline: self.head.earliest(deadline), cancel: self.cancel }
    }
}

/// The request, ready to go.
pub(super) struct Outgoing<'r, 'b> {
    /// Length of the head in the buffer.
    pub head_len: usize,
    pub method: Method,
    pub body: &'r mut Body<'b>,
    pub framing: Framing,
    /// The first byte of the body, which was read to see whether there is one.
    pub first: Option<u8>,
    /// Wait for 100 Continue.
    pub expects: bool,
}

/// Receives the answer's head behind at most five interim ones; all of them share one budget.
struct Incoming {
    filled: usize,
    budget: u32,
    fields: u32,
    scanner: HeadScanner,
    interim: Informational,
    method: Method,
    any: bool,
    continued: bool,
}

impl Incoming {
    fn new(method: Method, limits: Limits) -> Incoming {
        Incoming {
            filled: 0,
            budget: limits.head_len,
            fields: limits.fields,
            scanner: HeadScanner::new(limits.head_len),
            interim: Informational::default(),
            method,
            any: false,
            continued: false,
        }
    }

    /// The final head if it is there.
    fn take(&mut self, buf: &mut [u8]) -> Result<Option<ResponseHead>> {
        while let Some(len) = self.scanner.scan(buf.get(..self.filled).unwrap_or(&[]))? {
            let limits = Limits { head_len: self.budget, fields: self.fields };
            let head = parse_response(buf.get_mut(..len).unwrap_or(&mut []), self.method, limits)?;
            if head.code == 101 {
                return Err(Error::HTTP_UNEXPECTED_UPGRADE);
            }
            if !head.is_informational() {
                return Ok(Some(head));
            }
            self.interim.count()?;
            self.continued |= head.code == 100;
            shift(buf, len, self.filled, 0);
            self.filled -= len;
            self.budget = self.budget.saturating_sub(len as u32);
            self.scanner = HeadScanner::new(self.budget);
        }
        Ok(None)
    }

    /// Reads once and looks. `HTTP_NO_RESPONSE` for an end before the first byte.
    fn read(&mut self, conn: &ConnSlot, buf: &mut [u8], limit: Limit<'_>) -> Result<Option<ResponseHead>> {
        let room =
            buf.get_mut(self.filled..).filter(|r| !r.is_empty()).ok_or(Error::HTTP_HEADER_TOO_LARGE)?;
        match conn.read(room, limit) {
            Ok(n) => {
                self.filled += n;
                self.any = true;
                self.take(buf)
            }
            Err(Error::EOF) if self.any => Err(Error::UNEXPECTED_EOF),
            Err(Error::EOF) => Err(Error::HTTP_NO_RESPONSE),
            Err(e) => Err(e),
        }
    }

    /// Looks for an early answer without waiting; errors show themselves again later.
    fn look(&mut self, conn: &ConnSlot, low: &mut [u8]) -> Result<Option<ResponseHead>> {
        if self.filled >= low.len() {
            return Ok(None);
        }
        match self.read(conn, low, Limit::NOW) {
            Err(Error::WOULD_BLOCK | Error::UNEXPECTED_EOF | Error::HTTP_NO_RESPONSE) => Ok(None),
            other => other,
        }
    }

    /// Waits for the head.
    fn finish(&mut self, conn: &ConnSlot, buf: &mut [u8], waits: &Waits<'_>) -> Result<ResponseHead> {
        let first = Deadline::of_timeout(waits.first_byte_ms, 0);
        let first = if waits.first_byte_ms == 0 { Deadline::NONE } else { first };
        if let Some(head) = self.take(buf)? {
            return Ok(head);
        }
        loop {
            let limit = waits.limit(if self.any { Deadline::NONE } else { first });
            if let Some(head) = self.read(conn, buf, limit)? {
                return Ok(head);
            }
        }
    }
}

/// What stopped the sending.
enum Stop {
    /// The answer came first.
    Answered(ResponseHead),
    Failed(Stage, Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(Stage::Write, error)
    }
}

struct Trip<'t> {
    conn: &'t ConnSlot,
    waits: &'t Waits<'t>,
    incoming: Incoming,
    /// A success that came before the whole body was sent: a peer that answers while it reads.
    early: Option<ResponseHead>,
    sent: bool,
}

/// Sends the request whose head is in `buf` and receives the answer's head into it.
pub(super) fn round_trip(
    conn: &ConnSlot,
    buf: &mut [u8],
    out: &mut Outgoing<'_, '_>,
    waits: &Waits<'_>,
    limits: Limits,
) -> core::result::Result<Answer, Failed> {
    let mut trip =
        Trip { conn, waits, incoming: Incoming::new(out.method, limits), early: None, sent: false };
    let outcome = trip.send(buf, out);
    let (head, whole) = match (outcome, trip.early.take()) {
        (Ok(()), Some(head)) => (Ok(head), true),
        (Ok(()), None) => (trip.incoming.finish(conn, buf, waits).map_err(|e| (Stage::Head, e)), true),
        (Err(Stop::Answered(head)), _) | (Err(Stop::Failed(Stage::Write, _)), Some(head)) => {
            (Ok(head), false)
        }
        (Err(Stop::Failed(stage, error)), _) => {
            (trip.rescue(buf, stage, error).map_err(|e| (stage, e)), false)
        }
    };
    match head {
        Ok(head) => Ok(Answer { head, filled: trip.incoming.filled, whole }),
        Err((stage, error)) => Err(Failed { error, stage, sent: trip.sent, answered: trip.incoming.any }),
    }
}

impl Trip<'_> {
    fn send(&mut self, buf: &mut [u8], out: &mut Outgoing<'_, '_>) -> core::result::Result<(), Stop> {
        let small = match &*out.body {
            Body::Bytes(bytes) if !out.expects => *bytes,
            _ => &[],
        };
        let done = self.send_head(buf.get(..out.head_len).unwrap_or(&[]), small)?;
        if out.framing == Framing::None {
            return Ok(());
        }
        let (low, high) = buf.split_at_mut_checked(buf.len() / 2).ok_or(Error::BUFFER_TOO_SMALL)?;
        if out.expects {
            self.await_continue(low)?;
        }
        match &mut *out.body {
            Body::None => Ok(()),
            Body::Bytes(bytes) => self.send_pieces([bytes.get(done..).unwrap_or(&[]), &[], &[]], low),
            Body::Stream { source, .. } => {
                let mut left = match out.framing {
                    Framing::Length(n) => n,
                    _ => u64::MAX,
                };
                let chunked = out.framing == Framing::Chunked;
                while left > 0 {
                    let room = usize::try_from(left).map_or(high.len(), |n| n.min(high.len()));
                    let piece = high.get_mut(..room).unwrap_or(&mut []);
                    let n = match (out.first.take(), piece.first_mut()) {
                        (Some(byte), Some(to)) => {
                            *to = byte;
                            1
                        }
                        _ => source.read(piece).map_err(|e| Stop::Failed(Stage::Source, e))?.min(room),
                    };
                    if n == 0 {
                        break;
                    }
                    left = left.saturating_sub(n as u64);
                    let mut line = [0; CHUNK_HEAD_MAX];
                    let data = piece.get(..n).unwrap_or(&[]);
                    let pieces = match chunked {
                        true => [chunk_head(n as u64, &mut line), data, CHUNK_END],
                        false => [data, &[], &[]],
                    };
                    self.send_pieces(pieces, low)?;
                    // Behind the last piece it is the answer in time.
                    if left > 0 {
                        self.look(low)?;
                    }
                }
                match chunked {
                    true => self.send_pieces([LAST_CHUNK_END, &[], &[]], low),
                    false if left > 0 => Err(Stop::Failed(Stage::Source, Error::HTTP_CONTENT_LENGTH)),
                    false => Ok(()),
                }
            }
        }
    }

    fn write(&mut self, pieces: &[&[u8]], slice: Deadline) -> Result<usize> {
        let own = Deadline::of_timeout(self.waits.write_ms, 0).earliest(slice);
        let n = self.conn.write_some(pieces, self.waits.limit(own))?;
        self.sent |= n > 0;
        Ok(n)
    }

    /// Sends the head, and with it what fits of a body in memory; how much of that went.
    fn send_head(&mut self, head: &[u8], body: &[u8]) -> Result<usize> {
        let mut done = 0;
        while done < head.len() {
            done += self.write(&[head.get(done..).unwrap_or(&[]), body], Deadline::NONE)?;
        }
        Ok(done - head.len())
    }

    /// Sends all pieces, unless the answer comes first: a peer that refuses a body stops reading it.
    fn send_pieces(&mut self, pieces: [&[u8]; 3], low: &mut [u8]) -> core::result::Result<(), Stop> {
        let mut rest = pieces;
        let mut stuck = Deadline::of_timeout(self.waits.write_ms, 0);
        while rest.iter().any(|p| !p.is_empty()) {
            match self.write(&rest, stuck.earliest(Deadline::after_ms(LOOK_MS))) {
                Ok(mut n) => {
                    for piece in &mut rest {
                        let step = n.min(piece.len());
                        *piece = piece.get(step..).unwrap_or(&[]);
                        n -= step;
                    }
                    stuck = Deadline::of_timeout(self.waits.write_ms, 0);
                }
                Err(Error::TIMEOUT) if !stuck.earliest(self.waits.head).is_past() => {
                    if let Some(head) = self.early.take() {
                        // It waits for its answer to be read, which only the caller can do.
                        return Err(Stop::Answered(head));
                    }
                    self.look(low)?;
                }
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// Looks for an answer: one that refuses the body ends the sending, a success does not.
    fn look(&mut self, low: &mut [u8]) -> core::result::Result<(), Stop> {
        if self.early.is_some() {
            return Ok(());
        }
        match self.incoming.look(self.conn, low).map_err(in_head)? {
            Some(head) if (200..300).contains(&head.code) && !head.close => {
                self.early = Some(head);
                Ok(())
            }
            Some(head) => Err(Stop::Answered(head)),
            None => Ok(()),
        }
    }

    /// Waits for 100 Continue, for a final answer, or until the time for it is over.
    fn await_continue(&mut self, low: &mut [u8]) -> core::result::Result<(), Stop> {
        let until = Deadline::of_timeout(self.waits.expect_ms, 0);
        while !self.incoming.continued && self.incoming.filled < low.len() {
            match self.incoming.read(self.conn, low, self.waits.limit(until)) {
                Ok(Some(head)) => return Err(Stop::Answered(head)),
                Ok(None) => {}
                Err(Error::TIMEOUT) if !self.waits.head.is_past() => return Ok(()),
                Err(e) => return Err(in_head(e)),
            }
        }
        Ok(())
    }

    /// A write that failed may mean that the peer answered and closed: its answer counts.
    fn rescue(&mut self, buf: &mut [u8], stage: Stage, error: Error) -> Result<ResponseHead> {
        let left = matches!(error, Error::BROKEN_PIPE | Error::CONN_RESET | Error::CONN_ABORTED);
        if stage != Stage::Write || !left || !self.sent {
            return Err(error);
        }
        let soon = Deadline::after_ms(REFUSAL_MS);
        let waits = Waits { head: self.waits.head.earliest(soon), first_byte_ms: 0, ..*self.waits };
        self.incoming.finish(self.conn, buf, &waits).map_err(|_| error)
    }
}

fn in_head(error: Error) -> Stop {
    Stop::Failed(Stage::Head, error)
}
