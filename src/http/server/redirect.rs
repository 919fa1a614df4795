//! Redirects (Go: `http.Redirect`).

use crate::bytes::shift;
use crate::error::{Error, Result};
use crate::http::clean::clean;
use crate::http::reference::Reference;
use crate::http::server::state::Parts;
use crate::http::target::write_path;
use crate::http::{status, Method};
use crate::text::Text;

impl Parts<'_> {
    /// The whole answer that sends the peer to `target`.
    pub fn redirect(&mut self, target: &[u8], status: u16) -> Result<()> {
        let out = core::mem::take(&mut self.out);
        let place = &mut *out;
        let path = self.x.req.as_ref().map_or(&[][..], |r| r.path.of(self.head));
        let len = resolve(target, path, place);
        self.out = out;
        self.redirect_to_out(len?, status)
    }

    /// As [`Parts::redirect`], to the first bytes of the output buffer's body.
    pub fn redirect_to_out(&mut self, len: usize, status: u16) -> Result<()> {
        let kind = self.x.req.as_ref().map_or(Method::Other, |r| r.kind);
        let page = matches!(kind, Method::Get | Method::Head) && !self.has_type();
        self.del_field(b"Location");
        let out = core::mem::take(&mut self.out);
        let set = self.put_escaped(b"Location", out.get(..len).unwrap_or(&[]));
        self.out = out;
        set?;
        if page {
            self.put_field(b"Content-Type", b"text/html; charset=utf-8")?;
        }
        self.commit(status)?;
        self.x.whole = true;
        if page && kind == Method::Get {
            // The page takes the target's place from the front.
            let from = self.out.len().saturating_sub(len);
            shift(self.out, 0, len, from);
            // A target of which no page can be made goes without: it is for old readers only.
            let made = page_of(self.out, len, status::text(status).as_bytes()).unwrap_or(0);
            self.x.out_len = made as u32;
            self.x.written = made as u64;
        }
        Ok(())
    }
}

/// Puts the URL that a peer is sent to at the front of `out`; its length.
fn resolve(target: &[u8], path: &[u8], out: &mut [u8]) -> Result<usize> {
    let relative = Reference::parse(target).is_ok_and(|r| r.scheme().is_empty() && r.host().is_empty());
    if !relative {
        let mut text = Text::new(out);
        text.put(target)?;
        return Ok(text.len());
    }
    let question = target.iter().position(|b| *b == b'?').unwrap_or(target.len());
    let (name, query) = target.split_at_checked(question).unwrap_or((target, &[]));
    let mut text = Text::new(out);
    if !name.starts_with(b"/") {
        let mut full = false;
        write_path(path, &mut |b| full |= text.push(b).is_err());
        if full {
            return Err(Error::BUFFER_TOO_SMALL);
        }
        let dir = text.bytes().iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        text.truncate(dir);
        if path.is_empty() {
            text.push(b'/')?;
        }
    }
    text.put(name)?;
    let len = text.len();
    let (joined, rest) = out.split_at_mut_checked(len).ok_or(Error::BUFFER_TOO_SMALL)?;
    let slash = joined.ends_with(b"/");
    let mut text = Text::new(rest);
    clean(joined, &mut text)?;
    if slash && !text.bytes().ends_with(b"/") {
        text.push(b'/')?;
    }
    text.put(query)?;
    let cleaned = text.len();
    shift(out, len, len + cleaned, 0);
    Ok(cleaned)
}

/// Writes a page with a link to the last `len` bytes of `place` at its front; `None` when it would run
/// into them.
fn page_of(place: &mut [u8], len: usize, text: &[u8]) -> Option<usize> {
    let from = place.len().checked_sub(len)?;
    let mut at = 0;
    let mut put = |place: &mut [u8], bytes: &[u8], limit: usize| {
        let end = at + bytes.len();
        let to = place.get_mut(at..end).filter(|_| end <= limit)?;
        to.copy_from_slice(bytes);
        at = end;
        Some(at)
    };
    put(place, b"<a href=\"", from)?;
    for k in from..place.len() {
        let byte = *place.get(k)?;
        let one = [byte];
        let escaped: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&#34;",
            b'\'' => b"&#39;",
            _ => &one,
        };
        put(place, escaped, k + 1)?;
    }
    let all = place.len();
    put(place, b"\">", all)?;
    put(place, text, all)?;
    put(place, b"</a>.\n\n", all)
}
