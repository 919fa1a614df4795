//! The answer of an exchange (Go: `http.ResponseWriter`).

use crate::error::{Error, Result};
use crate::http::server::answer::body_allowed;
use crate::http::server::exchange::{Exchange, Held};
use crate::http::server::state::{Parts, LINE};
use crate::http::HeadWriter;

impl Parts<'_> {
    /// Whether the handler may still answer.
    fn check_open(&self) -> Result<()> {
        if self.x.broken || self.slot.conn.is_none() {
            return Err(Error::CLOSED);
        }
        if self.x.finished || self.x.whole {
            return Err(Error::HTTP_HEADERS_SENT);
        }
        Ok(())
    }

    fn begin_whole(&mut self, status: u16, content_type: &[u8]) -> Result<()> {
        self.check_open()?;
        if self.x.committed {
            return Err(Error::HTTP_HEADERS_SENT);
        }
        if !content_type.is_empty() {
            self.del_field(b"Content-Type");
            self.add_field(b"Content-Type", content_type)?;
        }
        self.commit(status)
    }
}

impl Held {
    fn write(&self, bytes: &[u8]) -> Result<usize> {
        let mut rest = bytes;
        self.parts(|p| {
            p.check_open()?;
            if !p.x.committed {
                p.commit(200)?;
            }
            if p.x.events {
                return Err(Error::STATE);
            }
            if !body_allowed(p.x.status) {
                return Err(Error::HTTP_BODY_NOT_ALLOWED);
            }
            let written = p.x.written.saturating_add(bytes.len() as u64);
            if p.x.length.is_some_and(|n| written > n) {
                return Err(Error::HTTP_CONTENT_LENGTH);
            }
            p.x.written = written;
            Ok(())
        })?;
        // As Go's buffer does it, so that chunks have Go's sizes.
        loop {
            let direct = self.parts(|p| {
                let free = p.set.output_len - p.x.out_len as usize;
                if rest.len() <= free {
                    p.collect(rest);
                    rest = &[];
                    return Ok(None);
                }
                if p.x.out_len == 0 {
                    p.frame(false, rest.len())?;
                    return Ok(Some(true));
                }
                let n = p.collect(rest);
                rest = rest.get(n..).unwrap_or(&[]);
                p.frame(false, 0)?;
                Ok(Some(false))
            })?;
            match direct {
                None => return Ok(bytes.len()),
                Some(true) => {
                    self.pump(rest)?;
                    return Ok(bytes.len());
                }
                Some(false) => self.pump(&[])?,
            }
        }
    }

    pub(super) fn flush(&self) -> Result<()> {
        let queued = self.parts(|p| {
            p.check_open()?;
            if !p.x.committed {
                p.commit(200)?;
            }
            let work = !p.x.head_made || p.x.out_len > 0;
            if work {
                p.frame(false, 0)?;
            }
            Ok(work)
        })?;
        if queued {
            self.pump(&[])?;
        }
        Ok(())
    }
}

