//! Error numbers: our own, fixed, far from any errno, and never renumbered.
//!
//! Bands: −2001… net, −2101… HTTP, −2201… TLS, a driver's own ≤ −10000. A new number goes to the
//! end of its band; a retired one stays reserved.

use core::fmt;

/// Every error the library itself returns (Go: the `Err…` variables of `net` and `net/http`, and
/// the classes of `net.OpError`). A driver's own codes are ≤ −10000 and pass through unchanged.
#[repr(i32)]
#[allow(missing_docs)] // the texts of `table!` below document them
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    // net
    Invalid = -2001,
    BadHandle = -2002,
    Version = -2003,
    State = -2004,
    Reentrant = -2005,
    Busy = -2006,
    NoMemory = -2007,
    NoSlot = -2008,
    Timeout = -2009,
    Canceled = -2010,
    Closed = -2011,
    UnexpectedEof = -2012,
    WouldBlock = -2013,
    Pending = -2014,
    Interrupted = -2015,
    NotSupported = -2016,
    NoNetdev = -2017,
    NetDown = -2018,
    NetUnreachable = -2019,
    HostUnreachable = -2020,
    ConnRefused = -2021,
    ConnReset = -2022,
    ConnAborted = -2023,
    BrokenPipe = -2024,
    NotConnected = -2025,
    AddrInUse = -2026,
    AddrNotAvailable = -2027,
    NoSockets = -2028,
    MessageSize = -2029,
    NoSuchHost = -2030,
    NameServer = -2031,
    UnknownNetwork = -2032,
    MissingPort = -2033,
    TooManyColons = -2034,
    UnexpectedBracket = -2035,
    InvalidPort = -2036,
    InvalidAddress = -2037,
    DriverBadResult = -2038,
    Io = -2039,
    Entropy = -2040,
    Permission = -2041,
    ClosedPipe = -2042,
    BufferTooSmall = -2043,
    NameTooLong = -2044,
    NoDevice = -2045,
    Exists = -2046,
    Eof = -2047,
    UnknownProtocol = -2048,
    MissingAddress = -2049,
    NoSuitableAddress = -2050,
    MismatchedAddress = -2051,
    NoNameServer = -2052,
    NoSuchInterface = -2053,
    // http
    HttpMalformedRequestLine = -2101,
    HttpMalformedVersion = -2102,
    HttpUnsupportedVersion = -2103,
    HttpInvalidMethod = -2104,
    HttpInvalidTarget = -2105,
    HttpMalformedHeader = -2106,
    HttpInvalidHeaderName = -2107,
    HttpInvalidHeaderValue = -2108,
    HttpHeaderTooLarge = -2109,
    HttpMissingHost = -2110,
    HttpTooManyHosts = -2111,
    HttpMalformedHost = -2112,
    HttpBadContentLength = -2113,
    HttpUnsupportedTransferEncoding = -2114,
    HttpLengthAndEncoding = -2115,
    HttpMalformedChunk = -2116,
    HttpLineTooLong = -2117,
    HttpBadTrailer = -2118,
    HttpMalformedStatusLine = -2119,
    HttpBodyTooLarge = -2120,
    HttpBodyNotAllowed = -2121,
    HttpContentLength = -2122,
    HttpHeadersSent = -2123,
    HttpHijacked = -2124,
    HttpBodyReadAfterClose = -2125,
    HttpServerClosed = -2126,
    HttpTooManyInformational = -2127,
    HttpPattern = -2128,
    HttpPatternConflict = -2129,
    HttpUnsupportedScheme = -2130,
    HttpNoHostInUrl = -2131,
    HttpSlowPeer = -2132,
    HttpAborted = -2133,
    HttpNoResponse = -2134,
    HttpBodyNotReplayable = -2135,
    HttpUnexpectedUpgrade = -2136,
    HttpEncodingInOldVersion = -2137,
    HttpNotMultipart = -2138,
    HttpMissingBoundary = -2139,
    HttpMalformedMultipart = -2140,
    // tls
    TlsNotConfigured = -2201,
}

/// An error of the library (a [`Code`]) or of a driver (≤ −10000): what C sees as a negative result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(i32);

/// The result of every fallible operation.
pub type Result<T> = core::result::Result<T, Error>;

/// The greatest of the numbers that belong to drivers.
pub const DRIVER_BASE: i32 = -10000;

