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
    assert!(is_what_was_sent(&buf[..n]));
    Ok(())
}

fn over_packets(bench: &Bench, conn: &packet::PacketConn) -> Result<(), (&'static str, Error)> {
    let limit = || Limit::until(Deadline(bench.soon()));
    let sent = conn.write_to(b"datagram", &peer(7), Handle::NONE, limit());
    sent.map_err(|e| ("dunlin_packet_conn_write_to", e))?;
    let mut buf = [0u8; 16];
    let got = conn.read_from(&mut buf, limit()).map_err(|e| ("dunlin_packet_conn_read_from", e))?;
    assert!(is_what_was_sent(&buf[..got.len]));
    assert_eq!((got.from.ip, got.from.port), (peer(7).ip, 7));
    Ok(())
}

/// All of it, or as much as the network has left of it.
fn is_what_was_sent(got: &[u8]) -> bool {
    b"datagram".starts_with(got) && !got.is_empty()
}

fn told((call, e): (&'static str, Error)) -> Fail {
    Fail { call, code: e.code() }
}

fn run(bench: &Bench) -> Outcome {
    let conn = dial(bench, c"udp", c"192.0.2.1:7")?;
    let done = over_conn(bench, conn);
    assert_eq!(dunlin_conn_close(conn), 0);
    done?;
    let conn = packet::listen(None, b"udp", b":5000").map_err(|e| told(("dunlin_listen_packet", e)))?;
    let done = over_packets(bench, &conn);
    if done.is_err() {
        bench.disarm();
        // What came late for the first attempt.
        while conn.read_from(&mut [0; 16], Limit::NOW).is_ok() {}
        let next = over_packets(bench, &conn);
        // A socket of whose driver nothing can be believed is not used again; a reset is for ever.
        let for_ever = |e| matches!(e, Err((_, Error::DRIVER_BAD_RESULT | Error::CONN_RESET)));
        let poisoned = for_ever(done) && for_ever(next);
        assert!(next.is_ok() || poisoned, "with the same packet connection after {done:?}: {next:?}");
    }
    packet::end(conn);
    done.map_err(told)
}

#[test]
fn every_call_of_an_exchange_of_datagrams_fails() {
    sweep(&Scenario { name: "udp", names: false, messages: true, run });
}
