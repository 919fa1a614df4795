//! Allocations: all of them come from the arena when a client or a server is made. Arenas of every size
//! from nothing to enough fail them in turn, the first, the second and so on; a neighbour that takes most of
//! a large one fails them again, until it goes.

use std::collections::BTreeSet;

use dunlin::error::Error;
use dunlin::ffi::http_client::{dunlin_http_client_close, dunlin_http_client_new};
use dunlin::ffi::http_server::{dunlin_http_server_close, dunlin_http_server_new};
use dunlin::ffi::init::{dunlin_config, dunlin_deinit, dunlin_init};
use dunlin::runtime;
use dunlin::time::Deadline;

use crate::http_client;
use crate::http_server;
use crate::rig::{alone, ARENA};

const ABI: u32 = 1;

fn down() {
    assert_eq!(dunlin_deinit(Deadline::after_ms(5000).0), 0);
}

fn up(memory: &mut [u64], len: usize) -> i32 {
    let config = dunlin_config {
        size: size_of::<dunlin_config>() as u32,
        abi_version: ABI,
        arena: memory.as_mut_ptr().cast(),
        arena_len: len,
    };
    // SAFETY: the memory outlives the library's use of it, which `down` ends.
    unsafe { dunlin_init(&config) }
}

/// Makes one thing, and says how it is closed.
type Maker<'a> = &'a dyn Fn() -> (i32, fn(i32) -> i32);

fn close_client(handle: i32) -> i32 {
    dunlin_http_client_close(handle)
}

fn close_server(handle: i32) -> i32 {
    dunlin_http_server_close(handle)
}

/// The pieces it takes of an arena with room for all, and their bytes.
fn whole(memory: &mut [u64], make: Maker) -> (usize, usize) {
    let len = size_of_val(memory);
    assert_eq!(up(memory, len), 0);
    let (handle, close) = make();
    assert!(handle > 0, "{handle}");
    let arena = runtime::usage().arena;
    assert_eq!(close(handle), 0);
    down();
    (arena.pieces, arena.used)
}

fn starve(name: &str, make: Maker) {
    let mut memory = vec![0u64; ARENA / 8];
    let (pieces, bytes) = whole(&mut memory, make);
    assert!(pieces > 0);
    // By how many bytes were had before it failed: one number for each allocation that did.
    let mut failed = BTreeSet::new();
    let mut sizes = 0;
    let mut enough = false;
    for len in (0..bytes * 2).step_by(8) {
        let ready = up(&mut memory, len);
        if ready == Error::NO_MEMORY.code() {
            // Too small for the arena itself; the library stays down.
            assert!(len < 512 && !runtime::is_up());
            continue;
        }
        assert_eq!(ready, 0);
        sizes += 1;
        let before = runtime::usage();
        let (handle, close) = make();
        if handle > 0 {
            assert_eq!(close(handle), 0);
            enough = true;
        } else {
            assert_eq!(handle, Error::NO_MEMORY.code());
            failed.insert(runtime::usage().arena.peak);
        }
        let mut after = runtime::usage();
        after.arena.peak = before.arena.peak;
        assert_eq!(after, before, "{name} in {len} bytes left something behind");
        down();
    }
    assert!(enough);
    assert_eq!(failed.len(), pieces, "{name}: not each of its {pieces} allocations was failed");
    println!("torture arena: {name}: {pieces} allocations, each failed in {sizes} sizes of arenas");
}

/// The same with a neighbour in the way, who goes: the next attempt works.
fn crowd(name: &str, make: Maker) {
    let mut memory = vec![0u64; ARENA / 8];
    let (_, bytes) = whole(&mut memory, make);
    let mut refused = 0;
    for head_len in (256..bytes * 2).step_by(32) {
        assert_eq!(up(&mut memory, bytes * 2 + 2048), 0);
        let mut neighbour = http_client::config();
        neighbour.head_len = head_len as u32;
        // SAFETY: a whole struct.
        let beside = unsafe { dunlin_http_client_new(&neighbour) };
        assert!(beside > 0 || beside == Error::NO_MEMORY.code(), "{beside}");
        let before = runtime::usage();
        let (first, close) = make();
        if first > 0 {
            assert_eq!(close(first), 0);
        } else {
            assert_eq!(first, Error::NO_MEMORY.code());
            refused += 1;
            let mut after = runtime::usage();
            after.arena.peak = before.arena.peak;
            assert_eq!(after, before, "{name} beside {head_len} bytes");
            assert_eq!(dunlin_http_client_close(beside), 0);
            let (next, close) = make();
            assert!(next > 0, "{name} after its neighbour went: {next}");
            assert_eq!(close(next), 0);
        }
        down();
    }
    assert!(refused > 0, "{name} was never refused");
}

#[test]
fn every_allocation_fails() {
    let _alone = alone();
    down();
    let agent = std::ffi::CString::new(vec![b'a'; 200]).unwrap();
    let client = || {
        let mut config = http_client::config();
        config.responses = 2;
        // Longer than the smallest block, which the smallest arena has room for.
        config.user_agent = agent.as_ptr();
        config.device = c"torture0".as_ptr();
        // SAFETY: a whole struct.
        (unsafe { dunlin_http_client_new(&config) }, close_client as fn(i32) -> i32)
    };
    let routes = http_server::routes();
    let server = || {
        // SAFETY: a whole struct; the routes outlive the server.
        let handle = unsafe { dunlin_http_server_new(&http_server::config(&routes)) };
        (handle, close_server as fn(i32) -> i32)
    };
    for (name, make) in [("http client", &client as Maker), ("http server", &server)] {
        starve(name, make);
        crowd(name, make);
    }
    // As the other scenarios have it.
    assert_eq!(up(Vec::leak(vec![0u64; ARENA / 8]), ARENA), 0);
}
