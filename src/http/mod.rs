//! HTTP/1: the wire code does no I/O; it takes bytes and gives events.

pub mod body;
pub mod chunked;
mod span;
pub mod trailer;

pub use span::Span;
