//! Go's package net over devices: addresses, connections, listeners, dialing, pipes, and waiting
//! for many at once.

pub mod addr;
pub mod cancel;
pub mod conn;
pub mod device;
pub mod dial;
pub mod flags;
pub mod hostport;
pub mod listen;
pub mod network;
pub mod op;
pub mod option;
pub mod packet;
pub mod pipe;
pub mod poll;
mod spread;
pub(crate) mod target;
pub mod tcp;

pub use conn::{Conn, Limit};
