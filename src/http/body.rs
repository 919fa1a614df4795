//! The body of a message under any framing (Go: `body` of `transfer.go`), sans I/O.

use super::chunked::{ChunkedDecoder, Step};
use super::trailer::TrailerDecoder;
use crate::error::{Error, Result};

/// Go's `maxPostHandlerReadBytes`: how much of an unread request body a server reads away to keep
/// the connection.
pub const DRAIN_MAX: u64 = 256 * 1024;

/// Limits of what is not data in a chunked body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BodyLimits {
    /// Bytes of a size line with its CRLF.
    pub chunk_line: u16,
    /// Bytes of the trailer section with all line ends.
    pub trailer: u16,
    /// Fields of the trailer section.
    pub trailer_fields: u16,
}

impl BodyLimits {
    /// What a device accepts.
    pub const DEVICE: BodyLimits = BodyLimits { chunk_line: 128, trailer: 512, trailer_fields: 16 };
    /// What Go accepts.
    pub const GO: BodyLimits = BodyLimits { chunk_line: 4096, trailer: 4096, trailer_fields: 500 };
}

#[derive(Clone, Debug)]
enum Mode {
    /// Bytes still to come; an absent body is 0.
    Length(u64),
    Chunked(ChunkedDecoder, TrailerDecoder),
    /// Until the peer closes; `true` when it has.
    UntilClose(bool),
}

/// Finds the data of one message body in what a connection delivers, and never consumes a byte
/// behind the body. 56 bytes, no buffer; may stop at every byte.
#[derive(Clone, Debug)]
pub struct BodyReader {
    mode: Mode,
    /// Bytes that may still be delivered under the cap.
    allowed: u64,
}

impl BodyReader {
    /// No body.
    pub const fn none() -> BodyReader {
        BodyReader::length(0)
    }

    /// A body of a declared length.
    pub const fn length(len: u64) -> BodyReader {
        BodyReader { mode: Mode::Length(len), allowed: u64::MAX }
    }

    /// A chunked body with its trailer section.
    pub const fn chunked(limits: BodyLimits) -> BodyReader {
        let trailer = TrailerDecoder::new(limits.trailer, limits.trailer_fields);
        BodyReader { mode: Mode::Chunked(ChunkedDecoder::new(limits.chunk_line), trailer), allowed: u64::MAX }
    }

    /// A body that ends when the peer closes.
    pub const fn until_close() -> BodyReader {
        BodyReader { mode: Mode::UntilClose(false), allowed: u64::MAX }
    }

    /// At most `max` more bytes of data are delivered, then [`Error::HTTP_BODY_TOO_LARGE`] (Go:
    /// `http.MaxBytesReader`).
    pub fn set_cap(&mut self, max: u64) {
        self.allowed = max;
    }

    /// The declared length is known to be over the cap: `Expect` can be refused before any data.
    pub fn exceeds_cap(&self) -> bool {
        matches!(self.mode, Mode::Length(left) if left > self.allowed)
    }

    /// Consumes framing and then at most `max` bytes of data, which must be taken out of `input`
    /// before the next step; or raw trailer field lines, to keep or drop. Less than the whole input
    /// may be used; call again with the rest until it is empty or `done`.
    ///
    /// Errors: those of [`ChunkedDecoder::step`] and [`TrailerDecoder::step`], and
    /// [`Error::HTTP_BODY_TOO_LARGE`] at the first byte over the cap.
    pub fn step(&mut self, input: &[u8], max: usize) -> Result<Step> {
        let capped = usize::try_from(self.allowed).map_or(max, |n| n.min(max));
        let step = match &mut self.mode {
            Mode::Length(left) => {
                let available = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                let data = available.min(capped);
                *left -= data as u64;
                if data == 0 && self.allowed == 0 && max > 0 && available > 0 {
                    return Err(Error::HTTP_BODY_TOO_LARGE);
                }
                Step { data, done: *left == 0, ..Step::default() }
            }
            Mode::Chunked(chunks, _) if !chunks.is_done() => {
                let mut step = chunks.step(input, capped)?;
                let more = step.used() < input.len();
                if step.data == 0 && self.allowed == 0 && max > 0 && chunks.in_data() && more {
                    return Err(Error::HTTP_BODY_TOO_LARGE);
                }
                step.done = false;
                step
            }
            Mode::Chunked(_, trailer) => trailer.step(input)?,
            Mode::UntilClose(closed) => {
                let data = input.len().min(capped);
                if data == 0 && self.allowed == 0 && max > 0 && !input.is_empty() {
                    return Err(Error::HTTP_BODY_TOO_LARGE);
                }
                Step { data, done: *closed, ..Step::default() }
            }
        };
        self.allowed = self.allowed.saturating_sub(step.data as u64);
        Ok(step)
    }

