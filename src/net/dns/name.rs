//! Domain names: on the wire, perhaps compressed, and as text (RFC 1035 §3.1, §4.1.4).

use crate::error::{Error, Result};
use crate::text::Text;
use core::net::IpAddr;

/// The most bytes of a name on the wire, its end included.
pub const NAME_MAX: usize = 255;
/// The most bytes of a name as text, its last dot included.
pub const TEXT_MAX: usize = NAME_MAX - 1;
/// The most compression pointers that one name may be made of.
pub const JUMPS_MAX: u8 = 16;
/// Where the first name of a message may stand: behind the header, into which nothing points.
pub const FIRST: usize = 12;

/// The labels of a name in a message, from its place on. Every pointer must lead to before the
/// run of labels that it ends, so that no byte is read twice.
#[derive(Clone)]
pub struct Labels<'a> {
    msg: &'a [u8],
    at: usize,
    /// Where the run of labels began that is being read.
    run: usize,
    jumps: u8,
    /// Bytes of the name so far, as it is without compression.
    total: usize,
    /// Where the name ends in its own place, once that is known.
    end: Option<usize>,
}

impl<'a> Labels<'a> {
    /// The name at `at`.
    pub fn new(msg: &'a [u8], at: usize) -> Labels<'a> {
        Labels { msg, at, run: at, jumps: 0, total: 0, end: None }
    }

    /// The next label, `Some(None)` behind the last one; `None` when this is not a name.
    pub fn step(&mut self) -> Option<Option<&'a [u8]>> {
        loop {
            count();
            let first = *self.msg.get(self.at)?;
            match first >> 6 {
                0 => {
                    let len = usize::from(first);
                    let start = self.at + 1;
                    let label = self.msg.get(start..start + len)?;
                    self.total += 1 + len;
                    if self.total > NAME_MAX {
                        return None;
                    }
                    if len == 0 {
                        self.end.get_or_insert(start);
                        return Some(None);
                    }
                    self.at = start + len;
                    return Some(Some(label));
                }
                3 => {
                    let second = *self.msg.get(self.at + 1)?;
                    let to = usize::from(first & 0x3f) << 8 | usize::from(second);
                    self.end.get_or_insert(self.at + 2);
                    self.jumps += 1;
                    if to >= self.run || to < FIRST || self.jumps > JUMPS_MAX {
                        return None;
                    }
                    self.at = to;
                    self.run = to;
                }
                // Reserved.
                _ => return None,
            }
        }
    }
}

/// Reads a whole name; where it ends in its own place, `None` when it is malformed.
pub fn skip(msg: &[u8], at: usize) -> Option<usize> {
    let mut labels = Labels::new(msg, at);
    while labels.step()?.is_some() {}
    labels.end
}

/// Says whether two names are the same, whatever the case of their letters. Malformed names are
/// equal to nothing.
pub fn same(mut a: Labels<'_>, mut b: Labels<'_>) -> bool {
    loop {
        match (a.step(), b.step()) {
            (Some(None), Some(None)) => return true,
            (Some(Some(x)), Some(Some(y))) if x.eq_ignore_ascii_case(y) => {}
            _ => return false,
        }
    }
}

/// Writes a name as text with its last dot, "example.com."; how long it is.
///
/// Errors: `INVALID_ADDRESS` when it is no host's name (Go: `isDomainName`): it may hold any bytes,
/// dots and NULs too, and whoever prints it or compares it must not be deceived;
/// `BUFFER_TOO_SMALL`.
pub fn write(mut labels: Labels<'_>, buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    while let Some(label) = labels.step().ok_or(Error::INVALID_ADDRESS)? {
        if label.contains(&b'.') {
            return Err(Error::INVALID_ADDRESS);
        }
        out.put(label)?;
        out.push(b'.')?;
    }
    if out.is_empty() {
        out.push(b'.')?;
    }
    if is_domain_name(out.bytes()) {
        Ok(out.len())
    } else {
        Err(Error::INVALID_ADDRESS)
    }
}

/// Says whether a text is the name of a host: letters, digits, `-` and `_`, labels of 1 to 63
/// bytes, not digits alone (Go: `isDomainName`).
pub fn is_domain_name(text: &[u8]) -> bool {
    if text == b"." {
        return true;
    }
    let body = text.strip_suffix(b".").unwrap_or(text);
    if body.is_empty() || body.len() > TEXT_MAX - 1 {
        return false;
    }
    let label_ok = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
            && label.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    body.split(|b| *b == b'.').all(label_ok) && body.iter().any(|b| !b.is_ascii_digit() && *b != b'.')
}

