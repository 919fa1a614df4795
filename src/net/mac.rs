//! Hardware addresses (Go: `net.HardwareAddr`, `net.ParseMAC`).

use crate::error::{Error, Result};
use crate::text::{hex_value, Text};

/// The most octets of an address, those of IP over InfiniBand.
pub const MAC_MAX: usize = 20;
/// Room for the longest [`Mac::write`].
pub const MAC_TEXT_MAX: usize = MAC_MAX * 3 - 1;

/// A hardware address: EUI-48 (6 octets), EUI-64 (8), or of IP over InfiniBand (20).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mac {
    octets: [u8; MAC_MAX],
    len: u8,
}

impl Mac {
    /// The address of these octets. Errors: [`Error::INVALID_ADDRESS`] unless there are 0 (no
    /// address), 6, 8 or 20.
    pub fn new(octets: &[u8]) -> Result<Mac> {
        if !matches!(octets.len(), 0 | 6 | 8 | MAC_MAX) {
            return Err(Error::INVALID_ADDRESS);
        }
        let mut mac = Mac { len: octets.len() as u8, ..Mac::default() };
        mac.octets.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
        Ok(mac)
    }

    /// Parses `00:00:5e:00:53:01`, the same with `-`, `0000.5e00.5301` or `00005e005301`, of 6, 8 or
    /// 20 octets (Go: `net.ParseMAC`). Errors: [`Error::INVALID_ADDRESS`].
    pub fn parse(text: &[u8]) -> Result<Mac> {
        Mac::read(text).ok_or(Error::INVALID_ADDRESS)
    }

    fn read(text: &[u8]) -> Option<Mac> {
        let (separator, digits) = match text {
            [_, _, s @ (b':' | b'-'), ..] => (Some(*s), 2),
            [_, _, _, _, b'.', ..] => (Some(b'.'), 4),
            _ => (None, 2),
        };
        let (mut octets, mut len) = ([0; MAC_MAX], 0);
        let mut rest = text;
        loop {
            let (group, tail) = rest.split_at_checked(digits)?;
            for pair in group.chunks_exact(2) {
                let &[high, low] = pair else { return None };
                *octets.get_mut(len)? = hex_value(high)? << 4 | hex_value(low)?;
                len += 1;
            }
            rest = match (tail, separator) {
                ([], _) => break,
                ([s, tail @ ..], Some(separator)) if *s == separator => tail,
                (tail, None) => tail,
                _ => return None,
            };
        }
        octets.get(..len).filter(|o| !o.is_empty()).and_then(|o| Mac::new(o).ok())
    }

    /// Its octets.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..self.len.into()).unwrap_or_default()
    }

    /// Writes it with colons, in lower case (Go: `HardwareAddr.String`); nothing for no address. Gives
    /// the bytes written, at most [`MAC_TEXT_MAX`]. Errors: [`Error::BUFFER_TOO_SMALL`].
    pub fn write(&self, buf: &mut [u8]) -> Result<usize> {
        let mut out = Text::new(buf);
        for octet in self.octets() {
            if !out.is_empty() {
                out.push(b':')?;
            }
            out.put_hex2(*octet)?;
        }
        Ok(out.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mac: &Mac) -> String {
        let mut buf = [0; MAC_TEXT_MAX];
        let n = mac.write(&mut buf).unwrap();
        String::from_utf8(buf[..n].to_vec()).unwrap()
    }

    #[test]
    fn three_lengths_in_all_forms() {
        let octets: Vec<u8> = (0..20u8).map(|i| i.wrapping_mul(13).wrapping_add(160)).collect();
        for len in [6, 8, 20] {
            let hex: Vec<String> = octets[..len].iter().map(|o| format!("{o:02x}")).collect();
            let pairs: Vec<String> = hex.chunks(2).map(|p| p.concat()).collect();
            for form in [hex.join(":"), hex.join("-"), pairs.join("."), hex.concat()] {
                for form in [form.clone(), form.to_uppercase()] {
                    let mac = Mac::parse(form.as_bytes()).unwrap();
                    assert_eq!(mac.octets(), &octets[..len], "{form}");
                    assert_eq!(text(&mac), hex.join(":"));
                }
            }
        }
        assert_eq!(text(&Mac::new(&[]).unwrap()), "");
        let longest = Mac::new(&octets).unwrap();
        assert_eq!(longest.write(&mut [0; MAC_TEXT_MAX - 1]), Err(Error::BUFFER_TOO_SMALL));
        assert_eq!(Mac::new(&octets[..7]), Err(Error::INVALID_ADDRESS));
    }

    #[test]
    fn others_are_refused() {
        for s in [
            "",
            "0",
            "00",
            "00:00:5e:00:53",
            "00:00:5e:00:53:",
            "00:00:5e:00:53:0",
            "00:00:5e:00:53:01:",
            "00:00:5e:00:53:01:02",
            "00:00-5e:00:53:01",
            "00:00:5g:00:53:01",
            "0000.5e00.530",
            "0000.5e00.5301.",
            "0000.5e00:5301",
            "0000.5e005301",
            "00005e0053011",
            "00005e0053",
            "00005e00530102",
            "+0005e005301",
            "0:0:5e:0:53:1",
            "00:00:5e:00:53:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10",
        ] {
            assert_eq!(Mac::parse(s.as_bytes()), Err(Error::INVALID_ADDRESS), "{s}");
        }
    }
}
