//! Lookups: by the device, and by DNS over its datagrams and streams.

use std::ffi::CStr;

use dunlin::ffi::lookup::*;
use dunlin::netdev::table::dunlin_addr;

use crate::device::peer;
use crate::rig::*;

fn find(bench: &Bench, name: &CStr, want: i32) -> Outcome {
    let config = dunlin_lookup_config {
        size: size_of::<dunlin_lookup_config>() as u32,
        timeout_ms: 0,
        deadline: bench.soon(),
        device: std::ptr::null(),
        cancel: 0,
        reserved: 0,
    };
    let mut addrs = [dunlin_addr::NONE; 4];
    // SAFETY: a whole struct, a string, and room for the addresses.
    let n = unsafe { dunlin_lookup_host(&config, name.as_ptr(), 0, addrs.as_mut_ptr(), 4) };
    assert_eq!(ask("dunlin_lookup_host", n)?, want);
    assert_eq!((addrs[0].ip, addrs[0].port), (peer(0).ip, 0));
    Ok(())
}

fn by_device(bench: &Bench) -> Outcome {
    find(bench, c"peer.test", 1)
}

fn by_dns(bench: &Bench) -> Outcome {
    // Forgets what was found before, too.
    // SAFETY: an address.
    let set = unsafe { dunlin_netdev_set_dns_servers(bench.handle, &peer(0), 1) };
    ask("dunlin_netdev_set_dns_servers", set)?;
    find(bench, c"peer.test", 1)?;
    // Too many for a datagram: asked again by TCP.
    find(bench, c"big.test", 16)
}

#[test]
fn every_call_of_a_lookup_by_the_device_fails() {
    sweep(&Scenario { name: "lookup by the device", names: true, messages: true, run: by_device });
}

#[test]
fn every_call_of_a_lookup_by_dns_fails() {
    sweep(&Scenario { name: "lookup by dns", names: false, messages: true, run: by_dns });
}
