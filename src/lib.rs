//! Dunlin: Go's `net` and `net/http` for firmware.
#![cfg_attr(not(any(test, loom)), no_std)]
#![deny(unsafe_code)]

mod config;
pub mod error;
pub mod ffi;
pub mod http;
pub mod net;
mod text;
