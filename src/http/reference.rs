//! URLs and references to them (RFC 3986 §4.1; Go: `url.URL`), as views of their text.

use super::escaped::{escape, is_well_formed, unescape};
use super::target::{self, write_path, Form, Target};
use super::token::{self, PATH_ENCODED, PATH_PLAIN};
use crate::bytes::shift;
use crate::error::{Error, Result};
use crate::text::Text;

/// A parsed URL or reference; every part is still escaped.
#[derive(Clone, Copy)]
pub struct Reference<'a> {
    text: &'a [u8],
    target: Target,
    fragment: &'a [u8],
}

impl<'a> Reference<'a> {
    /// Reads a URL or a reference (Go: `url.Parse`). `HTTP_INVALID_TARGET`.
    pub fn parse(text: &'a [u8]) -> Result<Reference<'a>> {
        let (text, fragment) = match text.iter().position(|b| *b == b'#') {
            Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or(&[])),
            None => (text, &[][..]),
        };
        let target = target::parse_reference(text)?;
        if !is_well_formed(fragment) {
            return Err(Error::HTTP_INVALID_TARGET);
        }
        Ok(Reference { text, target, fragment })
    }

    /// Reads the target of a request: absolute, or a path; no fragment is split off (Go:
    /// `url.ParseRequestURI`).
    pub fn parse_request_uri(text: &'a [u8]) -> Result<Reference<'a>> {
        Ok(Reference { text, target: target::parse(text, false)?, fragment: &[] })
    }

    /// The scheme as written, empty for none.
    pub fn scheme(&self) -> &'a [u8] {
        self.target.scheme.of(self.text)
    }

