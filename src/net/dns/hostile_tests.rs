//! Replies of hostile servers, as data, and any bytes at all: a verdict, no panic, bounded work.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;

use super::cache::read_ip;
use super::message::{Kind, Query};
use super::name::{steps, Name};
use super::reply::{Verdict, CHAIN_MAX};

const TABLE: &str = include_str!("../../../tests/data/dns_hostile.txt");

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, Vec<u8>)> {
    TABLE.lines().filter(|l| !l.starts_with('#')).map(|line| {
        let mut fields = line.split('|').map(str::trim);
        let mut next = || fields.next().unwrap();
        (next(), next(), bytes(next()))
    })
}

fn name() -> Name {
    Name::parse(b"host.example").unwrap()
}

fn query(kind: Kind, name: &Name) -> Query<'_> {
    Query { id: 0x1234, kind, name, room: 1232, multicast: false }
}

/// What a reply is, in the words of the table.
fn verdict(query: &Query<'_>, msg: &[u8], cut: bool) -> String {
    match query.judge(msg, cut) {
        Verdict::Foreign => "foreign".to_string(),
        Verdict::Truncated => "truncated".to_string(),
        Verdict::Refused(_) => "refused".to_string(),
        Verdict::Answer(answer) => {
            let found: Vec<_> = answer
                .matching()
                .map(|r| read_ip(r.data()).map_or_else(|| format!("{:?}", r.data()), |ip| ip.to_string()))
                .collect();
            if found.is_empty() {
                "none".to_string()
            } else {
                found.join(" ")
            }
        }
    }
}

#[test]
fn every_hostile_reply_is_what_it_is() {
    let name = name();
    let mut seen = 0;
    for (want, what, msg) in rows() {
        assert_eq!(verdict(&query(Kind::A, &name), &msg, false), want, "{what}");
        seen += 1;
    }
    assert!(seen >= 100, "{seen} rows");
}

/// The steps that a message of `len` bytes may take: every record is read through once for each alias
/// and a few times more; a record has 11 bytes at least, and its names 255 bytes and 16 pointers.
fn bound(len: usize) -> usize {
    (len / 11 + 2) * (CHAIN_MAX + 6) * 4 * (128 + 17)
}

#[test]
fn work_grows_with_the_length_only() {
    let name = name();
    let count = |pairs: usize| {
        // The worst that is known: every owner walks sixteen pointers, every alias leads on.
        let mut msg = bytes("123481800001");
        msg.extend(((pairs + 2) as u16).to_be_bytes());
        msg.extend([0; 4]);
        msg.extend(name.wire());
        msg.extend([0, 1, 0, 1]);
        let base = msg.len() + 12;
        msg.extend(bytes("c00cff0000010000003c001e"));
        msg.extend([0xc0, 12]);
        for i in 0..14u8 {
            msg.extend([0xc0, base as u8 + 2 * i]);
        }
        let last = base as u8 + 28;
        for _ in 0..pairs {
            msg.extend([0xc0, last, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
        }
        msg.extend(bytes("c00c000500010000003c0002c00c"));
        let (verdict, steps) = steps::of(|| verdict(&query(Kind::A, &name), &msg, false));
        assert!(verdict.starts_with("192.0.2.1"), "{verdict}");
        assert!(steps <= bound(msg.len()), "{steps} steps for {} bytes", msg.len());
        steps as f64
    };
    let (one, two, four) = (count(500), count(1000), count(2000));
    assert!(two / one <= 2.2 && four / two <= 2.2, "{one} {two} {four}");
}

const KINDS: [Kind; 7] = [Kind::A, Kind::Cname, Kind::Ptr, Kind::Mx, Kind::Txt, Kind::Aaaa, Kind::Srv];

/// Looks at all that a reply says, as the lookups do.
fn exhaust(msg: &[u8], cut: bool) {
    let name = name();
    for kind in KINDS {
        let ((), steps) = steps::of(|| {
            let query = query(kind, &name);
            if let Verdict::Answer(answer) = query.judge(msg, cut) {
                let mut text = [0; 255];
                let _ = super::name::write(answer.target(), &mut text);
                for record in answer.matching() {
                    let _ = super::name::write(record.name(), &mut text);
                    let _ = (record.strings().count(), record.number(0), record.number(2), record.ttl());
                }
            }
        });
        assert!(steps <= bound(msg.len()), "{steps} steps for {} bytes", msg.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(msg in prop::collection::vec(any::<u8>(), 0..600), cut in any::<bool>()) {
        exhaust(&msg, cut);
    }

    #[test]
    fn any_answer_behind_a_true_question_is_read(
        records in prop::collection::vec(any::<u8>(), 0..600),
        (an, ns) in (0u16..40, 0u16..4),
        rcode in 0u8..4,
        cut in any::<bool>(),
    ) {
        let name = name();
        for kind in KINDS {
            let mut msg = bytes("12348180");
            msg[3] |= rcode;
            for word in [1, an, ns, 0] {
                msg.extend(word.to_be_bytes());
            }
            msg.extend(name.wire());
            msg.extend((kind as u16).to_be_bytes());
            msg.extend([0, 1]);
            msg.extend(&records);
            exhaust(&msg, cut);
        }
    }

    #[test]
    fn a_changed_row_is_read(
        row in 0usize..100,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let (_, _, mut msg) = rows().nth(row).unwrap();
        for (at, byte) in changes {
            if !msg.is_empty() {
                let at = at.index(msg.len());
                msg[at] = byte;
            }
        }
        exhaust(&msg, cut);
        msg.truncate(end.index(msg.len() + 1));
        exhaust(&msg, cut);
    }
}

#[test]
fn of_all_ids_one_is_taken() {
    let name = name();
    let (_, _, mut msg) = rows().next().unwrap();
    let taken = (0..=u16::MAX).filter(|id| {
        msg[..2].copy_from_slice(&id.to_be_bytes());
        verdict(&query(Kind::A, &name), &msg, false) != "foreign"
    });
    assert_eq!(taken.collect::<Vec<_>>(), [0x1234]);
}
