//! One address: its device, a socket, the local address, the connect.

use super::*;
use crate::net::conn::CONNS;
use crate::net::option;
use crate::net::tcp;
use crate::netdev::OpResult;

/// A socket that connects; closed when dropped.
pub(super) struct Attempt {
    pub(super) dev: Dev,
    pub(super) sock: i32,
    pub(super) addr: dunlin_addr,
    /// The device's epoch before the socket was made.
    pub(super) epoch: u16,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.sock >= 0 {
            tcp::close_socket(&self.dev, self.sock);
        }
    }
}

type Done<T> = core::result::Result<T, Fault>;

impl Plan<'_> {
    /// Connects one address, waiting for it.
    pub(super) fn connect(&self, addr: &dunlin_addr, limit: Limit<'_>) -> Done<Conn> {
        let dev = self.device(Some(addr))?;
        let gate = DialGate::new(&dev, limit)?;
        let conn = CONNS.claim()?;
        let connected = self.open(dev, addr, gate.epoch).and_then(|attempt| {
            let name = self.host;
            wait::blocking(&attempt.dev, attempt.sock, true, &gate, &mut |t, _, d| {
                t.connect(attempt.sock, name, addr, d)
            })?;
            Ok(attempt)
        });
        self.become_conn(conn, connected)
    }

    /// Gives the connected socket to the slot, or the slot back.
    pub(super) fn become_conn<E>(
        &self,
        conn: Conn,
        connected: core::result::Result<Attempt, E>,
    ) -> core::result::Result<Conn, E> {
        let mut attempt = match connected {
            Ok(attempt) => attempt,
            Err(e) => {
                conn.close();
                return Err(e);
            }
        };
        if self.network.carrier() == Carrier::Tcp {
            option::set_defaults(&attempt.dev, attempt.sock, &self.dialer.keep_alive);
        }
        tcp::make(&conn, self.network, &attempt.dev, attempt.sock, attempt.epoch);
        attempt.sock = -1;
        Ok(conn)
    }

    /// A socket for an address, bound to the local one.
    pub(super) fn open(&self, dev: Dev, addr: &dunlin_addr, epoch: u16) -> Done<Attempt> {
        if addr.family == DUNLIN_AF_INET6 && dev.table().caps() & DUNLIN_CAP_IPV6 == 0 {
            return Err(Error::NET_UNREACHABLE.into());
        }
        let (kind, protocol) = (self.network.socket_type(), self.network.protocol());
        let made = wait::in_turn(&dev, &mut |t, _, _| t.socket(addr.family, kind, protocol))?;
        let sock = tcp::adopt(&dev, made)?;
        let attempt = Attempt { dev, sock, addr: *addr, epoch };
        if let Some(local) = self.dialer.local {
            // Without an address of its own it is of the remote's family.
            let any = local.ip == [0; 16] && !self.network.is_unix();
            let local = dunlin_addr { family: if any { addr.family } else { local.family }, ..*local };
            wait::in_turn(&attempt.dev, &mut |t, _, _| t.bind(sock, &local))?;
        }
        Ok(attempt)
    }

    /// Begins to connect, or looks whether it is over; `WOULD_BLOCK` when not. `told` says that the driver
    /// told of its end: a time-out is then the network's, and not a word for "not yet".
    pub(super) fn try_connect(&self, attempt: &Attempt, told: bool) -> OpResult {
        if !attempt.dev.is_open() || attempt.dev.epoch() != attempt.epoch {
            return Err(Error::NET_DOWN.into());
        }
        let name = self.host;
        let mut timed_out = None;
        let tried = wait::attempt(&attempt.dev, &mut |t, _, d| {
            t.connect(attempt.sock, name, &attempt.addr, d).inspect_err(|fault| {
                timed_out = Some(*fault).filter(|f| told && f.error == Error::TIMEOUT);
            })
        });
        timed_out.map_or(tried, Err)
    }
}
