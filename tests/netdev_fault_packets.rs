//! The faulty device under datagrams: what packet connections, connected sockets and lookups make of
//! every fault.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::time::{Duration, Instant};

use common::rig::{step, Rig};
use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::addr::Addr;
use dunlin::net::conn::{self, Conn};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::packet::{self, listen, PacketConn};
use dunlin::net::Limit;
use dunlin::netdev::fault::*;
use dunlin::netdev::registry::DEVICES;
use dunlin::netdev::table::dunlin_addr;
use dunlin::runtime;

const SEND: u32 = DUNLIN_FAULT_OP_SEND;
const RECV: u32 = DUNLIN_FAULT_OP_RECV;

fn open() -> Result<(PacketConn, dunlin_addr), Error> {
    let conn = listen(Some(b"fault0"), b"udp4", b"127.0.0.1:0")?;
    match conn.local_addr() {
        Ok(addr) => Ok((conn, Addr::new([127, 0, 0, 1].into(), addr.port).to_c())),
        Err(e) => {
            packet::end(conn);
            Err(e)
        }
    }
}

fn send(conn: &PacketConn, data: &[u8], to: &dunlin_addr) -> Result<(), Error> {
    conn.write_to(data, to, Handle::NONE, within(1000))
}

fn read(conn: &PacketConn, ms: i64) -> Result<Vec<u8>, Error> {
    let mut buf = [0u8; 32];
    let got = conn.read_from(&mut buf, within(ms))?;
    assert!(!got.truncated);
    Ok(buf[..got.len].to_vec())
}

/// A question and its answer between two packet connections of the device.
fn exchange() -> Result<Vec<u8>, Error> {
    let (a, to) = open()?;
    let talk = || -> Result<Vec<u8>, Error> {
        let (b, back) = open()?;
        let talk = || {
            send(&b, b"question", &to)?;
            let mut buf = [0u8; 32];
            let got = a.read_from(&mut buf, within(300))?;
            send(&a, &buf[..got.len], &back)?;
            read(&b, 300)
        };
        let done = talk();
        packet::end(b);
        done
    };
    let done = talk();
    packet::end(a);
    done
}

#[test]
fn every_call_of_an_exchange_fails_and_nothing_is_left() {
    let _alone = alone();
    for can in [POLL, NOTIFY, SERIAL] {
        let rig = Rig::new(can, &[], 1, &[]);
        assert_eq!(exchange().unwrap(), b"question");
        let calls = rig.stats().calls[0];
        rig.end();
        assert!(calls >= 8);
        for (kind, count) in [
            (DUNLIN_FAULT_CODE, 1),
            (DUNLIN_FAULT_CODE, u32::MAX),
            (DUNLIN_FAULT_LENGTH, 1),
            (DUNLIN_FAULT_RESET, 1),
            (DUNLIN_FAULT_DROP, 1),
            (DUNLIN_FAULT_INTERRUPTED, 1),
            (DUNLIN_FAULT_WOULD_BLOCK, 1),
            (DUNLIN_FAULT_LATE, 1),
            (DUNLIN_FAULT_NO_SOCKETS, 1),
        ] {
            let harmless =
                matches!(kind, DUNLIN_FAULT_INTERRUPTED | DUNLIN_FAULT_WOULD_BLOCK | DUNLIN_FAULT_LATE);
            for nth in 1..=calls {
                let before = runtime::usage();
                let rig = Rig::new(can, &[step(DUNLIN_FAULT_OP_ANY, nth, count, kind, 0)], nth, &[]);
                let got = exchange();
                let what = format!("{can:?} kind {kind} at {nth}: {got:?}");
                match got {
                    Ok(ref all) => assert_eq!(all, b"question", "{what}"),
                    Err(e) => assert!(!harmless && e != Error::EOF && e != Error::CLOSED, "{what}"),
                }
                if kind == DUNLIN_FAULT_DROP && rig.injected(kind) > 0 {
                    assert_eq!(got, Err(Error::TIMEOUT), "{what}");
                }
                if rig.injected(kind) > 0 && count == 1 {
                    assert_eq!(exchange().as_deref(), Ok(&b"question"[..]), "after {what}");
                }
                rig.end();
                assert_eq!(runtime::usage(), before, "{what}");
            }
        }
    }
}

/// Two packet connections over a device with a script.
fn pair(
    can: Can,
    script: &[dunlin_netdev_fault_step],
    f: impl FnOnce(&Rig, &PacketConn, &PacketConn, &dunlin_addr),
) {
    let _alone = alone();
    let rig = Rig::new(can, script, 1, &[]);
    let (a, _) = open().unwrap();
    let (b, to) = open().unwrap();
    f(&rig, &a, &b, &to);
    packet::end(a);
    packet::end(b);
    rig.end();
}

