//! The media type of content by its first bytes (WHATWG MIME Sniffing; Go: `DetectContentType`).

/// Bytes that decide; more need not be given.
pub const SNIFF_LEN: usize = 512;

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Tags that make HTML of a text, in upper case.
const TAGS: [&[u8]; 17] = [
    b"<!DOCTYPE HTML",
    b"<HTML",
    b"<HEAD",
    b"<SCRIPT",
    b"<IFRAME",
    b"<H1",
    b"<DIV",
    b"<FONT",
    b"<TABLE",
    b"<A",
    b"<STYLE",
    b"<TITLE",
    b"<B",
    b"<BODY",
    b"<BR",
    b"<P",
    b"<!--",
];

/// A signature: bytes at the start, bytes at an offset behind them, the shortest content, the type.
struct Signature(&'static [u8], usize, &'static [u8], usize, &'static str);

const fn plain(start: &'static [u8], name: &'static str) -> Signature {
    Signature(start, 0, b"", 0, name)
}

const fn riff(start: &'static [u8], form: &'static [u8], name: &'static str) -> Signature {
    Signature(start, 8, form, 0, name)
}

/// Documents and pictures, in the order in which they are tried.
const FIRST: [Signature; 20] = [
    plain(b"%PDF-", "application/pdf"),
    plain(b"%!PS-Adobe-", "application/postscript"),
    // Byte order marks count in four bytes or more only.
    Signature(b"\xfe\xff", 0, b"", 4, "text/plain; charset=utf-16be"),
    Signature(b"\xff\xfe", 0, b"", 4, "text/plain; charset=utf-16le"),
    Signature(b"\xef\xbb\xbf", 0, b"", 4, TEXT),
    plain(b"\x00\x00\x01\x00", "image/x-icon"),
    plain(b"\x00\x00\x02\x00", "image/x-icon"),
    plain(b"BM", "image/bmp"),
    plain(b"GIF87a", "image/gif"),
    plain(b"GIF89a", "image/gif"),
    riff(b"RIFF", b"WEBPVP", "image/webp"),
    plain(b"\x89PNG\r\n\x1a\n", "image/png"),
    plain(b"\xff\xd8\xff", "image/jpeg"),
    riff(b"FORM", b"AIFF", "audio/aiff"),
    plain(b"ID3", "audio/mpeg"),
    plain(b"OggS\x00", "application/ogg"),
    plain(b"MThd\x00\x00\x00\x06", "audio/midi"),
    riff(b"RIFF", b"AVI ", "video/avi"),
    riff(b"RIFF", b"WAVE", "audio/wave"),
    // Its place is before the boxes of MP4, whose length it cannot be.
    plain(b"\x1a\x45\xdf\xa3", "video/webm"),
];

/// Fonts and archives, tried after MP4.
const THEN: [Signature; 11] = [
    Signature(b"", 34, b"LP", 0, "application/vnd.ms-fontobject"),
    plain(b"\x00\x01\x00\x00", "font/ttf"),
    plain(b"OTTO", "font/otf"),
    plain(b"ttcf", "font/collection"),
    plain(b"wOFF", "font/woff"),
    plain(b"wOF2", "font/woff2"),
    plain(b"\x1f\x8b\x08", "application/x-gzip"),
    plain(b"PK\x03\x04", "application/zip"),
    plain(b"Rar!\x1a\x07\x00", "application/x-rar-compressed"),
    plain(b"Rar!\x1a\x07\x01\x00", "application/x-rar-compressed"),
    plain(b"\x00asm", "application/wasm"),
];

/// The media type of what begins with `data`; `application/octet-stream` if nothing tells.
pub fn detect(data: &[u8]) -> &'static str {
    let data = data.get(..SNIFF_LEN).unwrap_or(data);
    let blank = |b: &u8| matches!(b, b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let from = data.iter().position(|b| !blank(b)).unwrap_or(data.len());
    let visible = data.get(from..).unwrap_or(&[]);
    if TAGS.iter().any(|tag| is_tag(visible, tag)) {
        return HTML;
    }
    if visible.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    if let Some(name) = by_signature(data, &FIRST) {
        return name;
    }
    if is_mp4(data) {
        return "video/mp4";
    }
    if let Some(name) = by_signature(data, &THEN) {
        return name;
    }
    let binary = |b: &u8| matches!(b, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if visible.iter().any(binary) {
        "application/octet-stream"
    } else {
        TEXT
    }
}

fn by_signature(data: &[u8], list: &[Signature]) -> Option<&'static str> {
    let found = list.iter().find(|Signature(start, at, then, least, _)| {
        let behind = || data.get(*at..).is_some_and(|d| d.starts_with(then));
        data.starts_with(start) && behind() && data.len() >= *least
    });
    found.map(|s| s.4)
}

/// A tag and the byte that ends its name.
fn is_tag(data: &[u8], tag: &[u8]) -> bool {
    let Some((name, rest)) = data.split_at_checked(tag.len()) else { return false };
    name.eq_ignore_ascii_case(tag) && matches!(rest.first(), Some(b' ' | b'>'))
}

/// A box of type `ftyp` with a brand that begins with `mp4` (Go: `mp4Sig`).
fn is_mp4(data: &[u8]) -> bool {
    let Some((size, rest)) = data.split_first_chunk::<4>() else { return false };
    let size = u32::from_be_bytes(*size) as usize;
    if data.len() < 12 || size > data.len() || size % 4 != 0 || !rest.starts_with(b"ftyp") {
        return false;
    }
    let words = data.get(..size).unwrap_or(&[]).chunks_exact(4);
    // Behind length and type come the brand, its version, which is no brand, and more brands.
    words.enumerate().any(|(i, word)| i >= 2 && i != 3 && word.starts_with(b"mp4"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_bytes_decide() {
        let mut data = vec![b' '; SNIFF_LEN];
        assert_eq!(detect(&data), TEXT);
        data.push(0);
        assert_eq!(detect(&data), TEXT);
        data[SNIFF_LEN - 1] = 0;
        assert_eq!(detect(&data), "application/octet-stream");
        assert_eq!(detect(b""), TEXT);
    }

    #[test]
    fn boxes_of_mp4() {
        assert_eq!(detect(b"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp41"), "video/mp4");
        // The version of the brand is none, and the box must be there as a whole.
        assert_eq!(detect(b"\x00\x00\x00\x10ftypisommp41"), "application/octet-stream");
        assert_eq!(detect(b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp41"), "application/octet-stream");
    }
}
