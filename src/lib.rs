//! Dunlin: Go's `net` and `net/http` for firmware, over vendor drivers ("netdevs"), behind a C ABI.
//!
//! The way of one request, and the order in which to open the files: `ffi/http_client` (check,
//! convert) → `http/client` → `http/transport` → `http/round_trip` → `http/outgoing` writes,
//! `http/head` and `http/body` read → `net/conn` → `net/tcp` → `netdev/registry` → `netdev/table` → a driver.
//!
//! Floors, each may use only those below it: `ffi`, `http`, `net`, `netdev`, the ground (`sync`,
//! `arena`, `time`, `port`, `config`).
#![cfg_attr(not(any(test, loom)), no_std)]
#![deny(unsafe_code)]

#[cfg(not(loom))]
mod arena;
#[cfg(not(loom))]
mod bytes;
mod config;
pub mod error;
#[cfg(not(loom))]
pub mod ffi;
pub mod handle;
#[cfg(not(loom))]
pub mod http;
#[cfg(not(loom))]
pub mod net;
#[cfg(not(loom))]
pub mod netdev;
mod port;
#[cfg(not(loom))]
pub mod runtime;
pub mod sync;
#[cfg(not(loom))]
pub mod text;
pub mod time;

/// The port of the host, which code under test calls.
#[cfg(test)]
use dunlin_host as _;
