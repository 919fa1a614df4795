use super::*;

/// The first values of the names in the pieces, and the error.
fn find(names: &[&[u8]], pieces: &[&[u8]], room: usize) -> Result<Vec<Option<Vec<u8>>>> {
    let mut buf = vec![0; room];
    let mut fields: Vec<_> = names.iter().map(|n| Field::new(n)).collect();
    let mut finder = Finder::new(&mut fields, &mut buf, MAX_LEN)?;
    for piece in pieces {
        finder.push(piece)?;
    }
    finder.end()?;
    Ok(fields.iter().map(|f| f.value.map(|v| v.of(&buf).to_vec())).collect())
}

fn text(s: &str) -> Option<Vec<u8>> {
    Some(s.as_bytes().to_vec())
}

#[test]
fn the_first_valid_pair_of_each_name_counts() {
    let form = b"a;=0&a=%zz&a=1%2B+2&&%62c&b=3&a=4&ab=5&=6";
    let names: [&[u8]; 7] = [b"a", b"bc", b"b", b"ab", b"", b"abc", b"a"];
    let want = [text("1+ 2"), text(""), text("3"), text("5"), text("6"), None, text("1+ 2")];
    assert_eq!(find(&names, &[form], 64).unwrap(), want);
    for at in 0..form.len() {
        assert_eq!(find(&names, &[&form[..at], &form[at..]], 64).unwrap(), want);
    }
    let bytes: Vec<&[u8]> = form.chunks(1).collect();
    assert_eq!(find(&names, &bytes, 64).unwrap(), want);
}

#[test]
fn only_values_that_are_looked_for_need_room() {
    let form = b"x=123456789&a=123&b=4567";
    assert_eq!(find(&[b"a"], &[form], 3).unwrap(), [text("123")]);
    assert_eq!(find(&[b"a"], &[form], 2), Err(Error::BUFFER_TOO_SMALL));
    assert_eq!(find(&[b"a", b"b"], &[form], 7).unwrap(), [text("123"), text("4567")]);
    // One that does not count may be too long.
    assert_eq!(find(&[b"a"], &[b"a=12345;&a=1&a=12345"], 1).unwrap(), [text("1")]);
}

#[test]
fn a_second_form_fills_what_is_missing() {
    let mut buf = [0; 16];
    let mut fields = [Field::new(b"a"), Field::new(b"b"), Field::new(b"c")];
    let mut finder = Finder::new(&mut fields, &mut buf, MAX_LEN).unwrap();
    finder.push(b"a=1").unwrap();
    finder.end().unwrap();
    finder.push(b"a=2&b=%33&d=%").unwrap();
    assert!(!finder.any_bad() && !finder.is_complete());
    finder.end().unwrap();
    assert!(finder.any_bad() && !finder.is_complete());
    let found = fields.map(|f| f.value.map(|v| v.of(&buf).to_vec()));
    assert_eq!(found, [text("1"), text("3"), None]);
}

#[test]
fn limits() {
    assert!(find(&[b"a"], &[&b"&".repeat(MAX_PAIRS - 1)], 8).is_ok());
    assert_eq!(find(&[b"a"], &[&b"&".repeat(MAX_PAIRS)], 8), Err(Error::HTTP_HEADER_TOO_LARGE));
    let many = [&b"a"[..]; MAX_FIELDS + 1];
    assert_eq!(find(&many, &[b"a=1"], 8), Err(Error::INVALID));
    assert!(find(&many[1..], &[b"a=1"], 8).unwrap().iter().all(|v| *v == text("1")));
    let mut fields = [Field::new(b"a")];
    let mut finder = Finder::new(&mut fields, &mut [], 5).unwrap();
    assert_eq!(finder.push(b"b=123"), Ok(()));
    assert_eq!(finder.push(b"4"), Err(Error::HTTP_BODY_TOO_LARGE));
}

#[test]
fn which_bodies_are_forms() {
    let url = b"Application/X-WWW-Form-URLencoded; charset=utf-8";
    assert_eq!(kind(Method::Post, url), (Kind::UrlEncoded, Ok(())));
    assert_eq!(kind(Method::Get, url), (Kind::None, Ok(())));
    assert_eq!(kind(Method::Patch, b"multipart/form-data").0, Kind::Multipart);
    assert_eq!(kind(Method::Put, b""), (Kind::None, Ok(())));
    let (lax, well_formed) = kind(Method::Put, b"application/x-www-form-urlencoded; x");
    assert!(lax == Kind::UrlEncoded && well_formed.is_err());
    // The same parameter with two values is no type at all.
    assert_eq!(kind(Method::Put, b"application/x-www-form-urlencoded; x=1; x=2").0, Kind::None);
}

#[test]
fn work_is_linear() {
    let names = [&b"aaaaaaaaaaab"[..]; 8];
    for unit in ["aaaaaaaaaaaa=1&", "%61=%%&", "a&", "aaaaaaaaaaa%62=x&"] {
        let work = |n: usize| {
            let form = unit.repeat(n);
            let pieces: Vec<&[u8]> = form.as_bytes().chunks(3).collect();
            token::steps::of(|| drop(find(&names, &pieces, 1 << 16)))
        };
        let one = work(500);
        assert!(one > 500 && work(1000) <= 2 * one + 64 && work(2000) <= 4 * one + 64, "{unit:?}");
    }
}

mod properties {
    use super::*;
    use crate::http::query;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_finds_what_the_parser_of_whole_queries_finds(
            form in "[ab%;=&+6132z]{0,40}", name in "[ab+1 ]{0,3}", piece in 1usize..9,
        ) {
            let pieces: Vec<&[u8]> = form.as_bytes().chunks(piece).collect();
            let ours = find(&[name.as_bytes()], &pieces, 64).unwrap();
            let whole = query::first(form.as_bytes(), name.as_bytes()).map(|pair| {
                let mut buf = [0; 64];
                let mut out = Text::new(&mut buf);
                pair.write_value(&mut out).unwrap();
                out.bytes().to_vec()
            });
            prop_assert_eq!(&ours[0], &whole);
        }

        #[test]
        fn any_bytes_are_survived(raw in prop::collection::vec(any::<u8>(), 0..200), room in 0usize..20) {
            let _ = find(&[b"a", b"", b"\xff"], &[&raw], room);
            let _ = kind(Method::Post, &raw);
        }
    }
}
