//! The error of an operation as text and by its class (Go: `net.OpError`).

use crate::error::{Error, Result};
use crate::net::op::OpKind;
use crate::text::Text;

/// What an error's text is made of (Go: the fields of `OpError`).
#[derive(Clone, Copy, Default)]
pub struct OpError<'a> {
    /// What was tried: "dial", "read".
    pub op: &'a [u8],
    /// On which network, "tcp"; empty when there is none.
    pub network: &'a [u8],
    /// The local address.
    pub source: Option<&'a [u8]>,
    /// The peer's address, or the one that was listened on.
    pub addr: Option<&'a [u8]>,
    /// What went wrong.
    pub err: &'a [u8],
}

impl OpError<'_> {
    /// Writes `read tcp 192.0.2.1:1025->192.0.2.2:80: i/o timeout` (Go: `OpError.Error`); gives the
    /// bytes written. Errors: [`Error::BUFFER_TOO_SMALL`].
    pub fn write(&self, buf: &mut [u8]) -> Result<usize> {
        let mut out = Text::new(buf);
        out.put(self.op)?;
        if !self.network.is_empty() {
            out.push(b' ')?;
            out.put(self.network)?;
        }
        if let Some(source) = self.source {
            out.push(b' ')?;
            out.put(source)?;
        }
        if let Some(addr) = self.addr {
            out.put(if self.source.is_some() { b"->" } else { b" " })?;
            out.put(addr)?;
        }
        out.put(b": ")?;
        out.put(self.err)?;
        Ok(out.len())
    }
}

/// The word for an operation (Go: `OpError.Op`); empty for none.
pub fn op_name(op: OpKind) -> &'static str {
    match op {
        OpKind::None => "",
        OpKind::Dial => "dial",
        OpKind::Read => "read",
        OpKind::Write => "write",
        OpKind::Close => "close",
        OpKind::Accept => "accept",
        OpKind::Listen => "listen",
        OpKind::Set => "set",
    }
}

/// Says whether the same operation may succeed later without a change of anything here (Go:
/// `OpError.Temporary`): a peer that left before it was accepted is no fault of the listener.
pub fn is_temporary(op: OpKind, error: Error) -> bool {
    let left = matches!(error, Error::CONN_RESET | Error::CONN_ABORTED);
    error.is_temporary() || (op == OpKind::Accept && left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let mut buf = [0; 80];
        let all = OpError {
            op: b"read",
            network: b"tcp",
            source: Some(b"1.2.3.4:5"),
            addr: Some(b"[::1]:80"),
            err: b"i/o timeout",
        };
        for (error, want) in [
            (all, "read tcp 1.2.3.4:5->[::1]:80: i/o timeout"),
            (OpError { source: None, ..all }, "read tcp [::1]:80: i/o timeout"),
            (OpError { addr: None, ..all }, "read tcp 1.2.3.4:5: i/o timeout"),
            (OpError { source: None, addr: None, ..all }, "read tcp: i/o timeout"),
            (OpError { network: b"", ..all }, "read 1.2.3.4:5->[::1]:80: i/o timeout"),
            (OpError { network: b"", source: None, addr: None, ..all }, "read: i/o timeout"),
            (OpError { source: Some(b""), addr: Some(b""), ..all }, "read tcp ->: i/o timeout"),
        ] {
            assert_eq!(error.write(&mut buf), Ok(want.len()));
            assert_eq!(&buf[..want.len()], want.as_bytes());
            assert_eq!(error.write(&mut buf[..want.len() - 1]), Err(Error::BUFFER_TOO_SMALL));
        }
    }

    #[test]
    fn classes() {
        assert!(Error::TIMEOUT.is_timeout() && Error::WOULD_BLOCK.is_timeout());
        assert!(!Error::CANCELED.is_timeout() && !Error::CONN_RESET.is_timeout());
        for error in [Error::TIMEOUT, Error::INTERRUPTED, Error::NO_SOCKETS, Error::NAME_SERVER] {
            assert!(is_temporary(OpKind::Read, error));
        }
        for error in [Error::CONN_RESET, Error::CONN_ABORTED] {
            assert!(is_temporary(OpKind::Accept, error) && !is_temporary(OpKind::Read, error));
        }
        assert!(!is_temporary(OpKind::Accept, Error::CLOSED));
        assert!(!Error::from_code(-10042).is_temporary());
    }
}