#[test]
fn a_reset_is_told_once_and_the_connection_goes_on() {
    for can in [POLL, NOTIFY, NEITHER] {
        let script = [step(RECV, 1, 1, DUNLIN_FAULT_RESET, 0), step(SEND, 2, 1, DUNLIN_FAULT_RESET, 0)];
        pair(can, &script, |_, a, b, to| {
            send(a, b"one", to).unwrap();
            assert_eq!(read(b, 1000), Err(Error::CONN_RESET), "{can:?}");
            assert_eq!(b.detail().detail.code, Error::CONN_RESET.code());
            assert_eq!(read(b, 1000).unwrap(), b"one", "{can:?}");
            assert_eq!(send(a, b"two", to), Err(Error::CONN_RESET));
            send(a, b"three", to).unwrap();
            assert_eq!(read(b, 1000).unwrap(), b"three");
        });
    }
}

#[test]
fn a_datagram_comes_shorter_or_not_at_all() {
    for can in [POLL, NOTIFY, NO_WAKE] {
        let script = [
            step(RECV, 1, 1, DUNLIN_FAULT_SHORT, 3),
            step(RECV, 2, 1, DUNLIN_FAULT_SHORT, 9),
            step(SEND, 3, 1, DUNLIN_FAULT_DROP, 0),
            step(RECV, 3, 1, DUNLIN_FAULT_DROP, 0),
            step(SEND, 1, 2, DUNLIN_FAULT_SHORT, 1), // not of what is sent
        ];
        pair(can, &script, |rig, a, b, to| {
            for data in [&b"12345678"[..], b"whole", b"never sent", b"lost", b"seen"] {
                send(a, data, to).unwrap();
            }
            assert_eq!(read(b, 1000).unwrap(), b"123", "{can:?}");
            assert_eq!(read(b, 1000).unwrap(), b"whole");
            assert_eq!(read(b, 1000).unwrap(), b"seen", "{can:?}");
            assert_eq!(rig.injected(DUNLIN_FAULT_DROP), 2);
            assert_eq!(rig.injected(DUNLIN_FAULT_SHORT), 2);
        });
    }
}

#[test]
fn an_impossible_answer_ends_the_socket_and_no_other() {
    for can in [POLL, NOTIFY, NEITHER] {
        for (op, kind, arg) in [
            (RECV, DUNLIN_FAULT_LENGTH, 0),
            (RECV, DUNLIN_FAULT_CODE, i32::MIN),
            (RECV, DUNLIN_FAULT_CODE, -1),
            (SEND, DUNLIN_FAULT_LENGTH, 0),
            (SEND, DUNLIN_FAULT_CODE, -4097),
        ] {
            pair(can, &[step(op, 1, 1, kind, arg)], |rig, a, b, to| {
                let bad = Err(Error::DRIVER_BAD_RESULT);
                let first = send(a, b"x", to);
                let broken = if op == SEND {
                    assert_eq!(first, bad, "{can:?}");
                    a
                } else {
                    first.unwrap();
                    assert_eq!(read(b, 1000), bad.map(|()| vec![]), "{can:?}");
                    b
                };
                if arg != 0 {
                    assert_eq!(broken.detail().detail.raw, arg);
                }
                // It is not asked again, in neither direction.
                let calls = rig.stats().calls;
                assert_eq!(read(broken, 1000), bad.map(|()| vec![]), "{can:?} {op} {kind}");
                assert_eq!(broken.read_from(&mut [0; 4], Limit::NOW).err(), Some(Error::DRIVER_BAD_RESULT));
                assert_eq!(send(broken, b"x", to), bad);
                assert_eq!(rig.stats().calls[RECV as usize], calls[RECV as usize]);
                assert_eq!(rig.stats().calls[SEND as usize], calls[SEND as usize]);
                // The others go on.
                assert_eq!(exchange().unwrap(), b"question");
            });
        }
    }
}

