//! Byte classes and the small scans that every parser of a head is made of.

/// Byte of a token: method or field name (RFC 9110 §5.6.2).
pub(crate) const TOKEN: u8 = 1;
/// Byte of a request path that needs no closer look: no control, space, `?` or `%`.
pub(crate) const PATH: u8 = 2;
/// Byte that a Host field may have (Go: `httpguts.ValidHostHeader`).
pub(crate) const HOST_FIELD: u8 = 4;
/// ASCII byte that a URL's host may have unescaped.
pub(crate) const URL_HOST: u8 = 8;
/// Byte that a URL's user information may have.
pub(crate) const USER: u8 = 16;
/// Byte that a path keeps unescaped when it is written.
pub(crate) const PATH_PLAIN: u8 = 32;
/// Byte that an already escaped path may have (Go: `validEncoded`).
pub(crate) const PATH_ENCODED: u8 = 64;

static CLASS: [u8; 256] = classes();

#[allow(clippy::indexing_slicing)] // evaluated by the compiler
const fn classes() -> [u8; 256] {
    let mut t = [0u8; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        let mut c = 0;
        if b.is_ascii_alphanumeric() {
            c |= TOKEN | HOST_FIELD | URL_HOST | USER | PATH_PLAIN | PATH_ENCODED;
        }
        if b > 0x20 && b != 0x7f && b != b'?' && b != b'%' {
            c |= PATH;
        }
        t[i] = c;
        i += 1;
    }
    t = mark(t, b"!#$%&'*+-.^_`|~", TOKEN);
    t = mark(t, b"!$%&()*+,-.:;='[]_~", HOST_FIELD);
    t = mark(t, b"!\"$&'()*+,-.:;<=>[]_~", URL_HOST);
    t = mark(t, b"-._:~!$&'()*+,;=%@", USER);
    t = mark(t, b"$&+,-./:;=@_~", PATH_PLAIN | PATH_ENCODED);
    mark(t, b"!'()*[]%", PATH_ENCODED)
}

#[allow(clippy::indexing_slicing)] // evaluated by the compiler
const fn mark(mut t: [u8; 256], bytes: &[u8], class: u8) -> [u8; 256] {
    let mut i = 0;
    while i < bytes.len() {
        t[bytes[i] as usize] |= class;
        i += 1;
    }
    t
}

/// Whether the byte is of one of the classes.
#[inline(always)]
#[allow(clippy::indexing_slicing)] // 256 entries: every byte is an index
pub(crate) fn is(b: u8, class: u8) -> bool {
    CLASS[b as usize] & class != 0
}

/// All classes of the byte.
#[inline(always)]
#[allow(clippy::indexing_slicing)] // 256 entries: every byte is an index
pub(crate) fn class(b: u8) -> u8 {
    CLASS[b as usize]
}

/// How many leading bytes are of the class.
#[inline(always)]
pub(crate) fn run(s: &[u8], class: u8) -> usize {
    let n = s.iter().position(|b| !is(*b, class)).unwrap_or(s.len());
    step(n + 1);
    n
}

/// Whether all bytes are of the class; true for none.
pub(crate) fn all(s: &[u8], class: u8) -> bool {
    s.iter().all(|b| is(*b, class))
}

/// Whether this is a token (RFC 9110 §5.6.2): a method or a field name.
pub fn is_token(s: &[u8]) -> bool {
    !s.is_empty() && all(s, TOKEN)
}

const WORD: usize = size_of::<usize>();
const ONES: usize = usize::MAX / 0xff;
const TOPS: usize = ONES * 0x80;

/// How many leading bytes are neither below `LOW` nor DEL, a machine word at a time.
#[inline]
pub(crate) fn plain<const LOW: u8>(s: &[u8]) -> usize {
    let mut n = 0;
    let mut rest = s;
    while let Some((word, tail)) = rest.split_first_chunk::<WORD>() {
        let x = usize::from_le_bytes(*word);
        let del = x ^ (ONES * 0x7f);
        // Bytes past ASCII have no hit of their own: the top bit of the byte masks it. Borrows make
        // false hits only above a true one, so the lowest is exact.
        let hit = (x.wrapping_sub(ONES * LOW as usize) | del.wrapping_sub(ONES)) & !x & TOPS;
        if hit != 0 {
            n += (hit.trailing_zeros() / 8) as usize;
            step(n / WORD + 1);
            return n;
        }
        n += WORD;
        rest = tail;
    }
    step(n / WORD + rest.len());
    n + rest.iter().position(|b| *b < LOW || *b == 0x7f).unwrap_or(rest.len())
}

