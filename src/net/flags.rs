//! The flags of a network interface (Go: `net.Flags`).

use crate::error::Result;
use crate::text::Text;

/// The interface is up: its administrator switched it on.
pub const DUNLIN_FLAG_UP: u32 = 1;
/// The interface carries broadcasts.
pub const DUNLIN_FLAG_BROADCAST: u32 = 2;
/// The interface leads back to this system.
pub const DUNLIN_FLAG_LOOPBACK: u32 = 4;
/// The interface is one end of a link with exactly one other.
pub const DUNLIN_FLAG_POINT_TO_POINT: u32 = 8;
/// The interface carries multicast.
pub const DUNLIN_FLAG_MULTICAST: u32 = 16;
/// The interface is in operation: its link is there.
pub const DUNLIN_FLAG_RUNNING: u32 = 32;

const NAMES: [(u32, &[u8]); 6] = [
    (DUNLIN_FLAG_UP, b"up"),
    (DUNLIN_FLAG_BROADCAST, b"broadcast"),
    (DUNLIN_FLAG_LOOPBACK, b"loopback"),
    (DUNLIN_FLAG_POINT_TO_POINT, b"pointtopoint"),
    (DUNLIN_FLAG_MULTICAST, b"multicast"),
    (DUNLIN_FLAG_RUNNING, b"running"),
];

/// Room for the longest [`write_flags`].
pub const FLAGS_TEXT_MAX: usize = 52;

/// Writes the names of the flags that are set, `up|broadcast|multicast`, or `0` (Go:
/// `Flags.String`); bits without a name are left out. Gives the bytes written, at most
/// [`FLAGS_TEXT_MAX`]. Errors: `BUFFER_TOO_SMALL`.
pub fn write_flags(flags: u32, buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    for (_, name) in NAMES.iter().filter(|n| flags & n.0 != 0) {
        if !out.is_empty() {
            out.push(b'|')?;
        }
        out.put(name)?;
    }
    if out.is_empty() {
        out.push(b'0')?;
    }
    Ok(out.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn names_of_flags() {
        let mut buf = [0; FLAGS_TEXT_MAX];
        for (flags, want) in [
            (0, "0"),
            (1, "up"),
            (19, "up|broadcast|multicast"),
            (64, "0"),
            (65, "up"),
            (u32::MAX, "up|broadcast|loopback|pointtopoint|multicast|running"),
        ] {
            let n = write_flags(flags, &mut buf).unwrap();
            assert_eq!(&buf[..n], want.as_bytes());
        }
        let longest = write_flags(u32::MAX, &mut buf).unwrap();
        assert_eq!(longest, FLAGS_TEXT_MAX);
        assert_eq!(write_flags(u32::MAX, &mut buf[1..]), Err(Error::BUFFER_TOO_SMALL));
        assert_eq!(write_flags(0, &mut []), Err(Error::BUFFER_TOO_SMALL));
    }
}
