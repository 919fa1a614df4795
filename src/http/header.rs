//! Fields of a head that was read, names in Go's canonical form, and what may be sent.

use super::token::{self, TOKEN};

/// The (name, value) pairs of a field section that was read by `parse_request`, `parse_response` or
/// `parse_trailers`: raw names, values as Go gives them.
#[derive(Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Over the bytes of a head's `fields` span.
    pub const fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }

    /// The first value of a name, in any case of letters (Go: `Header.Get`).
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// All values of a name, in any case of letters (Go: `Header.Values`).
    pub fn all<'n>(&self, name: &'n [u8]) -> impl Iterator<Item = &'a [u8]> + 'n
    where
        'a: 'n,
    {
        self.clone().filter(move |f| f.0.eq_ignore_ascii_case(name)).map(|f| f.1)
    }

    /// The elements of the comma-separated values of a name, trimmed, without empty ones (Go:
    /// `foreachHeaderElement`).
    pub fn elements<'n>(&self, name: &'n [u8]) -> impl Iterator<Item = &'a [u8]> + 'n
    where
        'a: 'n,
    {
        let parts = self.all(name).flat_map(|v| v.split(|b| *b == b','));
        parts.map(token::trim).filter(|part| !part.is_empty())
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let end = token::find(self.rest, b'\n')?;
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = line.iter().position(|b| *b == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        Some((name, token::trim_start(value.get(1..)?)))
    }
}

/// Fields that are part of the framing, so that Go takes them out of its header map.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Hidden(pub u8);

impl Hidden {
    pub const HOST: u8 = 1;
    pub const TRANSFER_ENCODING: u8 = 2;
    pub const TRAILER: u8 = 4;
    pub const CONNECTION: u8 = 8;

    fn has(self, name: &[u8]) -> bool {
        let bit = match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => Hidden::HOST,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => Hidden::TRANSFER_ENCODING,
            7 if name.eq_ignore_ascii_case(b"trailer") => Hidden::TRAILER,
            10 if name.eq_ignore_ascii_case(b"connection") => Hidden::CONNECTION,
            _ => 0,
        };
        self.0 & bit != 0
    }
}

/// The header as Go's `Request.Header` and `Response.Header` show it: without the fields that are
/// part of the framing, one `Content-Length`, and `Cache-Control: no-cache` for an old `Pragma`.
#[derive(Clone)]
pub struct Header<'a> {
    fields: Fields<'a>,
    hidden: Hidden,
}

const CACHE_CONTROL: &[u8] = b"Cache-Control";
const CONTENT_LENGTH: &[u8] = b"Content-Length";

impl<'a> Header<'a> {
    pub(super) const fn new(fields: Fields<'a>, hidden: Hidden) -> Header<'a> {
        Header { fields, hidden }
    }

    /// The first value of a name, in any case of letters (Go: `Header.Get`).
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        if self.hidden.has(name) {
            return None;
        }
        if name.eq_ignore_ascii_case(CONTENT_LENGTH) {
            return self.length();
        }
        let value = self.fields.get(name);
        if value.is_none() && name.eq_ignore_ascii_case(CACHE_CONTROL) {
            return self.pragma();
        }
        value
    }

    /// Every field in the order of the head; names as they came, see [`canonical`].
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let hidden = self.hidden;
        let mut length = self.length();
        let fields = self.fields.clone().filter_map(move |(name, value)| {
            if hidden.has(name) {
                return None;
            }
            if name.len() == CONTENT_LENGTH.len() && name.eq_ignore_ascii_case(CONTENT_LENGTH) {
                return length.take().map(|v| (name, v));
            }
            Some((name, value))
        });
        let added = if self.fields.get(CACHE_CONTROL).is_none() { self.pragma() } else { None };
        fields.chain(added.map(|v| (CACHE_CONTROL, v)))
    }

    /// Of several, which then are the same, one without its blanks.
    fn length(&self) -> Option<&'a [u8]> {
        let mut all = self.fields.all(CONTENT_LENGTH);
        let first = all.next()?;
        Some(if all.next().is_some() { token::trim(first) } else { first })
    }

    fn pragma(&self) -> Option<&'a [u8]> {
        self.fields.get(b"pragma").filter(|v| *v == b"no-cache")
    }
}

/// The bytes of a name in Go's canonical form: the first letter and those after `-` upper, others
/// lower; a name that is not a token stays as it is (Go: `CanonicalHeaderKey`).
pub fn canonical(name: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let change = token::all(name, TOKEN);
    let mut upper = true;
    name.iter().map(move |b| {
        let out = match (change, upper) {
            (false, _) => *b,
            (true, true) => b.to_ascii_uppercase(),
            (true, false) => b.to_ascii_lowercase(),
        };
        upper = *b == b'-';
        out
    })
}

/// [`canonical`] in place.
pub fn canonicalize(name: &mut [u8]) {
    if !token::all(name, TOKEN) {
        return;
    }
    let mut upper = true;
    for b in name {
        if upper {
            b.make_ascii_uppercase();
        } else {
            b.make_ascii_lowercase();
        }
        upper = *b == b'-';
    }
}

/// Whether a field of this name may be sent (Go: `httpguts.ValidHeaderFieldName`).
pub fn is_valid_name(name: &[u8]) -> bool {
    token::is_token(name)
}

/// Whether a field may have this value: no control but tab (Go: `httpguts.ValidHeaderFieldValue`).
pub fn is_valid_value(value: &[u8]) -> bool {
    let mut rest = value;
    loop {
        match rest.get(token::plain::<0x20>(rest)..) {
            Some([b'\t', more @ ..]) => rest = more,
            Some([]) => return true,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_names() {
        for (name, want) in [
            (&b"content-type"[..], &b"Content-Type"[..]),
            (b"HOST", b"Host"),
            (b"x--y-", b"X--Y-"),
            (b"a b", b"a b"),
            (b"\xc3", b"\xc3"),
            (b"", b""),
        ] {
            assert_eq!(canonical(name).collect::<Vec<_>>(), want);
            let mut name = name.to_vec();
            canonicalize(&mut name);
            assert_eq!(name, want);
        }
    }

    #[test]
    fn fields_are_looked_up_in_any_case() {
        let fields = Fields::new(b"A: 1\r\nb:2\nA:   3\r\n");
        assert_eq!(fields.get(b"a"), Some(&b"1"[..]));
        assert_eq!(fields.all(b"a").collect::<Vec<_>>(), [b"1", b"3"]);
        assert_eq!(fields.get(b"B"), Some(&b"2"[..]));
        assert_eq!(fields.get(b"c"), None);
    }

    #[test]
    fn the_header_hides_framing() {
        let fields = Fields::new(b"Host: h\nPragma: no-cache\nContent-Length: 5\ncontent-length: 5\n");
        let header = Header::new(fields, Hidden(Hidden::HOST));
        assert_eq!(header.get(b"host"), None);
        assert_eq!(header.get(b"cache-control"), Some(&b"no-cache"[..]));
        let all: Vec<_> = header.iter().map(|f| f.0).collect();
        assert_eq!(all, [&b"Pragma"[..], b"Content-Length", b"Cache-Control"]);
    }

    #[test]
    fn values_that_could_split_are_refused() {
        for bad in [&b"a\r\nb"[..], b"a\nb", b"\0", b"\x7f"] {
            assert!(!is_valid_value(bad));
        }
        assert!(is_valid_value(b"a\tb \xff") && is_valid_value(b""));
    }
}
