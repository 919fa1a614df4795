//! The trailer section behind a chunked body (RFC 9112 section 7.1.2), sans I/O.

use super::chunked::Step;
use super::token::{self, TOKEN};
use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// At the start of the section.
    First,
    /// At the start of a later line, behind CRLF.
    Line,
    /// The same, behind a bare LF, which may end a field line but not the section.
    LineAfterLf,
    /// In a field name, before the colon.
    Name,
    /// In a value, or in a folded line that continues it.
    Value,
    /// Behind a CR in a value.
    ValueCr,
    /// Behind the CR of the empty line.
    EndCr,
    Done,
    Malformed,
    TooLarge,
}

/// Checks a trailer section byte by byte under the rules of a message head (Go:
/// `textproto.ReadMIMEHeader`) and gives its raw field lines to the caller, who keeps or drops them.
///
/// The section must end in CRLF CRLF (Go's `body.readTrailer` looks for them in its buffer), or be
/// just CRLF. 10 bytes; may stop at every byte.
#[derive(Clone, Debug)]
pub struct TrailerDecoder {
    left: u16,
    fields: u16,
    state: State,
}

impl TrailerDecoder {
    /// A decoder at the start of the section; `limit` in bytes with all line ends (Go: 4096),
    /// `fields` is the greatest number of fields (Go: 500).
    pub const fn new(limit: u16, fields: u16) -> TrailerDecoder {
        TrailerDecoder { left: limit, fields, state: State::First }
    }

    /// Consumes field lines (`trailer`), or the empty line that ends the section (`skip`). Call
    /// again with the rest of the input until it is empty or `done`.
    ///
    /// Errors, which stay: [`Error::HTTP_BAD_TRAILER`]; [`Error::HTTP_HEADER_TOO_LARGE`] over a limit.
    pub fn step(&mut self, input: &[u8]) -> Result<Step> {
        let mut step = Step::default();
        for &byte in input {
            if self.state == State::Done {
                break;
            }
            let next = self.next(byte);
            let end = matches!(next, State::EndCr | State::Done);
            if end && step.trailer > 0 {
                // The field lines are a step of their own; this byte comes again.
                return Ok(step);
            }
            self.take(next);
            self.failure()?;
            if end {
                step.skip += 1;
            } else {
                step.trailer += 1;
            }
        }
        self.failure()?;
        step.done = self.state == State::Done;
        Ok(step)
    }

    fn take(&mut self, next: State) {
        token::step(1);
        let starts = matches!(self.state, State::First | State::Line | State::LineAfterLf);
        self.state = next;
        if starts && next == State::Name {
            match self.fields.checked_sub(1) {
                Some(fields) => self.fields = fields,
                None => self.state = State::TooLarge,
            }
        }
        match self.left.checked_sub(1) {
            // The last byte of the budget must end the section.
            Some(0) if !matches!(self.state, State::Done | State::Malformed) => self.state = State::TooLarge,
            Some(left) => self.left = left,
            None => self.state = State::TooLarge,
        }
    }

    fn next(&self, byte: u8) -> State {
        match (self.state, byte) {
            (State::First | State::Line, b'\r') => State::EndCr,
            (State::EndCr, b'\n') => State::Done,
            (State::Line | State::LineAfterLf, b' ' | b'\t') => State::Value,
            (State::First | State::Line | State::LineAfterLf | State::Name, b) if token::is(b, TOKEN) => {
                State::Name
            }
            // Go's reader of trailers takes a space here; nothing depends on such a name.
            (State::Name, b' ') => State::Name,
            (State::Name, b':') => State::Value,
            (State::Value, b'\t' | b' '..=b'~' | 0x80..) => State::Value,
            (State::Value, b'\r') => State::ValueCr,
            (State::Value, b'\n') => State::LineAfterLf,
            (State::ValueCr, b'\n') => State::Line,
            (State::TooLarge, _) => State::TooLarge,
            _ => State::Malformed,
        }
    }

    fn failure(&self) -> Result<()> {
        match self.state {
            State::Malformed => Err(Error::HTTP_BAD_TRAILER),
            State::TooLarge => Err(Error::HTTP_HEADER_TOO_LARGE),
            _ => Ok(()),
        }
    }

    /// The empty line was read.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The input ended: [`Error::UNEXPECTED_EOF`] unless the section had ended, or its error.
    pub fn eof(&self) -> Result<()> {
        self.failure()?;
        if self.is_done() {
            Ok(())
        } else {
            Err(Error::UNEXPECTED_EOF)
        }
    }
}

#[cfg(test)]
#[path = "trailer_tests.rs"]
mod tests;
