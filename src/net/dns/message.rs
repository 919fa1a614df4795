//! Messages: questions as they are sent, and the records of what comes back (RFC 1035 §4).

use crate::error::Result;
use crate::net::dns::name::{self, Labels, Name};
use crate::text::Text;

/// Bytes of a header.
pub const HEADER: usize = 12;
/// The class of the Internet.
const IN: u16 = 1;
/// The type of a pseudo-record that says how long a datagram may be (RFC 6891).
const OPT: u16 = 41;
/// The type of the record that begins a zone, and says how long "no such name" holds.
const SOA: u16 = 6;
/// What a plain datagram may be long (RFC 1035 §2.3.4).
const PLAIN_MAX: usize = 512;

/// The types of records that can be asked for.
#[repr(u16)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An IPv4 address.
    A = 1,
    /// The name that this one stands for.
    Cname = 5,
    /// A name of an address.
    Ptr = 12,
    /// A mail server.
    Mx = 15,
    /// Texts.
    Txt = 16,
    /// An IPv6 address.
    Aaaa = 28,
    /// A server of a service.
    Srv = 33,
}

/// One question.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// Random, in the reply too.
    pub id: u16,
    /// What is asked.
    pub kind: Kind,
    /// Of which name.
    pub name: &'a Name,
    /// The longest datagram that may come back; above 512 it is told to the server.
    pub room: usize,
    /// Asks nobody in particular (RFC 6762 §5.1): no recursion, and a reply's class has a flag.
    pub multicast: bool,
}

impl Query<'_> {
    /// Writes the message; its length.
    pub fn write(&self, buf: &mut [u8]) -> Result<usize> {
        let mut out = Text::new(buf);
        let sized = self.room > PLAIN_MAX && !self.multicast;
        let flags = if self.multicast { 0u16 } else { 0x0100 }; // recursion desired
        for word in [self.id, flags, 1, 0, 0, u16::from(sized)] {
            out.put(&word.to_be_bytes())?;
        }
        out.put(self.name.wire())?;
        out.put(&(self.kind as u16).to_be_bytes())?;
        out.put(&IN.to_be_bytes())?;
        if sized {
            let room = u16::try_from(self.room).unwrap_or(u16::MAX);
            out.push(0)?;
            for word in [OPT, room, 0, 0, 0] {
                out.put(&word.to_be_bytes())?;
            }
        }
        Ok(out.len())
    }

    /// Says whether the question at the head of a message is this one; where it ends.
    pub(super) fn asked_in(&self, msg: &[u8]) -> Option<usize> {
        let end = name::skip(msg, HEADER)?;
        let same = name::same(Labels::new(msg, HEADER), self.name.labels())
            && word(msg, end)? == self.kind as u16
            && self.is_class(word(msg, end + 2)?);
        same.then_some(end + 4)
    }

    fn is_class(&self, class: u16) -> bool {
        // In multicast the first bit says that the record is the only one.
        class == IN || (self.multicast && class & 0x7fff == IN)
    }
}

/// Two bytes of a message.
pub(super) fn word(msg: &[u8], at: usize) -> Option<u16> {
    let bytes = msg.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes(*bytes))
}

fn long(msg: &[u8], at: usize) -> Option<u32> {
    let bytes = msg.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

/// A record of a message that was read through.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    msg: &'a [u8],
    owner: usize,
    kind: u16,
    class: u16,
    ttl: u32,
    data: usize,
    end: usize,
}

