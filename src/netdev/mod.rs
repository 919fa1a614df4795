//! Devices: vendor drivers as tables of C functions (Go, in TinyGo's port: `netdever`).
//!
//! [`ops`] is the contract, [`table`] the distrust of what comes back, [`registry`] knows the devices,
//! [`wait`] makes any of them block and wake as Go's sockets do, [`pollset`] waits for many sockets
//! of several devices at once, [`fault`] puts injected faults in front of a driver.
//! [`netlink`] keeps the devices connected: [`link_ops`] is what a driver adds for that, [`link`] the
//! decisions.

mod duty;
pub mod fault;
mod fault_call;
pub mod fault_config;
mod fault_ops;
pub mod link;
pub mod link_events;
pub mod link_ops;
pub mod link_table;
pub mod netlink;
pub mod ops;
pub mod pollset;
pub mod registry;
mod route;
pub mod table;
pub mod wait;

pub use registry::{Dev, DEVICES};
pub use table::{Fault, OpResult};