/// The offset of the first `byte`, a machine word at a time.
#[inline]
pub(crate) fn find(s: &[u8], byte: u8) -> Option<usize> {
    let mut n = 0;
    let mut rest = s;
    while let Some((word, tail)) = rest.split_first_chunk::<WORD>() {
        let x = usize::from_le_bytes(*word) ^ (ONES * byte as usize);
        let hit = x.wrapping_sub(ONES) & !x & TOPS;
        if hit != 0 {
            n += (hit.trailing_zeros() / 8) as usize;
            step(n / WORD + 1);
            return Some(n);
        }
        n += WORD;
        rest = tail;
    }
    step(n / WORD + rest.len());
    Some(n + rest.iter().position(|b| *b == byte)?)
}

/// Whether bytes without controls are this word of lower-case letters, digits and `-`, in any case
/// of letters: only for checked names and values, since setting one bit folds controls too.
#[inline]
pub(crate) fn same(s: &[u8], lower: &[u8]) -> bool {
    s.len() == lower.len() && s.iter().zip(lower).all(|(a, b)| a | 0x20 == *b)
}

/// Whether the byte is a space or a tab.
#[inline(always)]
pub(crate) fn is_blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

/// Without leading spaces and tabs.
#[inline]
pub(crate) fn trim_start(mut s: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = s {
        s = rest;
    }
    s
}

/// Without surrounding spaces and tabs.
pub fn trim(s: &[u8]) -> &[u8] {
    let mut s = trim_start(s);
    while let [rest @ .., b' ' | b'\t'] = s {
        s = rest;
    }
    s
}

/// Whether a comma-separated field value has this token, in any case of letters (Go:
/// `httpguts.HeaderValuesContainsToken`).
pub fn list_has(value: &[u8], token: &[u8]) -> bool {
    value.split(|b| *b == b',').any(|part| trim(part).eq_ignore_ascii_case(token))
}

/// Whether the token stands anywhere in the value between spaces, tabs, commas or the ends (Go:
/// `hasToken`, the laxer test that its server makes).
pub fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|b| is_blank(*b) || *b == b',').any(|part| part.eq_ignore_ascii_case(token))
}

/// The decimal number that these digits are; `None` for anything else or past 2^63-1.
pub fn decimal(s: &[u8]) -> Option<u64> {
    if s.is_empty() {
        return None;
    }
    let mut n = 0u64;
    for b in s {
        if !b.is_ascii_digit() {
            return None;
        }
        n = n.checked_mul(10)?.checked_add(u64::from(b - b'0'))?;
    }
    (n <= i64::MAX as u64).then_some(n)
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(b: u8) -> Option<u8> {
    match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        b'A'..=b'F' => Some(b - b'A' + 10),
        _ => None,
    }
}

/// Counts units of work, so that tests can show that parsing is linear; nothing in other builds.
#[inline(always)]
pub(crate) fn step(_n: usize) {
    #[cfg(test)]
    steps::COUNT.with(|c| c.set(c.get() + _n));
}

#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local!(pub static COUNT: Cell<usize> = const { Cell::new(0) });

    /// The units of work that `f` takes.
    pub fn of(f: impl FnOnce()) -> usize {
        COUNT.with(|c| c.set(0));
        f();
        COUNT.with(Cell::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_scans_agree_with_bytes() {
        for len in 0..40 {
            for at in 0..len {
                for b in [0, 9, 0x0a, 0x1f, 0x20, 0x21, 0x7e, 0x7f, 0x80, 0xff] {
                    let mut s = vec![b'a'; len];
                    s[at] = b;
                    let stop = |low: u8| s.iter().position(|b| *b < low || *b == 0x7f).unwrap_or(len);
                    assert_eq!(plain::<0x20>(&s), stop(0x20));
                    assert_eq!(plain::<0x21>(&s), stop(0x21));
                    assert_eq!(find(&s, b), Some(s.iter().position(|x| *x == b).unwrap()));
                    assert_eq!(find(&s, b'z'), None);
                }
            }
        }
    }

    #[test]
    fn tokens_in_lists() {
        assert!(list_has(b"keep-alive,\tClose ", b"close"));
        assert!(!list_has(b"x close", b"close") && has_token(b"x close", b"close"));
        assert!(!has_token(b"closed", b"close") && !list_has(b"", b"close"));
        assert!(is_token(b"a!~9") && !is_token(b"") && !is_token(b"a b") && !is_token(b"\x80"));
    }

    #[test]
    fn decimal_is_strict() {
        assert_eq!(decimal(b"007"), Some(7));
        assert_eq!(decimal(b"9223372036854775807"), Some(i64::MAX as u64));
        for bad in [&b""[..], b"-1", b"+1", b"1 ", b"0x1", b"9223372036854775808", b"99999999999999999999"] {
            assert_eq!(decimal(bad), None);
        }
    }
}
