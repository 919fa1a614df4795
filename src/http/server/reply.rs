//! The answer of an exchange (Go: `http.ResponseWriter`).

use crate::error::{Error, Result};
use crate::http::cookie::Cookie;
use crate::http::server::answer::body_allowed;
use crate::http::server::exchange::{Exchange, Held};
use crate::http::server::state::{Continue, Parts};
use crate::text::Text;

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

    /// After the status, fields are trailers, if they were announced.
    fn check_late(&self, name: &[u8]) -> Result<()> {
        if self.declares(name) {
            Ok(())
        } else {
            Err(Error::HTTP_HEADERS_SENT)
        }
    }

    /// The head is due, and what the peer still sends of its request has to be read away before: it may
    /// not read before it has sent all (Go: `chunkWriter.writeHeader`).
    fn must_settle(&self) -> bool {
        let x = &*self.x;
        let open = !x.body.is_done() && x.body_error.is_none() && x.cont != Continue::Wanted;
        open && !x.head_made && !x.duplex && !self.ends_anyway()
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
            let turn = self.parts(|p| {
                let free = p.set.output_len - p.x.out_len as usize;
                if rest.len() <= free {
                    p.collect(rest);
                    rest = &[];
                    return Ok(Turn::Done);
                }
                if p.must_settle() {
                    return Ok(Turn::Settle);
                }
                if p.x.out_len == 0 {
                    p.frame(false, rest)?;
                    return Ok(Turn::Direct);
                }
                let n = p.collect(rest);
                rest = rest.get(n..).unwrap_or(&[]);
                p.frame(false, &[])?;
                Ok(Turn::Full)
            })?;
            match turn {
                Turn::Done => return Ok(bytes.len()),
                Turn::Settle => self.close_body()?,
                Turn::Direct => {
                    self.pump(rest)?;
                    return Ok(bytes.len());
                }
                Turn::Full => self.pump(&[])?,
            }
        }
    }

    pub(super) fn flush(&self) -> Result<()> {
        let work = |p: &mut Parts<'_>| !p.x.head_made || p.x.out_len > 0;
        let settle = self.parts(|p| {
            p.check_open()?;
            if !p.x.committed {
                p.commit(200)?;
            }
            Ok(work(p) && p.must_settle())
        })?;
        if settle {
            self.close_body()?;
        }
        let queued = self.parts(|p| {
            let work = work(p);
            if work {
                p.frame(false, &[])?;
            }
            Ok(work)
        })?;
        if queued {
            self.pump(&[])?;
        }
        Ok(())
    }
}

/// What a write does next.
enum Turn {
    /// All is collected.
    Done,
    /// The request's body has to be read away first.
    Settle,
    /// What is left goes out from where it is.
    Direct,
    /// The buffer goes out.
    Full,
}

impl Exchange {
    /// Sets a field of the answer (Go: `Header.Set`). `HTTP_HEADERS_SENT` once the status is decided,
    /// `BUFFER_TOO_SMALL` when the head buffer is full, `HTTP_INVALID_HEADER_NAME` and
    /// `HTTP_INVALID_HEADER_VALUE` for bytes that do not belong there.
    pub fn set_header(self, name: &[u8], value: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                p.check_late(name)?;
                p.del_trailer(name);
                return p.put_trailer(name, value);
            }
            if p.field(name).is_some() {
                p.del_field(name);
            }
            p.add_field(name, value)
        })
    }

    /// Adds a field of the answer (Go: `Header.Add`); errors as [`Exchange::set_header`].
    pub fn add_header(self, name: &[u8], value: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                p.check_late(name)?;
                return p.put_trailer(name, value);
            }
            p.add_field(name, value)
        })
    }

    /// Removes a field of the answer (Go: `Header.Del`).
    pub fn del_header(self, name: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                p.check_late(name)?;
                p.del_trailer(name);
            } else {
                p.del_field(name);
            }
            Ok(())
        })
    }

    /// Sends no field of that name, not even the automatic `Date`, `Content-Type` or `Content-Length`
    /// (Go: a key of `Header` without values).
    pub fn omit_header(self, name: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            p.omit_field(name);
            Ok(())
        })
    }

    /// Adds a trailer: a field behind the body, which is chunked then (Go: `TrailerPrefix`). For trailers
    /// that are announced in a `Trailer` field, [`Exchange::set_header`] does it too. Peers of
    /// HTTP/1.0 and answers without a body get none. `HTTP_HEADERS_SENT` when the answer was begun
    /// without one and may have a length.
    pub fn set_trailer(self, name: &[u8], value: &[u8]) -> Result<()> {
        self.hold()?.parts(|p| {
            p.check_open()?;
            let announced = p.x.trailer_len > 0 || p.field(b"Trailer").is_some();
            if p.x.committed && !p.x.head_made && !announced {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            p.put_trailer(name, value)
        })
    }

    /// Sets a cookie (Go: `http.SetCookie`); `HTTP_INVALID_HEADER_NAME` for a name that is no token.
    pub fn set_cookie(self, cookie: &Cookie<'_>) -> Result<()> {
        self.hold()?.parts(|p| {
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            // Nothing is collected before the status is decided.
            let out = core::mem::take(&mut p.out);
            let mut text = Text::new(out);
            let added = cookie.write(&mut text).and_then(|()| p.add_field(b"Set-Cookie", text.bytes()));
            p.out = out;
            added
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
        let taken = held.parts(|p| {
            p.check_open()?;
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            if status == 100 && p.x.cont == Continue::Wanted {
                p.x.cont = Continue::Sent;
            }
            Ok(p.frame_interim(status))
        })?;
        let sent = held.pump(&[]);
        held.parts(|p| {
            p.put_back(taken);
            Ok(())
        })?;
        sent
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

    /// Answers with a redirect (Go: `http.Redirect`); a `target` without scheme and host is resolved
    /// against the request's path and cleaned. `BUFFER_TOO_SMALL` when it does not fit the output buffer,
    /// or the head buffer.
    pub fn redirect(self, target: &[u8], status: u16) -> Result<()> {
        self.hold()?.parts(|p| {
            p.check_open()?;
            if p.x.committed {
                return Err(Error::HTTP_HEADERS_SENT);
            }
            p.redirect(target, status)
        })
    }
}
