//! Datagrams there and back: over a connection, and over a packet connection of the core.

use dunlin::error::Error;
use dunlin::ffi::conn::*;
use dunlin::handle::Handle;
use dunlin::net::{packet, Limit};
use dunlin::time::Deadline;

use crate::device::peer;
use crate::dial::dial;
use crate::rig::*;

fn over_conn(bench: &Bench, conn: i32) -> Outcome {
    dunlin_conn_set_deadline(conn, bench.soon());
    // SAFETY: bytes in memory.
    let n = unsafe { dunlin_conn_write(conn, c"datagram".as_ptr().cast(), 8) };
    assert_eq!(ask_size("dunlin_conn_write", n)?, 8, "a datagram is sent whole or not at all");
    let mut buf = [0u8; 16];
    // SAFETY: a buffer.
    let n = unsafe { dunlin_conn_read(conn, buf.as_mut_ptr().cast(), buf.len()) };
    let n = ask_size("dunlin_conn_read", n)?;
    assert_eq!(&buf[..n], b"datagram");
    Ok(())
}

fn over_packets(bench: &Bench, conn: &packet::PacketConn) -> Result<(), Error> {
    let limit = || Limit::until(Deadline(bench.soon()));
    conn.write_to(b"datagram", &peer(7), Handle::NONE, limit())?;
    let mut buf = [0u8; 16];
    let got = conn.read_from(&mut buf, limit())?;
    assert_eq!((&buf[..got.len], got.from.ip, got.from.port), (&b"datagram"[..], peer(7).ip, 7));
    Ok(())
}

/// As a connection's.
fn told(call: &'static str) -> impl Fn(Error) -> Fail {
    move |e| Fail { call, code: e.code() }
}

fn run(bench: &Bench) -> Outcome {
    let conn = dial(bench, c"udp", c"192.0.2.1:7")?;
    let done = over_conn(bench, conn);
    assert_eq!(dunlin_conn_close(conn), 0);
    done?;
    let conn = packet::listen(None, b"udp", b":5000").map_err(told("dunlin_listen"))?;
    let done = over_packets(bench, &conn);
    if done.is_err() {
        bench.disarm();
        // What came late for the first attempt.
        while conn.read_from(&mut [0; 16], Limit::NOW).is_ok() {}
        let next = over_packets(bench, &conn);
        // A socket of whose driver nothing can be believed is not used again; a reset is for ever.
        let for_ever = [Err(Error::DRIVER_BAD_RESULT), Err(Error::CONN_RESET)];
        let poisoned = for_ever.contains(&done) && next == done;
        assert!(next.is_ok() || poisoned, "with the same packet connection after {done:?}: {next:?}");
    }
    packet::end(conn);
    done.map_err(told("dunlin_conn_read"))
}

#[test]
fn every_call_of_an_exchange_of_datagrams_fails() {
    sweep(&Scenario { name: "udp", names: false, run });
}
