use super::*;
use crate::http::token::steps;
use crate::http::{parse_request, parse_response, Fields, Method};
use proptest::prelude::*;

const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";

#[test]
fn the_end_is_found_however_the_bytes_come() {
    for (text, end) in [
        (HEAD, Some(HEAD.len())),
        (&b"GET / HTTP/1.1\nA: b\n\nbody\n\n"[..], Some(21)),
        (b"\r\n\r\n", Some(2)),
        (b"\n", Some(1)),
        (b"A\r\n \r\n\r\n", Some(8)),
        (b"A\r\r\n\r\n", Some(6)),
        (b"A: b\r\n\r", None),
        (b"", None),
    ] {
        assert_eq!(HeadScanner::new(100).scan(text), Ok(end), "{text:?}");
        let mut scanner = HeadScanner::new(100);
        let found = (0..=text.len()).find_map(|n| scanner.scan(&text[..n]).unwrap());
        assert_eq!(found, end, "{text:?} byte by byte");
    }
}

#[test]
fn exactly_the_limit_passes() {
    let len = HEAD.len() as u32;
    assert_eq!(HeadScanner::new(len).scan(HEAD), Ok(Some(HEAD.len())));
    assert_eq!(HeadScanner::new(len - 1).scan(HEAD), Err(Error::HTTP_HEADER_TOO_LARGE));
    let mut pipelined = HEAD.to_vec();
    pipelined.extend_from_slice(HEAD);
    assert_eq!(HeadScanner::new(len).scan(&pipelined), Ok(Some(HEAD.len())));
    assert_eq!(HeadScanner::new(10).scan(&HEAD[..9]), Ok(None));
    assert_eq!(HeadScanner::new(10).scan(&HEAD[..10]), Err(Error::HTTP_HEADER_TOO_LARGE));
}

fn values(text: &str) -> Vec<(String, String)> {
    let mut head = text.as_bytes().to_vec();
    let known = parse_fields(&mut head, 0, 100).unwrap();
    assert_eq!(known.len, text.len());
    let s = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
    Fields::new(known.fields.of(&head)).map(|(n, v)| (s(n), s(v))).collect()
}

#[test]
fn folded_lines_are_joined_in_place() {
    for (text, value) in [
        ("A: b\r\n c\r\n", "b c"),
        ("A: b \t\r\n \t c \r\n\td\n", "b c d"),
        ("A:\r\n b\r\n", "b"),
        ("A:   \r\n", ""),
        ("A: b\r\n \r\n", "b "),
        ("A:\r\n \r\n \r\n", ""),
        ("A: b\tc \r\n", "b\tc"),
        ("A:b\n", "b"),
    ] {
        let text = format!("X: 1\r\n{text}Y: 2\r\n\r\n");
        let want = [("X", "1"), ("A", value), ("Y", "2")].map(|(n, v)| (n.to_string(), v.to_string()));
        assert_eq!(values(&text), want, "{text:?}");
    }
}

#[test]
fn malformed_fields() {
    for text in [
        " A: b\r\n\r\n",
        "A\r\n\r\n",
        ": b\r\n\r\n",
        "A\t: b\r\n\r\n",
        "A: \0\r\n\r\n",
        "A: b\rc\r\n\r\n",
        "A: b\r\n \x01\r\n\r\n",
        "A b\r\n\r\n",
        "\u{e9}: b\r\n\r\n",
        "A: \x7f\r\n\r\n",
        "A:b\r\r\n\r\n",
    ] {
        let err = parse_fields(&mut text.as_bytes().to_vec(), 0, 100).err();
        assert_eq!(err, Some(Error::HTTP_MALFORMED_HEADER), "{text:?}");
    }
    for n in 0..9 {
        let err = parse_fields(&mut b"A: b\r\n\r\n"[..n.min(7)].to_vec(), 0, 100).err();
        assert_eq!(err, Some(Error::UNEXPECTED_EOF));
    }
    assert_eq!(parse_fields(&mut b"A:\nB:\n\n".to_vec(), 0, 1).err(), Some(Error::HTTP_HEADER_TOO_LARGE));
}