impl Exchange {
    /// Sets a field of the answer (Go: `Header.Set`). `HTTP_HEADERS_SENT` once the status is decided,
    /// `BUFFER_TOO_SMALL` when the head buffer is full, `HTTP_INVALID_HEADER_NAME` and
    /// `HTTP_INVALID_HEADER_VALUE` for bytes that do not belong there.
    pub fn set_header(self, name: &[u8], value: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            if p.field(name).is_some() {
                // Nothing is taken away for what cannot take its place.
                HeadWriter::new(&mut []).field(name, value).or_else(|e| match e {
                    Error::BUFFER_TOO_SMALL => Ok(()),
                    other => Err(other),
                })?;
                p.del_field(name);
            }
            p.add_field(name, value)
        })
    }

    /// Adds a field of the answer (Go: `Header.Add`); errors as [`Exchange::set_header`].
    pub fn add_header(self, name: &[u8], value: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| p.add_field(name, value))
    }

    /// Removes a field of the answer (Go: `Header.Del`).
    pub fn del_header(self, name: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            p.del_field(name);
            Ok(())
        })
    }

    /// Decides the status and closes the fields (Go: `WriteHeader`). 1xx, except 101, goes out at once and
    /// may repeat. `INVALID` outside 100..=999, `HTTP_HEADERS_SENT` the second time.
    pub fn status(self, status: u16) -> Result<()> {
        let held = self.hold()?;
        if !(100..200).contains(&status) || status == 101 {
            return held.parts(|p| {
                p.check_open()?;
                p.commit(status)
            });
        }
        let mut line = [0; LINE];
        let len = held.parts(|p| {
            p.check_open()?;
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            if p.x.req.as_ref().is_some_and(|r| r.minor == 0) {
                return Ok(0);
            }
            let mut w = HeadWriter::new(&mut line);
            w.status_line(1, status)?;
            if status == 100 {
                p.x.cont = super::state::Continue::Sent;
            } else {
                w.raw(p.field_lines())?;
            }
            w.end()?;
            Ok(w.len())
        })?;
        held.send_now(line.get(..len).unwrap_or(&[]))
    }

    /// Writes to the answer's body (Go: `ResponseWriter.Write`). What fits the output buffer is
    /// collected: an answer that fits wholly gets its `Content-Length`, a longer one is chunked, for
    /// HTTP/1.0 ended by closing. Waits while the peer takes what does not fit.
    ///
    /// Errors: `HTTP_BODY_NOT_ALLOWED` for 1xx, 204 and 304, `HTTP_CONTENT_LENGTH` past the announced
    /// length, those of the connection.
    pub fn write(self, bytes: &[u8]) -> Result<usize> {
        self.hold()?.write(bytes)
    }

    /// Sends what was collected, the head first (Go: `Flusher.Flush`).
    pub fn flush(self) -> Result<()> {
        self.hold()?.flush()
    }

    /// The whole answer: status, type (empty for none) and a body that is copied; what does not fit
    /// the output buffer is waited for.
    pub fn reply(self, status: u16, content_type: &[u8], body: &[u8]) -> Result<()> {
        let held = self.hold()?;
        let fits = held.parts(|p| {
            p.begin_whole(status, content_type)?;
            if p.x.length.is_none()
                && body_allowed(status)
                && !body.is_empty()
                && body.len() > p.set.output_len
            {
                // All of it is known, so it need not be chunked.
                p.x.committed = false;
                let mut digits = [0; 20];
                p.put_field(b"Content-Length", crate::http::write::decimal(body.len() as u64, &mut digits))?;
                p.commit(status)?;
            }
            Ok(body_allowed(status))
        })?;
        if fits && !body.is_empty() {
            held.write(body)?;
        }
        held.parts(|p| {
            p.x.whole = true;
            Ok(())
        })
    }

    /// The whole answer, with a body that the poll set sends from where it is when the handler has
    /// returned.
    pub fn reply_static(self, status: u16, content_type: &[u8], body: &'static [u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            p.begin_whole(status, content_type)?;
            if body_allowed(status) {
                p.x.fixed = body;
                p.x.written = body.len() as u64;
            }
            p.x.whole = true;
            Ok(())
        })
    }

    /// A whole answer in plain text, with a line end behind it (Go: `http.Error`).
    pub fn error(self, status: u16, text: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            p.check_open()?;
            if text.len() >= p.set.output_len {
                return Err(Error::BUFFER_TOO_SMALL);
            }
            p.error(status, text)
        })
    }

    /// Answers 404 (Go: `http.NotFound`).
    pub fn not_found(self) -> Result<()> {
        self.error(404, b"404 page not found")
    }

    /// Answers with a redirect (Go: `http.Redirect`); `target` is an absolute URL, or a path from the
    /// root, and goes out as it is.
    pub fn redirect(self, target: &[u8], status: u16) -> Result<()> {
        self.hold()?.parts(|p| {
            p.check_open()?;
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            p.del_field(b"Location");
            p.put_field(b"Location", target)?;
            p.redirect_body(status)
        })
    }
}
