//! Cookies (RFC 6265; Go: `http.Cookie`): read from fields, and written into them.

use super::{date, token};
use crate::error::{Error, Result};
use crate::net::addr::parse_ip;
use crate::text::Text;

/// Cookies that the fields of one head may have (Go: `defaultCookieMaxNum`).
pub const MAX_COOKIES: usize = 3000;

/// The first second of the year 1601, before which no cookie expires (RFC 6265 §5.1.1).
const FIRST_EXPIRY: i64 = -11_644_473_600;

/// When other sites' requests carry a cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum SameSite {
    /// Nothing is said.
    #[default]
    Unset = 0,
    /// The attribute was there, with no value that is known.
    Default = 1,
    /// `Lax`
    Lax = 2,
    /// `Strict`
    Strict = 3,
    /// `None`
    None = 4,
}

/// A name and its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pair<'a> {
    /// A token.
    pub name: &'a [u8],
    /// Without its quotes.
    pub value: &'a [u8],
    /// It had quotes, or is to get them.
    pub quoted: bool,
}

/// A cookie as a server sets it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cookie<'a> {
    /// Name and value.
    pub pair: Pair<'a>,
    /// Empty: none.
    pub path: &'a [u8],
    /// Empty: the host alone. A dot at its start does not count.
    pub domain: &'a [u8],
    /// Unix seconds.
    pub expires: Option<i64>,
    /// The text that `expires` was read from; also when it could not be.
    pub raw_expires: &'a [u8],
    /// Seconds; 0 says nothing, a negative number deletes the cookie.
    pub max_age: i64,
    /// Not over plain HTTP.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// Kept apart by the site that embeds this one.
    pub partitioned: bool,
    /// See [`SameSite`].
    pub same_site: SameSite,
}

/// Go: `textproto.TrimString`.
fn trim(s: &[u8]) -> &[u8] {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let from = s.iter().position(|b| !blank(b)).unwrap_or(s.len());
    let to = s.iter().rposition(|b| !blank(b)).map_or(from, |at| at + 1);
    s.get(from..to).unwrap_or(&[])
}

/// What is before the first `=`, and what is behind it, if there is one.
fn cut(s: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = s.splitn(2, |b| *b == b'=');
    (parts.next().unwrap_or(&[]), parts.next())
}

fn is_value_byte(b: u8) -> bool {
    matches!(b, 0x20..=0x7e) && !matches!(b, b'"' | b';' | b'\\')
}

fn is_path_byte(b: u8) -> bool {
    matches!(b, 0x20..=0x7e) && b != b';'
}

/// A value without its quotes, and whether it had them; `None` for bytes that no value has.
fn value(s: &[u8], quotes: bool) -> Option<(&[u8], bool)> {
    let inner = s.strip_prefix(b"\"").and_then(|s| s.strip_suffix(b"\"")).filter(|_| quotes);
    let bare = inner.unwrap_or(s);
    bare.iter().all(|b| is_value_byte(*b)).then_some((bare, inner.is_some()))
}

/// The cookies of one Cookie field; every part must be one (Go: `ParseCookie`). Gives
/// `HTTP_INVALID_HEADER_VALUE` for a part that is none, and for more than [`MAX_COOKIES`].
pub fn parse(line: &[u8]) -> impl Iterator<Item = Result<Pair<'_>>> {
    let many = line.iter().filter(|b| **b == b';').count() >= MAX_COOKIES;
    let bad = Error::HTTP_INVALID_HEADER_VALUE;
    let parts = line.split(|b| *b == b';').take(if many { 1 } else { usize::MAX });
    parts.map(move |part| {
        let (name, text) = cut(trim(part));
        let (value, quoted) = text.and_then(|v| value(v, true)).ok_or(bad)?;
        if many || !token::is_token(name) {
            return Err(bad);
        }
        Ok(Pair { name, value, quoted })
    })
}

/// The cookies of one Cookie field, parts that are none left out (Go: `Request.Cookies`).
pub fn read(line: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    line.split(|b| *b == b';').filter_map(|part| {
        let (name, text) = cut(trim(part));
        let name = trim(name);
        let (value, quoted) = value(text.unwrap_or(&[]), true)?;
        token::is_token(name).then_some(Pair { name, value, quoted })
    })
}

