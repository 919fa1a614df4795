//! The faulty device, and what the net floor makes of every fault it injects.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};

use common::rig::{step, Rig};
use common::*;
use dunlin::error::Error;
use dunlin::ffi::netdev_fault::*;
use dunlin::net::conn::{self, Conn};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{listen, Limit};
use dunlin::netdev::fault::*;
use dunlin::netdev::registry::DEVICES;
use dunlin::runtime;

/// One request and its answer over a fresh connection, as far as it goes.
fn exchange() -> Result<Vec<u8>, Error> {
    let l = listen::listen(Some(b"fault0"), b"tcp", b"127.0.0.1:0", 4)?;
    let result = exchange_over(&l);
    let _ = listen::close(l.handle());
    result
}

fn exchange_over(l: &listen::Listener) -> Result<Vec<u8>, Error> {
    let port = l.local_addr()?.port;
    let limit = || within(1000);
    let ask = move || -> Result<(Conn, Vec<u8>), Error> {
        let dialer = Dialer { device: Some(b"fault0"), ..Dialer::default() };
        let c = dial(&dialer, b"tcp", format!("one:{port}").as_bytes(), limit())?;
        let mut all = Vec::new();
        let mut talk = || {
            c.write_all(&[b"question ", b"and more"], limit())?;
            let mut buf = [0; 16];
            loop {
                match c.read(&mut buf, limit()) {
                    Ok(n) => all.extend_from_slice(&buf[..n]),
                    Err(Error::EOF) => return Ok(()),
                    Err(e) => return Err(e),
                }
            }
        };
        let done = talk();
        match done {
            Ok(()) => Ok((c, all)),
            Err(e) => {
                conn::end(c);
                Err(e)
            }
        }
    };
    let answer = || -> Result<(), Error> {
        let c = l.accept(limit())?;
        let talk = || {
            let mut buf = [0; 17];
            let mut n = 0;
            while n < 17 {
                n += c.read(&mut buf[n..], limit())?;
            }
            c.write_all(&[&buf], limit())?;
            c.shutdown_write()
        };
        let done = talk();
        conn::end(c);
        done
    };
    thread::scope(|s| {
        let server = s.spawn(answer);
        let asked = ask();
        if asked.is_err() {
            // Nobody comes any more.
            let _ = listen::close(l.handle());
        }
        let served = server.join().unwrap();
        let (c, all) = asked?;
        conn::end(c);
        // An end of stream is only one when the server has sent all.
        served.map(|()| all)
    })
}

#[test]
fn without_faults_it_is_the_wrapped_device() {
    let _alone = alone();
    for can in [POLL, NOTIFY, NEITHER, NO_WAKE, SERIAL, STEP] {
        let before = runtime::usage();
        let rig = Rig::new(can, &[], 1, &[]);
        assert_eq!(exchange().unwrap(), b"question and more", "{can:?}");
        let stats = rig.stats();
        assert_eq!(stats.injected, [0; DUNLIN_FAULT_KINDS]);
        assert_eq!(stats.calls[DUNLIN_FAULT_OP_SEND as usize], rig.device.seen.sends.load(SeqCst));
        rig.end();
        assert_eq!(runtime::usage(), before);
    }
}

/// The k-th call fails, for every k, once and from then on, in every way: an error or the right
/// answer, nothing left behind, and the next exchange works. (With one line of I/O an exchange is a few
/// slices of 50 ms: there every fifth place will do.)
#[test]
fn every_call_fails_once_and_for_ever_and_nothing_is_left() {
    let _alone = alone();
    for can in [POLL, NOTIFY, SERIAL, STEP] {
        let rig = Rig::new(can, &[], 1, &[]);
        exchange().unwrap();
        let calls = rig.stats().calls[0];
        rig.end();
        assert!(calls >= 10);
        for kind in [
            DUNLIN_FAULT_CODE,
            DUNLIN_FAULT_RESET,
            DUNLIN_FAULT_LENGTH,
            DUNLIN_FAULT_INTERRUPTED,
            DUNLIN_FAULT_WOULD_BLOCK,
            DUNLIN_FAULT_SHORT,
            DUNLIN_FAULT_LATE,
            DUNLIN_FAULT_NO_SOCKETS,
        ] {
            let harmless = matches!(
                kind,
                DUNLIN_FAULT_SHORT | DUNLIN_FAULT_WOULD_BLOCK | DUNLIN_FAULT_INTERRUPTED | DUNLIN_FAULT_LATE
            );
            for nth in (1..=calls).step_by(if can.serial && !can.step { 5 } else { 1 }) {
                let before = runtime::usage();
                let rig = Rig::new(can, &[step(DUNLIN_FAULT_OP_ANY, nth, 1, kind, 0)], nth, &[]);
                let got = exchange();
                let what = format!("{can:?} kind {kind} at {nth}: {got:?}");
                match got {
                    Ok(all) => assert_eq!(all, b"question and more", "{what}"),
                    Err(e) => {
                        assert_ne!(e, Error::EOF, "{what}");
                        assert!(!harmless, "{what}");
                    }
                }
                // Where it could not happen to the nth call there is nothing to recover from.
                if rig.injected(kind) > 0 {
                    let next = exchange();
                    assert!(next.as_deref() == Ok(b"question and more"), "after {what}: {next:?}");
                }
                rig.end();
                assert_eq!(runtime::usage(), before, "{what}");
            }
        }
        // For ever: every third place, as these wait for their time-outs.
        for nth in (1..=calls).step_by(3) {
            let before = runtime::usage();
            let rig =
                Rig::new(can, &[step(DUNLIN_FAULT_OP_ANY, nth, u32::MAX, DUNLIN_FAULT_CODE, 0)], 3, &[]);
            // The last calls of an exchange close what it had: their faults do not show.
            assert!(exchange().is_err() || rig.injected(DUNLIN_FAULT_CODE) <= 3);
            rig.end();
            assert_eq!(runtime::usage(), before);
        }
    }
}