/// Heads that grow in one of the ways that could make the work grow faster than they do.
fn grown(kind: usize, n: usize) -> Vec<u8> {
    let (first, unit, last) = [
        ("GET / HTTP/1.1\r\nHost: h\r\n", "A: b\r\n", "\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n", " c\r\n", "\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n", " \n", "\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: ", " ", "\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: ", "\t", "x\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\nConnection: ", "a ,", "\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\n", "Content-Length: 5\r\n", "\r\n"),
        ("GET /", "%41", " HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("GET http://h/", "%41?", " HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: ", "a,", "\r\n\r\n"),
    ][kind];
    [first, &unit.repeat(n), last].concat().into_bytes()
}

#[test]
fn work_is_linear() {
    for kind in 0..10 {
        let work = |n: usize| {
            let mut head = grown(kind, n);
            let scan = steps::of(|| {
                let mut scanner = HeadScanner::new(u32::MAX);
                for end in 1..=head.len() {
                    assert_eq!(scanner.scan(&head[..end]).unwrap().is_some(), end == head.len());
                }
            });
            let parse = steps::of(|| {
                parse_request(&mut head, Limits::NONE).unwrap();
            });
            (scan, parse)
        };
        let (a, b, c) = (work(1000), work(2000), work(4000));
        for (less, more) in [(a.0, b.0), (b.0, c.0), (a.1, b.1), (b.1, c.1)] {
            assert!(more as f64 <= less as f64 * 2.2, "kind {kind}: {a:?} {b:?} {c:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_safe_and_pieces_make_no_difference(
        tail in prop::collection::vec(prop::sample::select(&b"Aa: \t\r\n\r\n,;=\0\x7f\xff%/?15"[..]), 0..120),
        request in any::<bool>(),
    ) {
        let first: &[u8] = if request { b"GET /" } else { b"HTTP/1.1 200 O" };
        let mut text = first.to_vec();
        text.extend_from_slice(&tail);
        let whole = HeadScanner::new(100).scan(&text);
        let mut scanner = HeadScanner::new(100);
        let mut found = Ok(None);
        for n in 0..=text.len() {
            found = scanner.scan(&text[..n]);
            if found != Ok(None) {
                break;
            }
        }
        prop_assert_eq!(whole, found);
        if let Ok(Some(n)) = whole {
            let mut head = text[..n].to_vec();
            if request {
                if let Ok(r) = parse_request(&mut head, Limits::DEVICE) {
                    prop_assert_eq!(r.len as usize, n);
                    // Joined lines are plain lines: reading them again gives the same fields.
                    let fields: Vec<_> = r.fields(&head).map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
                    let mut again = head.clone();
                    if fields.iter().all(|(_, v)| !v.ends_with(b" ")) {
                        let r = parse_request(&mut again, Limits::DEVICE).unwrap();
                        let same: Vec<_> = r.fields(&again).map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
                        prop_assert_eq!(fields, same);
                    }
                }
            } else if let Ok(r) = parse_response(&mut head, Method::Get, Limits::DEVICE) {
                prop_assert_eq!(r.len as usize, n);
            }
        }
    }

    /// What both take, both read alike.
    #[test]
    fn fields_agree_with_httparse(
        path in "/[!-~]{0,20}",
        fields in prop::collection::vec(("[!-9;-~]{1,8}", "[ -~\t\\x80-\\xff]{0,20}"), 0..12),
        crlf in any::<bool>(),
    ) {
        let eol = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("GET {path} HTTP/1.1{eol}").into_bytes();
        for (name, value) in &fields {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(b": ");
            text.extend(value.chars().map(|c| c as u32 as u8));
            text.extend_from_slice(eol.as_bytes());
        }
        text.extend_from_slice(eol.as_bytes());
        let mut table = [httparse::EMPTY_HEADER; 16];
        let mut other = httparse::Request::new(&mut table);
        let theirs = other.parse(&text);
        let mut head = text.clone();
        if let (Ok(httparse::Status::Complete(n)), Ok(r)) = (theirs, parse_request(&mut head, Limits::DEVICE)) {
            prop_assert_eq!(n, r.len as usize);
            prop_assert_eq!(other.path.unwrap().as_bytes(), r.target.of(&head));
            let ours: Vec<_> = r.fields(&head).collect();
            let theirs: Vec<_> = other.headers.iter().map(|h| (h.name.as_bytes(), h.value)).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
