use super::*;

fn run(raw: &[u8], piece: usize, limit: u16) -> (Vec<u8>, usize, Result<()>) {
    let mut decoder = TrailerDecoder::new(limit, 3);
    let (mut fields, mut at) = (Vec::new(), 0);
    while at < raw.len() && !decoder.is_done() {
        let input = &raw[at..raw.len().min(at + piece)];
        match decoder.step(input) {
            Ok(step) => {
                fields.extend_from_slice(&input[step.skip..][..step.trailer]);
                at += step.used();
            }
            Err(e) => return (fields, at, Err(e)),
        }
    }
    (fields, at, decoder.eof())
}

#[test]
fn sections() {
    let cases: &[(&str, &str, Result<()>)] = &[
        ("\r\nGET", "", Ok(())),
        ("A: b\r\nC:\td\r\n\r\nGET", "A: b\r\nC:\td\r\n", Ok(())),
        ("A: b\r\n folded\r\n\r\n", "A: b\r\n folded\r\n", Ok(())),
        ("A: b\nC: d\r\n\r\n", "A: b\nC: d\r\n", Ok(())),
        ("A: b\r\n", "A: b\r\n", Err(Error::UNEXPECTED_EOF)),
        ("", "", Err(Error::UNEXPECTED_EOF)),
        ("A:1\r\nB:2\r\nC:3\r\nD:4\r\n\r\n", "", Err(Error::HTTP_HEADER_TOO_LARGE)),
    ];
    for (raw, fields, end) in cases {
        for piece in 1..raw.len().max(2) {
            let got = run(raw.as_bytes(), piece, 100);
            assert_eq!(got.2, *end, "{raw:?}");
            if end.is_ok() {
                assert_eq!((got.0, got.1), (fields.as_bytes().to_vec(), raw.trim_end_matches("GET").len()));
            }
        }
    }
    for raw in [
        "\n",
        "A: b\n\n",
        "A: b\n\r\n",
        "A: b\r\n\n",
        " A: b\r\n\r\n",
        "A\r\n\r\n",
        ":b\r\n\r\n",
        "A: \0\r\n\r\n",
        "A: b\rc\r\n\r\n",
        "A: \x7f\r\n\r\n",
        "A: b\r\r\n\r\n",
        "\rX",
    ] {
        for piece in 1..raw.len() + 1 {
            assert_eq!(run(raw.as_bytes(), piece, 100).2, Err(Error::HTTP_BAD_TRAILER), "{raw:?}");
        }
    }
}

#[test]
fn the_limit_counts_the_whole_section() {
    assert_eq!(run(b"A: b\r\n\r\n", 1, 8).2, Ok(()));
    assert_eq!(run(b"A: b\r\n\r\n", 1, 7).2, Err(Error::HTTP_HEADER_TOO_LARGE));
    assert_eq!(run(b"A: b\r\n\r\n", 99, 7).2, Err(Error::HTTP_HEADER_TOO_LARGE));
}