#[test]
fn short_reads_and_writes_change_nothing() {
    let _alone = alone();
    for can in [POLL, NOTIFY, STEP] {
        let all = [step(DUNLIN_FAULT_OP_ANY, 1, u32::MAX, DUNLIN_FAULT_SHORT, 1)];
        let rig = Rig::new(can, &all, 1, &[]);
        assert_eq!(exchange().unwrap(), b"question and more");
        assert!(rig.injected(DUNLIN_FAULT_SHORT) >= 60);
        rig.end();
    }
}

#[test]
fn a_storm_of_refusals_honours_the_deadline_and_does_not_spin() {
    let _alone = alone();
    for can in [POLL, NO_WAKE, SERIAL, NEITHER] {
        for kind in [DUNLIN_FAULT_WOULD_BLOCK, DUNLIN_FAULT_INTERRUPTED] {
            let storm = [
                step(DUNLIN_FAULT_OP_RECV, 1, u32::MAX, kind, 0),
                step(DUNLIN_FAULT_OP_POLL, 1, u32::MAX, DUNLIN_FAULT_INTERRUPTED, 0),
            ];
            let rig = Rig::new(can, &storm, 1, &[]);
            let (a, b) = rig.device.pair();
            a.write_all(&[b"there"], soon()).unwrap();
            let start = Instant::now();
            assert_eq!(b.read(&mut [0; 4], within(200)), Err(Error::TIMEOUT));
            let took = start.elapsed();
            assert!(took >= Duration::from_millis(199) && took < Duration::from_millis(400), "{took:?}");
            let calls = rig.stats().calls[DUNLIN_FAULT_OP_RECV as usize];
            assert!((10..=40).contains(&calls), "{can:?} {kind}: {calls} calls in 200 ms");
            conn::end(a);
            conn::end(b);
            rig.end();
        }
        let storm = [step(DUNLIN_FAULT_OP_POLL, 1, u32::MAX, DUNLIN_FAULT_INTERRUPTED, 0)];
        let rig = Rig::new(can, &storm, 1, &[]);
        let (a, b) = rig.device.pair();
        let mut set = [Item(b.handle())];
        let start = Instant::now();
        let n = dunlin::net::poll::poll(&mut set, within(200).deadline, dunlin::net::poll::watch);
        assert_eq!(n, Ok(0));
        assert!(start.elapsed() < Duration::from_millis(400));
        assert!(rig.stats().calls[DUNLIN_FAULT_OP_POLL as usize] <= 40, "{can:?}");
        conn::end(a);
        conn::end(b);
        rig.end();
    }
}

struct Item(dunlin::handle::Handle);

impl dunlin::net::poll::Item for Item {
    fn handle(&self) -> dunlin::handle::Handle {
        self.0
    }
    fn events(&self) -> u16 {
        dunlin::netdev::table::DUNLIN_READABLE
    }
    fn set_revents(&mut self, _revents: u16) {}
    fn revents(&self) -> u16 {
        0
    }
}

#[test]
fn stuck_calls_end_by_deadline_and_by_close() {
    let _alone = alone();
    for can in [POLL, NO_WAKE, SERIAL] {
        let rig = Rig::new(can, &[step(DUNLIN_FAULT_OP_RECV, 1, u32::MAX, DUNLIN_FAULT_STUCK, 0)], 1, &[]);
        let (a, b) = rig.device.pair();
        a.write_all(&[b"never seen"], soon()).unwrap();
        let start = Instant::now();
        assert_eq!(b.read(&mut [0; 4], within(100)), Err(Error::TIMEOUT), "{can:?}");
        assert!((99..170).contains(&(start.elapsed().as_millis() as u64)), "{can:?}");
        let handle = b.handle();
        let reader = thread::spawn(move || b.read(&mut [0; 4], Limit::NONE));
        thread::sleep(Duration::from_millis(30));
        let start = Instant::now();
        conn::close(handle).unwrap();
        assert_eq!(reader.join().unwrap(), Err(Error::CLOSED), "{can:?}");
        assert!(start.elapsed() < Duration::from_millis(120), "{can:?}");
        assert!(rig.injected(DUNLIN_FAULT_STUCK) >= 2);
        conn::end(a);
        rig.end();
    }
}

