//! The C ABI: one file per section of `dunlin.h`. A function here converts, checks and calls; it
//! holds no logic. These are the only symbols that leave the static library.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]
// The comments are C's, where every function has the same safety: pointers are NULL (and refused)
// or point to what the comment says.
#![allow(clippy::missing_safety_doc)]

pub mod addr;
mod arg;
pub mod cancel;
pub mod conn;
pub mod conn_option;
pub mod dial;
mod error;
pub mod flags;
pub mod http;
pub mod http_answer;
pub mod http_client;
pub mod http_exchange;
pub mod http_multipart;
pub mod http_server;
pub mod http_text;
pub mod http_values;
pub mod init;
pub mod interface;
pub mod ip;
#[rustfmt::skip]
mod layout;
pub mod listen;
pub mod lookup;
pub mod mac;
pub mod netdev;
pub mod netdev_fault;
pub mod netlink;
pub mod packet;
pub mod pipe;
pub mod poll;
pub mod prefix;
pub mod resolve;
#[cfg(not(test))]
mod rt;
pub mod str;
pub mod time;
pub mod url;
