//! A device of tests behind a faulty one.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use super::{Can, Device};
use dunlin::ffi::netdev_fault::*;
use dunlin::netdev::fault::*;

/// A device behind a faulty one.
pub struct Rig {
    pub device: &'static Device,
    fault: Box<MaybeUninit<dunlin_netdev_fault>>,
    script: Vec<dunlin_netdev_fault_step>,
}

pub fn step(op: u32, nth: u32, count: u32, kind: u32, arg: i32) -> dunlin_netdev_fault_step {
    dunlin_netdev_fault_step { op, nth, count, kind, arg }
}

impl Rig {
    pub fn new(can: Can, script: &[dunlin_netdev_fault_step], seed: u32, rates: &[(u32, u16)]) -> Rig {
        let mut rig = Rig {
            device: Device::new("fault0", can),
            fault: Box::new(MaybeUninit::uninit()),
            script: script.to_vec(),
        };
        let mut config = dunlin_netdev_fault_config {
            size: size_of::<dunlin_netdev_fault_config>() as u32,
            seed,
            ops: &rig.device.ops,
            ctx: rig.device.ctx(),
            script: rig.script.as_ptr(),
            script_len: rig.script.len(),
            rates: [0; DUNLIN_FAULT_KINDS],
        };
        rates.iter().for_each(|(kind, rate)| config.rates[*kind as usize] = *rate);
        // SAFETY: the storage stays in its box until `end`, the config is whole.
        assert_eq!(unsafe { dunlin_netdev_fault_init(rig.fault.as_mut_ptr(), &config) }, 0);
        // SAFETY: made above.
        let ops = unsafe { dunlin_netdev_fault_ops(rig.fault.as_ptr()) };
        rig.device.register_as(ops, rig.fault.as_mut_ptr().cast::<c_void>());
        rig
    }

    pub fn stats(&self) -> dunlin_netdev_fault_stats {
        let mut stats = dunlin_netdev_fault_stats {
            size: size_of::<dunlin_netdev_fault_stats>() as u32,
            open_sockets: 0,
            calls: [0; DUNLIN_FAULT_OPS],
            injected: [0; DUNLIN_FAULT_KINDS],
        };
        // SAFETY: made by `new`.
        assert_eq!(unsafe { dunlin_netdev_fault_get_stats(self.fault.as_ptr(), &mut stats) }, 0);
        stats
    }

    pub fn injected(&self, kind: u32) -> u32 {
        self.stats().injected[kind as usize]
    }

    pub fn end(mut self) {
        self.device.unregister();
        assert_eq!(self.stats().open_sockets, 0);
        // SAFETY: made by `new`, unregistered.
        unsafe { dunlin_netdev_fault_free(self.fault.as_mut_ptr()) };
    }
}
