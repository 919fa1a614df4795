//! DNS without I/O: takes and gives bytes. Names, messages, which reply belongs to which question,
//! whom to ask next and how long, and a small cache (Go: `dnsclient.go`, `dnsclient_unix.go`,
//! `dnsconfig.go`; RFC 1035, 2308, 2782, 3596, 6762 §5.1, 6891).
//!
//! [`name`] and [`message`] read what a hostile peer wrote: no allocation, no panic, and a number
//! of steps that the length of the message bounds.

pub mod cache;
pub mod message;
pub mod name;
pub mod plan;
pub mod reply;

#[cfg(test)]
#[path = "hostile_tests.rs"]
mod hostile_tests;
#[cfg(test)]
#[path = "reply_tests.rs"]
mod reply_tests;
