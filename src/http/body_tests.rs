use super::*;

fn read(
    body: &mut BodyReader,
    raw: &[u8],
    piece: usize,
    max: usize,
) -> (Vec<u8>, Vec<u8>, usize, Result<()>) {
    let (mut data, mut trailer, mut at) = (Vec::new(), Vec::new(), 0);
    while at < raw.len() && !body.is_done() {
        let input = &raw[at..raw.len().min(at + piece)];
        match body.step(input, max) {
            Ok(step) => {
                data.extend_from_slice(&input[step.skip..][..step.data]);
                trailer.extend_from_slice(&input[step.skip + step.data..][..step.trailer]);
                at += step.used();
                assert_eq!(step.done, body.is_done());
            }
            Err(e) => return (data, trailer, at, Err(e)),
        }
    }
    (data, trailer, at, body.eof())
}

const CHUNKED: &[u8] = b"3\r\nabc\r\n4;e\r\ndefg\r\n0\r\nT: v\r\n\r\nGET /";

#[test]
fn every_framing_leaves_the_next_message_untouched() {
    for piece in 1..40 {
        for max in 1..9 {
            let got = read(&mut BodyReader::length(7), b"abcdefgGET /", piece, max);
            assert_eq!(got, (b"abcdefg".to_vec(), vec![], 7, Ok(())));
            let got = read(&mut BodyReader::chunked(BodyLimits::DEVICE), CHUNKED, piece, max);
            assert_eq!(got, (b"abcdefg".to_vec(), b"T: v\r\n".to_vec(), CHUNKED.len() - 5, Ok(())));
            let got = read(&mut BodyReader::until_close(), b"abcdefg", piece, max);
            assert_eq!(got, (b"abcdefg".to_vec(), vec![], 7, Ok(())));
        }
    }
    assert_eq!(read(&mut BodyReader::none(), b"GET /", 9, 9), (vec![], vec![], 0, Ok(())));
}

#[test]
fn every_early_end_is_unexpected() {
    for n in 0..CHUNKED.len() - 5 {
        let mut body = BodyReader::chunked(BodyLimits::DEVICE);
        assert_eq!(read(&mut body, &CHUNKED[..n], 5, 5).3, Err(Error::UNEXPECTED_EOF));
    }
    assert_eq!(read(&mut BodyReader::length(7), b"abcdef", 9, 9).3, Err(Error::UNEXPECTED_EOF));
}

#[test]
fn the_cap_lets_exactly_that_many_bytes_through() {
    for piece in 1..40 {
        for max in 1..9 {
            for mut body in
                [BodyReader::length(7), BodyReader::chunked(BodyLimits::DEVICE), BodyReader::until_close()]
            {
                let raw =
                    if body.remaining().is_none() && body.is_delimited() { CHUNKED } else { b"abcdefg" };
                body.set_cap(6);
                let got = read(&mut body.clone(), raw, piece, max);
                assert_eq!((got.0, got.3), (b"abcdef".to_vec(), Err(Error::HTTP_BODY_TOO_LARGE)));
                body.set_cap(7);
                let got = read(&mut body, raw, piece, max);
                assert_eq!((got.0, got.3), (b"abcdefg".to_vec(), Ok(())));
            }
        }
    }
    let mut body = BodyReader::length(7);
    body.set_cap(6);
    assert!(body.exceeds_cap());
}

#[test]
fn draining() {
    assert!(BodyReader::length(10).drain(10).is_none() && BodyReader::until_close().drain(10).is_none());
    let mut body = BodyReader::length(9);
    let mut drain = body.drain(10).unwrap();
    assert_eq!(drain.step(&mut body, b"12345"), Ok((5, Drained::More)));
    assert_eq!(drain.step(&mut body, b"6789GET"), Ok((4, Drained::Done)));

    for (max, end) in [(7, Drained::Done), (6, Drained::TooMuch)] {
        let mut body = BodyReader::chunked(BodyLimits::GO);
        let (used, got) = body.drain(max).unwrap().step(&mut body, CHUNKED).unwrap();
        assert_eq!(got, end);
        assert!(end != Drained::Done || used == CHUNKED.len() - 5);
    }
    let mut none = BodyReader::none();
    assert_eq!(none.drain(0).unwrap().step(&mut none, b"GET"), Ok((0, Drained::Done)));
}

#[test]
fn lengths_over_32_bits() {
    let mut body = BodyReader::length((1 << 32) + 3);
    assert_eq!(body.step(b"abcd", usize::MAX).unwrap().data, 4);
    assert_eq!(body.remaining(), Some((1 << 32) - 1));
}

#[test]
fn sizes_stay_small() {
    assert!(core::mem::size_of::<BodyReader>() <= 56);
}
