//! A conversation over TCP: written, closed in one direction, and read back to its end.

use dunlin::ffi::conn::*;
use dunlin::ffi::conn_option::dunlin_conn_set_no_delay;
use dunlin::netdev::table::{dunlin_addr, dunlin_iovec};

use crate::dial::dial;
use crate::rig::*;

const SAID: &[u8] = b"question and more";

/// Why a write was short.
fn last_error(conn: i32) -> i32 {
    // SAFETY: only numbers and pointers.
    let mut info: dunlin_error_info = unsafe { std::mem::zeroed() };
    info.size = size_of::<dunlin_error_info>() as u32;
    // SAFETY: a whole struct.
    assert_eq!(unsafe { dunlin_conn_error(conn, &mut info) }, 0);
    assert_eq!(info.op, DUNLIN_OP_WRITE);
    assert!(info.code < 0, "a short write without an error");
    info.code
}

fn talk(bench: &Bench, conn: i32) -> Outcome {
    dunlin_conn_set_deadline(conn, bench.soon());
    let mut addr = dunlin_addr::NONE;
    // SAFETY: room for an address.
    ask("dunlin_conn_local_addr", unsafe { dunlin_conn_local_addr(conn, &mut addr) })?;
    ask("dunlin_conn_set_no_delay", dunlin_conn_set_no_delay(conn, 1))?;
    let (one, two) = SAID.split_at(9);
    let pieces = [one, two].map(|p| dunlin_iovec { ptr: p.as_ptr().cast(), len: p.len() });
    // SAFETY: pieces in memory.
    let n = unsafe { dunlin_conn_writev(conn, pieces.as_ptr(), 2) };
    if ask_size("dunlin_conn_write", n)? < SAID.len() {
        return Err(Fail { call: "dunlin_conn_write", code: last_error(conn) });
    }
    ask("dunlin_conn_close_write", dunlin_conn_close_write(conn))?;
    let mut all = Vec::new();
    loop {
        let mut buf = [0u8; 16];
        // SAFETY: a buffer.
        let n = ask_size("dunlin_conn_read", unsafe {
            dunlin_conn_read(conn, buf.as_mut_ptr().cast(), buf.len())
        })?;
        all.extend_from_slice(&buf[..n]);
        if n == 0 {
            assert_eq!(all, SAID, "an end of stream, and not all was said");
            return Ok(());
        }
    }
}

fn run(bench: &Bench) -> Outcome {
    let conn = dial(bench, c"tcp", c"192.0.2.1:7")?;
    let done = talk(bench, conn);
    assert_eq!(dunlin_conn_close(conn), 0);
    done
}

#[test]
fn every_call_of_an_echo_fails() {
    sweep(&Scenario { name: "echo", names: false, messages: false, run });
}
