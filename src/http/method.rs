//! Request methods that the library treats in a special way.

/// A request method; the bytes of [`Method::Other`] are in the head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Connect,
    Options,
    Trace,
    Other,
}

impl Method {
    /// The method of these bytes; methods are case-sensitive.
    pub fn of(s: &[u8]) -> Method {
        match s {
            b"GET" => Method::Get,
            b"HEAD" => Method::Head,
            b"POST" => Method::Post,
            b"PUT" => Method::Put,
            b"PATCH" => Method::Patch,
            b"DELETE" => Method::Delete,
            b"CONNECT" => Method::Connect,
            b"OPTIONS" => Method::Options,
            b"TRACE" => Method::Trace,
            _ => Method::Other,
        }
    }

    /// Whether a request may be sent again after a failure (Go: `Request.isReplayable`).
    pub fn is_replayable(self) -> bool {
        matches!(self, Method::Get | Method::Head | Method::Options | Method::Trace)
    }

    /// Whether a request without a body announces `Content-Length: 0` (Go: `transferWriter`).
    pub fn announces_empty_body(self) -> bool {
        matches!(self, Method::Post | Method::Put | Method::Patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_matters() {
        assert_eq!(Method::of(b"GET"), Method::Get);
        assert_eq!(Method::of(b"get"), Method::Other);
        assert!(Method::Get.is_replayable() && !Method::Post.is_replayable());
    }
}