#[test]
fn a_storm_of_refusals_honours_the_deadline_and_does_not_spin() {
    for can in [POLL, NO_WAKE, NEITHER, SERIAL] {
        for kind in [DUNLIN_FAULT_WOULD_BLOCK, DUNLIN_FAULT_INTERRUPTED, DUNLIN_FAULT_DROP] {
            let storm = [
                step(RECV, 1, u32::MAX, kind, 0),
                step(SEND, 2, u32::MAX, if kind == DUNLIN_FAULT_DROP { 0 } else { kind }, 0),
            ];
            pair(can, &storm, |rig, a, b, to| {
                send(a, b"there", to).unwrap();
                let start = Instant::now();
                assert_eq!(read(b, 200), Err(Error::TIMEOUT), "{can:?} {kind}");
                assert!(start.elapsed() >= Duration::from_millis(199));
                assert!(start.elapsed() < Duration::from_millis(1500));
                if kind != DUNLIN_FAULT_DROP {
                    assert_eq!(a.write_to(b"x", to, Handle::NONE, within(100)), Err(Error::TIMEOUT));
                }
                // A try every 5 ms at most, however long a busy host made of it.
                let most = 10 + start.elapsed().as_millis() as u32 / 5;
                for op in [RECV, SEND] {
                    let calls = rig.stats().calls[op as usize];
                    assert!(calls <= most, "{can:?} {kind}: {calls} calls, {most} at most");
                }
            });
        }
    }
}

#[test]
fn a_late_send_goes_out_once() {
    for (can, arg) in [(NOTIFY, 0), (STEP, 30)] {
        pair(can, &[step(SEND, 1, 2, DUNLIN_FAULT_LATE, arg)], |rig, a, b, to| {
            send(a, b"late", to).unwrap();
            assert_eq!(rig.injected(DUNLIN_FAULT_LATE), 2, "{can:?}");
            assert_eq!(read(b, 1000).unwrap(), b"late");
            assert_eq!(read(b, 60), Err(Error::TIMEOUT), "sent twice");
        });
    }
}

#[test]
fn a_stuck_read_ends_and_a_lost_link_is_outlived() {
    for can in [POLL, NO_WAKE] {
        let script = [step(RECV, 1, 1, DUNLIN_FAULT_STUCK, 0), step(SEND, 2, 1, DUNLIN_FAULT_LINK, 1)];
        pair(can, &script, |rig, a, b, to| {
            send(a, b"later", to).unwrap();
            let begun = Instant::now();
            assert_eq!(read(b, 40), Err(Error::TIMEOUT));
            assert!(begun.elapsed() < Duration::from_secs(2));
            assert_eq!(read(b, 1000).unwrap(), b"later", "{can:?}");
            assert_eq!(send(a, b"down", to), Err(Error::NET_DOWN));
            assert!(DEVICES.enter(rig.device.handle()).unwrap().is_up());
            send(a, b"up", to).unwrap();
            assert_eq!(read(b, 1000).unwrap(), b"up");
        });
    }
}

/// A connection that keeps messages goes on after a reset, as that is of one message.
#[test]
fn a_connected_socket_outlives_a_reset() {
    for can in [POLL, NOTIFY] {
        let script = [
            step(RECV, 1, 1, DUNLIN_FAULT_RESET, 0),
            step(RECV, 3, 1, DUNLIN_FAULT_SHORT, 2),
            step(SEND, 3, 1, DUNLIN_FAULT_DROP, 0),
            step(SEND, 4, 1, DUNLIN_FAULT_LENGTH, 0),
        ];
        pair(can, &script, |_, a, b, to| {
            let c = connect(to.port);
            c.write_all(&[b"first"], soon()).unwrap();
            let mut buf = [0u8; 16];
            let got = b.read_from(&mut buf, soon());
            assert_eq!(got.err(), Some(Error::CONN_RESET), "{can:?}");
            let from = b.read_from(&mut buf, soon()).unwrap().from;
            send(a, b"short", &from).unwrap();
            assert_eq!(c.read(&mut buf, soon()), Ok(2), "{can:?}");
            assert_eq!(&buf[..2], b"sh");
            c.write_all(&[b"dropped"], soon()).unwrap();
            assert_eq!(read(b, 60), Err(Error::TIMEOUT));
            assert_eq!(c.write_all(&[b"impossible"], soon()), Err(Error::DRIVER_BAD_RESULT));
            assert_eq!(c.read(&mut buf, soon()), Err(Error::DRIVER_BAD_RESULT));
            conn::end(c);
        });
        pair(can, &[step(RECV, 1, 1, DUNLIN_FAULT_RESET, 0)], |_, a, b, to| {
            let c = connect(to.port);
            assert_eq!(c.read(&mut [0; 4], soon()), Err(Error::CONN_RESET), "{can:?}");
            c.write_all(&[b"on"], soon()).unwrap();
            let from = b.read_from(&mut [0; 4], soon()).unwrap().from;
            send(a, b"and on", &from).unwrap();
            assert_eq!(c.read(&mut [0; 8], soon()), Ok(6), "{can:?}");
            conn::end(c);
        });
    }
}

fn connect(port: u16) -> Conn {
    let dialer = Dialer { device: Some(b"fault0"), ..Dialer::default() };
    dial(&dialer, b"udp4", format!("127.0.0.1:{port}").as_bytes(), soon()).unwrap()
}
