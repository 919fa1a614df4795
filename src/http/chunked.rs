//! The chunked transfer coding (Go: `net/http/internal/chunked.go`, RFC 9112 section 7.1), sans I/O.

use super::token;
use crate::error::{Error, Result};
use crate::text::{hex_value, Text};

/// Overhead a sender may run up before the body is refused (Go's 16 KiB).
const MAX_EXCESS: u32 = 16 * 1024;

/// What one step over a piece of input found: `skip` bytes of framing, then `data` bytes of body,
/// then `trailer` bytes of raw trailer field lines. The step counts them all as consumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Step {
    /// Bytes of framing at the start of the input.
    pub skip: usize,
    /// Bytes of body behind them.
    pub data: usize,
    /// Bytes of trailer field lines (with their line ends) behind those.
    pub trailer: usize,
    /// The message ends here; what follows in the input belongs to the next one.
    pub done: bool,
}

impl Step {
    /// Bytes of the input that this step consumed.
    pub fn used(&self) -> usize {
        self.skip + self.data + self.trailer
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// In the digits of a size line.
    Size,
    /// In blanks behind the digits: only the line end may follow.
    Blank,
    /// In an extension, which is discarded.
    Extension,
    /// Behind the CR of a size line.
    SizeCr,
    /// In a size line that is already known to be wrong: it is read to its end, as Go does.
    BadLine,
    /// In the data of a chunk.
    Data,
    /// Before the CR behind the data.
    DataCr,
    /// Before the LF behind the data.
    DataLf,
    /// Behind a byte that should have been the CR.
    DataBad,
    Done,
    Malformed,
    TooLong,
}

/// Decodes sizes and data up to the end of the line of the zero chunk; the trailer section is
/// [`super::trailer::TrailerDecoder`]'s. 24 bytes, no buffer; may stop at every byte.
///
/// Go's rules: size lines end in CRLF only, 1 to 16 hexadecimal digits, blanks only before the line
/// end, extensions discarded, CRLF behind the data. A line with its CRLF is at most `line_limit`
/// bytes. Overhead beyond 16 bytes a chunk plus twice its data adds up, and at 16 KiB the body is
/// refused.
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    /// The size while its line is read, then the bytes of the chunk that are still to come.
    size: u64,
    excess: u32,
    line: u16,
    line_limit: u16,
    digits: u8,
    state: State,
}

impl ChunkedDecoder {
    /// A decoder before the first size line; `line_limit` in bytes with CRLF (Go: 4096).
    pub const fn new(line_limit: u16) -> ChunkedDecoder {
        ChunkedDecoder { size: 0, excess: 0, line: 0, line_limit, digits: 0, state: State::Size }
    }

    /// Consumes framing and then at most `max` bytes of data, which must be taken out of `input`
    /// before the next step. Less than the whole input may be used; call again with the rest until
    /// it is empty or `done`.
    ///
    /// Errors, which stay: [`Error::HTTP_MALFORMED_CHUNK`], [`Error::HTTP_LINE_TOO_LONG`].
    pub fn step(&mut self, input: &[u8], max: usize) -> Result<Step> {
        let mut skip = 0;
        for &byte in input {
            match self.state {
                State::Data => {
                    let room = max.min(input.len() - skip);
                    let data = usize::try_from(self.size).map_or(room, |n| n.min(room));
                    self.size -= data as u64;
                    if self.size == 0 {
                        self.state = State::DataCr;
                    }
                    return Ok(Step { skip, data, ..Step::default() });
                }
                State::Done => break,
                _ => self.framing(byte),
            }
            self.failure()?;
            skip += 1;
        }
        self.failure()?;
        Ok(Step { skip, done: self.state == State::Done, ..Step::default() })
    }

    fn failure(&self) -> Result<()> {
        match self.state {
            State::Malformed => Err(Error::HTTP_MALFORMED_CHUNK),
            State::TooLong => Err(Error::HTTP_LINE_TOO_LONG),
            _ => Ok(()),
        }
    }

    fn framing(&mut self, byte: u8) {
        token::step(1);
        self.state = match self.state {
            State::DataCr => {
                if byte == b'\r' {
                    State::DataLf
                } else {
                    State::DataBad
                }
            }
            State::DataLf if byte == b'\n' => State::Size,
            State::DataLf | State::DataBad => State::Malformed,
            State::Size | State::Blank | State::Extension | State::SizeCr | State::BadLine => {
                self.line = self.line.saturating_add(1);
                if byte == b'\n' {
                    self.end_of_line()
                } else if self.line >= self.line_limit {
                    State::TooLong
                } else {
                    self.in_line(byte)
                }
            }
            other => other,
        };
    }

    fn in_line(&mut self, byte: u8) -> State {
        match (self.state, byte) {
            (State::Size | State::Blank | State::Extension, b'\r') => State::SizeCr,
            (State::Size, b';') | (State::Extension, _) => State::Extension,
            (State::Size | State::Blank, b' ' | b'\t') => State::Blank,
            (State::Size, _) => match hex_value(byte) {
                Some(v) if self.digits < 16 => {
                    self.digits += 1;
                    self.size = self.size << 4 | u64::from(v);
                    State::Size
                }
                _ => State::BadLine,
            },
            _ => State::BadLine,
        }
    }

    fn end_of_line(&mut self) -> State {
        if self.state != State::SizeCr || self.digits == 0 {
            return State::Malformed;
        }
        // The line without CRLF, and the two bytes behind the data: as many as the line with CRLF.
        let allowed = self.size.saturating_mul(2).saturating_add(16);
        let excess = u64::from(self.excess) + u64::from(self.line);
        self.excess = u32::try_from(excess.saturating_sub(allowed)).unwrap_or(u32::MAX);
        self.line = 0;
        self.digits = 0;
        if self.size == 0 {
            State::Done
        } else if self.excess > MAX_EXCESS {
            State::Malformed
        } else {
            State::Data
        }
    }

    /// The line of the zero chunk was read.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The next byte of input is one of data.
    pub fn in_data(&self) -> bool {
        self.state == State::Data
    }

    /// The input ended: [`Error::UNEXPECTED_EOF`] unless the body had ended, or the error it had.
    pub fn eof(&self) -> Result<()> {
        self.failure()?;
        if self.is_done() {
            Ok(())
        } else {
            Err(Error::UNEXPECTED_EOF)
        }
    }
}

/// Room for the greatest size line, 16 digits and CRLF.
pub const CHUNK_HEAD_MAX: usize = 18;

/// What ends the data of a chunk.
pub const CHUNK_END: &[u8] = b"\r\n";

/// The zero chunk; trailer field lines and [`CHUNK_END`] follow.
pub const LAST_CHUNK: &[u8] = b"0\r\n";

/// The zero chunk with an empty trailer section.
pub const LAST_CHUNK_END: &[u8] = b"0\r\n\r\n";

/// The size line of a chunk of `len` bytes. A `len` of 0 gives an empty result: a zero chunk would
/// end the body (Go skips empty writes too).
pub fn chunk_head(len: u64, buf: &mut [u8; CHUNK_HEAD_MAX]) -> &[u8] {
    let mut text = Text::new(buf);
    if len > 0 && text.put_hex(len).and_then(|()| text.put(CHUNK_END)).is_err() {
        text.truncate(0);
    }
    text.into_bytes()
}

#[cfg(test)]
#[path = "chunked_tests.rs"]
mod tests;