macro_rules! table {
    ($($name:ident $code:ident $text:literal)*) => {
        #[allow(missing_docs)]
        impl Error {
            $(#[doc = $text] pub const $name: Error = Error(Code::$code as i32);)*
        }
        /// Without a look at the texts: an image that asks for none does not hold them.
        #[inline(never)]
        fn is_ours(code: i32) -> bool {
            matches!(Error(code), $(Error::$name)|*)
        }

        // With their NUL, so that C gets them without a copy.
        const TEXTS: &[(i32, &str)] = &[$((Code::$code as i32, concat!($text, "\0"))),*];
    };
}

// Texts are Go's where Go has the error.
table! {
    INVALID Invalid "invalid argument"
    BAD_HANDLE BadHandle "bad handle: closed, forged or of another kind"
    VERSION Version "struct size or ABI version not understood"
    STATE State "not initialised, or not possible in this state"
    REENTRANT Reentrant "call not possible from inside this callback"
    BUSY Busy "another task is using this direction"
    NO_MEMORY NoMemory "arena exhausted"
    NO_SLOT NoSlot "no free slot"
    TIMEOUT Timeout "i/o timeout"
    CANCELED Canceled "operation was canceled"
    CLOSED Closed "use of closed network connection"
    UNEXPECTED_EOF UnexpectedEof "unexpected EOF"
    WOULD_BLOCK WouldBlock "operation would block"
    PENDING Pending "operation is pending"
    INTERRUPTED Interrupted "operation was interrupted"
    NOT_SUPPORTED NotSupported "operation not supported"
    NO_NETDEV NoNetdev "netdev not set"
    NET_DOWN NetDown "network is down"
    NET_UNREACHABLE NetUnreachable "network is unreachable"
    HOST_UNREACHABLE HostUnreachable "no route to host"
    CONN_REFUSED ConnRefused "connection refused"
    CONN_RESET ConnReset "connection reset by peer"
    CONN_ABORTED ConnAborted "software caused connection abort"
    BROKEN_PIPE BrokenPipe "broken pipe"
    NOT_CONNECTED NotConnected "socket is not connected"
    ADDR_IN_USE AddrInUse "address already in use"
    ADDR_NOT_AVAILABLE AddrNotAvailable "cannot assign requested address"
    NO_SOCKETS NoSockets "device out of sockets"
    MESSAGE_SIZE MessageSize "message too long"
    NO_SUCH_HOST NoSuchHost "no such host"
    NAME_SERVER NameServer "server misbehaving"
    UNKNOWN_NETWORK UnknownNetwork "unknown network"
    MISSING_PORT MissingPort "missing port in address"
    TOO_MANY_COLONS TooManyColons "too many colons in address"
    UNEXPECTED_BRACKET UnexpectedBracket "unexpected '[' or ']' in address"
    INVALID_PORT InvalidPort "invalid port"
    INVALID_ADDRESS InvalidAddress "invalid address"
    DRIVER_BAD_RESULT DriverBadResult "driver returned an impossible result"
    IO Io "input/output error"
    ENTROPY Entropy "no entropy"
    PERMISSION Permission "permission denied"
    CLOSED_PIPE ClosedPipe "io: read/write on closed pipe"
    BUFFER_TOO_SMALL BufferTooSmall "buffer too small"
    NAME_TOO_LONG NameTooLong "name too long"
    NO_DEVICE NoDevice "no device of that name"
    EXISTS Exists "name already in use"
    EOF Eof "EOF"
    UNKNOWN_PROTOCOL UnknownProtocol "unknown IP protocol specified"
    MISSING_ADDRESS MissingAddress "missing address"
    NO_SUITABLE_ADDRESS NoSuitableAddress "no suitable address found"
    MISMATCHED_ADDRESS MismatchedAddress "mismatched local address type"
    NO_NAME_SERVER NoNameServer "no DNS server known"
    NO_SUCH_INTERFACE NoSuchInterface "no such network interface"
    HTTP_MALFORMED_REQUEST_LINE HttpMalformedRequestLine "malformed HTTP request"
    HTTP_MALFORMED_VERSION HttpMalformedVersion "malformed HTTP version"
    HTTP_UNSUPPORTED_VERSION HttpUnsupportedVersion "unsupported protocol version"
    HTTP_INVALID_METHOD HttpInvalidMethod "invalid method"
    HTTP_INVALID_TARGET HttpInvalidTarget "invalid URI for request"
    HTTP_MALFORMED_HEADER HttpMalformedHeader "malformed MIME header"
    HTTP_INVALID_HEADER_NAME HttpInvalidHeaderName "invalid header name"
    HTTP_INVALID_HEADER_VALUE HttpInvalidHeaderValue "invalid header value"
    HTTP_HEADER_TOO_LARGE HttpHeaderTooLarge "header too large"
    HTTP_MISSING_HOST HttpMissingHost "missing required Host header"
    HTTP_TOO_MANY_HOSTS HttpTooManyHosts "too many Host headers"
    HTTP_MALFORMED_HOST HttpMalformedHost "malformed Host header"
    HTTP_BAD_CONTENT_LENGTH HttpBadContentLength "bad Content-Length"
    HTTP_UNSUPPORTED_TRANSFER_ENCODING HttpUnsupportedTransferEncoding "unsupported transfer encoding"
    HTTP_LENGTH_AND_ENCODING HttpLengthAndEncoding "Content-Length together with Transfer-Encoding"
    HTTP_MALFORMED_CHUNK HttpMalformedChunk "malformed chunked encoding"
    HTTP_LINE_TOO_LONG HttpLineTooLong "header line too long"
    HTTP_BAD_TRAILER HttpBadTrailer "bad trailer"
    HTTP_MALFORMED_STATUS_LINE HttpMalformedStatusLine "malformed HTTP response"
    HTTP_BODY_TOO_LARGE HttpBodyTooLarge "http: request body too large"
    HTTP_BODY_NOT_ALLOWED HttpBodyNotAllowed "http: request method or response status code does not allow body"
    HTTP_CONTENT_LENGTH HttpContentLength "http: wrote more than the declared Content-Length"
    HTTP_HEADERS_SENT HttpHeadersSent "http: the head was already sent"
    HTTP_HIJACKED HttpHijacked "http: connection has been hijacked"
    HTTP_BODY_READ_AFTER_CLOSE HttpBodyReadAfterClose "http: invalid Read on closed Body"
    HTTP_SERVER_CLOSED HttpServerClosed "http: Server closed"
    HTTP_TOO_MANY_INFORMATIONAL HttpTooManyInformational "http: too many 1xx informational responses"
    HTTP_PATTERN HttpPattern "invalid mux pattern"
    HTTP_PATTERN_CONFLICT HttpPatternConflict "mux pattern conflicts with another"
    HTTP_UNSUPPORTED_SCHEME HttpUnsupportedScheme "unsupported protocol scheme"
    HTTP_NO_HOST_IN_URL HttpNoHostInUrl "http: no Host in request URL"
    HTTP_SLOW_PEER HttpSlowPeer "http: peer sends below the minimum rate"
    HTTP_ABORTED HttpAborted "net/http: abort Handler"
    HTTP_NO_RESPONSE HttpNoResponse "server closed the connection before it answered"
    HTTP_BODY_NOT_REPLAYABLE HttpBodyNotReplayable "http: request body cannot be sent again"
    HTTP_UNEXPECTED_UPGRADE HttpUnexpectedUpgrade "http: unasked 101 Switching Protocols"
    HTTP_ENCODING_IN_OLD_VERSION HttpEncodingInOldVersion "Transfer-Encoding before HTTP/1.1"
    HTTP_NOT_MULTIPART HttpNotMultipart "request Content-Type isn't multipart/form-data"
    HTTP_MISSING_BOUNDARY HttpMissingBoundary "no multipart boundary param in Content-Type"
    HTTP_MALFORMED_MULTIPART HttpMalformedMultipart "malformed multipart body"
    TLS_NOT_CONFIGURED TlsNotConfigured "https without a TLS configuration"
}

impl Error {
    /// The number C sees; always negative.
    pub const fn code(self) -> i32 {
        self.0
    }

    /// Makes an error of a negative result that is already ours or a driver's; anything else is
    /// [`Error::DRIVER_BAD_RESULT`].
    pub fn from_code(code: i32) -> Error {
        if code <= DRIVER_BASE || is_ours(code) {
            Error(code)
        } else {
            Error::DRIVER_BAD_RESULT
        }
    }

    /// The text of [`strerror`] for this error.
    pub fn text(self) -> &'static str {
        strerror(self.0)
    }

    /// Says whether it tells that time ran out, or that none was given (Go: `net.Error.Timeout`).
    pub fn is_timeout(self) -> bool {
        matches!(self, Error::TIMEOUT | Error::WOULD_BLOCK)
    }

    /// Says whether the same may succeed later without a change of anything here (Go:
    /// `net.Error.Temporary`): time-outs, interruptions, a lack of sockets, an ailing name server.
    pub fn is_temporary(self) -> bool {
        self.is_timeout() || matches!(self, Error::INTERRUPTED | Error::NO_SOCKETS | Error::NAME_SERVER)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The English text of a result; `"ok"` for results ≥ 0, never empty.
pub fn strerror(code: i32) -> &'static str {
    let text = strerror_nul(code);
    text.strip_suffix('\0').unwrap_or(text)
}

/// [`strerror`] with a NUL as its last byte, for C.
pub(crate) fn strerror_nul(code: i32) -> &'static str {
    if code >= 0 {
        return "ok\0";
    }
    if code <= DRIVER_BASE {
        return "driver error\0";
    }
    TEXTS.iter().find(|t| t.0 == code).map_or("unknown error\0", |t| t.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_have_texts() {
        for (i, (code, text)) in TEXTS.iter().enumerate() {
            assert!(
                (-2999..=-2001).contains(code) && text.len() > 1 && text.find('\0') == Some(text.len() - 1)
            );
            assert!(TEXTS.iter().skip(i + 1).all(|t| t.0 != *code));
        }
        assert_eq!(strerror(-1), "unknown error");
        assert_eq!(strerror(Error::TIMEOUT.code()), "i/o timeout");
        assert_eq!(Error::from_code(-5), Error::DRIVER_BAD_RESULT);
        assert_eq!(Error::from_code(-10042).code(), -10042);
    }
}
