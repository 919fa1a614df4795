//! Torture: in each scenario every call of the driver is failed in turn, in every way, once and from then
//! on, and so is every allocation. Each time there is one documented error or none, nothing is left
//! behind, nothing hangs, and the next attempt works.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod accept;
mod arena;
mod device;
mod dial;
mod docs;
mod echo;
mod http_client;
mod http_server;
mod lookup;
mod names;
mod rig;
mod udp;