/// Whether the Cookie fields of a head have so many parts that none counts.
pub fn too_many<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    lines.map(|line| line.iter().filter(|b| **b == b';').count() + 1).sum::<usize>() > MAX_COOKIES
}

impl<'a> Cookie<'a> {
    /// Reads a Set-Cookie field (Go: `ParseSetCookie`). What is no attribute that is known goes to
    /// `unparsed`. `HTTP_INVALID_HEADER_VALUE`.
    pub fn parse(line: &'a [u8], unparsed: &mut dyn FnMut(&'a [u8])) -> Result<Cookie<'a>> {
        let mut parts = trim(line).split(|b| *b == b';').map(trim);
        let (name, text) = cut(parts.next().unwrap_or(&[]));
        let name = trim(name);
        let found = text.and_then(|v| value(v, true)).filter(|_| token::is_token(name));
        let (value, quoted) = found.ok_or(Error::HTTP_INVALID_HEADER_VALUE)?;
        let mut cookie = Cookie { pair: Pair { name, value, quoted }, ..Cookie::default() };
        for part in parts.filter(|p| !p.is_empty()) {
            let (attribute, _) = cut(part);
            // One with bytes that cannot be seen is passed over, not kept.
            if is_visible(attribute) && !cookie.attribute(part) {
                unparsed(part);
            }
        }
        Ok(cookie)
    }

    /// Takes an attribute; false if it is none.
    fn attribute(&mut self, part: &'a [u8]) -> bool {
        let (name, text) = cut(part);
        let Some((value, _)) = value(text.unwrap_or(&[]), false) else { return false };
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if is(b"samesite") {
            self.same_site = same_site(value);
        } else if is(b"secure") {
            self.secure = true;
        } else if is(b"httponly") {
            self.http_only = true;
        } else if is(b"domain") {
            self.domain = value;
        } else if is(b"path") {
            self.path = value;
        } else if is(b"partitioned") {
            self.partitioned = true;
        } else if is(b"max-age") {
            return match max_age(value) {
                Some(seconds) => {
                    self.max_age = seconds;
                    true
                }
                None => false,
            };
        } else if is(b"expires") {
            self.raw_expires = value;
            self.expires = date::parse_expires(value);
            return self.expires.is_some();
        } else {
            return false;
        }
        true
    }

    /// Writes the value of a Set-Cookie field (Go: `Cookie.String`): bytes that have no place in a
    /// value or a path are left out, and so is a domain that is none. `HTTP_INVALID_HEADER_NAME`,
    /// `BUFFER_TOO_SMALL`.
    pub fn write(&self, out: &mut Text<'_>) -> Result<()> {
        if !token::is_token(self.pair.name) {
            return Err(Error::HTTP_INVALID_HEADER_NAME);
        }
        self.pair.write(out)?;
        if !self.path.is_empty() {
            out.put(b"; Path=")?;
            self.path.iter().filter(|b| is_path_byte(**b)).try_for_each(|b| out.push(*b))?;
        }
        if is_domain(self.domain) {
            out.put(b"; Domain=")?;
            out.put(self.domain.strip_prefix(b".").unwrap_or(self.domain))?;
        }
        if let Some(expires) = self.expires.filter(|e| *e >= FIRST_EXPIRY) {
            out.put(b"; Expires=")?;
            out.put(&date::format(expires))?;
        }
        if self.max_age != 0 {
            out.put(b"; Max-Age=")?;
            let mut digits = [0; 20];
            let seconds = u64::try_from(self.max_age).unwrap_or(0);
            out.put(super::write::decimal(seconds, &mut digits))?;
        }
        let flags: [(bool, &[u8]); 2] = [(self.http_only, b"; HttpOnly"), (self.secure, b"; Secure")];
        flags.iter().filter(|(set, _)| *set).try_for_each(|(_, text)| out.put(text))?;
        out.put(match self.same_site {
            SameSite::Unset | SameSite::Default => b"",
            SameSite::Lax => b"; SameSite=Lax",
            SameSite::Strict => b"; SameSite=Strict",
            SameSite::None => b"; SameSite=None",
        })?;
        out.put(if self.partitioned { b"; Partitioned" } else { b"" })
    }

    /// Says whether everything of it will be written as it is (Go: `Cookie.Valid`).
    pub fn check(&self) -> Result<()> {
        if !token::is_token(self.pair.name) {
            return Err(Error::HTTP_INVALID_HEADER_NAME);
        }
        let value = self.pair.value.iter().all(|b| is_value_byte(*b));
        let path = self.path.iter().all(|b| is_path_byte(*b));
        let domain = self.domain.is_empty() || is_domain(self.domain);
        let expires = self.expires.is_none_or(|e| e >= FIRST_EXPIRY);
        if value && path && domain && expires && (self.secure || !self.partitioned) {
            Ok(())
        } else {
            Err(Error::HTTP_INVALID_HEADER_VALUE)
        }
    }
}

