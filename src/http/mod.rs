//! HTTP/1: the wire code does no I/O; it takes bytes and gives events.

mod span;

pub use span::Span;
