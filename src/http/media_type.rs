//! Media types and dispositions with their parameters (RFC 2045 §5.1, RFC 2183, RFC 2231; Go:
//! `mime.ParseMediaType`).

use super::token::{self, TOKEN};
use crate::error::{Error, Result};
use crate::text::{hex_value, Text};

/// Parameters that a value may have.
pub const MAX_PARAMS: usize = 64;

/// A checked value, as views of its text.
#[derive(Clone, Copy, Debug)]
pub struct MediaType<'a> {
    /// `type/subtype` or a disposition; letters as written, compare without case.
    pub name: &'a [u8],
    params: &'a [u8],
}

/// A parameter as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Param<'a> {
    /// Letters of any case; behind a `*` the number of a part and whether it is escaped.
    pub name: &'a [u8],
    value: Value<'a>,
}

/// A token, or what is between quotes.
#[derive(Clone, Copy, Debug)]
struct Value<'a> {
    text: &'a [u8],
    quoted: bool,
}

impl<'a> MediaType<'a> {
    /// Reads a value. `HTTP_INVALID_HEADER_VALUE` for anything that is not one, for a parameter that
    /// is there twice with different values, and for more than [`MAX_PARAMS`] of them.
    pub fn parse(text: &'a [u8]) -> Result<MediaType<'a>> {
        let semicolon = text.iter().position(|b| *b == b';').unwrap_or(text.len());
        let (name, params) = text.split_at_checked(semicolon).unwrap_or((text, &[]));
        let parsed = MediaType { name: trim(name), params };
        let bad = Err(Error::HTTP_INVALID_HEADER_VALUE);
        let mut words = parsed.name.splitn(2, |b| *b == b'/');
        if !words.all(|w| !w.is_empty() && w.iter().all(|b| is_token(*b))) {
            return bad;
        }
        for (i, param) in parsed.params().enumerate() {
            let Ok(param) = param else { return bad };
            let twice = |other: &Param<'_>| {
                other.name.eq_ignore_ascii_case(param.name) && !other.value.same(&param.value)
            };
            if i >= MAX_PARAMS || parsed.params().take(i).flatten().any(|p| twice(&p)) {
                return bad;
            }
        }
        Ok(parsed)
    }

    /// As [`MediaType::parse`], but when what follows the name is no list of parameters, it is a value
    /// without any (Go: `ErrInvalidMediaParameter`, which comes with the name).
    pub fn parse_lax(text: &'a [u8]) -> Result<MediaType<'a>> {
        let parsed = MediaType::parse(text);
        let semicolon = text.iter().position(|b| *b == b';').unwrap_or(text.len());
        let (name, params) = text.split_at_checked(semicolon).unwrap_or((text, &[]));
        if parsed.is_err() && (Params { rest: params }).any(|p| p.is_err()) {
            return MediaType::parse(name);
        }
        parsed
    }

    /// The parameters as written, in order.
    pub fn params(&self) -> Params<'a> {
        Params { rest: self.params }
    }

    /// Says whether `type/subtype` is this, without case.
    pub fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Writes the decoded value of a parameter (without case), put together from its parts; false if
    /// there is none. `BUFFER_TOO_SMALL`.
    pub fn write_param(&self, name: &[u8], out: &mut Text<'_>) -> Result<bool> {
        let find = |number: Option<usize>, star: bool| {
            self.params().flatten().find(|p| p.is(name, number, star)).map(|p| p.value)
        };
        let plain = |out: &mut Text<'_>| match find(None, false) {
            Some(value) => value.bytes().try_for_each(|b| out.push(b)).map(|()| true),
            None => Ok(false),
        };
        if let Some(value) = find(None, true) {
            return if value.write_extended(out)? { Ok(true) } else { plain(out) };
        }
        let mut parts = 0;
        loop {
            if let Some(value) = find(Some(parts), false) {
                value.bytes().try_for_each(|b| out.push(b))?;
            } else if let Some(value) = find(Some(parts), true) {
                if parts == 0 {
                    value.write_extended(out)?;
                } else {
                    value.write_unescaped(0, out)?;
                }
            } else {
                break;
            }
            parts += 1;
        }
        if parts > 0 {
            Ok(true)
        } else {
            plain(out)
        }
    }
}

