//! Replies: whether one belongs to a question, and what it says (Go: `checkResponse`,
//! `extractExtendedRCode`, `checkHeader`, `goLookupIPCNAMEOrder`).

use crate::net::dns::message::{word, Kind, Query, Record, Section, HEADER};
use crate::net::dns::name::{self, Labels};

/// The most aliases (CNAME) that are followed.
pub const CHAIN_MAX: usize = 8;

/// What a datagram is to a question.
pub enum Verdict<'a> {
    /// Nothing: another question's, forged, or malformed. Waiting goes on.
    Foreign,
    /// The answer was too long for a datagram: ask by TCP.
    Truncated,
    /// The server cannot or will not answer: ask the next one. `true` when it did not understand the
    /// length of datagrams (RFC 6891 §7).
    Refused(bool),
    /// The answer.
    Answer(Answer<'a>),
}

/// An answer that was read through.
pub struct Answer<'a> {
    query: Query<'a>,
    records: Section<'a>,
    /// The name that the asked one stands for in the end.
    target: Labels<'a>,
    /// Seconds that it holds: the least of all that led to it.
    ttl: Option<u32>,
    /// There is no such name at all.
    no_name: bool,
}

impl<'a> Query<'a> {
    /// What `msg` is to this question. Its sender is the caller's to check. `cut` says that the
    /// message goes on behind the end of `msg`: then what is there must do.
    pub fn judge(&self, msg: &'a [u8], cut: bool) -> Verdict<'a> {
        self.read(msg, cut).unwrap_or(Verdict::Foreign)
    }

    fn read(&self, msg: &'a [u8], cut: bool) -> Option<Verdict<'a>> {
        let flags = word(msg, 2)?;
        let (is_reply, opcode) = (flags & 0x8000 != 0, flags >> 11 & 15);
        if word(msg, 0)? != self.id || !is_reply || opcode != 0 || word(msg, 4)? != 1 {
            return None;
        }
        let answers = self.asked_in(msg)?;
        if flags & 0x0200 != 0 && !cut && !self.multicast {
            return Some(Verdict::Truncated);
        }
        let (count, others) = (word(msg, 6)?, word(msg, 8)?);
        let no_name = match flags & 15 {
            0 => false,
            3 => true,
            rcode => return Some(Verdict::Refused(matches!(rcode, 1 | 4))),
        };
        // Who neither knows nor asks others, and says nothing, is the wrong one to ask.
        let idle = count == 0 && word(msg, 10)? == 0;
        if !no_name && flags & 0x0480 == 0 && idle && !self.multicast {
            return Some(Verdict::Refused(false));
        }
        let (records, end) = if cut {
            (Section::read_some(msg, answers, count), msg.len())
        } else {
            Section::read(msg, answers, count)?
        };
        let mut answer =
            Answer { query: *self, records, target: Labels::new(msg, HEADER), ttl: None, no_name };
        answer.follow();
        if answer.matching().next().is_none() && !cut {
            let (authority, _) = Section::read(msg, end, others)?;
            answer.ttl = authority.filter_map(|r| r.negative_ttl()).min();
        }
        Some(Verdict::Answer(answer))
    }
}

impl<'a> Answer<'a> {
    /// Follows the aliases from the asked name, in whatever order they stand.
    fn follow(&mut self) {
        if self.query.kind != Kind::Cname {
            for _ in 0..CHAIN_MAX {
                let alias = self.owned(Kind::Cname).next();
                let Some(alias) = alias else { break };
                self.hold(alias.ttl());
                self.target = alias.name();
            }
        }
        let least = self.matching().map(|r| r.ttl()).min();
        if let Some(ttl) = least {
            self.hold(ttl);
        }
    }

    fn hold(&mut self, ttl: u32) {
        self.ttl = Some(self.ttl.map_or(ttl, |t| t.min(ttl)));
    }

    fn owned(&self, kind: Kind) -> impl Iterator<Item = Record<'a>> + '_ {
        self.records
            .clone()
            .filter(move |r| r.is(kind, &self.query) && name::same(r.owner(), self.target.clone()))
    }

    /// The records that were asked for, of the name that the aliases lead to.
    pub fn matching(&self) -> impl Iterator<Item = Record<'a>> + '_ {
        self.owned(self.query.kind)
    }

    /// The name that the asked one stands for (Go: `LookupCNAME`).
    pub fn target(&self) -> Labels<'a> {
        self.target.clone()
    }

    /// Seconds that it may be kept; `None` when it may not (RFC 2308 §5).
    pub fn ttl(&self) -> Option<u32> {
        self.ttl
    }

    /// There is no such name at all, of whatever type.
    pub fn no_name(&self) -> bool {
        self.no_name
    }
}
