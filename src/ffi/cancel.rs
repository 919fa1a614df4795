//! Header section "Cancel tokens".

use super::arg;
use crate::handle::Handle;
use crate::net::cancel;

/// What ends operations from another task (Go: `context.Context`). Made by `dunlin_cancel_new`,
/// given to dials and requests, used by `dunlin_cancel` and `dunlin_poll`. Released by:
/// `dunlin_cancel_close`.
pub type dunlin_cancel_t = i32;

/// dunlin_cancel_new makes a token (Go: `context.WithCancel`). Returns a handle or
/// `DUNLIN_ERR_NO_SLOT`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_cancel_new() -> dunlin_cancel_t {
    arg::handle(cancel::new)
}

/// dunlin_cancel ends every operation under the token, those in progress and later ones, with
/// `DUNLIN_ERR_CANCELED` (Go: the `CancelFunc`). It may be repeated.
///
/// Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_cancel(token: dunlin_cancel_t) -> i32 {
    arg::status(|| cancel::cancel(Handle(token)))
}

/// dunlin_cancel_close gives the token up; operations in progress under it end with
/// `DUNLIN_ERR_CANCELED` first.
///
/// Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_cancel_close(token: dunlin_cancel_t) -> i32 {
    arg::status(|| cancel::close(Handle(token)))
}
