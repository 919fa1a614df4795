//! Answers: where their bodies end, what of them is shown.

use super::*;

#[test]
fn every_framing_is_read_to_its_true_end() {
    let _alone = alone();
    let long = "x".repeat(10_000);
    let cases: Vec<(String, usize)> = vec![
        ("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n".to_owned() + &long, 10_000),
        ("HTTP/1.0 200 OK\r\n\r\n".to_owned() + &long, 10_000),
        (
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n{long}\r\n0\r\nT: v\r\n\r\n"
            ),
            10_000,
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), 0),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(), 0),
    ];
    for size in [1, 7, 512, 20_000] {
        for (bytes, len) in cases.clone() {
            for split in [1, 50, usize::MAX] {
                let bytes = bytes.clone();
                let server = serve(1, move |_, mut s| {
                    head_of(&mut s).unwrap();
                    s.set_nodelay(true).unwrap();
                    let (a, b) = bytes.as_bytes().split_at(split.min(bytes.len()));
                    s.write_all(a).unwrap();
                    if !b.is_empty() {
                        thread::sleep(Duration::from_millis(2));
                    }
                    s.write_all(b).unwrap();
                });
                let c = default();
                let r = client::get(c, server.url()).unwrap();
                assert_eq!(body_of(r, size).map(|b| b.len()), Ok(len));
                assert_eq!(response::read(r, &mut [0; 4]), Ok(0));
                response::close(r).unwrap();
                client::close(c).unwrap();
                server.join();
            }
        }
    }
}

#[test]
fn the_head_is_shown_until_close() {
    let _alone = alone();
    let server = serve(1, |_, mut s| {
        answer(
            &mut s,
            b"HTTP/1.1 418 Tea\r\nContent-Type: text/plain\r\nX: a\r\nx: b\r\nContent-Length: 3\r\n\r\nabc",
        );
    });
    let c = default();
    let r = client::get(c, server.url()).unwrap();
    let view = response::view(r).unwrap();
    assert_eq!((view.status(), view.status_text(), view.proto()), (418, &b"418 Tea"[..], &b"HTTP/1.1"[..]));
    assert_eq!(view.content_length(), 3);
    assert_eq!(view.header().unwrap().get(b"content-type"), Some(&b"text/plain"[..]));
    assert_eq!(view.header().unwrap().iter().count(), 4);
    assert_eq!(response::read(r, &mut []), Err(Error::INVALID));
    assert_eq!(body_of(r, 2), Ok(b"abc".to_vec()));
    drop(view);
    response::close(r).unwrap();
    assert!(response::view(r).is_err());
    assert_eq!(response::read(r, &mut [0]), Err(Error::BAD_HANDLE));
    assert_eq!(response::close(r), Err(Error::BAD_HANDLE));
    client::close(c).unwrap();
    assert_eq!(client::close(c), Err(Error::BAD_HANDLE));
    server.join();
}
