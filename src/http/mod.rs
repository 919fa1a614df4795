//! HTTP/1: the wire code does no I/O; it takes bytes and gives events. The client
//! (`client`, `transport`, `round_trip`, `client_response`) runs it over connections.

mod authority;
pub mod base64;
pub mod basic_auth;
pub mod body;
pub mod chunked;
pub mod clean;
pub mod client;
mod client_config;
mod client_head;
pub mod client_response;
pub mod cookie;
pub mod date;
pub mod escaped;
mod head;
pub mod header;
mod ident;
pub mod media_type;
mod method;
pub mod mux;
pub mod outgoing;
pub mod path;
pub mod pattern;
pub mod query;
pub mod reference;
mod request;
mod response;
mod round_trip;
pub mod server;
pub mod sniff;
mod span;
pub mod status;
pub mod target;
pub mod token;
pub mod trailer;
pub(crate) mod transport;
pub mod url;
pub mod write;

pub use head::{leading_blank, parse_trailers, parse_version, Framing, HeadScanner, Limits};
pub use header::{Fields, Header};
pub use method::Method;
pub use request::{parse_request, status_for, write_error_reply, Flags, RequestHead};
pub use response::{parse_response, Informational, ResponseHead};
pub use span::Span;
pub use target::Form;
pub use write::HeadWriter;
