//! A head that was received: refused, answered by the library itself, or given to a handler (Go:
//! `serverHandler`, the replies of `ServeMux`).

use crate::error::{Error, Result};
use crate::http::mux::{Match, Request};
use crate::http::server::state::{Continue, Core, Parts, Phase};
use crate::http::server::step::Step;
use crate::http::{parse_request, status, status_for, write_error_reply, Flags, Method, RequestHead};

const PLAIN: &[u8] = b"text/plain; charset=utf-8";

impl Core {
    /// Answers a head that cannot be read, and ends the connection.
    pub fn refuse(&mut self, i: usize, error: Error) -> Result<Step> {
        let write_ms = self.set.write_ms;
        let p = self.parts(i)?;
        p.stats.rejected = p.stats.rejected.wrapping_add(1);
        let len = write_error_reply(error, p.out)?.len();
        p.x.req = None;
        p.x.out_len = len as u32;
        p.x.status = status_for(error).0;
        p.x.close = true;
        p.x.committed = true;
        p.x.head_made = true;
        p.slot.enter(Phase::Send, write_ms, p.clock.now());
        Ok(Step::Again)
    }

    /// A head of `len` bytes is there.
    pub fn take_head(&mut self, i: usize, len: usize) -> Result<Step> {
        let p = self.parts(i)?;
        let parsed = match p.head.get_mut(..len) {
            Some(head) => parse_request(head, p.set.limits).and_then(|r| r.check().map(|()| r)),
            None => Err(Error::STATE),
        };
        let req = match parsed {
            Ok(req) => req,
            Err(e) => return self.refuse(i, e),
        };
        p.x.next = len as u32;
        p.x.body = req.framing.body(p.set.body);
        p.x.body.set_cap(p.set.max_body);
        p.x.cont = if req.wants_continue() { Continue::Wanted } else { Continue::No };
        p.x.req = Some(req);
        p.slot.after_post = req.kind == Method::Post;
        if req.has(Flags::EXPECT_OTHER) {
            let mut p = self.parts(i)?;
            p.put_field(b"Connection", b"close")?;
            p.commit(417)?;
            return self.complete(i);
        }
        self.route(i, &req)
    }

    fn route(&mut self, i: usize, req: &RequestHead) -> Result<Step> {
        let slot = self.slots.get(i).ok_or(Error::STATE)?;
        let at = usize::from(slot.ctx);
        let (head_cap, each) = (self.set.head_cap(), self.set.head_cap() + self.set.out_cap());
        let memory = self.memory.get_mut(at * each..).and_then(|m| m.get_mut(..each)).ok_or(Error::STATE)?;
        let (head, out) = memory.split_at_mut_checked(head_cap).ok_or(Error::STATE)?;
        let head = &*head;
        let target = req.target.of(head);
        if target == b"*" && req.kind == Method::Options {
            let mut p = self.parts(i)?;
            p.put_field(b"Content-Length", b"0")?;
            return self.complete(i);
        }
        if self.table.takes_all() {
            self.parts(i)?.x.route = 0;
            return self.await_body(i);
        }
        let authority = req.form != crate::http::Form::Origin;
        let question = Request {
            method: req.method.of(head),
            host: req.host.of(head),
            target_host: if authority { req.host.of(head) } else { b"" },
            path: req.path.of(head),
            query: req.query.of(head),
        };
        let mux = crate::http::mux::Mux::over(&self.table, &self.records);
        let location = out;
        let found = match mux.find(&question, location) {
            Ok(Match::Route(route)) => {
                let p = self.parts(i)?;
                p.x.route = route as u16;
                return self.await_body(i);
            }
            Ok(Match::Redirect { location, .. }) => Own::Redirect(location.len()),
            Ok(Match::NotFound) => Own::Missing,
            Ok(Match::BadRequest) => Own::BadRequest,
            Ok(Match::MethodNotAllowed) => {
                let mut len = 0;
                for method in mux.allow(&question) {
                    for part in [if len > 0 { &b", "[..] } else { b"" }, method] {
                        let place = location.get_mut(len..len + part.len()).ok_or(Error::BUFFER_TOO_SMALL)?;
                        place.copy_from_slice(part);
                        len += part.len();
                    }
                }
                Own::WrongMethod(len)
            }
            Err(_) => Own::TooLong,
        };
        let mut p = self.parts(i)?;
        let made = match found {
            Own::Missing => p.error(404, b"404 page not found"),
            Own::WrongMethod(len) => {
                p.field_of_out(b"Allow", len).and_then(|()| p.error(405, b"Method Not Allowed"))
            }
            Own::Redirect(len) => p.redirect_to_out(len, 307),
            Own::BadRequest => {
                let close = if req.minor >= 1 { p.put_field(b"Connection", b"close") } else { Ok(()) };
                close.and_then(|()| p.commit(400))
            }
            Own::TooLong => p.error(414, status::text(414).as_bytes()),
        };
        if made.is_err() {
            // The head takes all the room: an answer without fields.
            p.x.fields = p.x.fields_end;
            p.x.out_len = 0;
            if !p.x.committed {
                p.commit(414)?;
            }
        }
        self.complete(i)
    }
}

/// What the library answers by itself.
enum Own {
    Redirect(usize),
    Missing,
    WrongMethod(usize),
    BadRequest,
    TooLong,
}

impl Parts<'_> {
    /// Sets a field to the first bytes of the output buffer's body.
    fn field_of_out(&mut self, name: &[u8], len: usize) -> Result<()> {
        let out = core::mem::take(&mut self.out);
        let set = self.put_field(name, out.get(..len).unwrap_or(&[]));
        self.out = out;
        set
    }

    /// A whole answer in plain text (Go: `http.Error`).
    pub fn error(&mut self, status: u16, text: &[u8]) -> Result<()> {
        if self.x.committed {
            return Err(Error::HTTP_HEADERS_SENT);
        }
        self.del_field(b"Content-Length");
        self.del_field(b"Content-Type");
        self.put_field(b"Content-Type", PLAIN)?;
        self.del_field(b"X-Content-Type-Options");
        self.put_field(b"X-Content-Type-Options", b"nosniff")?;
        self.x.out_len = 0;
        self.x.fixed = &[];
        self.commit(status)?;
        let n = self.collect(text) + self.collect(b"\n");
        self.x.written = n as u64;
        self.x.whole = true;
        Ok(())
    }
}
