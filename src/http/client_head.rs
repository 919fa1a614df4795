//! The head of an answer and the buffer it lies in (Go: the fields of `Response`).

use super::client_response::{self, Response};
use super::{Header, ResponseHead, Span};
use crate::arena::Buf;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::sync::shared::Reading;

/// The head and its buffer; does not change while the handle is known.
pub(super) struct HeadPart {
    pub buf: Option<Buf<u8>>,
    pub head: Option<ResponseHead>,
}

impl HeadPart {
    pub const NONE: HeadPart = HeadPart { buf: None, head: None };
}

/// The head of an answer, for as long as this lives.
pub struct View {
    head: Reading<'static, HeadPart>,
    _response: Response,
}

impl View {
    fn head(&self) -> Result<&ResponseHead> {
        self.head.head.as_ref().ok_or(Error::BAD_HANDLE)
    }

    fn bytes(&self) -> &[u8] {
        self.head.buf.as_deref().unwrap_or(&[])
    }

    fn part(&self, f: impl FnOnce(&ResponseHead) -> Span) -> &[u8] {
        self.head().map_or(&[], |h| f(h).of(self.bytes()))
    }

    /// The status code (Go: `Response.StatusCode`).
    pub fn status(&self) -> u16 {
        self.head().map_or(0, |h| h.code)
    }

    /// Code and reason as sent (Go: `Response.Status`).
    pub fn status_text(&self) -> &[u8] {
        self.part(|h| h.status)
    }

    /// The version as sent, `HTTP/1.1` (Go: `Response.Proto`).
    pub fn proto(&self) -> &[u8] {
        self.part(|h| h.proto)
    }

    /// The announced length of the body, -1 when it is not known (Go: `Response.ContentLength`).
    pub fn content_length(&self) -> i64 {
        self.head().map_or(-1, |h| h.content_length)
    }

    /// The fields as Go's `Response.Header` shows them; names as they came.
    pub fn header(&self) -> Result<Header<'_>> {
        Ok(self.head()?.header(self.bytes()))
    }
}

/// The head of an open answer. The bytes it shows stay where they are until the answer is closed.
pub fn view(response: Handle) -> Result<View> {
    let response = client_response::RESPONSES.enter(response)?;
    let head = response.item().head()?;
    let view = View { head, _response: response };
    // A place whose answer is still being fetched has no handle that anybody knows.
    view.head()?;
    Ok(view)
}
