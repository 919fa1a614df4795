use super::*;
use crate::http::multipart_reader::Reader;

/// A part as it was read: name, file name, the values of `X`, data.
type Seen = (String, String, Vec<u8>, Vec<u8>);

struct Run {
    parts: Vec<Seen>,
    end: Result<()>,
}

fn utf8(write: impl FnOnce(&mut Text<'_>) -> Result<()>) -> String {
    let mut buf = [0; 256];
    let mut out = Text::new(&mut buf);
    write(&mut out).unwrap();
    String::from_utf8_lossy(out.bytes()).into_owned()
}

/// Reads `body` in pieces of `piece` through a window of `room`, `out` bytes at a time.
fn read_with(limits: Limits, body: &[u8], piece: usize, room: usize, out: usize) -> Run {
    let mut window = vec![0; room];
    let mut rest = body;
    let mut source = |buf: &mut [u8]| {
        let n = rest.len().min(piece).min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        rest = &rest[n..];
        Ok(n)
    };
    let mut run = Run { parts: Vec::new(), end: Ok(()) };
    let mut reader = match Reader::new(b"multipart/form-data; boundary=B", false, limits, &mut window) {
        Ok(reader) => reader,
        Err(e) => return Run { end: Err(e), ..run },
    };
    let mut buf = vec![0; out];
    loop {
        // It may be kept as numbers between any two calls.
        reader = Reader::from_words(&reader.to_words()).unwrap();
        match reader.next_part(&mut window, &mut source) {
            Ok(false) => return run,
            Err(e) => {
                assert_eq!(reader.next_part(&mut window, &mut source), Err(e), "errors stay");
                run.end = Err(e);
                return run;
            }
            Ok(true) => {}
        }
        let fields = reader.fields(&window).unwrap();
        let name = utf8(|out| write_name(&fields, out));
        let file = utf8(|out| write_file_name(&fields, out));
        let x = fields.all(b"x").collect::<Vec<_>>().join(&b'|');
        let mut data = Vec::new();
        let end = loop {
            reader = Reader::from_words(&reader.to_words()).unwrap();
            match reader.read(&mut window, &mut buf, &mut source) {
                Ok(0) => break Ok(()),
                Ok(n) => data.extend_from_slice(&buf[..n]),
                Err(e) => break Err(e),
            }
        };
        assert_eq!(reader.fields(&window).err(), Some(Error::STATE));
        run.parts.push((name, file, x, data));
        if end.is_err() {
            run.end = end;
            return run;
        }
        assert_eq!(reader.read(&mut window, &mut buf, &mut source), Ok(0));
    }
}

fn read(body: &[u8]) -> Run {
    read_with(Limits::GO, body, usize::MAX, 8192, 100)
}

/// The data of the parts, and the end.
fn data(body: &str) -> (Vec<String>, Result<()>) {
    let run = read(body.as_bytes());
    (run.parts.iter().map(|p| String::from_utf8_lossy(&p.3).into_owned()).collect(), run.end)
}

const BAD: Result<()> = Err(Error::HTTP_MALFORMED_MULTIPART);
const CUT: Result<()> = Err(Error::UNEXPECTED_EOF);

#[test]
fn parts_names_and_files() {
    let body = b"before\r\n--B \t\r\nContent-Disposition: form-data; name=\"a b\"\r\nX: 1\r\nx: 2\r\n\r\n1\r\n--B\r\n\
        Content-Disposition: form-data; name=f; filename=\"../c/d.txt//\"\r\n\r\n\r\n--B\r\n\
        Content-Disposition: attachment; name=g; filename=\"///\"\r\n\r\n--B- \r\n--Bx\r\n--B--\r\nbehind";
    let run = read(body);
    assert_eq!(run.end, Ok(()));
    let want: [Seen; 3] = [
        ("a b".into(), "".into(), b"1|2".to_vec(), b"1".to_vec()),
        ("f".into(), "d.txt".into(), vec![], vec![]),
        ("".into(), "/".into(), vec![], b"--B- \r\n--Bx".to_vec()),
    ];
    assert_eq!(run.parts, want);
    for room in [90, 100, 200] {
        for piece in [1, 2, 7, 1000] {
            for out in [1, 2, 50] {
                let run = read_with(Limits::GO, body, piece, room, out);
                assert_eq!((run.parts, run.end), (want.to_vec(), Ok(())), "{room} {piece} {out}");
            }
        }
    }
}

#[test]
fn delimiters() {
    let of = |s: &str| data(s);
    let some = |parts: &[&str]| parts.iter().map(|s| (*s).to_string()).collect::<Vec<_>>();
    // Bare line feeds, if the first delimiter has one; then only those.
    assert_eq!(of("--B\n\n1\n--B\n\n2\r\n--B--\n"), (some(&["1", "2\r"]), Ok(())));
    assert_eq!(of("--B\n\n1\n--B\r\n\n2\n--B--"), (some(&["1"]), BAD));
    assert_eq!(of("--B\r\n\r\n1\n--B\r\n\r\n--B--"), (some(&["1\n--B\r\n"]), Ok(())));
    assert_eq!(of("--B\r\n\r\n1\r\n--B\n"), (some(&["1"]), BAD));
    // A last delimiter that is none before the first part is passed over.
    assert_eq!(of("--B--\n--B\r\n\r\n1\r\n--B--"), (some(&["1"]), Ok(())));
    assert_eq!(of("--B-- \t"), (some(&[]), Ok(())));
    assert_eq!(of("--B--\r"), (some(&[]), CUT));
    assert_eq!(of("--B\r\n\r\n--B"), (some(&[""]), CUT));
    assert_eq!(of("--B\r\n\r\n1\r\n--B x\r\n"), (some(&["1"]), BAD));
    assert_eq!(of("--B\r\n\r\n1\r\n--"), (some(&["1"]), CUT));
    assert_eq!(of(""), (some(&[]), CUT));
    // The end among fields is the end of the parts, as in Go.
    assert_eq!(of("--B\r\nA: b\r\nC:"), (some(&[]), Ok(())));
    assert_eq!(of("--B\r\nA: b\r\n c"), (some(&[]), Ok(())));
    assert_eq!(of("--B\r\nA: b\r\n\x01: \r\n c\r\n\t"), (some(&[]), Ok(())));
    for bad in ["\x01: \r\nC: d\r\n\t", " A: b\r\n\t", "A: b\r\nC\r\n\t"] {
        assert_eq!(of(&format!("--B\r\n{bad}")).1, Err(Error::HTTP_MALFORMED_HEADER), "{bad:?}");
    }
    for bad in ["A", "A: b\r", " A: b", "A: b\r\nC", ": x", "A: \u{1}"] {
        assert_eq!(of(&format!("--B\r\n{bad}")), (some(&[]), Err(Error::HTTP_MALFORMED_HEADER)), "{bad:?}");
    }
}

#[test]
fn boundaries() {
    let of = |content_type: &str, mixed| {
        let mut buf = [0; 16];
        let mut out = Text::new(&mut buf);
        write_boundary(content_type.as_bytes(), mixed, &mut out)?;
        Ok::<_, Error>(out.bytes().to_vec())
    };
    assert_eq!(of("Multipart/Form-Data; boundary=\"a b\"", false), Ok(b"a b".to_vec()));
    assert_eq!(of("multipart/mixed; boundary=a", false), Err(Error::HTTP_NOT_MULTIPART));
    assert_eq!(of("multipart/mixed; boundary=a", true), Ok(b"a".to_vec()));
    for none in ["", "text/plain; boundary=a", "multipart/form-data; boundary"] {
        assert_eq!(of(none, true), Err(Error::HTTP_NOT_MULTIPART), "{none}");
    }
    for none in ["", "; boundary=\"\"", "; boundary*=utf-8''a%0Ab"] {
        let value = format!("multipart/form-data{none}");
        assert_eq!(of(&value, true), Err(Error::HTTP_MISSING_BOUNDARY), "{none}");
    }
    assert_eq!(of("multipart/form-data; boundary=12345678901234567", true), Err(Error::BUFFER_TOO_SMALL));
    let room = |n: usize| read_with(Limits::GO, b"--B--", 9, n, 9).end;
    assert_eq!((room(66), room(65)), (Ok(()), Err(Error::BUFFER_TOO_SMALL)));
}

#[test]
fn limits() {
    let part = |fields: usize, file: &str| {
        let more = "Y:\r\n".repeat(fields - 1);
        format!("--B\r\nContent-Disposition: form-data; name=a{file}\r\n{more}\r\n\r\n")
    };
    let with = |parts, fields, body: String| {
        let run = read_with(Limits { parts, fields }, (body + "--B--").as_bytes(), 99, 8192, 9);
        (run.parts.len(), run.end)
    };
    assert_eq!(with(3, 9, part(1, "").repeat(3)), (3, Ok(())));
    assert_eq!(with(3, 9, part(1, "").repeat(4)), (3, Err(Error::HTTP_BODY_TOO_LARGE)));
    // Of one part, and of all with files.
    assert_eq!(with(9, 4, part(4, "").repeat(3)), (3, Ok(())));
    assert_eq!(with(9, 4, part(5, "")), (0, Err(Error::HTTP_HEADER_TOO_LARGE)));
    assert_eq!(with(9, 4, part(2, "; filename=f").repeat(2)), (2, Ok(())));
    assert_eq!(with(9, 4, part(2, "; filename=f").repeat(3)), (2, Err(Error::HTTP_HEADER_TOO_LARGE)));
    // Fields must fit the window; data need not.
    let long = |n: usize| format!("--B\r\nX: {}\r\n\r\n", "x".repeat(n));
    let small = |body: String| read_with(Limits::GO, body.as_bytes(), 50, 201, 9).end;
    assert_eq!(small(long(192) + "\r\n--B--"), Ok(()));
    assert_eq!(small(long(194) + "\r\n--B--"), Err(Error::HTTP_HEADER_TOO_LARGE));
    assert_eq!(small(long(1) + &"y".repeat(999) + "\r\n--B--"), Ok(()));
    // Lines before the first part, and blanks behind a boundary.
    let line = |n: usize| data(&format!("{}\r\n--B--", "x".repeat(n - 2))).1;
    assert_eq!((line(4096), line(4097)), (Ok(()), Err(Error::HTTP_LINE_TOO_LONG)));
    let blanks = |n: usize| data(&format!("--B--{}\r\n", " ".repeat(n - 7))).1;
    assert_eq!((blanks(4096), blanks(4097)), (Ok(()), Err(Error::HTTP_LINE_TOO_LONG)));
}

#[test]
fn quoted_printable() {
    let of = |text: &str| {
        let body = format!("--B\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n{text}\r\n--B--");
        let whole = data(&body);
        for (piece, room, out) in [(1, 8192, 1), (1, 100, 2), (3, 8192, 7)] {
            let run = read_with(Limits::GO, body.as_bytes(), piece, room, out);
            let got: Vec<_> = run.parts.iter().map(|p| String::from_utf8_lossy(&p.3).into_owned()).collect();
            assert_eq!((got, run.end), whole, "{text:?}");
        }
        whole.1.map(|()| whole.0.concat())
    };
    for (text, want) in [
        ("a=3Db =C3=a4", "a=b \u{e4}"),
        ("a=\r\nb= \t\r\nc=\nd", "abcd"),
        ("a \t \r\nb  \nc  ", "a\r\nb\nc"),
        ("a \r b\r", "a \r b"),
        ("a=4", "a=4"),
        ("= b=zz==41=", "= b=zz=A"),
        ("=A=\nb", "=Ab"),
        ("\u{e4}", "\u{e4}"),
    ] {
        assert_eq!(of(text), Ok(want.to_string()), "{text:?}");
    }
    for text in ["=", "a==", "a==\n", "\u{1}", "a=\rb", "a=\r\r\nb", &"x".repeat(4096)] {
        assert_eq!(of(text), Err(Error::HTTP_MALFORMED_MULTIPART), "{text:?}");
    }
}

#[test]
fn work_is_linear() {
    let head = "--B\r\n\r\n";
    let quoted = "--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    for (head, unit) in [
        (head, "\r\n--"),
        (head, "\r"),
        (head, "\r\n--Bx"),
        ("", "--Bx\n"),
        (quoted, "=41 = =\n   \n"),
        ("", "--B\r\nA: b\r\n c\r\n\r\n"),
        (quoted, "  \t  x"),
    ] {
        for piece in [1, 5, 1000] {
            let work = |n: usize| {
                let body = head.to_string() + &unit.repeat(n);
                token::steps::of(|| drop(read_with(Limits::GO, body.as_bytes(), piece, 512, 64)))
            };
            let one = work(200);
            assert!(work(400) <= 2 * one + 500 && work(800) <= 4 * one + 1500, "{unit:?} {piece}");
        }
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn splits_change_nothing(
            body in prop::collection::vec(prop::sample::select(vec![
                "--B", "\r\n", "\n", "--", " ", "x", "\r", "-", "B", "A: b", ":", "=", "=41", "--B\r\n", "\r\n\r\n",
                "Content-Disposition: form-data; name=a; filename=b\r\n", "Content-Transfer-Encoding: quoted-printable",
            ]), 0..30),
            piece in 1usize..9, room in 100usize..300, out in 1usize..9,
        ) {
            let body = body.concat();
            let whole = read(body.as_bytes());
            let split = read_with(Limits::GO, body.as_bytes(), piece, room, out);
            let narrow = [Err(Error::HTTP_HEADER_TOO_LARGE), Err(Error::BUFFER_TOO_SMALL)];
            if !narrow.contains(&split.end) {
                prop_assert_eq!(&split.end, &whole.end);
                prop_assert_eq!(&split.parts, &whole.parts);
            }
        }

        #[test]
        fn any_numbers_are_survived(
            mut words in any::<[u32; crate::http::multipart_reader::WORDS]>(),
            state in 0u32..16, small in any::<bool>(), body in "[-B\r\n: x=]{0,40}",
        ) {
            words[0] = 0xd500_0000 | (words[0] & 0x7_0100) | state;
            if small {
                words.iter_mut().skip(1).for_each(|w| *w %= 100);
            }
            let mut window = [b'-'; 100];
            if let Ok(mut reader) = Reader::from_words(&words) {
                let mut rest = body.as_bytes();
                let mut source = |buf: &mut [u8]| {
                    let n = rest.len().min(buf.len()).min(3);
                    buf[..n].copy_from_slice(&rest[..n]);
                    rest = &rest[n..];
                    Ok(n)
                };
                for _ in 0..4 {
                    let _ = reader.fields(&window).map(Iterator::count);
                    let _ = reader.read(&mut window, &mut [0; 5], &mut source);
                    let _ = reader.next_part(&mut window, &mut source);
                }
            }
        }

        #[test]
        fn any_bytes_are_survived(
            body in prop::collection::vec(any::<u8>(), 0..300), piece in 1usize..20, room in 0usize..200,
        ) {
            let _ = read_with(Limits::GO, &body, piece, room, 3);
            let _ = read_with(Limits::GO, &[b"--B\r\n", &body[..]].concat(), piece, room, 3);
        }
    }
}
