//! Base64 (RFC 4648 §4; Go: `base64.StdEncoding`).

use crate::error::{Error, Result};
use crate::text::Text;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Gives the digits of `bytes` to `put`, padded, four at a time.
pub fn encode(
    mut bytes: impl Iterator<Item = u8>,
    mut put: impl FnMut(&[u8; 4]) -> Result<()>,
) -> Result<()> {
    while let Some(first) = bytes.next() {
        let (second, third) = (bytes.next(), bytes.next());
        let group = [first, second.unwrap_or(0), third.unwrap_or(0)];
        let bits = group.iter().fold(0u32, |n, b| n << 8 | u32::from(*b));
        let known = 2 + usize::from(second.is_some()) + usize::from(third.is_some());
        let mut four = [b'='; 4];
        for (place, to) in four.iter_mut().enumerate().take(known) {
            *to = DIGITS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
        }
        put(&four)?;
    }
    Ok(())
}

/// Decodes padded digits; CR and LF between them do not count, and the last digit's unused bits may
/// be anything, as in Go. `INVALID` for anything else, `BUFFER_TOO_SMALL`.
pub fn decode(text: &[u8], out: &mut Text<'_>) -> Result<()> {
    let (mut bits, mut count, mut pads) = (0u32, 0u8, 0u8);
    for byte in text.iter().filter(|b| !matches!(b, b'\r' | b'\n')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if count >= 2 && count + pads < 4 => {
                pads += 1;
                continue;
            }
            _ => return Err(Error::INVALID),
        };
        if pads > 0 {
            return Err(Error::INVALID);
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            out.put(bits.to_be_bytes().get(1..).unwrap_or(&[]))?;
            (bits, count) = (0, 0);
        }
    }
    match (count, pads) {
        (0, 0) => Ok(()),
        (2, 2) => out.push((bits >> 4) as u8),
        (3, 1) => out.put((bits >> 2 & 0xffff).to_be_bytes().get(2..).unwrap_or(&[])),
        _ => Err(Error::INVALID),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut buf = [0; 64];
        let mut out = Text::new(&mut buf);
        decode(text.as_bytes(), &mut out).ok().map(|()| out.bytes().to_vec())
    }

    #[test]
    fn there_and_back() {
        for len in 0..20u8 {
            let bytes: Vec<u8> = (0..len).map(|i| i.wrapping_mul(97) ^ 0xa5).collect();
            let mut text = Vec::new();
            encode(bytes.iter().copied(), |four| {
                text.extend_from_slice(four);
                Ok(())
            })
            .unwrap();
            assert_eq!(decoded(std::str::from_utf8(&text).unwrap()), Some(bytes));
        }
    }

    #[test]
    fn what_go_takes_and_refuses() {
        assert_eq!(decoded("YW\r\nJj\n"), Some(b"abc".to_vec()));
        assert_eq!(decoded("YWI=\n"), Some(b"ab".to_vec()));
        assert_eq!(decoded("YR=="), Some(b"a".to_vec()));
        for bad in
            ["Y", "YW", "YWI", "YQ=", "YQ==YQ==", "YWJj=", "=", "YQ=a", "YQ===", "Y Q==", "Y-==", "YWI=="]
        {
            assert_eq!(decoded(bad), None, "{bad}");
        }
        assert_eq!(decode(b"YWJj", &mut Text::new(&mut [0; 2])), Err(Error::BUFFER_TOO_SMALL));
    }
}