/// A name without compression.
#[derive(Clone)]
pub struct Name {
    wire: [u8; NAME_MAX],
    len: usize,
}

impl Name {
    /// A name from text, with or without its last dot. Errors: `NO_SUCH_HOST` when it is no host's
    /// name, as Go has it.
    pub fn parse(text: &[u8]) -> Result<Name> {
        if !is_domain_name(text) {
            return Err(Error::NO_SUCH_HOST);
        }
        let mut name = Name { wire: [0; NAME_MAX], len: 0 };
        for label in text.split(|b| *b == b'.').filter(|l| !l.is_empty()) {
            name.push(label)?;
        }
        name.push(&[])?;
        Ok(name)
    }

    /// The name under which the names of an address are found (RFC 1035 §3.5, 3596 §2.5): of
    /// 192.0.2.1 "1.2.0.192.in-addr.arpa.".
    pub fn reverse(ip: IpAddr) -> Result<Name> {
        let mut name = Name { wire: [0; NAME_MAX], len: 0 };
        match crate::net::addr::unmap(ip) {
            IpAddr::V4(v4) => {
                for octet in v4.octets().into_iter().rev() {
                    let mut digits = [0; 3];
                    let mut text = Text::new(&mut digits);
                    text.put_u32(octet.into())?;
                    name.push(text.bytes())?;
                }
                name.push(b"in-addr")?;
            }
            IpAddr::V6(v6) => {
                for octet in v6.octets().into_iter().rev() {
                    for half in [octet & 15, octet >> 4] {
                        let mut digit = [0; 1];
                        let mut text = Text::new(&mut digit);
                        text.put_hex(half.into())?;
                        name.push(text.bytes())?;
                    }
                }
                name.push(b"ip6")?;
            }
        }
        name.push(b"arpa")?;
        name.push(&[])?;
        Ok(name)
    }

    fn push(&mut self, label: &[u8]) -> Result<()> {
        let end = self.len + 1 + label.len();
        let (len, room) =
            self.wire.get_mut(self.len..end).and_then(<[u8]>::split_first_mut).ok_or(Error::NAME_TOO_LONG)?;
        *len = u8::try_from(label.len()).map_err(|_| Error::NAME_TOO_LONG)?;
        room.copy_from_slice(label);
        self.len = end;
        Ok(())
    }

    /// As it goes into a message.
    pub fn wire(&self) -> &[u8] {
        self.wire.get(..self.len).unwrap_or(&[])
    }

    /// Its labels.
    pub fn labels(&self) -> Labels<'_> {
        Labels::new(self.wire(), 0)
    }

    /// Says whether the last labels are these, whatever the case.
    pub fn ends_with(&self, suffix: &[&[u8]]) -> bool {
        let mut all = self.labels();
        let mut count = 0usize;
        while let Some(Some(_)) = all.step() {
            count += 1;
        }
        let mut rest = self.labels();
        for _ in suffix.len()..count {
            let _ = rest.step();
        }
        count >= suffix.len()
            && suffix.iter().all(|s| matches!(rest.step(), Some(Some(l)) if l.eq_ignore_ascii_case(s)))
    }
}

/// Counts a step, for the tests that bound them.
#[inline(always)]
fn count() {
    #[cfg(test)]
    steps::add();
}

/// Steps taken by this thread's test.
#[cfg(test)]
pub(crate) mod steps {
    use core::cell::Cell;

    std::thread_local!(static STEPS: Cell<usize> = const { Cell::new(0) });

    pub fn add() {
        STEPS.with(|s| s.set(s.get() + 1));
    }

