use super::*;

/// Decodes `raw` in pieces of `piece` bytes; data, bytes used and the final result.
fn decode(raw: &[u8], piece: usize, max: usize) -> (Vec<u8>, usize, Result<()>) {
    let mut decoder = ChunkedDecoder::new(4096);
    let (mut data, mut at) = (Vec::new(), 0);
    while at < raw.len() && !decoder.is_done() {
        let input = &raw[at..raw.len().min(at + piece)];
        match decoder.step(input, max) {
            Ok(step) => {
                data.extend_from_slice(&input[step.skip..][..step.data]);
                at += step.used();
            }
            Err(e) => return (data, at, Err(e)),
        }
    }
    (data, at, decoder.eof())
}

fn whole(raw: &[u8]) -> (Vec<u8>, Result<()>) {
    let (data, _, end) = decode(raw, usize::MAX >> 1, usize::MAX);
    (data, end)
}

const BAD: Result<()> = Err(Error::HTTP_MALFORMED_CHUNK);

#[test]
fn sizes_and_extensions() {
    assert_eq!(whole(b"5\r\nhello\r\n0\r\n"), (b"hello".to_vec(), Ok(())));
    assert_eq!(whole(b"A;x=\"y\" \r\n0123456789\r\n000 \t\r\n"), (b"0123456789".to_vec(), Ok(())));
    assert_eq!(whole(b"0000000000000001\r\nx\r\n0\r\n").1, Ok(()));
    for line in ["00000000000000001", "", " 1", "0x1", "+1", "-1", "1 ;x", "g", ";x", "1\r", "1;a\rb", "1 2"]
    {
        assert_eq!(whole(format!("{line}\r\nx\r\n0\r\n").as_bytes()).1, BAD, "{line:?}");
    }
    assert_eq!(whole(b"1\nx\r\n0\r\n").1, BAD);
    assert_eq!(whole(b"1\r\nxy\r\n0\r\n").1, BAD);
    assert_eq!(whole(b"1\r\nx\n0\r\n").1, BAD);
    assert_eq!(whole(b"ffffffffffffffff\r\nx"), (b"x".to_vec(), Err(Error::UNEXPECTED_EOF)));
}

#[test]
fn a_wrong_line_is_consumed_to_its_end() {
    let (_, used, end) = decode(b"5\nhello", 1, 9);
    assert_eq!((used, end), (1, BAD));
    let (_, used, end) = decode(b"x;y\r\nhello", 1, 9);
    assert_eq!((used, end), (4, BAD)); // the error comes with the last byte of the line
}

#[test]
fn the_line_limit_counts_the_line_end() {
    let line = |n: usize| format!("1;{}\r\nx\r\n0\r\n", "e".repeat(n - 4)).into_bytes();
    assert_eq!(whole(&line(4096)).1, Ok(()));
    assert_eq!(whole(&line(4097)).1, Err(Error::HTTP_LINE_TOO_LONG));
}

#[test]
fn overhead_has_a_budget() {
    let tiny = b"1\r\nx\r\n".repeat(100_000);
    assert_eq!(whole(&tiny).1, Err(Error::UNEXPECTED_EOF)); // one byte a chunk is allowed
    let padded = b"1;0123456789012345678901234567890123456789\r\nx\r\n".repeat(10_000);
    let (data, end) = whole(&padded);
    assert_eq!(end, BAD);
    assert_eq!(data.len(), 16 * 1024 / (42 + 2 - 18));
}

#[test]
fn nothing_behind_the_end_is_touched() {
    let mut decoder = ChunkedDecoder::new(128);
    let step = decoder.step(b"0\r\n\r\nGET /", 10).unwrap();
    assert_eq!(step, Step { skip: 3, done: true, ..Step::default() });
    assert_eq!(decoder.step(b"\r\nGET /", 10), Ok(Step { done: true, ..Step::default() }));
}

#[test]
fn heads() {
    let mut buf = [0; CHUNK_HEAD_MAX];
    assert_eq!(chunk_head(0, &mut buf), b"");
    assert_eq!(chunk_head(255, &mut buf), b"ff\r\n");
    assert_eq!(chunk_head(u64::MAX, &mut buf), b"ffffffffffffffff\r\n");
}

#[test]
fn work_is_linear() {
    for unit in ["1\r\nx\r\n", "1 ;eeeeeee\r\nx\r\n", "2;e\r\nxy\r\n"] {
        let work = |n: usize| token::steps::of(|| drop(decode(unit.repeat(n).as_bytes(), 5, 1)));
        let one = work(1000);
        assert!(work(2000) <= 2 * one + 2 && work(4000) <= 4 * one + 4, "{unit:?}");
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_encoded_comes_back_however_it_is_split(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..8),
            piece in 1usize..40, max in 1usize..40,
        ) {
            let mut raw = Vec::new();
            for chunk in &chunks {
                let mut buf = [0; CHUNK_HEAD_MAX];
                raw.extend_from_slice(chunk_head(chunk.len() as u64, &mut buf));
                raw.extend_from_slice(chunk);
                raw.extend_from_slice(CHUNK_END);
            }
            raw.extend_from_slice(LAST_CHUNK);
            let used = raw.len();
            raw.extend_from_slice(b"\r\nnext");
            prop_assert_eq!(decode(&raw, piece, max), (chunks.concat(), used, Ok(())));
        }

        #[test]
        fn splits_change_nothing(raw in "[0-9aF;x \t\r\n]{0,60}", piece in 1usize..9, max in 1usize..9) {
            let (data, used, end) = decode(raw.as_bytes(), usize::MAX >> 1, usize::MAX);
            let split = decode(raw.as_bytes(), piece, max);
            prop_assert_eq!(&split.0, &data);
            prop_assert_eq!(&split.2, &end);
            if end.is_ok() {
                prop_assert_eq!(split.1, used);
            }
        }

        #[test]
        fn any_bytes_are_survived(raw in prop::collection::vec(any::<u8>(), 0..200), piece in 1usize..20) {
            let _ = decode(&raw, piece, 7);
        }
    }
}