impl<'a> Record<'a> {
    /// Reads the record at `at` and everything in it that will be used; `None` when it is malformed.
    fn read(msg: &'a [u8], at: usize) -> Option<Record<'a>> {
        let fixed = name::skip(msg, at)?;
        let data = fixed + 10;
        let end = data + usize::from(word(msg, fixed + 8)?);
        let record = Record {
            msg,
            owner: at,
            kind: word(msg, fixed)?,
            class: word(msg, fixed + 2)?,
            ttl: long(msg, fixed + 4)?,
            data,
            end,
        };
        msg.get(data..end)?;
        record.data_is_sound().then_some(record)
    }

    fn data_is_sound(&self) -> bool {
        let len = self.end - self.data;
        let name_fills = |skip: usize| name::skip(self.msg, self.data + skip) == Some(self.end);
        const A: u16 = Kind::A as u16;
        const AAAA: u16 = Kind::Aaaa as u16;
        const CNAME: u16 = Kind::Cname as u16;
        const PTR: u16 = Kind::Ptr as u16;
        const MX: u16 = Kind::Mx as u16;
        const SRV: u16 = Kind::Srv as u16;
        const TXT: u16 = Kind::Txt as u16;
        match self.kind {
            A => len == 4,
            AAAA => len == 16,
            CNAME | PTR => name_fills(0),
            MX => name_fills(2),
            SRV => name_fills(6),
            TXT => self.strings().all(|s| s.is_some()),
            SOA => self.minimum().is_some(),
            _ => true,
        }
    }

    /// Whose record it is.
    pub fn owner(&self) -> Labels<'a> {
        Labels::new(self.msg, self.owner)
    }

    /// Says whether it is one of those asked for, for whatever name.
    pub fn is(&self, kind: Kind, query: &Query<'_>) -> bool {
        self.kind == kind as u16 && query.is_class(self.class)
    }

    /// Seconds that it holds; a time that is no time is 0 (RFC 2181 §8).
    pub fn ttl(&self) -> u32 {
        if self.ttl > i32::MAX as u32 {
            0
        } else {
            self.ttl
        }
    }

    /// What it says.
    pub fn data(&self) -> &'a [u8] {
        self.msg.get(self.data..self.end).unwrap_or(&[])
    }

    /// The name in CNAME, PTR, MX, SRV.
    pub fn name(&self) -> Labels<'a> {
        let skip = match self.kind {
            k if k == Kind::Mx as u16 => 2,
            k if k == Kind::Srv as u16 => 6,
            _ => 0,
        };
        Labels::new(self.msg, self.data + skip)
    }

    /// The numbers in front of the name: of MX the preference, of SRV priority, weight and port.
    pub fn number(&self, index: usize) -> u16 {
        word(self.data(), 2 * index).unwrap_or(0)
    }

    /// The strings of TXT, each but `None` for a malformed rest.
    pub fn strings(&self) -> impl Iterator<Item = Option<&'a [u8]>> {
        let mut rest = self.data();
        core::iter::from_fn(move || {
            let (len, behind) = rest.split_first()?;
            let split = behind.split_at_checked(usize::from(*len));
            rest = split.map_or(&[], |(_, rest)| rest);
            Some(split.map(|(string, _)| string))
        })
    }

    /// Of a zone's first record, how long a negative answer holds (RFC 2308 §4).
    fn minimum(&self) -> Option<u32> {
        let primary = name::skip(self.msg, self.data)?;
        let numbers = name::skip(self.msg, primary)?;
        (numbers + 20 == self.end).then(|| long(self.msg, numbers + 16))?
    }

    /// Seconds that a negative answer holds, if it is the record that says so.
    pub(super) fn negative_ttl(&self) -> Option<u32> {
        if self.kind != SOA || self.class != IN {
            return None;
        }
        self.minimum().map(|m| m.min(self.ttl()))
    }
}

/// The records of a section, one after another.
#[derive(Clone)]
pub struct Section<'a> {
    msg: &'a [u8],
    at: usize,
    left: u16,
}

impl<'a> Section<'a> {
    /// The section of `count` records at `at`, with where it ends; `None` when a record is malformed or
    /// missing.
    pub(super) fn read(msg: &'a [u8], at: usize, count: u16) -> Option<(Section<'a>, usize)> {
        let section = Section { msg, at, left: count };
        let mut end = at;
        for _ in 0..count {
            end = Record::read(msg, end)?.end;
        }
        Some((section, end))
    }

    /// As much of a section as there is.
    pub(super) fn read_some(msg: &'a [u8], at: usize, count: u16) -> Section<'a> {
        let mut whole = Section { msg, at, left: count };
        let there = whole.by_ref().count();
        Section { msg, at, left: u16::try_from(there).unwrap_or(count) }
    }
}

impl<'a> Iterator for Section<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        self.left = self.left.checked_sub(1)?;
        let Some(record) = Record::read(self.msg, self.at) else {
            self.left = 0;
            return None;
        };
        self.at = record.end;
        Some(record)
    }
}
