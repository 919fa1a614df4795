//! A listener whose visitor says something.

use dunlin::ffi::conn::*;
use dunlin::ffi::listen::*;
use dunlin::netdev::table::dunlin_addr;

use crate::rig::*;

fn attempt(bench: &Bench, listener: i32) -> Outcome {
    bench.device.leave();
    bench.device.visit(b"good day");
    dunlin_listener_set_deadline(listener, bench.soon());
    let conn = ask("dunlin_accept", dunlin_accept(listener))?;
    let said = read(bench, conn);
    assert_eq!(dunlin_conn_close(conn), 0);
    said
}

fn read(bench: &Bench, conn: i32) -> Outcome {
    dunlin_conn_set_deadline(conn, bench.soon());
    let mut buf = [0u8; 8];
    let mut len = 0;
    while len < buf.len() {
        let room = &mut buf[len..];
        // SAFETY: a buffer.
        let n = unsafe { dunlin_conn_read(conn, room.as_mut_ptr().cast(), room.len()) };
        len += ask_size("dunlin_conn_read", n)?;
    }
    assert_eq!(&buf, b"good day");
    Ok(())
}

fn run(bench: &Bench) -> Outcome {
    // SAFETY: strings.
    let listener = unsafe { dunlin_listen(std::ptr::null(), c"tcp".as_ptr(), c":80".as_ptr()) };
    let listener = ask("dunlin_listen", listener)?;
    let mut addr = dunlin_addr::NONE;
    // SAFETY: room for an address.
    let told = ask("dunlin_listener_addr", unsafe { dunlin_listener_addr(listener, &mut addr) });
    let done = told.and_then(|_| attempt(bench, listener));
    if done.is_err() {
        bench.disarm();
        let next = attempt(bench, listener);
        assert!(next.is_ok(), "with the same listener after {done:?}: {next:?}");
    }
    assert_eq!(dunlin_listener_close(listener), 0);
    done
}

#[test]
fn every_call_of_an_accept_fails() {
    sweep(&Scenario { name: "accept", names: false, messages: false, run });
}