    /// The steps that `f` takes.
    pub fn of<T>(f: impl FnOnce() -> T) -> (T, usize) {
        STEPS.with(|s| s.set(0));
        let value = f();
        (value, STEPS.with(Cell::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(name: &Name) -> String {
        let mut buf = [0; TEXT_MAX];
        let n = write(name.labels(), &mut buf).unwrap();
        String::from_utf8(buf[..n].to_vec()).unwrap()
    }

    #[test]
    fn names_as_go_takes_them() {
        // Go's TestDNSName, and its limits.
        let long63 = "a".repeat(63);
        let name253 = format!("{long63}.{long63}.{long63}.{}", "a".repeat(61));
        for good in [
            "_xmpp-server._tcp.google.com",
            "foo.com",
            "1foo.com",
            "26.0.0.73.com",
            "10-0-0-1",
            "fo1o.com",
            "foo1.com",
            "a.b..".trim_end_matches('.'),
            "b.com.",
            ".",
            "a",
            "_",
            &name253,
            &format!("{name253}."),
        ] {
            assert!(is_domain_name(good.as_bytes()), "{good}");
            let name = Name::parse(good.as_bytes()).unwrap();
            let want = if good.ends_with('.') { good.to_string() } else { format!("{good}.") };
            assert_eq!(text_of(&name), want);
            assert_eq!(skip(name.wire(), 0), Some(name.wire().len()));
        }
        for bad in [
            "",
            "..",
            "a..b",
            ".a",
            "a.b-.com",
            "a.-b.com",
            "-a",
            "a-",
            "26.0.0.73",
            "1",
            "1.",
            "a b",
            "a\0b",
            "a.\u{e9}",
            "a\\.b",
            &format!("{long63}a"),
            &format!("{name253}a"),
            &format!("{name253}a."),
        ] {
            assert!(!is_domain_name(bad.as_bytes()), "{bad}");
            assert_eq!(Name::parse(bad.as_bytes()).map(|_| ()), Err(Error::NO_SUCH_HOST), "{bad}");
        }
    }

    #[test]
    fn names_of_addresses() {
        for (ip, want) in [
            ("192.0.2.10", "10.2.0.192.in-addr.arpa."),
            ("::ffff:192.0.2.10", "10.2.0.192.in-addr.arpa."),
            (
                "2001:db8::567:89ab",
                "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
            ),
        ] {
            assert_eq!(text_of(&Name::reverse(ip.parse().unwrap()).unwrap()), want);
        }
    }

    #[test]
    fn suffixes() {
        let name = Name::parse(b"printer.LOCAL.").unwrap();
        assert!(name.ends_with(&[b"local"]) && name.ends_with(&[b"printer", b"local"]));
        assert!(!name.ends_with(&[b"x", b"printer", b"local"]) && !name.ends_with(&[b"printer"]));
        assert!(!Name::parse(b"notlocal").unwrap().ends_with(&[b"local"]));
    }

    #[test]
    fn pointers_lead_back_only() {
        // At 12 "a", at 15 "b" + pointer to 12, at 19 "c" + pointer to 15.
        let mut msg = vec![0; 12];
        msg.extend(b"\x01a\x00\x01b\xc0\x0c\x01c\xc0\x0f");
        assert_eq!(skip(&msg, 19), Some(23));
        let mut buf = [0; TEXT_MAX];
        assert_eq!(write(Labels::new(&msg, 19), &mut buf), Ok(6));
        assert_eq!(&buf[..6], b"c.b.a.");
        assert_eq!(write(Labels::new(&msg, 19), &mut buf[..5]), Err(Error::BUFFER_TOO_SMALL));
        assert!(same(Labels::new(&msg, 19), Name::parse(b"C.B.A").unwrap().labels()));
        assert!(!same(Labels::new(&msg, 19), Name::parse(b"c.b").unwrap().labels()));
        assert!(!same(Labels::new(&msg, 15), Name::parse(b"c.b.a").unwrap().labels()));
        for to in [0u8, 11, 19, 20, 21, 22, 23, 255] {
            let mut bad = msg.clone();
            *bad.last_mut().unwrap() = to;
            assert_eq!(skip(&bad, 19), None, "pointer to {to}");
        }
    }

    #[test]
    fn jumps_are_bounded() {
        // A root at 12, then pointers each to the one before.
        let mut msg = vec![0; 13];
        for i in 0..20u8 {
            let to = if i == 0 { 12 } else { 13 + 2 * (i - 1) };
            msg.extend([0xc0, to]);
        }
        for jumps in 1..=20usize {
            let at = 13 + 2 * (jumps - 1);
            assert_eq!(skip(&msg, at).is_some(), jumps <= usize::from(JUMPS_MAX), "{jumps}");
        }
    }
}
