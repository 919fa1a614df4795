//! Routes and the code of the application behind them. The only calls into the application are here,
//! made with no lock held.
#![allow(unsafe_code)]

use core::ffi::{c_char, c_void, CStr};

use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::mux::Routes;
use crate::http::server::exchange::Exchange;
use crate::sync::inside::{self, Callback};

/// A request and its answer (Go: `Request` and `ResponseWriter`). Given to a handler and over when
/// that returns, unless `dunlin_http_detach`; used by the functions of the section "HTTP exchange":
/// those of a handler from its task, those of a detached exchange from any, one at a time. Released
/// by: the handler's return, or `dunlin_http_finish`.
///
/// Views of the request live until the handler returns or detaches; `dunlin_str_copy` makes copies.
#[allow(non_camel_case_types)]
pub type dunlin_http_exchange_t = i32;

/// One route of an application, made by `DUNLIN_HTTP_ROUTE(pattern, handler, ctx)`. Frozen: its
/// layout never changes. It is kept until the server closes, so it may lie in flash.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct dunlin_http_route {
    /// `[METHOD ][HOST]/PATH`, as of Go 1.22: "GET /hello/{name}", "/files/{path...}", "/{$}". Or "*",
    /// if there is no other route: every request as it came, no path is cleaned.
    pub pattern: *const c_char,
    /// Answers a request. Returns >= 0; < 0 before the head was sent is answered 500 (or by the
    /// body's error), after it the connection is aborted. Blocks: it may. Called from: a worker of
    /// the server, several at once. Re-entry: everything but `dunlin_deinit` and the server's
    /// shutdown. Owner: the exchange ends when it returns, unless it was detached.
    pub handler: Option<unsafe extern "C" fn(ctx: *mut c_void, x: dunlin_http_exchange_t) -> i32>,
    /// Passed to `handler`.
    pub ctx: *mut c_void,
    /// NULL.
    pub options: *const c_void,
}

/// One route of an application in Rust.
pub struct Route {
    /// Go 1.22's pattern: `[METHOD ][HOST]/PATH`; or `*`, of the only route, for every request as it came.
    pub pattern: &'static str,
    /// What serves it; may block in functions of the exchange.
    pub handler: fn(Exchange) -> Result<()>,
}

/// The routes of a server.
#[derive(Clone, Copy)]
pub struct Table(Kind);

#[derive(Clone, Copy)]
enum Kind {
    Rust(&'static [Route]),
    C { first: *const dunlin_http_route, count: usize },
}

// SAFETY: routes are constant while a server has them; their ctx is the application's to share.
unsafe impl Send for Table {}
// SAFETY: as above.
unsafe impl Sync for Table {}

impl Table {
    /// Routes in Rust.
    pub const fn of(routes: &'static [Route]) -> Table {
        Table(Kind::Rust(routes))
    }

    /// Routes in C.
    ///
    /// # Safety
    /// `first` points to `count` routes that live, with their patterns, until the server closes.
    pub const unsafe fn from_c(first: *const dunlin_http_route, count: usize) -> Table {
        Table(Kind::C { first, count })
    }

    fn c_route(&self, index: usize) -> Option<&'static dunlin_http_route> {
        let Kind::C { first, count } = self.0 else { return None };
        if index >= count || first.is_null() {
            return None;
        }
        // SAFETY: inside the array that `from_c` was promised.
        Some(unsafe { &*first.add(index) })
    }

    /// Every route has something to call.
    pub(super) fn check(&self) -> Result<()> {
        match self.0 {
            Kind::Rust(_) => Ok(()),
            Kind::C { count, .. } => {
                let good = |i| self.c_route(i).is_some_and(|r| !r.pattern.is_null() && r.handler.is_some());
                if (0..count).all(good) {
                    Ok(())
                } else {
                    Err(Error::INVALID)
                }
            }
        }
    }

    /// The only route is `*`: every request as it came, without a mux (Go: a `Server.Handler` that is no
    /// `ServeMux`).
    pub(super) fn takes_all(&self) -> bool {
        self.count() == 1 && self.pattern(0) == b"*"
    }

    /// Runs the handler of a route.
    pub(super) fn call(&self, index: usize, exchange: Handle) -> Result<()> {
        match self.0 {
            Kind::Rust(routes) => match routes.get(index) {
                Some(route) => (route.handler)(Exchange::of(exchange)),
                None => Err(Error::STATE),
            },
            Kind::C { .. } => {
                let Some(route) = self.c_route(index) else { return Err(Error::STATE) };
                let Some(handler) = route.handler else { return Err(Error::STATE) };
                let _inside = inside::enter(Callback::Handler);
                // SAFETY: the application gave this function for this ctx.
                let result = unsafe { handler(route.ctx, exchange.0) };
                if result < 0 {
                    Err(Error::from_code(result))
                } else {
                    Ok(())
                }
            }
        }
    }
}

impl Routes for Table {
    fn count(&self) -> usize {
        match self.0 {
            Kind::Rust(routes) => routes.len(),
            Kind::C { count, .. } => count,
        }
    }

    fn pattern(&self, index: usize) -> &[u8] {
        match self.0 {
            Kind::Rust(routes) => routes.get(index).map_or(b"", |r| r.pattern.as_bytes()),
            Kind::C { .. } => {
                let Some(route) = self.c_route(index).filter(|r| !r.pattern.is_null()) else { return b"" };
                // SAFETY: NUL-terminated and constant, by the promise to `from_c`.
                unsafe { CStr::from_ptr(route.pattern) }.to_bytes()
            }
        }
    }
}

/// `void on_close(void *ctx, dunlin_http_exchange_t x)`: the peer of a detached exchange left, or
/// the server closes. Called once, by a task that is inside the server; `finish` is still to be
/// called and may be called from here.
pub type CloseFn = unsafe extern "C" fn(ctx: *mut c_void, exchange: i32);

/// What to call when the peer of a detached exchange leaves.
#[derive(Clone, Copy)]
pub struct OnClose(Call);

#[derive(Clone, Copy)]
enum Call {
    Rust(fn(Exchange)),
    C(CloseFn, *mut c_void),
}

// SAFETY: the ctx is the application's to share, as it says by giving it.
unsafe impl Send for OnClose {}

impl OnClose {
    /// A function in Rust.
    pub const fn of(f: fn(Exchange)) -> OnClose {
        OnClose(Call::Rust(f))
    }

    /// A function in C.
    ///
    /// # Safety
    /// `f` may be called with `ctx` from any task until the exchange is finished.
    pub const unsafe fn from_c(f: CloseFn, ctx: *mut c_void) -> OnClose {
        OnClose(Call::C(f, ctx))
    }

    pub(super) fn call(&self, exchange: Handle) {
        match self.0 {
            Call::Rust(f) => f(Exchange::of(exchange)),
            Call::C(f, ctx) => {
                let _inside = inside::enter(Callback::Handler);
                // SAFETY: the promise to `from_c`.
                unsafe { f(ctx, exchange.0) }
            }
        }
    }
}

/// A part of a request in the server's memory. It stays in place until the handler returns.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The first byte.
    pub ptr: *const u8,
    /// Number of bytes.
    pub len: usize,
}

impl View {
    pub(super) fn of(bytes: &[u8]) -> View {
        View { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// Only until the handler that got the view returns, or detaches the exchange.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: made of a slice; the caller says that it still lives.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}
