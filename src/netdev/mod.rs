//! Devices: vendor drivers as tables of C functions (Go, in TinyGo's port: `netdever`).
//!
//! [`ops`] is the contract, [`table`] the distrust of what comes back, [`registry`] knows the devices,
//! [`wait`] makes any of them block and wake as Go's sockets do, [`pollset`] waits for many sockets
//! of several devices at once, [`fault`] puts injected faults in front of a driver.

pub mod fault;
pub mod fault_config;
mod fault_ops;
pub mod ops;
pub mod pollset;
pub mod registry;
pub mod table;
pub mod wait;

pub use registry::{Dev, DEVICES};
pub use table::{Fault, OpResult};
