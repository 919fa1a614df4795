//! The name server of the device in memory: one address for every name and type A, nothing else.
//! The names that begin with "big" do not fit in a datagram.

/// Bytes that a datagram may have.
pub const SMALL: usize = 512;

/// The reply to a question; what does not fit is cut, with the flag that says so.
pub fn reply(query: &[u8], room: usize) -> Vec<u8> {
    let end = query.get(12..).and_then(|q| q.iter().position(|b| *b == 0)).map(|n| 12 + n + 1);
    let Some((question, kind)) = end.and_then(|e| Some((query.get(12..e + 4)?, query.get(e + 1)?))) else {
        return Vec::new();
    };
    let count: u16 = match (kind, query.get(13..16)) {
        (1, Some(b"big")) => 40,
        (1, _) => 1,
        _ => 0,
    };
    let whole = 12 + question.len() + usize::from(count) * 16 <= room;
    let mut out = query[..2].to_vec();
    // A response, recursion desired and available, cut or not.
    out.extend([if whole { 0x81 } else { 0x83 }, 0x80, 0, 1]);
    out.extend(if whole { count } else { 0 }.to_be_bytes());
    out.extend([0; 4]);
    out.extend(question);
    for n in 0..if whole { count } else { 0 } {
        out.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 + n as u8]);
    }
    out
}
