//! Go's package net over devices: addresses, connections, listeners, dialing, pipes, and waiting
//! for many at once.

pub mod addr;
pub mod cancel;
pub mod class;
pub mod conn;
mod datagram;
pub mod device;
pub mod dial;
pub mod dns;
pub mod flags;
pub mod hostport;
pub mod interface;
pub mod ip;
pub mod listen;
pub mod lookup;
pub mod mac;
pub mod network;
pub mod op;
pub mod op_error;
pub mod option;
pub mod packet;
pub mod pipe;
pub mod poll;
pub mod prefix;
pub mod resolve;
mod spread;
pub(crate) mod target;
pub mod tcp;

pub use conn::{Conn, Limit};
