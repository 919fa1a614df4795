//! Basic authentication (RFC 7617; Go: `Request.BasicAuth`, `Request.SetBasicAuth`).

use super::base64;
use crate::error::{Error, Result};
use crate::text::Text;

const SCHEME: &[u8] = b"Basic ";

/// User and password of the value of an Authorization field, decoded into `buf`, which must be as
/// long as three quarters of the value. `INVALID` if they are not there, `BUFFER_TOO_SMALL`.
pub fn parse<'a>(authorization: &[u8], buf: &'a mut [u8]) -> Result<(&'a [u8], &'a [u8])> {
    let (scheme, digits) = authorization.split_at_checked(SCHEME.len()).ok_or(Error::INVALID)?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(Error::INVALID);
    }
    let mut out = Text::new(buf);
    base64::decode(digits, &mut out)?;
    let both = out.into_bytes();
    let colon = both.iter().position(|b| *b == b':').ok_or(Error::INVALID)?;
    Ok((both.get(..colon).unwrap_or(&[]), both.get(colon + 1..).unwrap_or(&[])))
}

/// Writes the value of an Authorization field. `INVALID` for a user with a colon, which the other
/// side would take apart elsewhere; `BUFFER_TOO_SMALL`.
pub fn write(user: &[u8], password: &[u8], out: &mut Text<'_>) -> Result<()> {
    if user.contains(&b':') {
        return Err(Error::INVALID);
    }
    out.put(SCHEME)?;
    let bytes = user.iter().chain(b":").chain(password).copied();
    base64::encode(bytes, |four| out.put(four))
}

/// Compares without telling by its time where they differ; the length of `secret` is no secret.
pub fn same(given: &[u8], secret: &[u8]) -> bool {
    let mut differ = u8::from(given.len() != secret.len());
    for (i, b) in secret.iter().enumerate() {
        differ |= b ^ given.get(i).copied().unwrap_or(0);
    }
    core::hint::black_box(differ) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_compare_whole() {
        assert!(same(b"secret", b"secret") && same(b"", b""));
        for bad in [&b""[..], b"s", b"secre", b"secret!", b"secreT", b"Secret", b"secret\0"] {
            assert!(!same(bad, b"secret"));
        }
        assert!(!same(b"x", b"") && !same(b"secre\0", b"secre"));
    }

    #[test]
    fn a_user_has_no_colon() {
        let mut buf = [0; 64];
        assert_eq!(write(b"a:b", b"c", &mut Text::new(&mut buf)), Err(Error::INVALID));
        assert_eq!(parse(b"Basic YTpiOmM=", &mut [0; 5]).unwrap(), (&b"a"[..], &b"b:c"[..]));
        assert_eq!(parse(b"Basic YTpiOmM=", &mut [0; 4]), Err(Error::BUFFER_TOO_SMALL));
    }
}
