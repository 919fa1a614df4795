//! Options of a connection (Go: `TCPConn.SetNoDelay`, `SetKeepAliveConfig`, `SetLinger`,
//! `SetReadBuffer`, `SetWriteBuffer`) and Go's defaults for those of TCP.

use crate::error::{Error, Result};
use crate::net::conn::ConnSlot;
use crate::netdev::registry::Dev;
use crate::netdev::table::{
    DUNLIN_IPPROTO_TCP, DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, DUNLIN_SO_LINGER, DUNLIN_SO_RCVBUF,
    DUNLIN_SO_SNDBUF, DUNLIN_SO_TCP_KEEPCNT, DUNLIN_SO_TCP_KEEPIDLE, DUNLIN_SO_TCP_KEEPINTVL,
    DUNLIN_SO_TCP_NODELAY,
};
use crate::netdev::wait;

/// One option: level, number, value.
pub type SetOption = (u32, u32, i32);

/// Go: `defaultTCPKeepAliveIdle`, `defaultTCPKeepAliveInterval`, in seconds.
const IDLE_S: i32 = 15;
const INTERVAL_S: i32 = 15;
/// Go: `defaultTCPKeepAliveCount`.
const COUNT: i32 = 9;

/// Probes that find out whether a silent peer is still there (Go: `KeepAliveConfig`). In each number 0 is
/// Go's default and a negative one leaves the device's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeepAlive {
    /// Whether there are any.
    pub enable: bool,
    /// Seconds of silence before the first; 0 is 15.
    pub idle_s: i32,
    /// Seconds between them; 0 is 15.
    pub interval_s: i32,
    /// How many go unanswered before the connection is given up; 0 is 9.
    pub count: i32,
}

impl KeepAlive {
    /// Go's default: on.
    pub const DEFAULT: KeepAlive = KeepAlive { enable: true, idle_s: 0, interval_s: 0, count: 0 };

    /// The options it is made of; those left to the device are missing.
    fn options(&self) -> impl Iterator<Item = SetOption> {
        let of = |option, value: i32, default| {
            let value = if value == 0 { default } else { value };
            (value > 0).then_some((DUNLIN_IPPROTO_TCP, option, value))
        };
        let probes = [
            of(DUNLIN_SO_TCP_KEEPIDLE, self.idle_s, IDLE_S),
            of(DUNLIN_SO_TCP_KEEPINTVL, self.interval_s, INTERVAL_S),
            of(DUNLIN_SO_TCP_KEEPCNT, self.count, COUNT),
        ];
        // Without probes their numbers say nothing.
        let on = self.enable;
        let switch = (DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, i32::from(on));
        core::iter::once(switch).chain(probes.into_iter().flatten().filter(move |_| on))
    }
}

/// Gives a new TCP socket what Go gives it: segments go out at once, and probes (Go: `newTCPConn`). Not
/// every device has these options; none is vital.
pub(crate) fn set_defaults(dev: &Dev, sock: i32, keep_alive: &KeepAlive) {
    if !dev.table().has_options() {
        return;
    }
    let no_delay = (DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_NODELAY, 1);
    let _ = wait::in_turn(dev, &mut |t, _, _| {
        for (level, option, value) in core::iter::once(no_delay).chain(keep_alive.options()) {
            let _ = t.set_number(sock, level, option, value);
        }
        Ok(0)
    });
}

impl ConnSlot {
    /// Whether segments go out at once, which is the default, or wait a little for more (Go:
    /// `TCPConn.SetNoDelay`). This and the other setters: `NOT_SUPPORTED` on what has no such option.
    pub fn set_no_delay(&self, on: bool) -> Result<()> {
        self.set_option((DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_NODELAY, i32::from(on)))
    }

    /// The probes of a silent peer (Go: `TCPConn.SetKeepAliveConfig`).
    pub fn set_keep_alive(&self, config: &KeepAlive) -> Result<()> {
        config.options().try_for_each(|option| self.set_option(option))
    }

    /// What close does with data not yet sent: negative, the default, sends it in the background; 0 drops
    /// it and resets; otherwise it is sent, but dropped after so many seconds (Go: `TCPConn.SetLinger`).
    pub fn set_linger(&self, seconds: i32) -> Result<()> {
        self.set_option((DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, seconds.max(-1)))
    }

    /// The size in bytes of the device's receive buffer (Go: `SetReadBuffer`).
    pub fn set_read_buffer(&self, bytes: u32) -> Result<()> {
        self.set_option((DUNLIN_SOL_SOCKET, DUNLIN_SO_RCVBUF, positive(bytes)?))
    }

    /// The size in bytes of the device's send buffer (Go: `SetWriteBuffer`).
    pub fn set_write_buffer(&self, bytes: u32) -> Result<()> {
        self.set_option((DUNLIN_SOL_SOCKET, DUNLIN_SO_SNDBUF, positive(bytes)?))
    }
}

fn positive(bytes: u32) -> Result<i32> {
    i32::try_from(bytes).ok().filter(|n| *n > 0).ok_or(Error::INVALID)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: KeepAlive) -> Vec<(u32, i32)> {
        config.options().map(|(_, option, value)| (option, value)).collect()
    }

    #[test]
    fn keep_alive_has_go_s_defaults() {
        assert_eq!(of(KeepAlive::DEFAULT), [(1, 1), (17, 15), (18, 15), (19, 9)]);
        let own = KeepAlive { enable: true, idle_s: 60, interval_s: -1, count: 2 };
        assert_eq!(of(own), [(1, 1), (17, 60), (19, 2)]);
        assert_eq!(of(KeepAlive { enable: false, ..own }), [(1, 0)]);
    }

    #[test]
    fn sizes_are_positive() {
        assert_eq!(positive(1), Ok(1));
        assert_eq!(positive(i32::MAX as u32), Ok(i32::MAX));
        for bytes in [0, 1 << 31, u32::MAX] {
            assert_eq!(positive(bytes), Err(Error::INVALID));
        }
    }
}