    /// The connection ended. Fine for a body that is complete, and the end of one until close;
    /// otherwise [`Error::UNEXPECTED_EOF`], or the error the body had.
    pub fn eof(&mut self) -> Result<()> {
        match &mut self.mode {
            Mode::Length(0) => Ok(()),
            Mode::Length(_) => Err(Error::UNEXPECTED_EOF),
            Mode::Chunked(chunks, trailer) => chunks.eof().and_then(|()| trailer.eof()),
            Mode::UntilClose(closed) => {
                *closed = true;
                Ok(())
            }
        }
    }

    /// The body is complete.
    pub fn is_done(&self) -> bool {
        match &self.mode {
            Mode::Length(left) => *left == 0,
            Mode::Chunked(_, trailer) => trailer.is_done(),
            Mode::UntilClose(closed) => *closed,
        }
    }

    /// Bytes of data still to come, if the framing tells.
    pub fn remaining(&self) -> Option<u64> {
        match &self.mode {
            Mode::Length(left) => Some(*left),
            _ if self.is_done() => Some(0),
            _ => None,
        }
    }

    /// The end of the body is found without the end of the connection.
    pub fn is_delimited(&self) -> bool {
        !matches!(self.mode, Mode::UntilClose(_))
    }

    /// Starts reading the rest away so that the connection can serve the next message (Go:
    /// `finishRequest` with [`DRAIN_MAX`]). `None` when that is known to be in vain: `max` bytes or
    /// more are declared, or only the end of the connection ends the body.
    pub fn drain(&self, max: u64) -> Option<Drain> {
        let too_much = self.remaining().is_some_and(|n| n >= max && n > 0);
        if too_much || (!self.is_delimited() && !self.is_done()) {
            None
        } else {
            Some(Drain { left: max })
        }
    }
}

/// How far the reading away came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Drained {
    /// Give more input.
    More,
    /// The body has ended; what follows in the input is the next message.
    Done,
    /// The body is longer than the limit: close the connection.
    TooMuch,
}

/// Reads the rest of a body away; see [`BodyReader::drain`].
#[derive(Clone, Debug)]
pub struct Drain {
    left: u64,
}

impl Drain {
    /// Consumes input; gives how many bytes, and whether the body ended. Framing counts as nothing:
    /// its own limits bound it. Errors are those of [`BodyReader::step`]; the connection is then lost.
    pub fn step(&mut self, body: &mut BodyReader, input: &[u8]) -> Result<(usize, Drained)> {
        body.set_cap(u64::MAX); // a cap is on what the application reads
        let mut rest = input;
        loop {
            if body.is_done() {
                return Ok((input.len() - rest.len(), Drained::Done));
            }
            if rest.is_empty() {
                return Ok((input.len(), Drained::More));
            }
            let step = body.step(rest, usize::MAX)?;
            rest = rest.get(step.used()..).unwrap_or_default();
            match self.left.checked_sub(step.data as u64) {
                Some(left) => self.left = left,
                None => return Ok((input.len() - rest.len(), Drained::TooMuch)),
            }
        }
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
