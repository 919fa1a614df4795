//! The driver of POSIX hosts under load: several tasks at once, a thousand connections, and faults
//! injected in front of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

use std::mem::MaybeUninit;
use std::sync::Mutex;
use std::thread;

use dunlin::error::Error;
use dunlin::ffi::netdev_fault::*;
use dunlin::net::conn::{self, Conn};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::listen::{self, listen};
use dunlin::net::{device, Limit};
use dunlin::netdev::fault::*;
use dunlin::netdev::table::Table;
use dunlin::runtime;
use dunlin::time::Deadline;

static LOCK: Mutex<()> = Mutex::new(());

/// Runs `f` with the driver registered, behind faults of these rates.
fn over_posix(rates: &[(u32, u16)], f: impl FnOnce()) -> u32 {
    let _alone = LOCK.lock().unwrap_or_else(|e| e.into_inner());
    runtime::init(Box::leak(vec![0u8; 4096].into_boxed_slice())).unwrap();
    let start = runtime::usage();
    let mut fault = Box::new(MaybeUninit::<dunlin_netdev_fault>::uninit());
    let mut config = dunlin_netdev_fault_config {
        size: size_of::<dunlin_netdev_fault_config>() as u32,
        seed: 4711,
        ops: dunlin_host::posix_ops().cast(),
        ctx: std::ptr::null_mut(),
        script: std::ptr::null(),
        script_len: 0,
        rates: [0; DUNLIN_FAULT_KINDS],
    };
    rates.iter().for_each(|(kind, rate)| config.rates[*kind as usize] = *rate);
    // SAFETY: the storage stays until the device is gone, config and table are whole.
    let table = unsafe {
        assert_eq!(dunlin_netdev_fault_init(fault.as_mut_ptr(), &config), 0);
        Table::new(dunlin_netdev_fault_ops(fault.as_ptr()), fault.as_mut_ptr().cast()).unwrap()
    };
    let dev = device::register(b"posix0", table).unwrap().handle();
    let before = runtime::usage();
    f();
    assert_eq!(runtime::usage(), before);
    device::unregister(dev, Deadline::after_ms(5000)).unwrap();
    assert_eq!(runtime::usage(), start);
    let mut stats = MaybeUninit::<dunlin_netdev_fault_stats>::zeroed();
    // SAFETY: made above; a struct of numbers, whose size is set.
    let stats = unsafe {
        (*stats.as_mut_ptr()).size = size_of::<dunlin_netdev_fault_stats>() as u32;
        assert_eq!(dunlin_netdev_fault_get_stats(fault.as_ptr(), stats.as_mut_ptr()), 0);
        dunlin_netdev_fault_free(fault.as_mut_ptr());
        stats.assume_init()
    };
    assert_eq!(stats.open_sockets, 0);
    runtime::deinit(Deadline::after_ms(2000)).unwrap();
    stats.injected.iter().sum()
}

fn soon() -> Limit<'static> {
    Limit::until(Deadline::after_ms(5000))
}

fn dial_to(port: u16) -> Result<Conn, Error> {
    dial(&Dialer::default(), b"tcp", format!("127.0.0.1:{port}").as_bytes(), soon())
}

/// Serves echoes of one byte until the listener is closed.
fn serve(l: &listen::Listener) {
    loop {
        match l.accept(soon()) {
            Ok(c) => {
                let mut b = [0];
                if c.read(&mut b, soon()).is_ok() {
                    let _ = c.write_all(&[&b], soon());
                }
                conn::end(c);
            }
            Err(Error::CLOSED) => return,
            Err(_) => {}
        }
    }
}

fn ask(port: u16, byte: u8) -> Result<(), Error> {
    let c = dial_to(port)?;
    let mut b = [0];
    let done = c.write_all(&[&[byte]], soon()).and_then(|()| c.read(&mut b, soon()));
    conn::end(c);
    done.map(|n| assert_eq!((n, b[0]), (1, byte)))
}

#[test]
fn a_thousand_connections_of_several_tasks_leave_nothing_behind() {
    over_posix(&[], || {
        let l = listen(None, b"tcp", b"127.0.0.1:0", 32).unwrap();
        let port = l.local_addr().unwrap().port;
        let handle = l.handle();
        thread::scope(|s| {
            s.spawn(|| serve(&l));
            let clients: Vec<_> = (0..4u8)
                .map(|t| s.spawn(move || (0..250).for_each(|i| ask(port, t * 50 + i as u8 % 50).unwrap())))
                .collect();
            clients.into_iter().for_each(|c| c.join().unwrap());
            listen::close(handle).unwrap();
        });
        drop(l);
    });
}

#[test]
fn one_reader_and_one_writer_of_the_same_connection_do_not_disturb_each_other() {
    over_posix(&[(DUNLIN_FAULT_SHORT, 9000), (DUNLIN_FAULT_INTERRUPTED, 9000)], || {
        let l = listen(None, b"tcp", b"127.0.0.1:0", 1).unwrap();
        let a = dial_to(l.local_addr().unwrap().port).unwrap();
        let b = l.accept(soon()).unwrap();
        let data: Vec<u8> = (0..400_000u32).map(|i| (i % 251) as u8).collect();
        let all = |c: &Conn| {
            let mut got = vec![0; data.len()];
            let mut n = 0;
            while n < got.len() {
                n += c.read(&mut got[n..], soon()).unwrap();
            }
            assert!(got == data);
        };
        thread::scope(|s| {
            s.spawn(|| a.write_all(&[&data], soon()).unwrap());
            s.spawn(|| b.write_all(&[&data], soon()).unwrap());
            s.spawn(|| all(&a));
            all(&b);
        });
        [a, b].into_iter().for_each(conn::end);
        listen::end(l);
    });
}

#[test]
fn faults_in_front_of_it_fail_connections_and_leave_nothing_behind() {
    let rates = [1, 2, 3, 4, 5, 7, 9].map(|kind| (kind, if kind == DUNLIN_FAULT_SHORT { 6000 } else { 900 }));
    let injected = over_posix(&rates, || {
        let l = loop {
            if let Ok(l) = listen(None, b"tcp", b"127.0.0.1:0", 32) {
                break l;
            }
        };
        let port = loop {
            if let Ok(a) = l.local_addr() {
                break a.port;
            }
        };
        let handle = l.handle();
        thread::scope(|s| {
            s.spawn(|| serve(&l));
            let failed: usize = (0..500).filter(|i| ask(port, *i as u8).is_err()).count();
            assert!((10..400).contains(&failed), "{failed}");
            listen::close(handle).unwrap();
        });
        drop(l);
    });
    assert!(injected > 100);
}