impl Param<'_> {
    /// The name without what a `*` begins.
    pub fn base(&self) -> &[u8] {
        self.name.split(|b| *b == b'*').next().unwrap_or(&[])
    }

    /// It is `name`, `name*`, `name*2` or `name*2*`.
    fn is(&self, name: &[u8], number: Option<usize>, star: bool) -> bool {
        let Some((base, rest)) = self.name.split_at_checked(name.len()) else { return false };
        if !base.eq_ignore_ascii_case(name) {
            return false;
        }
        let rest = if star { rest.strip_suffix(b"*") } else { Some(rest) };
        match (rest, number) {
            (Some(rest), None) => rest.is_empty(),
            (Some([b'*', digits @ ..]), Some(number)) => {
                let canonical = digits == b"0" || digits.first() != Some(&b'0');
                canonical && token::decimal(digits) == Some(number as u64)
            }
            _ => false,
        }
    }
}

impl Value<'_> {
    /// The bytes, without the backslashes of a quoted string. One that stands before a letter is from
    /// a path of Windows and stays.
    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let mut rest = self.text.iter().copied().peekable();
        core::iter::from_fn(move || {
            let byte = rest.next()?;
            if self.quoted && byte == b'\\' {
                return rest.next_if(|b| is_special(*b)).or(Some(byte));
            }
            Some(byte)
        })
    }

    fn same(&self, other: &Value<'_>) -> bool {
        self.bytes().eq(other.bytes())
    }

    /// `charset'language'escaped`; false, and nothing written, for another charset or none.
    fn write_extended(&self, out: &mut Text<'_>) -> Result<bool> {
        let charset = || self.bytes().take_while(|b| *b != b'\'').map(|b| b.to_ascii_lowercase());
        if !charset().eq(*b"us-ascii") && !charset().eq(*b"utf-8") {
            return Ok(false);
        }
        let mut quotes = self.bytes().enumerate().filter(|(_, b)| *b == b'\'');
        match (quotes.next(), quotes.next()) {
            (Some(_), Some((second, _))) => self.write_unescaped(second + 1, out),
            _ => Ok(false),
        }
    }

    /// Writes what is behind the first bytes, with `%XX` decoded; false, and nothing written, if an
    /// escape is none.
    fn write_unescaped(&self, skip: usize, out: &mut Text<'_>) -> Result<bool> {
        if self.unescape(skip, |_| Ok(()))? {
            self.unescape(skip, |b| out.push(b))
        } else {
            Ok(false)
        }
    }

    fn unescape(&self, skip: usize, mut put: impl FnMut(u8) -> Result<()>) -> Result<bool> {
        let mut bytes = self.bytes().skip(skip);
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                put(byte)?;
                continue;
            }
            let mut digit = || bytes.next().and_then(hex_value);
            let (Some(high), Some(low)) = (digit(), digit()) else { return Ok(false) };
            put(high << 4 | low)?;
        }
        Ok(true)
    }
}

/// See [`MediaType::params`].
#[derive(Clone, Debug)]
pub struct Params<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Params<'a> {
    type Item = Result<Param<'a>>;

    fn next(&mut self) -> Option<Result<Param<'a>>> {
        let rest = trim_start(self.rest);
        // Nothing, or a semicolon at the end, is no parameter.
        if rest.is_empty() || trim(rest) == b";" {
            return None;
        }
        match param(rest) {
            Some((param, rest)) => {
                self.rest = rest;
                Some(Ok(param))
            }
            None => {
                self.rest = &[];
                Some(Err(Error::HTTP_INVALID_HEADER_VALUE))
            }
        }
    }
}