impl Pair<'_> {
    /// Writes `name=value` as a Cookie field has it (Go: `Request.AddCookie`), behind a `; ` if
    /// something is there already; a value with a space or a comma gets quotes.
    pub fn write_next(&self, out: &mut Text<'_>) -> Result<()> {
        if !out.is_empty() {
            out.put(b"; ")?;
        }
        self.write(out)
    }

    fn write(&self, out: &mut Text<'_>) -> Result<()> {
        for byte in self.name {
            // A line's end would begin another field.
            out.push(if matches!(byte, b'\r' | b'\n') { b'-' } else { *byte })?;
        }
        out.push(b'=')?;
        let quote: &[u8] =
            if self.quoted || self.value.iter().any(|b| b" ,".contains(b)) { b"\"" } else { b"" };
        out.put(quote)?;
        self.value.iter().filter(|b| is_value_byte(**b)).try_for_each(|b| out.push(*b))?;
        out.put(quote)
    }
}

fn is_visible(s: &[u8]) -> bool {
    s.iter().all(|b| matches!(b, 0x20..=0x7e))
}

fn same_site(value: &[u8]) -> SameSite {
    let is = |known: &[u8]| value.eq_ignore_ascii_case(known);
    if is(b"lax") {
        SameSite::Lax
    } else if is(b"strict") {
        SameSite::Strict
    } else if is(b"none") {
        SameSite::None
    } else {
        SameSite::Default
    }
}

/// Seconds, −1 for none or fewer (Go: `strconv.Atoi`, and no leading zero).
fn max_age(value: &[u8]) -> Option<i64> {
    let seconds: i64 = core::str::from_utf8(value).ok()?.parse().ok()?;
    match seconds {
        1.. if value.first() == Some(&b'0') => None,
        1.. => Some(seconds),
        _ => Some(-1),
    }
}

/// A host name of letters, digits and hyphens with a letter in it, or an IPv4 address (Go:
/// `validCookieDomain`).
fn is_domain(s: &[u8]) -> bool {
    is_domain_name(s) || !s.contains(&b':') && parse_ip(s).is_ok()
}

fn is_domain_name(s: &[u8]) -> bool {
    if s.is_empty() || s.len() > 255 {
        return false;
    }
    let name = s.strip_prefix(b".").unwrap_or(s);
    // The last dot may end the name.
    let labels = name.strip_suffix(b".").unwrap_or(name);
    let label = |l: &[u8]| {
        let bytes = l.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
        (1..=63).contains(&l.len()) && bytes && !l.starts_with(b"-") && !l.ends_with(b"-")
    };
    labels.split(|b| *b == b'.').all(label) && name.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_go_takes_is_refused() {
        let line = b"a=b;".repeat(MAX_COOKIES);
        assert!(too_many([&line[..]].into_iter()));
        assert!(!too_many([&line[..line.len() - 1]].into_iter()));
        assert_eq!(parse(&line).next(), Some(Err(Error::HTTP_INVALID_HEADER_VALUE)));
        assert_eq!(parse(&line[..line.len() - 1]).filter(Result::is_ok).count(), MAX_COOKIES);
    }

    #[test]
    fn a_field_cannot_be_split() {
        let pair = Pair { name: b"a\r\nb", value: b"c\r\nd;e", quoted: false };
        let mut buf = [0; 32];
        let mut out = Text::new(&mut buf);
        pair.write_next(&mut out).unwrap();
        assert_eq!(out.bytes(), b"a--b=cde");
        assert!(Cookie { pair, ..Cookie::default() }.write(&mut out).is_err());
    }
}