    /// What follows the scheme of a URL like `mailto:a@b`.
    pub fn opaque(&self) -> &'a [u8] {
        if self.target.form == Form::Opaque {
            self.target.path.of(self.text)
        } else {
            &[]
        }
    }

    /// The user name, and the password if there is one.
    pub fn user(&self) -> Option<(&'a [u8], Option<&'a [u8]>)> {
        let mut parts = self.target.user?.of(self.text).splitn(2, |b| *b == b':');
        Some((parts.next().unwrap_or(&[]), parts.next()))
    }

    /// Host and port.
    pub fn host(&self) -> &'a [u8] {
        self.target.host.of(self.text)
    }

    /// The host without brackets and port, and the port, empty for none (Go: `URL.Hostname`,
    /// `URL.Port`).
    pub fn hostname_port(&self) -> (&'a [u8], &'a [u8]) {
        let host = self.host();
        let colon = host.iter().rposition(|b| *b == b':');
        let (name, port) = match colon.and_then(|at| host.split_at_checked(at)) {
            Some((name, port)) if port.iter().skip(1).all(u8::is_ascii_digit) => {
                (name, port.get(1..).unwrap_or(&[]))
            }
            _ => (host, &[][..]),
        };
        let bare = name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]"));
        (bare.unwrap_or(name), port)
    }

    /// The path as written.
    pub fn path(&self) -> &'a [u8] {
        if self.target.form == Form::Opaque {
            &[]
        } else {
            self.target.path.of(self.text)
        }
    }

    /// The query behind the `?`, if there is one, be it empty.
    pub fn query(&self) -> Option<&'a [u8]> {
        self.target.query.map(|q| q.of(self.text))
    }

    /// The fragment behind the `#`.
    pub fn fragment(&self) -> &'a [u8] {
        self.fragment
    }

    /// There is a scheme but no authority, not even an empty one (Go: `URL.OmitHost`).
    pub fn omits_host(&self) -> bool {
        self.target.form == Form::Absolute && !self.target.has_slashes(self.text)
    }

    /// Writes the path as a valid encoding (Go: `URL.EscapedPath`).
    pub fn write_path(&self, out: &mut Text<'_>) -> Result<()> {
        write(out, |put| write_path(self.path(), put))
    }

    /// Writes the fragment as a valid encoding (Go: `URL.EscapedFragment`).
    pub fn write_fragment(&self, out: &mut Text<'_>) -> Result<()> {
        if self.fragment.iter().all(|b| token::is(*b, PATH_ENCODED) || *b == b'?') {
            return out.put(self.fragment);
        }
        write(out, |put| {
            escape(unescape(self.fragment), |b| token::is(b, PATH_PLAIN) || b"!()*?".contains(&b), put);
        })
    }

    /// Writes all of it (Go: `URL.String`).
    pub fn write(&self, out: &mut Text<'_>) -> Result<()> {
        write(out, |put| self.target.write(self.text, put))?;
        self.write_hash(out)
    }

    /// Writes what goes into a request line, without a proxy (Go: `URL.RequestURI`).
    pub fn write_request_uri(&self, out: &mut Text<'_>) -> Result<()> {
        let opaque = self.opaque();
        if !opaque.is_empty() {
            if opaque.starts_with(b"//") {
                out.put(self.scheme())?;
                out.push(b':')?;
            }
            out.put(opaque)?;
        } else if self.path().is_empty() {
            out.push(b'/')?;
        } else {
            self.write_path(out)?;
        }
        write_query(self.query(), out)
    }

    /// Writes what `reference` stands for on a page whose URL this is (RFC 3986 §5.2; Go:
    /// `URL.ResolveReference`). `BUFFER_TOO_SMALL`: while it works it needs room for both paths.
    pub fn resolve(&self, reference: &Reference<'_>, out: &mut Text<'_>) -> Result<()> {
        let r = reference;
        if !r.scheme().is_empty() || r.is_named() {
            let scheme = if r.scheme().is_empty() { self.scheme() } else { r.scheme() };
            write_scheme(scheme, out)?;
            if r.opaque().is_empty() {
                let slashes = r.is_named() || !r.omits_host() && !r.path().is_empty();
                r.write_authority(slashes, out)?;
                resolve_path(&[], r.path(), out)?;
                if !slashes {
                    hide_slash(r.path(), out)?;
                }
            } else {
                out.put(r.opaque())?;
            }
            write_query(r.query(), out)?;
            return r.write_hash(out);
        }
        write_scheme(self.scheme(), out)?;
        if r.path().is_empty() && !self.opaque().is_empty() {
            out.put(self.opaque())?;
        } else {
            let path = !self.path().is_empty() || !r.path().is_empty();
            self.write_authority(self.is_named() || path && !self.scheme().is_empty(), out)?;
            resolve_path(self.path(), r.path(), out)?;
        }
        if !r.path().is_empty() || r.query().is_some() {
            write_query(r.query(), out)?;
            return r.write_hash(out);
        }
        // An empty query of the base was only a mark.
        write_query(self.query().filter(|q| !q.is_empty()), out)?;
        if r.fragment.is_empty() { self } else { r }.write_hash(out)
    }

    fn is_named(&self) -> bool {
        !self.host().is_empty() || self.target.user.is_some()
    }

    fn write_authority(&self, slashes: bool, out: &mut Text<'_>) -> Result<()> {
        if !slashes {
            return Ok(());
        }
        write(out, |put| self.target.write_authority(self.text, put))
    }

    fn write_hash(&self, out: &mut Text<'_>) -> Result<()> {
        if self.fragment.is_empty() {
            return Ok(());
        }
        out.push(b'#')?;
        self.write_fragment(out)
    }
}

/// Runs a writer of bytes until one does not fit.
fn write(out: &mut Text<'_>, with: impl FnOnce(&mut dyn FnMut(u8))) -> Result<()> {
    let mut done = Ok(());
    with(&mut |b| {
        if done.is_ok() {
            done = out.push(b);
        }
    });
    done
}

fn write_scheme(scheme: &[u8], out: &mut Text<'_>) -> Result<()> {
    if scheme.is_empty() {
        return Ok(());
    }
    write(out, |put| scheme.iter().for_each(|b| put(b.to_ascii_lowercase())))?;
    out.push(b':')
}

