//! Queries and forms: names and values between `&` (Go: `url.ParseQuery`, `url.Values`).

use super::escaped::{decode, encode, is_well_formed, unescape, Part};
use crate::error::{Error, Result};
use crate::text::Text;

/// Pairs that one query may have (Go: `defaultMaxParams`).
pub const MAX_PAIRS: usize = 10_000;

/// A pair, still escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair<'a> {
    /// Before the `=`.
    pub name: &'a [u8],
    /// Behind it, empty without one.
    pub value: &'a [u8],
}

impl Pair<'_> {
    /// Both decode, and no `;` is between them: what Go takes.
    fn is_valid(&self) -> bool {
        is_well_formed(self.name) && is_well_formed(self.value)
    }

    /// The decoded name is this one.
    pub fn is_named(&self, name: &[u8]) -> bool {
        let mut want = name.iter();
        let mut rest = unescape(self.name);
        loop {
            let plus = rest.next_is(b'+');
            match (rest.next(), want.next()) {
                (None, None) => return true,
                (Some(b), Some(w)) if if plus { *w == b' ' } else { b == *w } => {}
                _ => return false,
            }
        }
    }

    /// Decodes the value; `BUFFER_TOO_SMALL`.
    pub fn write_value(&self, out: &mut Text<'_>) -> Result<()> {
        decode(Part::Query, self.value, out)
    }

    /// Decodes the name; `BUFFER_TOO_SMALL`.
    pub fn write_name(&self, out: &mut Text<'_>) -> Result<()> {
        decode(Part::Query, self.name, out)
    }
}

/// The pairs of a query, in order. One that is no pair (a `;`, a bad escape) is an error, after which
/// the next one comes; empty ones are left out.
#[derive(Clone)]
pub struct Pairs<'a> {
    rest: Option<&'a [u8]>,
}

/// The pairs of `query`; `HTTP_HEADER_TOO_LARGE` for more than [`MAX_PAIRS`].
pub fn pairs(query: &[u8]) -> Result<Pairs<'_>> {
    if query.iter().filter(|b| **b == b'&').count() >= MAX_PAIRS {
        return Err(Error::HTTP_HEADER_TOO_LARGE);
    }
    Ok(Pairs { rest: Some(query) })
}

impl<'a> Pairs<'a> {
    /// The pairs of what is left of a query, which was counted before or needs no limit.
    pub fn over(query: &'a [u8]) -> Pairs<'a> {
        Pairs { rest: Some(query) }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest.unwrap_or(&[])
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Result<Pair<'a>>;

    fn next(&mut self) -> Option<Result<Pair<'a>>> {
        loop {
            let rest = self.rest?;
            let mut parts = rest.splitn(2, |b| *b == b'&');
            let text = parts.next().unwrap_or(&[]);
            self.rest = parts.next();
            if text.contains(&b';') {
                return Some(Err(Error::HTTP_INVALID_TARGET));
            }
            if text.is_empty() {
                continue;
            }
            let mut parts = text.splitn(2, |b| *b == b'=');
            let name = parts.next().unwrap_or(&[]);
            let pair = Pair { name, value: parts.next().unwrap_or(&[]) };
            return Some(if pair.is_valid() { Ok(pair) } else { Err(Error::HTTP_INVALID_TARGET) });
        }
    }
}

/// The first value of a name, escaped (Go: `Values.Get`); pairs that are none are passed over.
pub fn first<'a>(query: &'a [u8], name: &[u8]) -> Option<Pair<'a>> {
    pairs(query).ok()?.flatten().find(|pair| pair.is_named(name))
}

/// Appends a pair to a query or form (Go: `Values.Encode`, in the caller's order).
pub fn write_pair(name: &[u8], value: &[u8], out: &mut Text<'_>) -> Result<()> {
    if !out.is_empty() {
        out.push(b'&')?;
    }
    encode(Part::Query, name, out)?;
    out.push(b'=')?;
    encode(Part::Query, value, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_name() {
        let query = b"a=1&%62+c=x%2By+z&a=2&d;e=3&bad=%zz&f";
        let value = |name: &str| {
            let mut buf = [0; 16];
            let mut out = Text::new(&mut buf);
            first(query, name.as_bytes())?.write_value(&mut out).ok()?;
            Some(String::from_utf8(out.bytes().to_vec()).unwrap())
        };
        assert_eq!(value("a").as_deref(), Some("1"));
        assert_eq!(value("b c").as_deref(), Some("x+y z"));
        assert_eq!(value("f").as_deref(), Some(""));
        for none in ["", "b+c", "d;e", "bad", "A", "b c "] {
            assert_eq!(value(none), None, "{none}");
        }
        assert_eq!(pairs(query).unwrap().filter(Result::is_err).count(), 2);
    }

    #[test]
    fn pairs_are_counted_first() {
        let many = b"a&".repeat(MAX_PAIRS - 1);
        assert_eq!(pairs(&many).unwrap().count(), MAX_PAIRS - 1);
        assert!(pairs(&b"&".repeat(MAX_PAIRS)).is_err());
    }
}
