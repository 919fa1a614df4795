//! Dials: by name and by address, by TCP and UDP.

use dunlin::ffi::conn::dunlin_conn_close;
use dunlin::ffi::dial::{dunlin_dial, dunlin_dialer};
use std::ffi::CStr;

use crate::rig::*;

pub fn dial(bench: &Bench, network: &CStr, address: &CStr) -> Result<i32, Fail> {
    let mut dialer = dialer();
    dialer.deadline = bench.soon();
    // SAFETY: a whole struct and strings.
    ask("dunlin_dial", unsafe { dunlin_dial(&dialer, network.as_ptr(), address.as_ptr()) })
}

fn dialer() -> dunlin_dialer {
    dunlin_dialer {
        size: size_of::<dunlin_dialer>() as u32,
        timeout_ms: 0,
        deadline: 0,
        device: std::ptr::null(),
        cancel: 0,
        fallback_delay_ms: 0,
        local_addr: std::ptr::null(),
        keep_alive: std::ptr::null(),
        error: std::ptr::null_mut(),
    }
}

fn run(bench: &Bench) -> Outcome {
    for (network, address) in [(c"tcp", c"peer.test:80"), (c"tcp4", c"192.0.2.1:7"), (c"udp", c"192.0.2.1:7")]
    {
        let conn = dial(bench, network, address)?;
        assert_eq!(dunlin_conn_close(conn), 0);
    }
    Ok(())
}

#[test]
fn every_call_of_a_dial_fails() {
    sweep(&Scenario { name: "dial", names: true, messages: false, run });
}