fn write_query(query: Option<&[u8]>, out: &mut Text<'_>) -> Result<()> {
    let Some(query) = query else { return Ok(()) };
    out.push(b'?')?;
    out.put(query)
}

/// Writes the path of a reference on the page of a path, without dot segments (RFC 3986 §5.2.3 and
/// 5.2.4; Go: `resolvePath`). The paths are joined in `out` and then cleaned where they stand.
fn resolve_path(base: &[u8], reference: &[u8], out: &mut Text<'_>) -> Result<()> {
    if base.is_empty() && reference.is_empty() {
        return Ok(());
    }
    let start = out.len();
    out.push(b'/')?;
    let mut first = None;
    write_path(reference, &mut |b| {
        first.get_or_insert(b);
    });
    if first != Some(b'/') {
        write(out, |put| write_path(base, put))?;
        if first.is_some() {
            let joined = out.bytes().get(start + 1..).unwrap_or(&[]);
            let keep = joined.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
            out.truncate(start + 1 + keep);
        }
    }
    write(out, |put| write_path(reference, put))?;
    let len = without_dots(out.tail_mut(start));
    out.truncate(start + len);
    Ok(())
}

/// Takes the dot segments out of a path behind a slash of its own; the length that is left.
fn without_dots(buf: &mut [u8]) -> usize {
    // What is done never reaches what is still to be read.
    let (mut done, mut from, mut first) = (1, 1, true);
    loop {
        let rest = buf.get(from..).unwrap_or(&[]);
        let n = rest.iter().position(|b| *b == b'/');
        let segment = rest.get(..n.unwrap_or(rest.len())).unwrap_or(&[]);
        let (len, dots) = (segment.len(), segment == b"." || segment == b"..");
        if segment == b".." {
            let before = buf.get(1..done).unwrap_or(&[]);
            done = before.iter().rposition(|b| *b == b'/').map_or(1, |at| at + 1);
            first = done == 1;
        } else if dots {
            first = false;
        } else {
            done += put_slash(buf, done, !first);
            shift(buf, from, from + len, done);
            done += len;
            first = false;
        }
        if n.is_none() {
            done += put_slash(buf, done, dots);
            break;
        }
        from += len + 1;
    }
    if done > 1 && buf.get(1) == Some(&b'/') {
        shift(buf, 1, done, 0);
        done -= 1;
    }
    done
}

fn put_slash(buf: &mut [u8], at: usize, wanted: bool) -> usize {
    match buf.get_mut(at).filter(|_| wanted) {
        Some(to) => {
            *to = b'/';
            1
        }
        None => 0,
    }
}

/// Escapes the first of two slashes at the start of a path that follows a scheme, which would make
/// an authority of it.
fn hide_slash(path: &[u8], out: &mut Text<'_>) -> Result<()> {
    let mut text = out.bytes();
    let start = text.iter().position(|b| *b == b':').map_or(0, |at| at + 1);
    text = text.get(start..).unwrap_or(&[]);
    if path.is_empty() || !text.starts_with(b"//") {
        return Ok(());
    }
    out.put(b"  ")?;
    let tail = out.tail_mut(start);
    let len = tail.len();
    shift(tail, 1, len - 2, 3);
    for (to, b) in tail.iter_mut().zip(b"%2F") {
        *to = *b;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_does_not_fit_is_an_error() {
        let base = Reference::parse(b"http://u:p@h/a/b/c?q#f").unwrap();
        let reference = Reference::parse(b"../d/./e?x#y").unwrap();
        let mut buf = [0; 64];
        let mut out = Text::new(&mut buf);
        base.resolve(&reference, &mut out).unwrap();
        assert_eq!(out.bytes(), b"http://u:p@h/a/d/e?x#y");
        for room in 0..22 {
            let mut buf = [0; 64];
            let got = base.resolve(&reference, &mut Text::new(&mut buf[..room]));
            assert_eq!(got, Err(Error::BUFFER_TOO_SMALL), "{room}");
        }
    }
}