/// A parameter with the semicolon before it, and what follows.
fn param(s: &[u8]) -> Option<(Param<'_>, &[u8])> {
    let rest = trim_start(s.strip_prefix(b";")?);
    let (name, rest) = split_token(rest);
    if name.is_empty() {
        return None;
    }
    let rest = trim_start(trim_start(rest).strip_prefix(b"=")?);
    if let Some(quoted) = rest.strip_prefix(b"\"") {
        let len = quoted_len(quoted)?;
        let value = Value { text: quoted.get(..len)?, quoted: true };
        return Some((Param { name, value }, quoted.get(len + 1..)?));
    }
    let (text, rest) = split_token(rest);
    let value = Value { text, quoted: false };
    (!text.is_empty()).then_some((Param { name, value }, rest))
}

/// The length of a quoted string up to its closing quote.
fn quoted_len(s: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match s.get(at..)? {
            [b'"', ..] => return Some(at),
            [b'\\', next, ..] if is_special(*next) => at += 2,
            [] | [b'\r' | b'\n', ..] => return None,
            _ => at += 1,
        }
    }
}

fn split_token(s: &[u8]) -> (&[u8], &[u8]) {
    let len = s.iter().position(|b| !is_token(*b)).unwrap_or(s.len());
    s.split_at_checked(len).unwrap_or((s, &[]))
}

/// MIME's tokens have braces, HTTP's do not.
fn is_token(b: u8) -> bool {
    token::is(b, TOKEN) || matches!(b, b'{' | b'}')
}

fn is_special(b: u8) -> bool {
    b"()<>@,;:\\\"/[]?=".contains(&b)
}

/// The length of the white space that `s` begins with (Unicode's, as Go trims it); 0 for none.
fn space_len(s: &[u8]) -> usize {
    match s {
        [b'\t'..=b'\r' | b' ', ..] => 1,
        [0xc2, 0x85 | 0xa0, ..] => 2,
        [0xe1, 0x9a, 0x80, ..] | [0xe2, 0x81, 0x9f, ..] | [0xe3, 0x80, 0x80, ..] => 3,
        [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..] => 3,
        _ => 0,
    }
}

fn trim_start(mut s: &[u8]) -> &[u8] {
    loop {
        match space_len(s) {
            0 => return s,
            n => s = s.get(n..).unwrap_or(&[]),
        }
    }
}

fn trim(s: &[u8]) -> &[u8] {
    let mut s = trim_start(s);
    loop {
        let ends = |n: usize| s.len() >= n && space_len(s.get(s.len() - n..).unwrap_or(&[])) == n;
        match (1..=3).find(|n| ends(*n)) {
            Some(n) => s = s.get(..s.len() - n).unwrap_or(&[]),
            None => return s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn param(text: &str, name: &str) -> Option<String> {
        let mut buf = [0; 64];
        let mut out = Text::new(&mut buf);
        let there = MediaType::parse(text.as_bytes()).ok()?.write_param(name.as_bytes(), &mut out).unwrap();
        there.then(|| String::from_utf8(out.bytes().to_vec()).unwrap())
    }

    #[test]
    fn parts_are_put_together() {
        let text = "x/y; a*1=cd; A*0*=utf-8''%61b; b*=utf-16''x; b=plain; c=\"C:\\dir\\\"\"";
        assert_eq!(param(text, "a").as_deref(), Some("abcd"));
        assert_eq!(param(text, "B").as_deref(), Some("plain"));
        assert_eq!(param(text, "c").as_deref(), Some("C:\\dir\""));
        assert_eq!(param(text, "d"), None);
        let many = |n: usize| format!("x/y{}", "; a=b".repeat(n));
        assert!(param(&many(MAX_PARAMS), "a").is_some() && param(&many(MAX_PARAMS + 1), "a").is_none());
    }
}
