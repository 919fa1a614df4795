//! Connections that stop being HTTP (Go: `http.Hijacker`).

use crate::error::{Error, Result};
use crate::http::server::exchange::Exchange;
use crate::http::server::state::Phase;
use crate::http::token::list_has;
use crate::http::Flags;
use crate::net::conn::Conn;
use crate::time::Deadline;

impl Exchange {
    /// Takes the connection over (Go: `Hijacker.Hijack`): it is the caller's, without deadlines, and
    /// its next reads give what the server had received and not used. The server sends nothing more and
    /// gives its place to another connection; the exchange is over, whatever the handler returns. A head
    /// that was decided goes out first, without what was collected of its body.
    ///
    /// Errors: `STATE` when it is detached, `CLOSED` (the peer left), `NO_MEMORY` when the arena
    /// has no room for the bytes that came ahead, those of [`Exchange::flush`].
    pub fn hijack(self) -> Result<Conn> {
        let held = self.hold()?;
        let decided = held.parts(|p| {
            if p.x.detached || p.x.events || p.slot.phase != Phase::Running {
                return Err(Error::STATE);
            }
            if p.x.broken || p.slot.conn.is_none() {
                return Err(Error::CLOSED);
            }
            // What was collected is not sent, as in Go.
            p.x.out_len = 0;
            Ok(p.x.committed)
        })?;
        if decided {
            held.flush()?;
        }
        held.core(|core, i| {
            let p = core.parts(i)?;
            let unread = p.head.get(p.x.next as usize..p.x.filled as usize).unwrap_or(&[]);
            p.slot.conn.as_ref().ok_or(Error::CLOSED)?.give_back(unread)?;
            let conn = p.slot.conn.take().ok_or(Error::CLOSED)?;
            conn.set_read_deadline(Deadline::NONE);
            conn.set_write_deadline(Deadline::NONE);
            core.leave(i);
            Ok(conn)
        })
    }

    /// Answers `101 Switching Protocols` and takes the connection over (Go: by hand, with
    /// `WriteHeader(101)` and `Hijack`). `HTTP_UNEXPECTED_UPGRADE` unless the request asks for that
    /// protocol; others as [`Exchange::hijack`].
    pub fn upgrade(self, protocol: &[u8]) -> Result<Conn> {
        let asked = self.read_head(|req, _, fields| {
            let named = fields.iter().filter(|f| f.0.eq_ignore_ascii_case(b"Upgrade"));
            req.has(Flags::UPGRADE) && named.into_iter().any(|f| list_has(f.1, protocol))
        })?;
        if !asked {
            return Err(Error::HTTP_UNEXPECTED_UPGRADE);
        }
        self.set_header(b"Connection", b"Upgrade")?;
        self.set_header(b"Upgrade", protocol)?;
        self.status(101)?;
        self.hijack()
    }

    /// Drops the connection without another byte (Go: a panic with `ErrAbortHandler`).
    pub fn abort(self) -> Result<()> {
        self.hold()?.core(|core, i| {
            core.end(i);
            Ok(())
        })
    }
}
