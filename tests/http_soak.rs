//! 100,000 requests, each over a connection of its own, a tenth of them over faults: the server and the
//! client leave every counter where it was.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::mem::MaybeUninit;
use std::thread;
use std::time::Instant;

use common::*;
use dunlin::error::Error;
use dunlin::ffi::netdev_fault::*;
use dunlin::http::server::{self, Exchange, Route, Table};
use dunlin::http::{client, client_response as response};
use dunlin::netdev::fault::*;
use dunlin::runtime;

const CYCLES: u32 = 100_000;

fn hello(x: Exchange) -> Result<(), Error> {
    x.write(b"Hello, World!").map(|_| ())
}

static ROUTES: [Route; 1] = [Route { pattern: "GET /", handler: hello }];

/// One request to its end; what came must be whole.
fn cycle(c: dunlin::handle::Handle, url: &[u8]) -> Result<(), Error> {
    let r = client::get(c, url)?;
    let mut all = Vec::new();
    let mut buf = [0; 32];
    let end = loop {
        match response::read(r, &mut buf) {
            Ok(0) => break Ok(()),
            Ok(n) => all.extend_from_slice(&buf[..n]),
            Err(e) => break Err(e),
        }
    };
    if end.is_ok() && response::view(r)?.status() == 200 {
        assert_eq!(all, b"Hello, World!", "a body that is not whole is an error");
    }
    response::close(r)?;
    end
}

#[test]
fn a_hundred_thousand_requests_leave_every_counter_at_its_start() {
    let _alone = alone();
    let start = runtime::usage();
    let device = Device::new("fault0", POLL);
    let mut fault = Box::new(MaybeUninit::<dunlin_netdev_fault>::uninit());
    let mut config = dunlin_netdev_fault_config {
        size: size_of::<dunlin_netdev_fault_config>() as u32,
        seed: 7,
        ops: &device.ops,
        ctx: device.ctx(),
        script: std::ptr::null(),
        script_len: 0,
        rates: [0; DUNLIN_FAULT_KINDS],
    };
    for (kind, rate) in [
        (DUNLIN_FAULT_SHORT, 700),
        (DUNLIN_FAULT_INTERRUPTED, 300),
        (DUNLIN_FAULT_LENGTH, 60),
        (DUNLIN_FAULT_CODE, 60),
        (DUNLIN_FAULT_RESET, 150),
        (DUNLIN_FAULT_NO_SOCKETS, 20),
    ] {
        config.rates[kind as usize] = rate;
    }
    // SAFETY: the storage stays in its box until it is freed below, the config is whole.
    let ops = unsafe {
        assert_eq!(dunlin_netdev_fault_init(fault.as_mut_ptr(), &config), 0);
        dunlin_netdev_fault_ops(fault.as_ptr())
    };
    device.register_as(ops, fault.as_mut_ptr().cast());

    let server = server::new(&server::Config::new(Table::of(&ROUTES))).unwrap();
    while server.listen(Some(b"fault0"), b"tcp", b"127.0.0.1:0", 8).is_err() {}
    let port = (0..100).find_map(|_| server.local_addr(0).ok()).unwrap().port;
    let handle = server.handle();
    let worker = thread::spawn(move || server::enter(handle).unwrap().serve());
    let c = client::new(&client::Config {
        max_idle: -1,
        timeout_ms: 5000,
        device: Some(b"fault0"),
        ..client::Config::DEFAULT
    })
    .unwrap();
    let url = format!("http://one:{port}/");

    let began = Instant::now();
    let (mut done, mut failed) = (0, 0);
    for _ in 0..CYCLES {
        match cycle(c, url.as_bytes()) {
            Ok(()) => done += 1,
            Err(_) => failed += 1,
        }
    }
    println!("{done} served, {failed} failed, {:?}", began.elapsed());

    client::close(c).unwrap();
    server::close(handle).unwrap();
    assert_eq!(worker.join().unwrap(), Err(Error::HTTP_SERVER_CLOSED));
    drop(server);
    let mut stats = dunlin_netdev_fault_stats {
        size: size_of::<dunlin_netdev_fault_stats>() as u32,
        open_sockets: 0,
        calls: [0; DUNLIN_FAULT_OPS],
        injected: [0; DUNLIN_FAULT_KINDS],
    };
    // SAFETY: made above.
    assert_eq!(unsafe { dunlin_netdev_fault_get_stats(fault.as_ptr(), &mut stats) }, 0);
    let injected: u32 = stats.injected.iter().sum();
    println!("{injected} faults");
    assert_eq!(stats.open_sockets, 0);
    assert!(injected > CYCLES / 10, "{injected} faults");
    assert!(done > CYCLES / 2, "{failed} failed");
    device.unregister();
    // The arena's peak is history, not something taken.
    let mut end = runtime::usage();
    end.arena.peak = start.arena.peak;
    assert_eq!(end, start);
    // SAFETY: unregistered.
    unsafe { dunlin_netdev_fault_free(fault.as_mut_ptr()) };
}
