//! Addresses and connections (Go: `net`).

pub mod addr;
pub mod hostport;
