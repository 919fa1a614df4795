//! What is sent, and what an answer says beside addresses.

use std::vec::Vec;

use super::message::{Kind, Query};
use super::name::{write, Name};
use super::reply::{Answer, Verdict};

fn query<'a>(name: &'a Name, kind: Kind, multicast: bool) -> Query<'a> {
    Query { id: 0x0102, kind, name, room: 1232, multicast }
}

/// A reply to `query` with sections as they are given.
fn reply(query: &Query<'_>, class: u16, counts: [u16; 2], sections: &[u8]) -> Vec<u8> {
    let mut msg = Vec::new();
    for word in [query.id, 0x8180, 1, counts[0], counts[1], 0] {
        msg.extend(word.to_be_bytes());
    }
    msg.extend(query.name.wire());
    msg.extend((query.kind as u16).to_be_bytes());
    msg.extend(class.to_be_bytes());
    msg.extend(sections);
    msg
}

/// A record of the asked name.
fn record(kind: u16, class: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut out = std::vec![0xc0, 12];
    out.extend(kind.to_be_bytes());
    out.extend(class.to_be_bytes());
    out.extend(ttl.to_be_bytes());
    out.extend((data.len() as u16).to_be_bytes());
    out.extend(data);
    out
}

fn answer<'a>(query: &Query<'a>, msg: &'a [u8]) -> Option<Answer<'a>> {
    match query.judge(msg, false) {
        Verdict::Answer(answer) => Some(answer),
        _ => None,
    }
}

#[test]
fn a_question_as_it_is_sent() {
    let name = Name::parse(b"ab.c").unwrap();
    let mut buf = [0; 64];
    let len = query(&name, Kind::Aaaa, false).write(&mut buf).unwrap();
    let question = b"\x02ab\x01c\x00\x00\x1c\x00\x01";
    let sized = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00";
    let head = b"\x01\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01";
    assert_eq!(&buf[..len], [&head[..], question, sized].concat());
    // Without a word on its length, and by multicast without a wish for recursion.
    let plain = Query { room: 512, ..query(&name, Kind::Aaaa, false) };
    let len = plain.write(&mut buf).unwrap();
    let head = b"\x01\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00";
    assert_eq!(&buf[..len], [&head[..], question].concat());
    let len = query(&name, Kind::Aaaa, true).write(&mut buf).unwrap();
    let head = b"\x01\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00";
    assert_eq!(&buf[..len], [&head[..], question].concat());
    assert!(query(&name, Kind::Aaaa, false).write(&mut buf[..len]).is_err());
}

#[test]
fn an_answer_holds_as_long_as_its_shortest_part() {
    let name = Name::parse(b"a").unwrap();
    let q = query(&name, Kind::A, false);
    let alias = record(5, 1, 20, b"\x01b\x00");
    let of_b = |ttl: u32| [b"\x01b", &record(1, 1, ttl, &[1, 2, 3, 4])[1..]].concat();
    for (sections, counts, want) in [
        (record(1, 1, 30, &[1, 2, 3, 4]), [1, 0], Some(30)),
        ([record(1, 1, 30, &[1, 2, 3, 4]), record(1, 1, 7, &[1, 2, 3, 5])].concat(), [2, 0], Some(7)),
        // The greatest bit set: no time at all.
        (record(1, 1, 1 << 31, &[1, 2, 3, 4]), [1, 0], Some(0)),
        (record(1, 1, i32::MAX as u32, &[1, 2, 3, 4]), [1, 0], Some(i32::MAX as u32)),
        // Nothing of what was asked, and nobody says for how long.
        (Vec::new(), [0, 0], None),
        (alias.clone(), [1, 0], None),
    ] {
        let msg = reply(&q, 1, counts, &sections);
        assert_eq!(answer(&q, &msg).unwrap().ttl(), want);
    }
    for (ttl, want) in [(50, 20), (10, 10)] {
        let mut owned = of_b(ttl);
        // `record` has made a pointer of the owner; here it is "b".
        owned.splice(0..3, *b"\x01b\x00");
        let msg = reply(&q, 1, [2, 0], &[alias.clone(), owned].concat());
        let answer = answer(&q, &msg).unwrap();
        assert_eq!((answer.matching().count(), answer.ttl()), (1, Some(want)));
    }
    // A zone's word on what is not there: the lesser of its two numbers.
    let soa = |ttl: u32, least: u32| {
        let mut data = std::vec![0, 0];
        for n in [1u32, 2, 3, 4, least] {
            data.extend(n.to_be_bytes());
        }
        record(6, 1, ttl, &data)
    };
    for (ttl, least, want) in [(100, 30, 30), (9, 30, 9)] {
        let msg = reply(&q, 1, [0, 1], &soa(ttl, least));
        assert_eq!(answer(&q, &msg).unwrap().ttl(), Some(want));
    }
}

#[test]
fn the_parts_of_records() {
    let name = Name::parse(b"example").unwrap();
    let text = |labels| {
        let mut buf = [0; 255];
        let len = write(labels, &mut buf).unwrap();
        std::string::String::from_utf8(buf[..len].to_vec()).unwrap()
    };
    let q = query(&name, Kind::Srv, false);
    let msg = reply(&q, 1, [1, 0], &record(33, 1, 9, b"\x00\x01\x00\x02\x1f\x90\x03www\xc0\x0c"));
    let answered = answer(&q, &msg).unwrap();
    let srv = answered.matching().next().unwrap();
    assert_eq!((srv.number(0), srv.number(1), srv.number(2)), (1, 2, 8080));
    assert_eq!(text(srv.name()), "www.example.");
    let q = query(&name, Kind::Mx, false);
    let msg = reply(&q, 1, [1, 0], &record(15, 1, 9, b"\x00\x0a\x00"));
    let answered = answer(&q, &msg).unwrap();
    let mx = answered.matching().next().unwrap();
    assert_eq!((mx.number(0), text(mx.name())), (10, ".".into()));
    let q = query(&name, Kind::Txt, false);
    let msg =
        reply(&q, 1, [2, 0], &[record(16, 1, 9, b"\x02ab\x00\x01\x00"), record(16, 1, 9, b"")].concat());
    let answered = answer(&q, &msg).unwrap();
    let strings: Vec<Vec<_>> = answered.matching().map(|r| r.strings().collect()).collect();
    assert_eq!(strings, [std::vec![Some(&b"ab"[..]), Some(b""), Some(b"\x00")], std::vec![]]);
    // Asked for, an alias is an answer and not a way.
    let q = query(&name, Kind::Cname, false);
    let msg = reply(&q, 1, [1, 0], &record(5, 1, 9, b"\x01b\xc0\x0c"));
    let answered = answer(&q, &msg).unwrap();
    assert_eq!(text(answered.matching().next().unwrap().name()), "b.example.");
}

#[test]
fn multicast_has_its_own_flags() {
    let name = Name::parse(b"printer.local").unwrap();
    let unique = record(1, 0x8001, 9, &[1, 2, 3, 4]);
    for (multicast, class, found) in [(true, 1, true), (true, 0x8001, true), (false, 1, false)] {
        let q = query(&name, Kind::A, multicast);
        let msg = reply(&q, class, [1, 0], &unique);
        let some = answer(&q, &msg).is_some_and(|a| a.matching().next().is_some());
        assert_eq!(some, found, "{multicast} {class}");
    }
}
