//! The C port and driver of POSIX hosts, linked into the Rust tests.
