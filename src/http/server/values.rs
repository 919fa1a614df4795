//! What a request says beyond its head's parts: cookies, secrets, forms (Go: the methods of
//! `http.Request`). Functions only: nothing of it lives in the server, and an image that calls none has
//! none.

use crate::error::{Error, Result};
use crate::http::form::{self, Field, Finder, Kind};
use crate::http::multipart::Limits;
use crate::http::multipart_reader::Reader;
use crate::http::server::exchange::Exchange;
use crate::http::server::route::View;
use crate::http::{basic_auth, cookie, query, Framing, Span};
use crate::text::Text;

/// Bytes of a form that are read at once; they lie on the stack of the handler's task.
const PIECE: usize = 256;

impl Exchange {
    /// The value of a field by its number among those of that name, from 0 (Go: `Header.Values`).
    pub fn header_value_at(self, name: &[u8], number: usize) -> Result<Option<View>> {
        self.read_head(|_, _, header| {
            let mut all = header.iter().filter(|f| f.0.eq_ignore_ascii_case(name));
            all.nth(number).map(|f| View::of(f.1))
        })
    }

    /// The body came in the chunked coding (Go: `Request.TransferEncoding`).
    pub fn is_chunked(self) -> Result<bool> {
        self.read_head(|req, _, _| req.framing == Framing::Chunked)
    }

    /// Decodes the first value of a name in the query into `buf` (Go: `URL.Query().Get`); 0 bytes
    /// without one. `BUFFER_TOO_SMALL`.
    pub fn query_value(self, name: &[u8], buf: &mut [u8]) -> Result<usize> {
        self.read_head(|req, head, _| {
            let mut out = Text::new(buf);
            if let Some(pair) = query::first(req.query.of(head), name) {
                pair.write_value(&mut out)?;
            }
            Ok(out.len())
        })?
    }

    /// The cookie of a number, from 0, of all Cookie fields or of those with a name (Go:
    /// `Request.Cookies`, `Request.CookiesNamed`): its name and value. `None` behind the last.
    pub fn cookie_at(self, name: Option<&[u8]>, number: usize) -> Result<Option<(View, View)>> {
        self.read_head(|_, _, header| {
            let lines = || header.iter().filter(|f| f.0.eq_ignore_ascii_case(b"cookie")).map(|f| f.1);
            if cookie::too_many(lines()) {
                return None;
            }
            let mut all = lines().flat_map(cookie::read).filter(|p| name.is_none_or(|n| n == p.name));
            all.nth(number).map(|p| (View::of(p.name), View::of(p.value)))
        })
    }

    /// User and password of the Authorization field, decoded into `buf`: where they are in it (Go:
    /// `Request.BasicAuth`). `None` if they are not there; `BUFFER_TOO_SMALL`.
    pub fn basic_auth(self, buf: &mut [u8]) -> Result<Option<(Span, Span)>> {
        self.read_head(|_, _, header| {
            let field = header.get(b"authorization").unwrap_or(&[]);
            match basic_auth::parse(field, buf) {
                Ok((user, password)) => {
                    let colon = user.len();
                    Ok(Some((Span::between(0, colon), Span::between(colon + 1, colon + 1 + password.len()))))
                }
                Err(Error::BUFFER_TOO_SMALL) => Err(Error::BUFFER_TOO_SMALL),
                Err(_) => Ok(None),
            }
        })?
    }

    fn form_kind(self) -> Result<Kind> {
        self.read_head(|req, _, header| form::kind(req.kind, header.get(b"content-type").unwrap_or(&[])).0)
    }

    /// Decodes the first values of names into `buf`: of the body's form, which is read to its end and
    /// then gone, and for names without one there of the query (Go: `Request.FormValue`, of which
    /// these are the pairs that are good). Fields without a value have none in either.
    ///
    /// Errors: those of [`Exchange::read`] and [`Finder::push`].
    pub fn form_values(self, fields: &mut [Field<'_>], buf: &mut [u8]) -> Result<()> {
        let kind = self.form_kind()?;
        let mut finder = Finder::new(fields, buf, form::MAX_LEN)?;
        if kind == Kind::UrlEncoded {
            let mut piece = [0; PIECE];
            loop {
                let n = self.read(&mut piece)?;
                if n == 0 {
                    break;
                }
                finder.push(piece.get(..n).unwrap_or(&[]))?;
            }
            finder.end()?;
        }
        // Bounded by the head.
        self.read_head(|req, head, _| finder.push(req.query.of(head)))??;
        finder.end()
    }

    /// Reads the form in the body into `buf` as it is, for [`query::pairs`] (Go: `Request.ParseForm`);
    /// 0 bytes if the body is no form. `BUFFER_TOO_SMALL`, `HTTP_HEADER_TOO_LARGE` for too many
    /// pairs, and those of [`Exchange::read`].
    pub fn form_read(self, buf: &mut [u8]) -> Result<usize> {
        if self.form_kind()? != Kind::UrlEncoded {
            return Ok(0);
        }
        let mut len = 0;
        loop {
            let room = buf.get_mut(len..).unwrap_or(&mut []);
            if room.is_empty() {
                // The body may end just here.
                return match self.read(&mut [0])? {
                    0 => query::pairs(buf).map(|_| len),
                    _ => Err(Error::BUFFER_TOO_SMALL),
                };
            }
            match self.read(room)? {
                0 => break,
                n => len += n,
            }
        }
        query::pairs(buf.get(..len).unwrap_or(&[])).map(|_| len)
    }

    /// A reader of the parts of the body (Go: `Request.MultipartReader`): [`Exchange::read`] is its
    /// source, `window` stays with it. Errors: those of [`Reader::new`].
    pub fn multipart(self, limits: Limits, window: &mut [u8]) -> Result<Reader> {
        self.read_head(|_, _, header| {
            Reader::new(header.get(b"content-type").unwrap_or(&[]), true, limits, window)
        })?
    }
}