#[test]
fn a_reset_is_never_taken_for_the_end_of_the_stream() {
    let _alone = alone();
    let rig = Rig::new(POLL, &[step(DUNLIN_FAULT_OP_RECV, 2, 1, DUNLIN_FAULT_RESET, 0)], 1, &[]);
    let (a, b) = rig.device.pair();
    a.write_all(&[b"12345678"], soon()).unwrap();
    conn::end(a);
    let mut buf = [0; 4];
    assert_eq!(b.read(&mut buf, soon()), Ok(4));
    for limit in [soon(), Limit::NOW, soon()] {
        assert_eq!(b.read(&mut buf, limit), Err(Error::CONN_RESET));
    }
    conn::end(b);
    rig.end();
}

#[test]
fn links_names_and_sockets_fail_by_script() {
    let _alone = alone();
    let script = [
        step(DUNLIN_FAULT_OP_LOOKUP, 1, 1, DUNLIN_FAULT_NO_NAME, 0),
        step(DUNLIN_FAULT_OP_SOCKET, 1, 1, DUNLIN_FAULT_NO_SOCKETS, 0),
        step(DUNLIN_FAULT_OP_RECV, 1, 1, DUNLIN_FAULT_LINK, 1),
        step(DUNLIN_FAULT_OP_RECV, 2, 1, DUNLIN_FAULT_LINK, 0),
    ];
    let rig = Rig::new(POLL, &script, 1, &[]);
    let dialer = Dialer::default();
    assert_eq!(dial(&dialer, b"tcp", b"one:80", soon()).err(), Some(Error::NO_SUCH_HOST));
    assert_eq!(dial(&dialer, b"tcp", b"one:80", soon()).err(), Some(Error::NO_SOCKETS));
    assert_eq!(dial(&dialer, b"tcp", b"one:80", soon()).err(), Some(Error::CONN_REFUSED));
    for up in [true, false] {
        let (a, b) = rig.device.pair();
        assert_eq!(b.read(&mut [0; 4], soon()), Err(Error::NET_DOWN));
        assert_eq!(a.write_all(&[b"x"], soon()), Err(Error::NET_DOWN));
        assert_eq!(DEVICES.enter(rig.device.handle()).unwrap().is_up(), up);
        conn::end(a);
        conn::end(b);
    }
    rig.end();
}

#[test]
fn a_seed_repeats_itself_and_rates_mean_what_they_say() {
    let _alone = alone();
    let run = |seed| {
        let rig = Rig::new(POLL, &[], seed, &[(DUNLIN_FAULT_SHORT, 16384), (DUNLIN_FAULT_CODE, 0)]);
        let (a, b) = rig.device.pair();
        let mut sizes = Vec::new();
        for _ in 0..2000 {
            sizes.push(a.write_some(&[b"four"], soon()).unwrap());
            let mut left = *sizes.last().unwrap();
            while left > 0 {
                left -= b.read(&mut [0; 8], soon()).unwrap();
            }
        }
        let stats = rig.stats();
        let calls = stats.calls[DUNLIN_FAULT_OP_SEND as usize] + stats.calls[DUNLIN_FAULT_OP_RECV as usize];
        let shorts = f64::from(stats.injected[DUNLIN_FAULT_SHORT as usize]) / f64::from(calls);
        conn::end(a);
        conn::end(b);
        rig.end();
        (sizes, shorts)
    };
    let (first, shorts) = run(7);
    assert_eq!(run(7).0, first);
    assert_ne!(run(8).0, first);
    assert!((0.2..0.3).contains(&shorts), "{shorts} of the calls, not a quarter");
}

#[test]
fn a_bad_config_is_refused() {
    let mut fault = MaybeUninit::<dunlin_netdev_fault>::uninit();
    let d = Device::new("never", POLL);
    let good = dunlin_netdev_fault_config {
        size: size_of::<dunlin_netdev_fault_config>() as u32,
        seed: 0,
        ops: &d.ops,
        ctx: d.ctx(),
        script: std::ptr::null(),
        script_len: 0,
        rates: [0; DUNLIN_FAULT_KINDS],
    };
    // SAFETY: storage and config are whole, or NULL, which is refused.
    let mut init =
        |c: &dunlin_netdev_fault_config| unsafe { dunlin_netdev_fault_init(fault.as_mut_ptr(), c) };
    for (config, want) in [
        (dunlin_netdev_fault_config { size: 0, ..good }, Error::VERSION),
        (dunlin_netdev_fault_config { ops: std::ptr::null(), ..good }, Error::INVALID),
        (dunlin_netdev_fault_config { script_len: 1, ..good }, Error::INVALID),
    ] {
        assert_eq!(init(&config), want.code());
    }
    // SAFETY: NULL is refused.
    unsafe {
        assert_eq!(dunlin_netdev_fault_init(std::ptr::null_mut(), &good), Error::INVALID.code());
        assert_eq!(dunlin_netdev_fault_init(fault.as_mut_ptr(), std::ptr::null()), Error::INVALID.code());
        assert!(dunlin_netdev_fault_ops(std::ptr::null()).is_null());
        dunlin_netdev_fault_free(std::ptr::null_mut());
    }
}
