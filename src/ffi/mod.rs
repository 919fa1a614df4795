//! The C ABI: one file per section of `dunlin.h`. A function here converts, checks and calls; it
//! holds no logic. These are the only symbols that leave the static library.
#![allow(unsafe_code)]

mod error;
#[rustfmt::skip]
mod layout;
#[cfg(not(test))]
mod rt;
